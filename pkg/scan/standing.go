package scan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
)

// standing remembers the units on which something fails: hosts, so that they are looked at when they have been silent for
// longer than logs are read, and all of them, so that a silence longer than anything is read is no end. It is safe for
// concurrent use.
type standing struct {
	mu    sync.Mutex
	units map[standingKey]stood
}

type standingKey struct {
	track string
	unitKey
}

// stood is what stands on a unit.
type stood struct {
	source incident.Unit
	// from is where the unit has to be read from, last when it shipped its last line, noted when that was last seen.
	from, last, noted time.Time
	signatures        []string
}

const (
	// mostStanding bounds what is remembered.
	mostStanding = 2000
	// lostFor is how long after its last line a unit is remembered on which something failed.
	lostFor = 31 * 24 * time.Hour
)

// Lost is a unit that fell silent, longer ago than is read, while something failed on it: whether it fails still is not
// known.
type Lost struct {
	incident.Unit
	// Signatures are those of the incidents that stood on it.
	Signatures []string
}

// lanes are those of the hosts that have been silent for longer than logs are read.
func (s *standing) lanes(r *run, start time.Time) []*lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*lane
	for key, st := range s.units {
		if key.host == "" || !s.of(r, key) || st.from.Before(r.now.Add(-pastFor)) || !st.from.Before(start.Add(-r.o.LookbackMax)) {
			continue
		}
		out = append(out, &lane{unitKey: key.unitKey, from: st.from,
			matchers: append(slices.Clone(r.req.Matchers), logs.Matcher{Name: key.label, Op: logs.Equal, Value: key.host})})
	}
	slices.SortFunc(out, func(a, b *lane) int { return a.from.Compare(b.from) })
	return out
}

// historic reports a range in the past, which tells nothing of what stands now.
func (r *run) historic() bool { return r.o.Clock().Sub(r.now) > minLookback }

// of reports whether a key is of a scan's selectors. The caller holds mu.
func (s *standing) of(r *run, key standingKey) bool {
	return key.selector < len(r.selectors) && key.track == r.track(r.selectors[key.selector], r.req.Matchers)
}

// old are the keys of units that stood before anything that is read.
func (s *standing) old(r *run) []unitKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []unitKey
	for key, st := range s.units {
		if s.of(r, key) && st.from.Before(r.now.Add(-pastFor)) {
			out = append(out, key.unitKey)
		}
	}
	return out
}

// lost returns the units that have shipped too little since something failed on them to know how it ended, and forgets
// those that shipped enough.
func (s *standing) lost(r *run) []Lost {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.historic() {
		return nil
	}
	var out []Lost
	for key, st := range s.units {
		if !s.of(r, key) || !st.from.Before(r.now.Add(-pastFor)) || !st.noted.Before(r.now) {
			continue
		}
		live := r.ships[key.selector].Of(key.cluster)
		if key.host != "" {
			live = r.hosts[key.hostOnly()]
		}
		if r.now.Sub(st.last) > lostFor || live.Known && live.Within(st.from, r.now) >= r.enough(st.source.Source) {
			delete(s.units, key)
			continue
		}
		u := st.source
		u.Live = logs.NewLiveness([]logs.Window{{Start: st.from, End: st.last}})
		out = append(out, Lost{Unit: u, Signatures: st.signatures})
	}
	slices.SortFunc(out, func(a, b Lost) int {
		return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Host, b.Host), strings.Compare(string(a.Source), string(b.Source)))
	})
	return out
}

// note remembers, as of now, on which units an active incident stands. What was not read completely tells of no end.
func (s *standing) note(r *run, incidents []incident.Incident) {
	if r.historic() {
		return
	}
	whole := len(r.errs) == 0 && len(r.blind) == 0
	for _, c := range r.coverage {
		state, _ := c.Worst()
		whole = whole && state == logs.Complete
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	type stands struct {
		since      time.Time
		signatures map[string]bool
	}
	active := map[*incident.Unit]stands{}
	for i := range incidents {
		for _, u := range incidents[i].Units {
			if incidents[i].State != incident.Active || u.ByTime || !u.Live.Known {
				continue
			}
			st, ok := active[u]
			if !ok {
				st = stands{incidents[i].Last, map[string]bool{}}
			}
			if incidents[i].Last.Before(st.since) {
				st.since = incidents[i].Last
			}
			st.signatures[incidents[i].Signature.ID] = true
			active[u] = st
		}
	}
	for key, u := range r.units {
		k := standingKey{r.track(r.selectors[key.selector], r.req.Matchers), key}
		st, stands := active[u]
		before, known := s.units[k]
		switch {
		case !stands && known && before.from.Before(r.now.Add(-pastFor)): // see lost
		case !stands && whole:
			delete(s.units, k)
		case !stands:
		case known || len(s.units) < mostStanding:
			last := u.Live.Last()
			if last.IsZero() {
				last = st.since
			}
			s.units[k] = stood{
				source: incident.Unit{Source: u.Source, Cluster: u.Cluster, Host: u.Host}, from: st.since.Add(-r.enough(u.Source)), last: last, noted: r.now,
				signatures: slices.Sorted(maps.Keys(st.signatures)),
			}
		}
	}
}
