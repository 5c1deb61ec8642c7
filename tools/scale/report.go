package scale

import (
	"fmt"
	"strings"
	"time"

	"github.com/blueking/incidents/tools/document"
)

// PhaseTable is a Markdown table of phases of one installation.
func PhaseTable(c Cluster, phases []Phase) string {
	var b strings.Builder
	b.WriteString("| | queries a minute | scanned a minute | received a minute | core seconds a minute | of the cores | index, core seconds a minute | longest answer | not whole |\n|---|---:|---:|---:|---:|---:|---:|---:|---|\n")
	for i := range phases {
		p := &phases[i]
		all := p.Dashboards
		all.Answers += p.Rules.Answers
		all.Longest = max(all.Longest, p.Rules.Longest)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", p.Name,
			document.Number(p.perMinute(float64(p.Requests()))), bytesText(p.perMinute(p.Scanned)), bytesText(p.perMinute(p.Received)),
			document.Number(p.perMinute(p.Core.Seconds())), percent(p.share(&c)), document.Number(p.perMinute(p.Index.Seconds())),
			seconds(all.Longest), p.incomplete())
	}
	return b.String()
}

// incomplete says how many answers were not whole, and why.
func (p *Phase) incomplete() string {
	n, of := p.Dashboards.Partial+p.Dashboards.Failed+p.Rules.Partial+p.Rules.Failed, p.Dashboards.Answers+p.Rules.Answers
	if n == 0 {
		return fmt.Sprintf("0 of %d", of)
	}
	return fmt.Sprintf("%d of %d: %s", n, of, why(p.Dashboards, p.Rules))
}

// why is the reason of an answer that was not whole, in short.
func why(seen ...Seen) string {
	for _, s := range seen {
		switch {
		case strings.Contains(s.Reason, "context deadline exceeded"), strings.Contains(s.Reason, "the time for the query ran out"):
			return "query timeout"
		case strings.Contains(s.Reason, "did not answer in time"):
			return "request timeout"
		case strings.Contains(s.Reason, "lines"):
			return "cap on lines"
		case s.Reason != "":
			return s.Reason
		}
	}
	return ""
}

// Size is how one size of installation fared.
type Size struct {
	Name string
	Setup
	Cold Phase
	// Whole: the cold start came to an end.
	Whole  bool
	Steady Phase
}

// selected is what the selectors cover a day, in bytes.
func (s *Size) selected() float64 { return s.Volume.TB * 1e12 * s.Volume.Share }

// SizeTable is a Markdown table of installations.
func SizeTable(sizes []Size) string {
	var b strings.Builder
	b.WriteString("| | selected a day | streams | first whole answer after | its core seconds | then: core seconds a minute | of the cores | longest answer | not whole |\n|---|---:|---:|---:|---:|---:|---:|---:|---|\n")
	for i := range sizes {
		s := &sizes[i]
		cold := "never: " + why(s.Cold.Dashboards)
		if s.Whole {
			cold = seconds(s.Cold.Span)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", s.Name, bytesText(s.selected()),
			thousands(2*int(s.Volume.TB*hostsPerTB*s.Volume.streams())), cold, document.Number(s.Cold.Core.Seconds()),
			document.Number(s.Steady.perMinute(s.Steady.Core.Seconds())), percent(s.Steady.share(&s.Cluster)),
			seconds(max(s.Steady.Dashboards.Longest, s.Steady.Rules.Longest)), s.Steady.incomplete())
	}
	return b.String()
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func seconds(d time.Duration) string {
	if d >= 2*time.Minute {
		return document.Number(d.Minutes()) + " min"
	}
	return document.Number(d.Seconds()) + " s"
}

func bytesText(n float64) string {
	switch {
	case n >= 1e12:
		return document.Number(n/1e12) + " TB"
	case n >= 1e9:
		return document.Number(n/1e9) + " GB"
	case n >= 1e6:
		return document.Number(n/1e6) + " MB"
	default:
		return document.Number(n/1e3) + " kB"
	}
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
