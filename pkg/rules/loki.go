package rules

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

// ErrTooLong tells that a signature has too many literals for one expression.
var ErrTooLong = errors.New("the LogQL of the rule is longer than Loki reads: give the signature fewer or longer literals")

const (
	// window is how far back a rule counts; the alert ends when it has passed without a line.
	window = 5 * time.Minute
	// maxExpr is what Loki's parser reads, in bytes (pkg/logql/syntax/parser.go maxInputSize).
	maxExpr = 131072 - 1
)

// Ruler says where lines are and what links lead to.
type Ruler struct {
	Selectors    []scan.Selector
	HostLabels   []string
	ClusterLabel string
	// GrafanaURL is the root of a Grafana with the dashboards, Datasource the uid of the data source there: runbook_url
	// leads to the steps of the signature. Without it, it leads to the guide for Version, where there is one.
	GrafanaURL, Datasource string
	Version                string
	// Lang is the language of the texts.
	Lang signature.Lang
}

const lokiHead = `# Alert rules for Loki's ruler, one per active signature; written by: bkincidents rules --format loki
#
# They are coarser than the engine. A line counts when it contains a literal of the signature: what LogQL cannot say is
# left out, which is the rest of the regex, the log level, unless, context lines, the key that tells incidents apart,
# refutation, recovery, causes, and in a sequence the order. One failure that several carriers log counts several times.
# So a rule may fire where the engine would not, and an alert ends when its window has passed without a line, not when
# the failure is over. Where Grafana runs, use the data source: bkincidents rules --format grafana.
groups:
`

// Loki writes a file of rules for Loki's ruler. It returns how many rules have no runbook_url.
func Loki(w io.Writer, sigs []*signature.Signature, o Ruler) (without int, err error) {
	groups, err := grouped(sigs)
	if err != nil {
		return 0, err
	}
	var b strings.Builder
	b.WriteString(lokiHead)
	for _, g := range groups {
		fmt.Fprintf(&b, "  - name: blueking-incidents-%s\n    interval: 1m\n    rules:\n", g.severity)
		for _, sig := range g.sigs {
			linked, err := o.rule(&b, sig)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", sig.ID, err)
			}
			if !linked {
				without++
			}
		}
	}
	_, err = io.WriteString(w, b.String())
	return without, err
}

func (o Ruler) rule(b *strings.Builder, sig *signature.Signature) (linked bool, err error) {
	expr, err := o.Expr(sig)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(b, "      - alert: %s\n        expr: |-\n          %s\n", quoted(sig.ID), strings.ReplaceAll(expr, "\n", "\n          "))
	b.WriteString("        labels:\n          app: blueking-incidents\n")
	for _, l := range [][2]string{{"signature", sig.ID}, {"severity", string(sig.Severity)}, {"class", string(sig.Class)}, {"family", sig.Family}} {
		fmt.Fprintf(b, "          %s: %s\n", l[0], quoted(literal(l[1])))
	}
	lines := " Lines: "
	if o.Lang == signature.ZH {
		lines = " 日志行数："
	}
	b.WriteString("        annotations:\n")
	fmt.Fprintf(b, "          summary: %s\n", quoted(literal(plain(sig.Title, o.Lang))))
	fmt.Fprintf(b, "          description: %s\n", quoted(literal(plain(sig.Summary, o.Lang))+lines+"{{ $value }}"))
	if len(sig.Remediation) > 0 {
		fmt.Fprintf(b, "          first_step: %s\n", quoted(literal(plain(sig.Remediation[0].Text, o.Lang))))
	}
	link := o.runbook(sig)
	if link != "" {
		fmt.Fprintf(b, "          runbook_url: %s\n", quoted(literal(link)))
	}
	return link != "", nil
}

// literal keeps the ruler's template engine from reading a text as a template.
func literal(s string) string { return strings.ReplaceAll(s, "{{", `{{ "{{" }}`) }

func (o Ruler) runbook(sig *signature.Signature) string {
	if o.GrafanaURL != "" {
		return strings.TrimRight(o.GrafanaURL, "/") + "/d/blueking-incidents-runbook?var-datasource=" + url.QueryEscape(o.Datasource) + "&var-signature=" + url.QueryEscape(sig.ID)
	}
	if len(sig.References) == 0 {
		return ""
	}
	return incident.ReferenceURL(sig.References[0], o.Version)
}

// Expr is what the rule of a signature looks at, a metric expression with a series per cluster, and per host where the
// streams were collected on hosts.
func (o Ruler) Expr(sig *signature.Signature) (string, error) {
	d := sig.Detect
	within := window
	if d.Within > 0 {
		within = d.Within.D()
	}
	on := " on (" + o.ClusterLabel + ") "
	var expr string
	var err error
	switch {
	case d.Term != "":
		expr, err = o.term(sig.Terms[d.Term], within, 0, max(1, d.AtLeast))
	case d.Absent != "":
		// What came before the window of the last `within` should have been followed by now.
		var after, absent string
		if after, err = o.term(sig.Terms[d.After], window, within, 1); err == nil {
			absent, err = o.term(sig.Terms[d.Absent], within+window, 0, 1)
		}
		expr = parens(after) + "\nunless" + on + "\n" + parens(absent)
	default:
		var parts []string
		for _, name := range d.TermNames() {
			var part string
			if part, err = o.term(sig.Terms[name], within, 0, 1); err != nil {
				break
			}
			parts = append(parts, parens(part))
		}
		expr = strings.Join(parts, "\nand"+on+"\n")
	}
	if err == nil && len(expr) > maxExpr {
		err = ErrTooLong
	}
	return expr, err
}

func parens(s string) string { return "(\n" + s + "\n)" }

// term is true where at least n lines of a term were logged within a time that ended `before` ago.
func (o Ruler) term(term *signature.Term, within, before time.Duration, n int) (string, error) {
	threshold := "> 0"
	if n > 1 {
		threshold = ">= " + strconv.Itoa(n)
	}
	offset := ""
	if before > 0 {
		offset = " offset " + model.Duration(before).String()
	}
	var parts []string
	for _, sel := range o.Selectors {
		if sel.Source != term.Source {
			continue
		}
		streams, err := selector.Parse(sel.Selector)
		if err != nil {
			return "", err
		}
		by := []string{o.ClusterLabel}
		if sel.OnHost {
			by = append(by, o.HostLabels...)
		}
		parts = append(parts, fmt.Sprintf("sum by (%s) (count_over_time(%s |= %s [%s]%s)) %s",
			strings.Join(by, ", "), streams, strings.Join(literals(term), " or "), model.Duration(within), offset, threshold))
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("no stream selector for the source %s", term.Source)
	}
	return strings.Join(parts, "\nor\n"), nil
}

// literals returns the LogQL strings of which a line of the term contains at least one, in every form in which a carrier
// writes them, without those that contain another one.
func literals(term *signature.Term) []string {
	var all []string
	for _, alt := range term.AnyOf {
		for _, w := range alt.Literals {
			all = append(all, signature.RawForms(w)...)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	var kept []string
	for _, l := range all {
		if !slices.ContainsFunc(kept, func(k string) bool { return strings.Contains(l, k) }) {
			kept = append(kept, l)
		}
	}
	slices.Sort(kept)
	out := make([]string, len(kept))
	for i, l := range kept {
		out[i] = strconv.Quote(l)
	}
	return out
}
