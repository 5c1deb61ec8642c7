package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// healthRange is how far back a source's streams are looked for: a host that fails seldom logs seldom.
const healthRange = 24 * time.Hour

// The layers that a health check names, from the outside in. What fails in one hides those below it.
const (
	layerSettings   = "settings"
	layerURL        = "url"
	layerDNS        = "dns"
	layerConnection = "connection"
	layerTLS        = "tls"
	layerAuth       = "auth"
	layerTenant     = "tenant"
	layerReady      = "not-ready"
	layerNotLoki    = "not-loki"
	layerQuery      = "query"
	layerStreams    = "streams"
	layerSignatures = "signatures"
	layerOK         = "ok"
)

var layers = map[logs.Kind]string{
	logs.KindURL:         layerURL,
	logs.KindDNS:         layerDNS,
	logs.KindRefused:     layerConnection,
	logs.KindTimeout:     layerConnection,
	logs.KindHangs:       layerConnection,
	logs.KindDropped:     layerConnection,
	logs.KindTLS:         layerTLS,
	logs.KindAuth:        layerAuth,
	logs.KindTenant:      layerTenant,
	logs.KindNotReady:    layerReady,
	logs.KindRateLimited: layerReady,
	logs.KindServer:      layerReady,
	logs.KindNotLoki:     layerNotLoki,
	logs.KindBroken:      layerNotLoki,
}

// checkup is the health check's JSONDetails.
type checkup struct {
	Layer string `json:"layer"`
	// Hint says what to do; "" when there is nothing to do.
	Hint string `json:"hint,omitempty"`
	// VerboseMessage is what Grafana shows below the message.
	VerboseMessage string        `json:"verboseMessage,omitempty"`
	Sources        []sourceCheck `json:"sources"`
	// Signatures is the number of signatures in use.
	Signatures int      `json:"signatures"`
	Problems   []string `json:"problems,omitempty"`
	// Messages is the result's message by language: a health check does not say who asks, and the page that shows it knows.
	Messages map[signature.Lang]string `json:"messages"`
}

type sourceCheck struct {
	Source   signature.Source `json:"source"`
	Selector string           `json:"selector"`
	// Streams that the selector fits, -1 when nobody could look.
	Streams int `json:"streams"`
}

// CheckHealth names the layer that fails and what to do about it. Streams are counted even of a store that is ready,
// because only a real query shows a missing tenant or a wrong selector.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	lang := d.config.Lang
	c := checkup{Sources: []sourceCheck{}, Problems: d.catalogue.texts(lang)}
	if d.config.Broken != nil {
		return c.failed(brokenLayer(d.config.Broken), d.config.Broken, lang)
	}
	c.Signatures = len(d.catalogue.set.All())
	if len(d.config.Selectors) == 0 {
		return c.failed(layerSettings, errNoSelectors, lang)
	}
	ctx, cancel := context.WithTimeout(ctx, d.config.QueryTimeout)
	defer cancel()
	if err := d.store.Ready(ctx); err != nil {
		return c.failed(layerOf(err), err, lang)
	}
	now := d.config.Clock()
	for _, s := range d.config.Selectors {
		n, err := d.store.Streams(ctx, s.Selector, now.Add(-healthRange), now)
		if err != nil {
			c.Sources = append(c.Sources, sourceCheck{s.Source, s.Selector, -1})
			return c.failedAt(fmt.Sprintf("%s %s: ", s.Source, s.Selector), layerOf(err), err, lang)
		}
		c.Sources = append(c.Sources, sourceCheck{s.Source, s.Selector, n})
	}
	if len(c.Problems) > 0 {
		return c.failed(layerSignatures, brokenSignatures(c.Problems), lang)
	}
	return c.streams(lang)
}

// streams judges by what the selectors fit. One source without streams is worth a warning and not a failure: not
// everybody collects every source. None at all means that no incident will ever show.
func (c checkup) streams(lang signature.Lang) (*backend.CheckHealthResult, error) {
	silent, total := c.silent()
	if total == 0 {
		return c.failed(layerStreams, &said{
			zh: "已连接，但最近 24 小时内没有任何日志流匹配数据源设置中的选择器。请检查选择器和采集器。",
			en: "Connected, but no stream of the last 24 hours fits the selectors in the data source settings. Check the selectors and the collectors.",
		}, lang)
	}
	c.Layer = layerOK
	connected := inBoth(func(lang signature.Lang) string {
		return fmt.Sprintf(say(lang, "已连接：%d 个特征，%d 个日志流。", "Connected: %d signatures, %d streams."), c.Signatures, total)
	})
	if len(silent) > 0 {
		c.Layer = layerStreams
		hints := inBoth(func(lang signature.Lang) string {
			return fmt.Sprintf(say(lang, "以下来源最近 24 小时没有日志流，相关特征不会生效：%s。请检查其选择器和采集器；不采集的来源可以忽略。",
				"No stream of the last 24 hours for %s, so its signatures find nothing. Check selector and collector; ignore this for a source that you do not collect."), strings.Join(silent, ", "))
		})
		c.Hint = hints[lang]
		for l := range connected {
			connected[l] += " " + hints[l]
		}
	}
	return c.result(backend.HealthStatusOk, connected, lang)
}

// silent lists the sources that no selector of theirs finds a stream for, and the number of streams in all.
func (c checkup) silent() (silent []string, total int) {
	found := map[signature.Source]int{}
	for _, s := range c.Sources {
		found[s.Source] += s.Streams
		total += s.Streams
	}
	for _, name := range source.Sort(slices.Collect(maps.Keys(found))) {
		if found[name] == 0 {
			silent = append(silent, string(name))
		}
	}
	return silent, total
}

func (c checkup) failed(layer string, err error, lang signature.Lang) (*backend.CheckHealthResult, error) {
	return c.failedAt("", layer, err, lang)
}

// failedAt names what was looked at when it failed.
func (c checkup) failedAt(where, layer string, err error, lang signature.Lang) (*backend.CheckHealthResult, error) {
	_, _, shown := classify(err)
	c.Layer = layer
	c.Hint = stable(err, lang)
	c.VerboseMessage = strings.Join(c.Problems, "\n")
	return c.result(backend.HealthStatusError, inBoth(func(l signature.Lang) string { return where + frames.Message(shown, l) }), lang)
}

func (c checkup) result(status backend.HealthStatus, messages map[signature.Lang]string, lang signature.Lang) (*backend.CheckHealthResult, error) {
	c.Messages = messages
	details, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode the health check: %w", err)
	}
	return &backend.CheckHealthResult{Status: status, Message: messages[lang], JSONDetails: details}, nil
}

// layerOf is where an error of the store comes from.
func layerOf(err error) string {
	var fromLog *loki.Error
	if errors.As(err, &fromLog) {
		if layer, ok := layers[fromLog.Kind]; ok {
			return layer
		}
		return layerQuery
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return layerConnection
	}
	return layerQuery
}

// brokenLayer tells an unusable address from other settings, because it is what a new user gets wrong first.
func brokenLayer(err error) string {
	if strings.Contains(err.Error(), ": url: ") {
		return layerURL
	}
	return layerSettings
}

// brokenSignatures names the first problem of the user's signatures; the details list all.
func brokenSignatures(problems []string) error {
	return &said{
		zh: fmt.Sprintf("自定义特征有 %d 处错误，相关特征未生效（其余特征正常）：%s。请在数据源设置中修改。", len(problems), problems[0]),
		en: fmt.Sprintf("%d problems in the custom signatures; those concerned are left out, all others work: %s. Correct them in the data source settings.", len(problems), problems[0]),
	}
}

// inBoth is a text in both languages.
func inBoth(text func(signature.Lang) string) map[signature.Lang]string {
	return map[signature.Lang]string{signature.ZH: text(signature.ZH), signature.EN: text(signature.EN)}
}

// say chooses between the languages.
func say(lang signature.Lang, zh, en string) string {
	if lang == signature.EN {
		return en
	}
	return zh
}
