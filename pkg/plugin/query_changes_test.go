package plugin

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
)

// asked sends one query.
func asked(t *testing.T, d *Datasource, model map[string]any) backend.DataResponse {
	t.Helper()
	text, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	return one(t, d, string(text))
}

func TestWhatWasBeforeAnIncident(t *testing.T) {
	f := busy()
	f.log(signature.Nodeman, 49*time.Hour, "host 10.0.0.9 is offline")
	d := open(t, f)
	id := offline(t, d, "10.0.0.1")
	got := frame(t, asked(t, d, map[string]any{"queryType": "changes", "incident": id, "language": "en"}))
	facts := cells(t, got, "fact")
	if !slices.Contains(facts, any("1 times in the seven days before; this is the last")) {
		t.Errorf("facts = %q", facts)
	}
	if err := asked(t, d, map[string]any{"queryType": "changes"}).Error; err == nil || !strings.Contains(err.Error(), "choose one") {
		t.Errorf("err = %v", err)
	}
}

func TestWhatALineIs(t *testing.T) {
	d := open(t, busy())
	answers := func(line string) (answers, titles []any) {
		got := frame(t, asked(t, d, map[string]any{"queryType": "explain", "line": line, "language": "en"}))
		return cells(t, got, "answer"), cells(t, got, "title")
	}
	if a, titles := answers(`{"log":"host 10.0.0.7 is offline\n"}`); len(a) != 1 || a[0] != "failure" || !strings.Contains(titles[0].(string), "is offline") {
		t.Errorf("%q %q", a, titles)
	}
	if a, titles := answers("all is well"); len(a) != 1 || a[0] != "nothing" || titles[0] != "No signature knows this line" {
		t.Errorf("%q %q", a, titles)
	}
	for model, want := range map[string]string{"": "give one in", strings.Repeat("x", 70_000): "at most 65536"} {
		if err := asked(t, d, map[string]any{"queryType": "explain", "line": model}).Error; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: %v", len(model), err)
		}
	}
}

func TestHowARangeWent(t *testing.T) {
	f := busy()
	d := open(t, f)
	for stat, column := range map[string]string{"": "title", "signatures": "title", "classes": "class", "causes": "title", "weeks": "errors"} {
		if got := cells(t, frame(t, asked(t, d, map[string]any{"queryType": "review", "stat": stat})), column); len(got) == 0 {
			t.Errorf("stat %q: no rows", stat)
		}
	}
	if err := asked(t, d, map[string]any{"queryType": "review", "stat": "levels"}).Error; err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("err = %v", err)
	}
	for _, source := range signature.Sources() {
		f.fails[source] = errors.New("down")
	}
	down := asked(t, open(t, f), map[string]any{"queryType": "review", "stat": "weeks"})
	if down.Error == nil {
		t.Error("a review of logs that cannot be read is no error")
	}
}

// Weeks that are over are read once, although the range moves on with the clock.
func TestWeeksThatAreOverAreReadOnce(t *testing.T) {
	f := busy()
	d := open(t, f)
	reads := func(to time.Time) int64 {
		before := f.reads.Load()
		found, err := d.weeks(t.Context(), request{}, to.Add(-21*24*time.Hour), to)
		if err != nil || len(found) != 3 {
			t.Fatalf("%d weeks, %v", len(found), err)
		}
		return f.reads.Load() - before
	}
	first := reads(noon.Add(-2 * time.Minute))
	if again := reads(noon.Add(-time.Minute)); first == 0 || again != 0 {
		t.Errorf("%d reads, and %d a minute later, want none", first, again)
	}
}
