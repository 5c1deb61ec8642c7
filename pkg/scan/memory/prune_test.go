package memory

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

const withContext = `
apiVersion: bkincidents/v1
id: fetch
revision: 1
status: active
severity: high
class: operation
title: {zh: t, en: t}
summary: {zh: s, en: s}
terms:
  failed:
    source: nodeman
    text: 'download failed with code \d+'
    context: [{at: before, within: 1m, text: 'fetching %{url:url}'}]
detect: {term: failed}
key: [cluster]
`

func TestPruningChangesNoMatch(t *testing.T) {
	sigs, err := signature.Parse("t", []byte(withContext))
	if err != nil {
		t.Fatal(err)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	m := match.New(set)
	rng := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		var found []match.Line
		streams := []*logs.Stream{{Key: "a", Labels: model.LabelSet{}}, {Key: "b", Labels: model.LabelSet{}}}
		for i := range 1 + rng.IntN(60) {
			line := fmt.Sprintf("fetching http://h%d/x", i)
			if rng.IntN(6) == 0 {
				line = fmt.Sprintf("download failed with code %d", i)
			}
			at := t0.Add(time.Duration(rng.IntN(1800)) * time.Second)
			f, stream := &match.Finding{}, streams[rng.IntN(2)]
			for _, hit := range m.Line(signature.Nodeman, line) {
				f.Kinds = append(f.Kinds, &match.Kind{Hit: hit, Stream: stream})
			}
			found = append(found, match.Line{Finding: f, Entry: &match.Entry{Time: at, Line: match.PlainText(line)}})
		}
		want := match.Join(matches(found), false)
		pruned := Prune(slices.Clone(found), t0, t0.Add(30*time.Minute), nil)
		if got := match.Join(matches(pruned), false); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %d matches, want %d", len(got), len(want))
		}
	}
}

func matches(lines []match.Line) (out []*match.Match) {
	for _, l := range lines {
		for m := range l.Matches() {
			out = append(out, &m)
		}
	}
	return out
}
