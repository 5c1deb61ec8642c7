package settings

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/source"
)

var (
	// tenantPattern is what Loki accepts for one tenant (dskit/tenant); | joins several for a query.
	tenantPattern = regexp.MustCompile(`^[A-Za-z0-9!\-_.*'()]{1,150}$`)
	// uidPattern is what Grafana accepts for a uid.
	uidPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
)

// Validate checks settings; the error names every key that is wrong and says what to do.
func (s Settings) Validate() error {
	var errs []error
	bad := func(key string, en, zh string, args ...any) { errs = append(errs, invalid(key, en, zh, args...)) }
	switch s.Store {
	case Samples:
	case Loki:
		if en, zh := checkURL(s.URL); en != "" {
			bad("url", en, zh)
		}
	default:
		bad("store", "%q: use loki or samples", "%q 无效：请用 loki 或 samples", s.Store)
	}
	for tenant := range strings.SplitSeq(s.Tenant, "|") {
		if s.Tenant != "" && (!tenantPattern.MatchString(tenant) || tenant == "." || tenant == "..") {
			bad("tenant", "%.40q: up to 150 letters, digits and !-_.*'() are allowed", "%.40q 无效：最多 150 个字母、数字或 !-_.*'()", tenant)
		}
	}
	if s.LokiUID != "" && !uidPattern.MatchString(s.LokiUID) {
		bad("lokiUid", "%.60q: copy the uid from the address of the Loki data source's page", "%.60q 无效：请从 Loki 数据源页面的地址中复制 uid", s.LokiUID)
	}
	if len(s.Sources) > 50 {
		bad("sources", "%d selectors, 50 are allowed: join them with =~", "有 %d 个选择器，最多 50 个：请用 =~ 合并", len(s.Sources))
	}
	for i, src := range s.Sources {
		if !source.WellFormed(src.Source) {
			bad("sources", "number %d: source %.60q: use one of %v, or a name of your own for custom signatures: at most %d of a-z, 0-9 and single - between them, beginning with a letter",
				"第 %d 个：来源 %.60q 无效：可选 %v，或自定义特征使用的新名称（最多 %d 个字符，只能用小写字母、数字和中间的单个连字符，以字母开头）", i+1, src.Source, source.Names(), source.MaxName)
		}
		if _, err := selector.Parse(src.Selector); err != nil {
			bad("sources", "number %d: selector %.200q: %v", "第 %d 个：选择器 %.200q：%v", i+1, src.Selector, err)
		}
	}
	for _, name := range append([]string{s.ClusterLabel}, s.HostLabels...) {
		if !model.LegacyValidation.IsValidLabelName(name) {
			bad("hostLabels, clusterLabel", "%.60q is no label name", "%.60q 不是标签名", name)
		}
	}
	if s.Language != "zh" && s.Language != "en" {
		bad("language", "%.20q: use zh or en", "%.20q 无效：请用 zh 或 en", s.Language)
	}
	if versions := BlueKingVersions(); !slices.Contains(versions, s.BlueKingVersion) {
		bad("bluekingVersion", "%.20q: use one of %v", "%.20q 无效：可选 %v", s.BlueKingVersion, versions)
	}
	for _, d := range []struct {
		key      string
		value    Duration
		min, max time.Duration
	}{
		{"lateness", s.Lateness, 0, 2 * time.Hour},
		{"lookbackMax", s.LookbackMax, time.Hour, 30 * 24 * time.Hour},
		{"requestTimeout", s.RequestTimeout, time.Second, 5 * time.Minute},
		{"queryTimeout", s.QueryTimeout, time.Second, 10 * time.Minute},
	} {
		if d.value.D() < d.min || d.value.D() > d.max {
			bad(d.key, "%s: from %s to %s is allowed", "%s 超出范围：允许 %s 到 %s", d.value.D(), d.min, d.max)
		}
	}
	for _, n := range []struct {
		key             string
		value, min, max int64
	}{
		{"maxLines", int64(s.MaxLines), 1, 5_000_000},
		{"maxBytes", s.MaxBytes, 1 << 20, 100 << 30},
		{"pageLimit", int64(s.PageLimit), 0, 1_000_000},
		{"parallel", int64(s.Parallel), 1, 32},
	} {
		if n.value < n.min || n.value > n.max {
			bad(n.key, "%d: from %d to %d is allowed", "%d 超出范围：允许 %d 到 %d", n.value, n.min, n.max)
		}
	}
	return errors.Join(errs...)
}

// checkURL returns what is wrong with Loki's address in both languages, or "".
func checkURL(address string) (en, zh string) {
	if address == "" {
		return "give Loki's address, such as http://loki:3100", "请填写 Loki 的地址，例如 http://loki:3100"
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "not a URL: write it like http://loki:3100", "不是有效的地址：请写成 http://loki:3100"
	case u.Scheme != "http" && u.Scheme != "https":
		return "must start with http:// or https://", "必须以 http:// 或 https:// 开头"
	case u.Host == "":
		return "has no host: write it like http://loki:3100", "缺少主机名：请写成 http://loki:3100"
	case u.User != nil:
		return "holds a user name or password: enter them under Authentication, where they are stored encrypted", "含有用户名或密码：请填写在“认证”一节，那里会加密存储"
	case u.Fragment != "" || u.RawQuery != "":
		return "must end with the path, without ? or #", "路径之后不能有 ? 或 #"
	}
	return "", ""
}
