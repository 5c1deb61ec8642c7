// Package rules writes alert rules, one per active signature, for those who prefer them to the rules per severity in
// provisioning/alerting: for Grafana over the data source, or for Loki's ruler over the lines themselves.
package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/blueking/incidents/pkg/signature"
)

// ErrNoSignatures tells that there is nothing to make a rule of.
var ErrNoSignatures = errors.New("none of the signatures is active: only active ones alert")

// DefaultDatasource is the uid of the data source in the provisioning samples.
const DefaultDatasource = "blueking-incidents"

// group are the rules of one severity, in order of id.
type group struct {
	severity signature.Severity
	sigs     []*signature.Signature
}

// grouped returns the active signatures by severity, worst first. Grafana and the ruler evaluate the rules of a group
// one after the other.
func grouped(sigs []*signature.Signature) ([]group, error) {
	var out []group
	for _, severity := range signature.Severities() {
		g := group{severity: severity}
		for _, sig := range sigs {
			if sig.Status == signature.Active && sig.Severity == severity {
				g.sigs = append(g.sigs, sig)
			}
		}
		if len(g.sigs) > 0 {
			slices.SortFunc(g.sigs, func(a, b *signature.Signature) int { return strings.Compare(a.ID, b.ID) })
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		return nil, ErrNoSignatures
	}
	return out, nil
}

// maxUID is how long Grafana lets a rule's uid be.
const maxUID = 40

// uid names the rule of a signature and never changes: silences, history and links use it.
func uid(id string) string {
	const prefix = "bkincidents-"
	if len(prefix)+len(id) <= maxUID {
		return prefix + id
	}
	sum := sha256.Sum256([]byte(id))
	tail := "-" + hex.EncodeToString(sum[:4])
	return prefix + id[:maxUID-len(prefix)-len(tail)] + tail
}

// plain writes a text in a language, or in the other one where it has none, with <name> for the values of an incident.
func plain(t signature.Text, lang signature.Lang) string {
	if text := t.In(lang).Placeholders(); text != "" {
		return text
	}
	return t.ZH.Placeholders() + t.EN.Placeholders()
}

// quoted writes a text as a single-quoted YAML scalar of one line.
func quoted(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' }), " ")
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// cut shortens a text to a number of characters.
func cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit-1]) + "…"
}
