package incident

import (
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// ClosedFor is how long an alert row stays, with the value 0, after its incident is over: a row that vanishes
// resolves its alert two evaluations late and without a reason.
const ClosedFor = 15 * time.Minute

// AlertRow is the one row of a fingerprint.
type AlertRow struct {
	// Value is 1 while active and 0 after closing.
	Value float64
	// Incident is the newest episode of the fingerprint.
	Incident *Incident
}

// AlertRows returns exactly one row per fingerprint of active signatures: 1 while active, 0 for 15 minutes after
// closing, none otherwise. Rows are ordered by fingerprint.
func AlertRows(incidents []Incident, now time.Time) []AlertRow {
	newest := map[string]*Incident{}
	for i := range incidents {
		inc := &incidents[i]
		if inc.Signature.Status != signature.Active {
			continue
		}
		if best := newest[inc.Fingerprint]; best == nil || inc.Last.After(best.Last) {
			newest[inc.Fingerprint] = inc
		}
	}
	var out []AlertRow
	for _, inc := range newest {
		switch {
		case inc.State == Active:
			out = append(out, AlertRow{1, inc})
		case now.Sub(inc.End) <= ClosedFor:
			out = append(out, AlertRow{0, inc})
		}
	}
	slices.SortFunc(out, func(a, b AlertRow) int { return strings.Compare(a.Incident.Fingerprint, b.Incident.Fingerprint) })
	return out
}
