package match

import (
	"regexp"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

// Role says what a hit is to its signature.
type Role string

// The roles.
const (
	// Detects is a line of a term that detection looks at.
	Detects Role = "detects"
	// Judges is a line of a term that only resolves, refutes or weighs hypotheses.
	Judges Role = "judges"
	// Neighbour is a context line: it counts only beside a line that detects.
	Neighbour Role = "neighbour"
)

// Hit is one line found to be a term, or a context line of one. It does not point into the line.
type Hit struct {
	Signature *signature.Signature
	Term      *signature.Term
	Role      Role
	// Alternative is the index in Term.AnyOf, or for a Neighbour in Term.Context.
	Alternative int
	// Captures are the typed values the regex and the carrier gave; an absent value has no key.
	Captures map[string]string
	Attrs    Attrs
	Level    Level
	// Message is the text that matched.
	Message string
}

// Matcher judges single lines against all signatures of their source. It is immutable and safe for concurrent use.
type Matcher struct {
	sources map[signature.Source]*sourceMatcher
}

// sourceMatcher holds the candidates of one source.
type sourceMatcher struct {
	filter *filter
	// byLiteral maps a literal of the filter to candidates.
	byLiteral  [][]int32
	candidates []candidate
}

type candidate struct {
	sig   *signature.Signature
	term  *signature.Term
	role  Role
	index int
	re    *regexp.Regexp
	// unless are the term's same-line exclusions; a context line has none.
	unless []*regexp.Regexp
	// requires are the literal sets of the witness, for Explain.
	witness []string
}

// New compiles a set of signatures. Deprecated ones match nothing.
func New(set *signature.Set) *Matcher {
	m := &Matcher{sources: map[signature.Source]*sourceMatcher{}}
	byForm := map[signature.Source]map[string][]int32{}
	same := expressions{}
	for _, source := range signature.Sources() {
		m.sources[source] = &sourceMatcher{}
		byForm[source] = map[string][]int32{}
	}
	for _, sig := range set.All() {
		if sig.Status == signature.Deprecated {
			continue
		}
		for _, name := range TermNames(sig) {
			term := sig.Terms[name]
			src, forms := m.sources[term.Source], byForm[term.Source]
			for _, c := range candidatesOf(sig, term, same) {
				id := int32(len(src.candidates))
				src.candidates = append(src.candidates, c)
				for _, w := range c.witness {
					for _, form := range signature.RawForms(w) {
						forms[form] = append(forms[form], id)
					}
				}
			}
		}
	}
	for source, forms := range byForm {
		src := m.sources[source]
		literals := make([]string, 0, len(forms))
		for form := range forms {
			literals = append(literals, form)
		}
		slices.Sort(literals)
		for _, l := range literals {
			src.byLiteral = append(src.byLiteral, forms[l])
		}
		src.filter = newFilter(literals)
	}
	return m
}

// TermNames returns the names of a signature's terms in a stable order.
func TermNames(sig *signature.Signature) []string {
	names := make([]string, 0, len(sig.Terms))
	for name := range sig.Terms {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func candidatesOf(sig *signature.Signature, term *signature.Term, same expressions) []candidate {
	role := Judges
	if slices.Contains(sig.Detect.TermNames(), term.Name) {
		role = Detects
	}
	unless := same.all(term.Unless)
	var out []candidate
	for i, alt := range term.AnyOf {
		out = append(out, candidate{sig, term, role, i, same.of(alt.Regex), unless, alt.Witness})
	}
	for i, x := range term.Context {
		out = append(out, candidate{sig, term, Neighbour, i, same.of(x.Regex), nil, x.Witness})
	}
	return out
}

// Literals returns the raw literals of a source: a line that contains none of them is no hit of any signature.
func (m *Matcher) Literals(source signature.Source) []string {
	if src := m.sources[source]; src != nil && src.filter != nil {
		return src.filter.literals
	}
	return nil
}

// Sieve finds in a text of many lines those that a source's signatures may be about. It is safe for concurrent use.
type Sieve struct{ filter *filter }

var _ logs.Sieve = Sieve{}

// Sieve returns the sieve of a source.
func (m *Matcher) Sieve(source signature.Source) Sieve {
	if src := m.sources[source]; src != nil && src.filter != nil {
		return Sieve{src.filter}
	}
	return Sieve{newFilter(nil)}
}

// Next returns a position in text: no literal of the source lies wholly in text[from:position], and the line at the
// position has one, unless the literal spans lines. It is -1 when there is no literal behind from. It allocates nothing.
func (s Sieve) Next(text string, from int) int { return s.filter.next(text, from) }

// Line returns the hits of one raw line. A line of many messages gives one hit per term and role, with the captures
// of the first message that has each. It allocates nothing for a line that contains no literal.
func (m *Matcher) Line(source signature.Source, line string) []Hit {
	src := m.sources[source]
	if src == nil || src.filter == nil {
		return nil
	}
	var ids []int32
	src.filter.find(line, func(literal int) {
		for _, id := range src.byLiteral[literal] {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	})
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var hits []Hit
	for _, msg := range Unwrap(line) {
		tried := attempts{text: msg.Text}
		for _, id := range ids {
			if hit, ok := src.candidates[id].confirm(msg, &tried); ok {
				hits = addHit(hits, hit)
			}
		}
	}
	return hits
}

func addHit(hits []Hit, hit Hit) []Hit {
	for i := range hits {
		h := &hits[i]
		if h.Term == hit.Term && h.Role == hit.Role && (h.Role != Neighbour || h.Alternative == hit.Alternative) {
			// The alternative that starts a match counts, not the one that continues it.
			if h.Role != Neighbour && h.Term.AnyOf[h.Alternative].Continues && !hit.Term.AnyOf[hit.Alternative].Continues {
				h.Alternative, h.Message = hit.Alternative, hit.Message
			}
			mergeMissing(h.Captures, hit.Captures)
			h.Attrs = h.Attrs.merge(hit.Attrs)
			return hits
		}
	}
	return append(hits, hit)
}

func mergeMissing(into, from map[string]string) {
	for k, v := range from {
		if _, ok := into[k]; !ok {
			into[k] = v
		}
	}
}

// confirm runs the regex on one message, on which others may have been tried.
func (c *candidate) confirm(msg Message, tried *attempts) (Hit, bool) {
	if c.role != Neighbour && !levelCounts(c.term, msg.Level) {
		return Hit{}, false
	}
	loc := tried.find(c.re)
	if loc == nil {
		return Hit{}, false
	}
	if slices.ContainsFunc(c.unless, tried.matches) {
		return Hit{}, false
	}
	hit := Hit{
		Signature: c.sig, Term: c.term, Role: c.role, Alternative: c.index,
		Captures: map[string]string{}, Attrs: msg.Attrs.clone(), Level: msg.Level, Message: strings.Clone(msg.Text),
	}
	for i, name := range c.re.SubexpNames() {
		if name != "" && loc[2*i] >= 0 && loc[2*i] < loc[2*i+1] {
			if _, ok := hit.Captures[name]; !ok {
				hit.Captures[name] = strings.Clone(msg.Text[loc[2*i]:loc[2*i+1]])
			}
		}
	}
	if c.role != Neighbour {
		for _, name := range signature.CarrierVars() {
			if _, declared := c.term.Vars[name]; declared && hit.Captures[name] == "" {
				if v := hit.Attrs.Get(name); v != "" {
					hit.Captures[name] = v
				}
			}
		}
	}
	return hit, true
}

// levelCounts tells whether a message of a level may be the term. What states no level may.
func levelCounts(term *signature.Term, level Level) bool {
	return level == UnknownLevel || slices.Contains(term.Levels, string(level))
}
