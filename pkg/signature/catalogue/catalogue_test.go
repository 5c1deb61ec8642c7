package catalogue_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

func load(t *testing.T) *signature.Set {
	t.Helper()
	sigs, err := catalogue.Load()
	for _, p := range signature.Problems(err) {
		t.Error(p)
	}
	set, err := signature.NewSet(sigs...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// found reads the lines of a fixture as a file is read: adjacent lines of a stream are adjacent.
func found(m *match.Matcher, sig *signature.Signature, f signature.Fixture) []*match.Match {
	start := time.Date(2024, 10, 22, 17, 0, 0, 0, time.UTC)
	streams := map[string]*logs.Stream{}
	var out []*match.Match
	for i, l := range f.Lines {
		source := l.SourceIn(sig)
		key := string(source) + "/" + l.Stream
		if streams[key] == nil {
			streams[key] = &logs.Stream{Key: key, Labels: model.LabelSet{}}
		}
		for _, hit := range m.Line(source, l.Line) {
			out = append(out, &match.Match{Kind: &match.Kind{Hit: hit, Stream: streams[key], OnHost: l.OnHost}, Entry: &match.Entry{Time: start.Add(f.Offset(i)), Seq: i, Line: match.PlainText(l.Line)}})
		}
	}
	return match.Join(out, true)
}

// Every fixture fires its signature with the captures it states or not at all, and no other signature.
func TestFixtures(t *testing.T) {
	set := load(t)
	m := match.New(set)
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			t.Run(sig.ID+"/"+f.Name, func(t *testing.T) {
				captures := map[string]string{}
				count := 0
				for _, hit := range found(m, sig, f) {
					switch {
					case hit.Role != match.Detects:
					case hit.Signature.ID != sig.ID:
						if !slices.Contains(f.Expect.Also, hit.Signature.ID) {
							t.Errorf("cross-fire of %s on %q", hit.Signature.ID, hit.Line)
						}
					case !f.Positive():
						t.Errorf("fires on %q: message %q, alternative %d", hit.Line, hit.Message, hit.Alternative)
					default:
						count++
						for k, v := range hit.Captures {
							if _, ok := captures[k]; !ok {
								captures[k] = v
							}
						}
					}
				}
				if f.Positive() && count == 0 {
					t.Fatal("does not fire")
				}
				if f.Expect.Count != nil && count != *f.Expect.Count {
					t.Errorf("fires %d times, want %d", count, *f.Expect.Count)
				}
				// A form may give further fields.
				for name, want := range f.Expect.Captures {
					if f.Positive() && captures[name] != want {
						t.Errorf("capture %s is %q, want %q", name, captures[name], want)
					}
				}
			})
		}
	}
}

// Every line of a positive fixture that is not mere context is seen, and every term is used by a fixture.
func TestEveryAlternativeHasAFixture(t *testing.T) {
	set := load(t)
	m := match.New(set)
	type alternative struct {
		sig, term string
		index     int
	}
	seen := map[alternative]bool{}
	for _, sig := range set.All() {
		for _, f := range sig.Tests {
			for _, l := range f.Lines {
				source := l.SourceIn(sig)
				for _, hit := range m.Line(source, l.Line) {
					if hit.Role != match.Neighbour {
						seen[alternative{hit.Signature.ID, hit.Term.Name, hit.Alternative}] = true
					}
				}
			}
		}
	}
	for _, sig := range set.All() {
		negative := false
		for _, f := range sig.Tests {
			negative = negative || !f.Positive()
		}
		if !negative {
			t.Errorf("%s has no fixture that must not fire", sig.ID)
		}
		for _, name := range match.TermNames(sig) {
			for i := range sig.Terms[name].AnyOf {
				if !seen[alternative{sig.ID, name, i}] {
					t.Errorf("%s: no fixture for alternative %d of term %s: %s", sig.ID, i, name, sig.Terms[name].AnyOf[i].String())
				}
			}
		}
	}
}

// What other parts of the program and links rely on.
func TestCompleteness(t *testing.T) {
	set := load(t)
	for _, sig := range set.All() {
		for i, step := range sig.Remediation {
			if step.Risk == signature.Destructive && i != len(sig.Remediation)-1 {
				t.Errorf("%s: destructive step %s is not the last", sig.ID, step.ID)
			}
			if step.Risk != signature.ReadOnly && step.Verify.Empty() {
				t.Errorf("%s: step %s changes something and has no verify", sig.ID, step.ID)
			}
			if step.ID == "" || step.RunOn.ZH.IsZero() || step.RunOn.EN.IsZero() {
				t.Errorf("%s: step %d needs id and run_on in zh and en", sig.ID, i)
			}
		}
		// The first step looks, cures a cause that is proven, or does again what failed: many of these pass at the second try.
		if first := sig.Remediation; len(first) == 0 || first[0].Risk != signature.ReadOnly && len(first[0].For) == 0 && !strings.HasPrefix(first[0].ID, "retry") {
			t.Errorf("%s: the first step must be read-only, a retry, or the cure of a proven cause", sig.ID)
		}
		if sig.Resolve.Quiet.D() <= 10*time.Minute {
			t.Errorf("%s: quiet %s is not longer than the lateness", sig.ID, sig.Resolve.Quiet)
		}
		used := map[string]bool{}
		for _, step := range sig.Remediation {
			used[step.Reference] = true
		}
		for _, r := range sig.References {
			if !used[r.ID] && r.ID != "cases" {
				t.Errorf("%s: reference %s belongs to no step", sig.ID, r.ID)
			}
		}
		for _, r := range sig.Cause {
			if _, ok := set.Get(r.Signature); !ok {
				t.Errorf("%s: cause %s is not in the catalogue", sig.ID, r.Signature)
			}
		}
		for _, h := range sig.Hypotheses {
			for _, w := range slices.Concat(h.For, h.Against) {
				if _, ok := set.Get(w.Signature); w.Signature != "" && !ok {
					t.Errorf("%s: hypothesis %s weighs %s, which is not in the catalogue", sig.ID, h.ID, w.Signature)
				}
			}
		}
		for _, f := range sig.Tests {
			for _, id := range f.Expect.Also {
				if _, ok := set.Get(id); !ok {
					t.Errorf("%s: fixture %q names %s, which is not in the catalogue", sig.ID, f.Name, id)
				}
			}
		}
	}
}

// A runbook says what is wrong, whom it hits, what to do and how to see that it worked.
func TestRunbooksAreComplete(t *testing.T) {
	for _, sig := range load(t).All() {
		for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
			if sig.Summary.In(lang).IsZero() || sig.Impact.In(lang).IsZero() {
				t.Errorf("%s says in %s not what it means or whom it hits", sig.ID, lang)
			}
		}
		if len(sig.Remediation) == 0 || sig.Resolve.Quiet == 0 {
			t.Errorf("%s has no steps or never ends", sig.ID)
		}
	}
}
