package match

import (
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/form"
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
	// Complete means that the record around the message was there, too: a neighbour does not exclude it.
	Complete bool
	// Captures are the typed values the regex and the carrier gave; an absent value has no key.
	Captures map[string]string
	Attrs    event.Attrs
	Level    event.Level
	// Stance is whose words the message is: of a program, or perhaps of somebody who speaks about it.
	Stance event.Stance
	// Message is the text that matched.
	Message string
}

// Fails reports whether the line is the signature's failure. One that would make an absence whole detects, too, but is good
// news.
func (h *Hit) Fails() bool { return h.Role == Detects && h.Term.Name != h.Signature.Detect.Absent }

// Matcher judges single lines against all signatures of their source. It is immutable and safe for concurrent use.
type Matcher struct {
	sources map[signature.Source]*sourceMatcher
	forms   *form.Library
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
	what  *signature.What
}

// New compiles a set of signatures. Deprecated ones match nothing.
func New(set *signature.Set) *Matcher {
	m := &Matcher{sources: map[signature.Source]*sourceMatcher{}, forms: set.Forms()}
	byForm := map[signature.Source]map[string][]int32{}
	for _, source := range set.Sources() {
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
			for _, c := range candidatesOf(sig, term) {
				id := int32(len(src.candidates))
				src.candidates = append(src.candidates, c)
				for _, w := range c.what.Literals {
					for _, form := range signature.RawForms(w) {
						forms[form] = append(forms[form], id)
					}
				}
			}
		}
	}
	for source, forms := range byForm {
		src := m.sources[source]
		if len(forms) > 0 {
			for _, mark := range event.Encoded() {
				forms[mark] = append(forms[mark], unseen)
			}
		}
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

func candidatesOf(sig *signature.Signature, term *signature.Term) []candidate {
	role := Judges
	if slices.Contains(sig.Detect.TermNames(), term.Name) {
		role = Detects
	}
	var out []candidate
	for i := range term.AnyOf {
		out = append(out, candidate{sig, term, role, i, &term.AnyOf[i].What})
	}
	for i := range term.Context {
		out = append(out, candidate{sig, term, Neighbour, i, &term.Context[i].What})
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
	return m.Entry(source, line, event.Attrs{})
}

// Entry is Line of an entry of which the store knows more than its line says: outer fills what the line leaves open.
func (m *Matcher) Entry(source signature.Source, line string, outer event.Attrs) []Hit {
	src := m.sources[source]
	if src == nil || src.filter == nil {
		return nil
	}
	ids := src.wanted(line)
	if len(ids) == 0 {
		return nil
	}
	var hits []Hit
	for _, e := range event.Read(line) {
		e.Attrs = e.Attrs.Or(outer)
		reader := m.reader(&e)
		var known verdicts
		for _, id := range ids {
			if hit, ok := src.candidates[id].judge(&e, reader, &known); ok {
				hits = addHit(hits, hit)
			}
		}
	}
	return hits
}

// unseen stands for all candidates: the line may encode its message, so that no literal is seen in it.
const unseen = -1

// wanted are the candidates of which a line has a literal. It allocates nothing for a line that has none.
func (src *sourceMatcher) wanted(line string) []int32 {
	ids := src.holding(nil, line)
	if len(ids) > 0 && ids[0] == unseen {
		for _, e := range event.Read(line) {
			ids = src.holding(ids, e.Text)
		}
		ids = slices.DeleteFunc(ids, func(id int32) bool { return id == unseen })
	}
	return ids
}

func (src *sourceMatcher) holding(ids []int32, line string) []int32 {
	src.filter.find(line, func(literal int) {
		for _, id := range src.byLiteral[literal] {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	})
	slices.Sort(ids)
	return ids
}

// reader reads an event in forms.
func (m *Matcher) reader(e *event.Event) *form.Reader {
	r := m.forms.NewReader(e.Text)
	r.Garbled = e.Garbled
	return r
}

// verdicts remember what an event is: a term that dozens of signatures share is looked for once.
type verdicts []verdict

type verdict struct {
	what      *signature.What
	neighbour bool
	hit       Hit
	is        bool
}

// judge is confirm, once for all candidates of one message. Their hits share captures.
func (c *candidate) judge(e *event.Event, reader *form.Reader, known *verdicts) (Hit, bool) {
	for i := range *known {
		if v := &(*known)[i]; v.what == c.what && v.neighbour == (c.role == Neighbour) {
			hit := v.hit
			hit.Signature, hit.Term, hit.Role, hit.Alternative = c.sig, c.term, c.role, c.index
			return hit, v.is
		}
	}
	hit, is := c.confirm(e, reader)
	*known = append(*known, verdict{c.what, c.role == Neighbour, hit, is})
	return hit, is
}

// confirm looks for the candidate's message among the readings of an event.
func (c *candidate) confirm(e *event.Event, reader *form.Reader) (Hit, bool) {
	if c.role != Neighbour && (e.Stance == event.Quoted || !levelCounts(c.term, e)) {
		return Hit{}, false
	}
	for _, reading := range reader.Of(c.what.Read) {
		captures, ok := c.what.Captures(reading)
		if !ok {
			continue
		}
		stance, _ := e.Around(reading.Start, reading.End)
		if c.role != Neighbour && (stance == event.Quoted || foreign(e, reading)) {
			continue
		}
		for _, name := range signature.CarrierVars(c.term.Source) {
			if v := e.Attrs.Get(name); v != "" && captures[name] == "" && c.role != Neighbour {
				captures[name] = strings.Clone(v)
			}
		}
		return Hit{
			Signature: c.sig, Term: c.term, Role: c.role, Alternative: c.index, Complete: reading.Outer != nil, Stance: stance,
			Captures: captures, Attrs: e.Attrs.Clone(), Level: e.Level, Message: strings.Clone(e.Text),
		}, true
	}
	return Hit{}, false
}

// foreign reports a message that the program of the form did not print here: one without its head, the output of a
// user's own script, which nodeman repeats without a step, or what another program says was the reason.
func foreign(e *event.Event, r *form.Reading) bool {
	if r.Form.Headed && e.Head == "" {
		return true
	}
	if !r.Form.Printed() || r.Outer != nil {
		return false
	}
	behind := strings.IndexByte(e.Text[:r.Start], '\n') >= 0 && e.Head == "" && !e.Resumes()
	return behind || e.Folded && e.Attrs.Tag == "script" && e.Attrs.Step == ""
}

// levelCounts reports whether an event may be the term by its level. What states none may.
func levelCounts(term *signature.Term, e *event.Event) bool {
	return e.Level == event.UnknownLevel || slices.Contains(term.Levels, string(e.Level)) || e.Failed && slices.Contains(term.Levels, string(event.Error))
}
