package frames

import (
	"fmt"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// moment is how a point in time is written in a sentence that becomes a label.
const moment = "01-02 15:04 UTC"

// Silence says since when a unit has shipped nothing, for somebody on call.
func Silence(u incident.Unit, lang signature.Lang) string {
	v := View{Lang: lang}
	since := u.Live.Last().UTC().Format(moment)
	switch {
	case u.Host != "":
		return fmt.Sprintf(v.text("主机 %s：自 %s 起没有收到任何日志，请检查该主机的采集器。", "host %s has shipped nothing since %s, check its collector."), u.Host, since)
	case u.Cluster != "":
		return fmt.Sprintf(v.text("集群 %s：来源 %s 自 %s 起没有收到任何日志，请检查采集器。", "cluster %s: %s has shipped nothing since %s, check the collector."), u.Cluster, u.Source, since)
	}
	return fmt.Sprintf(v.text("%s：自 %s 起没有收到任何日志，请检查采集器。", "%s has shipped nothing since %s, check the collector."), u.Source, since)
}

// Undecided says what a silence that is longer than anything is read means.
func Undecided(l scan.Lost, lang signature.Lang) string {
	return fmt.Sprintf(View{Lang: lang}.text(
		"当时 %s 的故障尚未恢复，现在是否恢复无法判断。若已下线，请在选择器中排除。",
		"%s was failing then, and whether it still is cannot be known. If it was taken down, exclude it from the selector."),
		strings.Join(l.Signatures, ", "))
}

// silentAfter is how long a unit must have shipped nothing for a panel with its incident to say so.
const silentAfter = time.Hour

// silences are the notices about units on which an incident stands, or stood, that fell silent.
func silences(res *scan.Result, lang signature.Lang) []string {
	var out []string
	for _, u := range res.Units {
		if last := u.Live.Last(); u.Standing && u.Live.Known && !last.IsZero() && res.Now.Sub(last) > silentAfter {
			out = append(out, Silence(u.Unit, lang))
		}
	}
	for _, l := range res.Lost {
		out = append(out, strings.TrimSpace(Silence(l.Unit, lang)+" "+Undecided(l, lang)))
	}
	return out
}

// roundDown are the words for a number of minutes that changes from one moment to the next: a text that becomes a label
// must not.
var roundDown = []int{1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440}

// Minutes is a span of time rounded down to one of few numbers of minutes.
func Minutes(d time.Duration) int {
	n := 0
	for _, m := range roundDown {
		if d >= time.Duration(m)*time.Minute {
			n = m
		}
	}
	return n
}
