//go:build integration

package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blueking/incidents/tests/asks"
	"github.com/blueking/incidents/tools/lokiserver"
)

// fault is one way in which something between the plugin and the logs goes wrong.
type fault struct {
	// name and zh say it in the table.
	name, zh string
	// loki starts a server of the row's own; nil takes the shared one.
	loki func(t *testing.T) *lokiserver.Server
	// settings are added to those of a small data source with short timeouts.
	settings asks.Settings
	secure   bool
	direct   bool
	// lines are what was logged before; nil means data.usual.
	lines func(t *testing.T, w *way)
	// inject makes the fault; what it returns ends it.
	inject func(t *testing.T, w *way) (lift func())
	// told is what the panels show while the fault lasts, and says how its text begins (for a notice: what it holds).
	// A rule gets rows only with the right answer.
	told told
	says string
	// or is how it may begin as well: which of two ends of a query's time comes first is a matter of the machine.
	or string
	// stays tells that there is no end to the fault.
	stays bool
	// reaches is how far beyond now the query asks.
	reaches time.Duration
	// settles is how long the answer may take to catch up with lines that were logged after it was first asked for.
	settles time.Duration
}

// quick are the settings that every row begins with.
func quick(test string) asks.Settings {
	return asks.On(test).With("pageLimit", pageLimit).With("lookbackMax", "1h").With("requestTimeout", "15s").With("queryTimeout", "60s")
}

// row is a line of the table.
type row struct {
	fault
	during   verdict
	requests int64
	after    verdict
	// caught is how long the right answer took after the fault had ended.
	caught time.Duration
}

func TestFaults(t *testing.T) {
	all := faults()
	var (
		mu   sync.Mutex
		rows = make([]row, len(all))
	)
	ok := t.Run("rows", func(t *testing.T) {
		for i, f := range all {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				r := f.run(t, i)
				mu.Lock()
				defer mu.Unlock()
				rows[i] = r
			})
		}
	})
	t.Logf("\n%s", table(rows, english))
	if !*update || !ok {
		return
	}
	for _, p := range documents() {
		p.write(t, table(rows, p.words))
	}
}

// faults are all rows, in the order of the table.
func faults() []fault {
	return slices.Concat(connections(), answers(), refusals(), servers(), logged())
}

// run makes the fault, asks, ends it, and asks again at once: the same range, which may be held or remembered, and a later one.
func (f fault) run(t *testing.T, i int) row {
	loki := shared
	if f.loki != nil {
		loki = f.loki(t)
	}
	w := newWay(t, loki, f.secure)
	w.direct = f.direct
	w.data = newData(fmt.Sprintf("fault-%d", i))
	s := quick(w.test)
	for key, value := range f.settings {
		s = s.With(key, value)
	}
	if f.lines != nil {
		f.lines(t, w)
	} else {
		w.push(t, loki, w.usual()...)
	}
	r := row{fault: f}
	lift := sync.OnceFunc(f.inject(t, w))
	t.Cleanup(lift)
	asked := w.requests.Load()
	to := w.end.Add(f.reaches)
	r.during = f.await(t, w, s, &to)
	r.requests = w.requests.Load() - asked
	if f.stays {
		r.after = r.during
		f.check(t, r.during)
		return r
	}
	lift()
	lifted := time.Now()
	r.after = f.settled().await(t, w, s, &to)
	r.caught = time.Since(lifted)
	later := f.settled().await(t, w, s.With("language", "en"), ptr(time.Now().Add(f.reaches)))

	f.check(t, r.during)
	for name, v := range map[string]verdict{"the same range": r.after, "a later range": later} {
		if v.told != whole || !v.clean() {
			t.Errorf("%s, after the fault has ended: %s", name, v)
		}
	}
	return r
}

// check compares what the user got during the fault with what the row says.
func (f fault) check(t *testing.T, v verdict) {
	t.Helper()
	if !v.clean() {
		t.Errorf("during the fault: %s", v)
	}
	if v.told != f.told || !f.fits(v.text) {
		t.Errorf("the user gets %s: %q, want %s: %q", v.told, v.text, f.told, f.says)
	}
	if (v.rule == "") != (f.told == whole) {
		t.Errorf("the user gets %s, the rule %q", v.told, v.rule)
	}
}

func ptr[T any](v T) *T { return &v }

// settled is the row once its fault has ended. A request that was sent in the outage may still hang, and the pause between
// two of them is 4 s: a query whose time ends before fails once more.
func (f fault) settled() fault {
	f.told, f.says = whole, ""
	f.settles = max(f.settles, 15*time.Second)
	return f
}

// await asks once, or until the answer has caught up when it may take time for that; then the range moves along with the clock.
func (f fault) await(t *testing.T, w *way, s asks.Settings, to *time.Time) verdict {
	t.Helper()
	deadline := time.Now().Add(f.settles)
	for asked := 1; ; asked++ {
		v := w.ask(t, s, *to)
		if f.settles == 0 || v.clean() && v.told == f.told || asked > 1 && time.Now().After(deadline) {
			return v
		}
		time.Sleep(200 * time.Millisecond) // the interval of a poll, not luck: the loop waits for the condition
		*to = time.Now().Add(f.reaches)
	}
}

// fits reports whether a text is the one that the row expects.
func (f fault) fits(text string) bool {
	if f.told == partial {
		return strings.Contains(text, f.says)
	}
	return strings.HasPrefix(text, f.says) || f.or != "" && strings.HasPrefix(text, f.or)
}
