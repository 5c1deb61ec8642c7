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
	"github.com/blueking/incidents/pkg/logs"
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
	sources := slices.DeleteFunc(scan.SourcesOf(d.config.Selectors), func(s signature.Source) bool {
		return len(r.Sources) > 0 && !slices.Contains(r.Sources, string(s))
	})
	if len(sources) == 0 {
		return nil, errNoSelectors
	}
	return render(append(d.clockAilment(v), ailments(res, sources, v)...), res, v), nil
}

// ailments are the reasons why sources are not healthy.
func ailments(res *scan.Result, sources []signature.Source, v frames.View) []string {
	var out []string
	add := func(source signature.Source, text string) { out = append(out, fmt.Sprintf("%s: %s", source, text)) }
	for _, source := range sources {
		short := res.Shortfalls(source)
		switch {
		case len(short) > 0 && short[0].Err != nil:
			add(source, stable(short[0].Err, v.Lang))
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
		if n := frames.Minutes(u.Late); n > 0 {
			out = append(out, fmt.Sprintf(say(v.Lang, "%s%s 的日志晚到超过 %d 分钟，超出了允许延迟：请检查采集器，或调高数据源设置中的允许延迟。",
				"%s%s: lines arrive more than %d minutes late, which is later than they may: check the collector, or raise the lateness in the data source settings."), clusterOf(u, v), source, n))
		}
		if u.Live.Within(v.Start, res.Now) > 0 || last.IsZero() || res.Now.Sub(last) > recently && !u.Standing {
			continue
		}
		out = append(out, frames.Silence(u.Unit, v.Lang))
	}
	for _, l := range res.Lost {
		if l.Source == source {
			out = append(out, frames.Silence(l.Unit, v.Lang))
		}
	}
	if asked && !seen && !source.ErrorsOnly() {
		out = append(out, fmt.Sprintf("%s: %s", source, say(v.Lang, "没有收到任何日志，请检查采集器。", "No line arrived, check the collector.")))
	}
	return out
}

// clusterOf names the cluster of a unit in front of its source.
func clusterOf(u scan.Unit, v frames.View) string {
	if u.Cluster == "" {
		return ""
	}
	return fmt.Sprintf(say(v.Lang, "集群 %s：", "cluster %s: "), u.Cluster)
}

// clockOff is by how much the plugin's clock may differ from the store's.
const clockOff = 2 * time.Minute

// clockAilment is the reason when the clock of the plugin is not that of the store.
func (d *Datasource) clockAilment(v frames.View) []string {
	timed, ok := d.store.(interface{ ClockAhead() time.Duration })
	if !ok {
		return nil
	}
	ahead := timed.ClockAhead()
	n := frames.Minutes(ahead.Abs())
	switch {
	case ahead.Abs() < clockOff:
		return nil
	case ahead > 0:
		return []string{fmt.Sprintf(say(v.Lang, "Grafana 所在机器的时钟比 Loki 快 %d 分钟以上，请校准时钟。", "The clock of Grafana's machine is more than %d minutes ahead of Loki's, set it."), n)}
	}
	return []string{fmt.Sprintf(say(v.Lang, "Grafana 所在机器的时钟比 Loki 慢 %d 分钟以上，请校准时钟。", "The clock of Grafana's machine is more than %d minutes behind Loki's, set it."), n)}
}

func downstream(err error) bool {
	_, source, _ := classify(err)
	return source == backend.ErrorSourceDownstream
}

// stable is the text of an error without what differs from one time to the next: it becomes a label of an alert.
func stable(err error, lang signature.Lang) string {
	var fromLog logs.Failure
	if errors.As(err, &fromLog) {
		return fromLog.Gist(string(lang))
	}
	_, _, shown := classify(err)
	return frames.Message(shown, lang)
}
