package settings

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/selector"
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
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: %s: %s", ErrInvalid, key, fmt.Sprintf(format, args...)))
	}
	switch s.Store {
	case Samples:
	case Loki:
		if problem := checkURL(s.URL); problem != "" {
			bad("url", "%s", problem)
		}
	default:
		bad("store", "%q: use loki or samples", s.Store)
	}
	for tenant := range strings.SplitSeq(s.Tenant, "|") {
		if s.Tenant != "" && (!tenantPattern.MatchString(tenant) || tenant == "." || tenant == "..") {
			bad("tenant", "%.40q: up to 150 letters, digits and !-_.*'() are allowed", tenant)
		}
	}
	if s.LokiUID != "" && !uidPattern.MatchString(s.LokiUID) {
		bad("lokiUid", "%.60q: copy the uid from the address of the Loki data source's page", s.LokiUID)
	}
	if len(s.Sources) > 50 {
		bad("sources", "%d selectors, 50 are allowed: join them with =~", len(s.Sources))
	}
	for i, src := range s.Sources {
		if !slices.Contains([]string{"nodeman", "agent", "bk-job-gateway"}, src.Source) {
			bad("sources", "number %d: source %.40q: use nodeman, agent or bk-job-gateway", i+1, src.Source)
		}
		if _, err := selector.Parse(src.Selector); err != nil {
			bad("sources", "number %d: selector %.200q: %v", i+1, src.Selector, err)
		}
	}
	for _, name := range append([]string{s.ClusterLabel}, s.HostLabels...) {
		if !model.LegacyValidation.IsValidLabelName(name) {
			bad("hostLabels, clusterLabel", "%.60q is no label name", name)
		}
	}
	if s.Language != "zh" && s.Language != "en" {
		bad("language", "%.20q: use zh or en", s.Language)
	}
	if !slices.Contains([]string{"7.0", "7.1", "7.2"}, s.BlueKingVersion) {
		bad("bluekingVersion", "%.20q: use 7.0, 7.1 or 7.2", s.BlueKingVersion)
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
			bad(d.key, "%s: from %s to %s is allowed", d.value.D(), d.min, d.max)
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
			bad(n.key, "%d: from %d to %d is allowed", n.value, n.min, n.max)
		}
	}
	return errors.Join(errs...)
}

// checkURL returns what is wrong with Loki's address, or "".
func checkURL(address string) string {
	if address == "" {
		return "give Loki's address, such as http://loki:3100"
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "not a URL: write it like http://loki:3100"
	case u.Scheme != "http" && u.Scheme != "https":
		return "must start with http:// or https://"
	case u.Host == "":
		return "has no host: write it like http://loki:3100"
	case u.User != nil:
		return "holds a user name or password: enter them under Authentication, where they are stored encrypted"
	case u.Fragment != "" || u.RawQuery != "":
		return "must end with the path, without ? or #"
	}
	return ""
}
