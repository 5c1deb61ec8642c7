package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// health answers with 1 when every source was read completely and shipped lines in the range (a source of errors only
// need not), else with 0 and the reasons. That the store is down is an answer here, not an error: the rule on it must fire with its own labels.
func (d *Datasource) health(ctx context.Context, r request) (*data.Frame, error) {
	v := d.view(r.Query, r.timeRange)
	render := frames.Health
	if r.View == query.ViewIdentity {
		render = frames.HealthIdentity
	}
	res, err := d.read(ctx, r)
	if err != nil {
		if ctx.Err() != nil || !downstream(err) {
			return nil, err
		}
		return render([]string{stable(err, v.Lang)}, nil, v), nil
	}
	sources := slices.DeleteFunc(signature.Sources(), func(s signature.Source) bool {
		return !d.configured(s) || len(r.Sources) > 0 && !slices.Contains(r.Sources, string(s))
	})
	if len(sources) == 0 {
		return nil, errNoSelectors
	}
	return render(ailments(res, sources, v), res, v), nil
}

// ailments are the reasons why sources are not healthy.
func ailments(res *scan.Result, sources []signature.Source, v frames.View) []string {
	var out []string
	add := func(source signature.Source, text string) { out = append(out, fmt.Sprintf("%s: %s", source, text)) }
	for _, source := range sources {
		short := shortfalls(res, []signature.Source{source})
		switch {
		case len(short) > 0 && short[0].err != nil:
			add(source, stable(short[0].err, v.Lang))
		case len(short) > 0:
			add(source, say(v.Lang, "日志没有读全，已达到读取上限。", "The logs were not read completely, a limit was reached."))
		default:
			out = append(out, silences(res, source, v)...)
		}
	}
	return out
}

// recently is how long ago a unit may have shipped its last line and still count as one that should ship.
const recently = 24 * time.Hour

// silences names the units of a source that fell silent. A source of which nothing was ever seen is silent as a whole.
func silences(res *scan.Result, source signature.Source, v frames.View) []string {
	var out []string
	seen, asked := false, false
	for _, u := range res.Units {
		if u.Source != source || !u.Live.Known {
			continue
		}
		asked = true
		last := u.Live.Last()
		seen = seen || !last.IsZero()
		if u.Live.Within(v.Start, res.Now) > 0 || last.IsZero() || res.Now.Sub(last) > recently && !u.Standing {
			continue
		}
		since := last.UTC().Format("01-02 15:04 UTC")
		switch {
		case u.Host != "":
			out = append(out, fmt.Sprintf(say(v.Lang, "主机 %s：自 %s 起没有收到任何日志，请检查该主机的采集器。", "host %s has shipped nothing since %s, check its collector."), u.Host, since))
		case u.Cluster != "":
			out = append(out, fmt.Sprintf(say(v.Lang, "集群 %s：来源 %s 自 %s 起没有收到任何日志，请检查采集器。", "cluster %s: %s has shipped nothing since %s, check the collector."), u.Cluster, source, since))
		default:
			out = append(out, fmt.Sprintf(say(v.Lang, "%s：自 %s 起没有收到任何日志，请检查采集器。", "%s has shipped nothing since %s, check the collector."), source, since))
		}
	}
	if asked && !seen && !source.ErrorsOnly() {
		out = append(out, fmt.Sprintf("%s: %s", source, say(v.Lang, "没有收到任何日志，请检查采集器。", "No line arrived, check the collector.")))
	}
	return out
}

func downstream(err error) bool {
	_, source, _ := classify(err)
	return source == backend.ErrorSourceDownstream
}

// stable is the text of an error without what differs from one time to the next: it becomes a label of an alert.
func stable(err error, lang signature.Lang) string {
	var fromLog *loki.Error
	if errors.As(err, &fromLog) {
		return (&loki.Error{Kind: fromLog.Kind}).Message(string(lang))
	}
	_, _, shown := classify(err)
	return frames.Message(shown, lang)
}
