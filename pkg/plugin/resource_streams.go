package plugin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	// recentStreams is the range that the settings page speaks of. A source that logs only errors may be silent for
	// hours, so where nothing is found the range of the health check is looked at.
	recentStreams = time.Hour
	// streamsTimeout bounds a look at streams; somebody is typing.
	streamsTimeout = 15 * time.Second
	// maxLabels bounds the labels of an answer; a stream of Loki has 15 by default (max_label_names_per_series).
	maxLabels = 50
	// maxLabelValue bounds a value of the example, in runes.
	maxLabelValue = 200
)

// seenStreams is the answer of `streams`.
type seenStreams struct {
	// Streams that the selector fits, -1 when nobody could look.
	Streams int `json:"streams"`
	// Hours is the range in which they were seen, up to now.
	Hours int `json:"hours"`
	// Labels that they have, the most frequent first.
	Labels []seenLabel `json:"labels"`
	// Problem is what is wrong with the selector; nil when nothing is.
	Problem *selectorProblem `json:"problem,omitempty"`
}

// seenLabel is a label with the number of streams that have it, and a value.
type seenLabel struct {
	Name    string `json:"name"`
	Streams int    `json:"streams"`
	Example string `json:"example"`
}

type selectorProblem struct {
	Message string `json:"message"`
	// Position in the selector, in characters from 1.
	Position int `json:"position"`
}

// listStreams tells what a selector finds in the store of the saved settings. It takes any selector, also of logs that
// the settings do not name, so it is for those who may change the settings.
func (d *Datasource) listStreams(ctx context.Context, r *http.Request) (any, error) {
	if err := forAdmins(ctx); err != nil {
		return nil, err
	}
	text := r.URL.Query().Get("selector")
	if _, err := selector.Parse(text); err != nil {
		return seenStreams{Streams: -1, Labels: []seenLabel{}, Problem: problemOf(err, d.asked(r))}, nil
	}
	if d.config.Broken != nil {
		// The settings are not ready to be asked; that is what Save & test is for.
		return seenStreams{Streams: -1, Labels: []seenLabel{}}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, streamsTimeout)
	defer cancel()
	now := d.config.Clock()
	for _, ago := range []time.Duration{recentStreams, healthRange} {
		sets, err := d.store.Series(ctx, text, nil, now.Add(-ago), now)
		if err != nil {
			return nil, err
		}
		if len(sets) > 0 || ago == healthRange {
			return seenStreams{Streams: len(sets), Hours: int(ago.Hours()), Labels: labelsOf(sets)}, nil
		}
	}
	return nil, errors.New("no range was looked at")
}

// labelsOf counts the labels of streams.
func labelsOf(sets []model.LabelSet) []seenLabel {
	byName := map[string]*seenLabel{}
	for _, set := range sets {
		for name, value := range set {
			seen := byName[string(name)]
			if seen == nil {
				seen = &seenLabel{Name: string(name), Example: string(value)}
				byName[string(name)] = seen
			}
			seen.Streams++
			// The same example at every look, whatever the order of the streams.
			seen.Example = min(seen.Example, string(value))
		}
	}
	out := make([]seenLabel, 0, len(byName))
	for _, seen := range byName {
		if runes := []rune(seen.Example); len(runes) > maxLabelValue {
			seen.Example = string(runes[:maxLabelValue]) + "…"
		}
		out = append(out, *seen)
	}
	slices.SortFunc(out, func(a, b seenLabel) int {
		return cmp.Or(cmp.Compare(b.Streams, a.Streams), cmp.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), maxLabels)]
}

func problemOf(err error, lang signature.Lang) *selectorProblem {
	p := &selectorProblem{Message: frames.Message(err, lang), Position: 1}
	if wrong := new(selector.Error); errors.As(err, &wrong) {
		p.Position = wrong.Position
	}
	return p
}

// asked is the language that a call asks for, or else that of the data source.
func (d *Datasource) asked(r *http.Request) signature.Lang {
	switch lang := signature.Lang(r.URL.Query().Get("language")); lang {
	case signature.ZH, signature.EN:
		return lang
	}
	return d.config.Lang
}

// forAdmins refuses a user who may not change data sources, as far as the plugin is told: by the role in the
// organisation.
func forAdmins(ctx context.Context) error {
	if user := backend.UserFromContext(ctx); user != nil && user.Role == "Admin" {
		return nil
	}
	return &said{
		zh:     "只有组织管理员可以使用此检查。请点击“保存并测试”，或联系管理员。",
		en:     "Only administrators of the organisation can use this check. Use Save & test, or ask one of them.",
		status: backend.StatusForbidden, source: backend.ErrorSourceDownstream,
	}
}
