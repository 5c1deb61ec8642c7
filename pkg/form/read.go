package form

import (
	"slices"
	"strings"
)

// Bounds of reading one text: a report holds a few dozen lines, more is not a message any more.
const (
	maxLines    = 256
	maxReadings = 64
	// maxPrefixes bounds the head tokens that are taken off one line.
	maxPrefixes = 4
)

// Reading is what a form made of a text, or of a part of it.
type Reading struct {
	Form *Form
	// Start and End are the place in the message of the outermost form.
	Start, End int
	// Outer is the reading in whose field this one stands.
	Outer *Reading

	pattern *compiled
	text    string
	loc     []int
	// garbled is the message, loose the reading of it.
	garbled, loose bool
}

// Get returns a field of the reading, or of the nearest one around it that has it; "" when there is none.
func (r *Reading) Get(name string) string {
	for ; r != nil; r = r.Outer {
		if v, ok := r.own(name); ok {
			return v
		}
	}
	return ""
}

func (r *Reading) own(name string) (string, bool) {
	for i, f := range r.pattern.fields {
		if from, to := r.loc[2*i+2], r.loc[2*i+3]; f.Name == name && from >= 0 {
			return r.text[from:to], true
		}
	}
	return "", false
}

// Each calls do for every field that has a value, own ones first. Texts in which other forms are read are no values.
func (r *Reading) Each(do func(name, value string)) {
	for ; r != nil; r = r.Outer {
		eachField(r.pattern, r.text, r.loc, do)
	}
}

func eachField(p *compiled, text string, loc []int, do func(name, value string)) {
	for i, f := range p.fields {
		if from, to := loc[2*i+2], loc[2*i+3]; from >= 0 && from < to && f.Value() {
			do(f.Name, text[from:to])
		}
	}
}

// Text matches an expression with the reading's text field and calls do for what it captures. It is loose when words of
// the text are lost.
func (r *Reading) Text(e *Expression, do func(name, value string)) (is, loose bool) {
	text, ok := r.own(textField)
	if !ok {
		return false, false
	}
	loc, loose := e.find(text, r.garbled)
	if loc == nil {
		return false, false
	}
	eachField(e.c, text, loc, do)
	return true, loose
}

// Message is the message from the beginning of the outermost form on.
func (r *Reading) Message() string {
	for r.Outer != nil {
		r = r.Outer
	}
	return r.text
}

// Loose reports whether words were taken for others that an encoding has lost.
func (r *Reading) Loose() bool { return r.loose }

// Reader reads one message in forms, each once. It is not safe for concurrent use.
type Reader struct {
	lib  *Library
	text string
	// Garbled means that an encoding has lost words of the message.
	Garbled bool

	starts []int
	read   map[*Form][]*Reading
}

// NewReader returns a reader of a message.
func (l *Library) NewReader(text string) *Reader { return &Reader{lib: l, text: text} }

// Of returns the readings of the message in a form, outermost forms included as their Outer.
func (r *Reader) Of(f *Form) []*Reading {
	if known, ok := r.read[f]; ok {
		return known
	}
	if r.read == nil {
		r.read = make(map[*Form][]*Reading, 4)
	}
	r.read[f] = nil // a form in itself is not read
	var out []*Reading
	for _, in := range f.In {
		switch in {
		case inMessage:
			out = r.message(out, f)
		case inOutput:
			out = r.output(out, f)
		default:
			name, field, _ := strings.Cut(in, ".")
			for _, outer := range r.Of(r.lib.byName[name]) {
				if text, ok := outer.own(field); ok {
					out = f.in(out, text, outer, r.Garbled)
				}
			}
		}
	}
	r.read[f] = out
	return out
}

func (r *Reader) message(out []*Reading, f *Form) []*Reading {
	if !f.mayBeIn(r.text, r.Garbled) {
		return out
	}
	if r.starts == nil {
		r.starts = starts(r.text)
	}
	for _, w := range r.lib.wrappers {
		if w == f {
			continue
		}
		for _, outer := range r.Of(w) {
			for _, field := range outer.pattern.fields {
				if text, ok := outer.own(field.Name); ok && field.Type == Message {
					out = f.in(out, text, outer, r.Garbled)
				}
			}
		}
	}
	end := -1
	for _, at := range r.starts {
		if at < end || len(out) >= maxReadings {
			continue
		}
		if got := f.at(r.text, at, r.Garbled, nil); got != nil {
			out = append(out, got)
			end = at + got.loc[1]
		}
	}
	return out
}

// output reads what programs printed, line by line.
func (r *Reader) output(out []*Reading, f *Form) []*Reading {
	if !f.mayBeIn(r.text, r.Garbled) {
		return out
	}
	for _, p := range r.lib.printers {
		if p == f {
			continue
		}
		for _, outer := range r.Of(p) {
			for _, field := range outer.pattern.fields {
				if field.Type != Output {
					continue
				}
				text, _ := outer.own(field.Name)
				for line := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == '\r' }) {
					out = f.printed(out, strings.TrimSpace(line), outer, r.Garbled)
				}
			}
		}
	}
	return out
}

// in reads a text that stands in a field of another form.
func (f *Form) in(out []*Reading, text string, outer *Reading, garbled bool) []*Reading {
	end := -1
	for _, at := range starts(text) {
		if at < end || len(out) >= maxReadings {
			continue
		}
		if got := f.at(text, at, garbled, outer); got != nil {
			out, end = append(out, got), at+got.loc[1]
		}
		if f.Without != nil {
			break // it is what stands at the beginning, or nothing
		}
	}
	return out
}

// printed reads a line of output. A program's name or a progress meter may stand before the text.
func (f *Form) printed(out []*Reading, line string, outer *Reading, garbled bool) []*Reading {
	if len(out) >= maxReadings || !f.mayBeIn(line, garbled) {
		return out
	}
	at := 0
	for range maxPrefixes {
		if got := f.at(line, at, garbled, outer); got != nil {
			return append(out, got)
		}
		n := printedPrefix(line[at:])
		if n == 0 {
			break
		}
		at += n
	}
	return out
}

func (f *Form) mayBeIn(text string, garbled bool) bool {
	for i := range f.Patterns {
		if need := f.Patterns[i].need; garbled || need == nil || anyIn(text, need) {
			return true
		}
	}
	return false
}

// at reads a text from a place on.
func (f *Form) at(text string, at int, garbled bool, outer *Reading) *Reading {
	for i := range f.Patterns {
		p := f.Patterns[i].compiled
		loc, loose := p.match(text[at:], garbled)
		if loc == nil {
			continue
		}
		got := &Reading{Form: f, pattern: p, text: text[at:], loc: loc, garbled: garbled, loose: loose, Start: at, End: at + len(strings.TrimRight(text[at:at+loc[1]], "\n")), Outer: outer}
		if outer != nil {
			got.Start, got.End, got.loose = outer.Start, outer.End, loose || outer.loose
		}
		if f.agreeing(got) && !f.others(got) {
			return got
		}
	}
	return nil
}

// others reports a reading of what other forms are for.
func (f *Form) others(r *Reading) bool {
	if len(f.Without) == 0 {
		return false
	}
	text, _ := r.own(textField)
	i := strings.Index(r.text, text)
	return i >= 0 && slices.ContainsFunc(f.Without, func(word string) bool { return strings.Contains(r.text[i:], word) })
}

// agreeing reports whether the fields of outer forms fit the reading.
func (f *Form) agreeing(r *Reading) bool {
next:
	for name, allowed := range f.Agrees {
		have := r.Outer.Get(name)
		if have == "" {
			continue
		}
		for _, a := range allowed {
			if v, ok := r.own(a); a == have || ok && v == have {
				continue next
			}
		}
		return false
	}
	return true
}
