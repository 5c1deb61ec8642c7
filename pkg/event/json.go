package event

import (
	"slices"
	"strings"
)

const (
	// maxNesting bounds how deep the objects of one JSON text nest; deeper ones are skipped.
	maxNesting = 12
	// maxSame is among how many fields of a record the same text is looked for: collectors keep the raw line beside the
	// message that they parsed out of it.
	maxSame = 4
	// maxUnknown is how many values of unknown fields may be log lines.
	maxUnknown = 32
)

// object is a JSON object that is being read, with what it says of its messages.
type object struct {
	// key is the field whose value it is, "" at the top and in arrays of it.
	key string
	// name is the field for which a pair of key and value stands.
	name string
	// opaque is an object of a field that carries no messages, such as a request's parameters.
	opaque bool
	// asked is an object of a field in which somebody asks or answers.
	asked bool
	// found is an opaque object that is a record.
	found bool
	array bool
	Event
	own       bool // it states a level, step or status itself
	written   bool // it has a title or an author: a ticket, a document, a chat
	titled    bool // what its other fields hold is written, too
	primary   []string
	secondary []string
	details   []string
	// records are the texts of an array: lines that a collector shipped together.
	records []string
	// unknown are values of fields that we do not know.
	unknown []string
}

// jsonReader reads JSON with a message in it, whole or cut off at either end: it never goes back, and what is no JSON
// ends it.
type jsonReader struct {
	s     string
	i     int
	stack []object
	outer Event
	out   func(text string, outer Event)
	cut   bool
	// end is behind the last whole object.
	end int
}

// json unwraps a text that is JSON, or half of it; false when it carries no message.
func (r *reader) json(s string, outer Event, depth int) bool {
	type message struct {
		text  string
		outer Event
	}
	var room [8]object
	messages := make([]message, 0, 4)
	j := jsonReader{s: s, stack: append(room[:0], object{Event: outer}), outer: outer, out: func(text string, outer Event) { messages = append(messages, message{text, outer}) }}
	j.read()
	for len(j.stack) > 0 {
		j.close()
	}
	if len(messages) == 0 {
		return false
	}
	if j.end > 0 && commented(s[j.end:]) {
		for i := range messages {
			messages[i].outer.Stance, messages[i].outer.Why = Quoted, Behind
		}
	}
	for _, m := range messages {
		m.outer.Envelopes = append(m.outer.Envelopes[:len(m.outer.Envelopes):len(m.outer.Envelopes)], "json")
		m.outer.Cut = m.outer.Cut || j.cut
		r.layer(m.text, m.outer, depth+1)
	}
	return true
}

// read goes through the whole text.
func (j *jsonReader) read() {
	if first := strings.IndexAny(j.s, `{["`); first > 0 || first < 0 || j.s[0] == '"' {
		if !j.tail() {
			return
		}
	}
	key := ""
	for j.i < len(j.s) {
		switch c := j.s[j.i]; c {
		case '{', '[':
			j.i++
			j.open(key, c == '[')
			key = j.inArray()
		case '}', ']':
			j.i++
			if j.close(); len(j.stack) == 1 && c == '}' {
				j.end = j.i
			} else if len(j.stack) == 0 { // the object began in the entry before
				j.stack = append(j.stack, object{Event: j.outer})
			}
			key = j.inArray()
		case '"', '\'':
			value, whole := j.text()
			if rest := strings.TrimLeft(j.s[j.i:], " \t\r\n"); whole && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "=>")) {
				j.i = len(j.s) - len(strings.TrimLeft(rest, ":=>"))
				key = value
				continue
			}
			j.cut = j.cut || !whole
			j.set(key, value)
			key = j.inArray()
		case ',', ' ', '\t', '\r', '\n', ':':
			j.i++
		default:
			end := strings.IndexAny(j.s[j.i:], ",}] \n")
			if end <= 0 {
				end = len(j.s) - j.i
			}
			j.set(key, j.s[j.i:j.i+end])
			j.i += end
			key = j.inArray()
		}
	}
	j.cut = j.cut || len(j.stack) > 1
}

// tail reads the rest of a text whose beginning another entry has: up to the quote that ends the string it stands in.
func (j *jsonReader) tail() bool {
	end := 0
	for ; end < len(j.s); end++ {
		if j.s[end] == '\\' {
			end++
			continue
		}
		if j.s[end] == '"' && (end > 0 || structural(j.s[1:]) || strings.HasPrefix(j.s[max(closing(j.s), 0):], ":")) { // the backslash of the first one may be cut off
			break
		}
	}
	if end >= len(j.s) {
		return false
	}
	if strings.HasPrefix(j.s[end+1:], ":") && (end == 0 || identifier(j.s[:end])) { // it is cut in a key
		j.i, j.cut = end+2, true
		return true
	}
	if rest := strings.TrimLeft(j.s[end+1:], " "); rest == "" || strings.IndexByte(",}]", rest[0]) < 0 {
		return j.field(end)
	}
	j.cut = true
	if value := unescape(j.s[:end]); strings.TrimSpace(value) != "" {
		top := &j.stack[0]
		top.secondary = append(top.secondary, value)
	}
	j.i = end + 1
	return true
}

// structural reports what may stand behind a string in JSON.
func structural(s string) bool {
	s = strings.TrimLeft(s, " ")
	if rest, ok := strings.CutPrefix(s, ","); ok {
		rest = strings.TrimLeft(rest, " ")
		return rest == "" || strings.IndexByte(`"{[`, rest[0]) >= 0
	}
	return s == "" || strings.IndexByte(":}]", s[0]) >= 0
}

// field finds the first whole field of a text that is cut in the middle of something else than a string.
func (j *jsonReader) field(at int) bool {
	size := closing(j.s[at:])
	if size < 0 || !strings.HasPrefix(j.s[at+size:], ":") || kindOf(j.s[at+1:at+size-1]) == otherKey && !strings.HasSuffix(j.s, "}") {
		return false
	}
	before := strings.TrimRight(strings.ReplaceAll(j.s[:at], `\n`, " "), " ")
	if before != "" && strings.IndexByte(",{[", before[len(before)-1]) < 0 {
		return false
	}
	if prose, whole := strings.CutSuffix(before, "{"); whole && introduced(strings.TrimSpace(prose)) {
		return false
	}
	j.i, j.cut = at, true
	return true
}

// text reads a string; whole is false where it is cut off.
func (j *jsonReader) text() (value string, whole bool) {
	size := closing(j.s[j.i:])
	if size < 0 {
		value = j.s[j.i+1:]
		j.i = len(j.s)
		return unescape(strings.TrimSuffix(value, `\`)), false
	}
	value = j.s[j.i+1 : j.i+size-1]
	j.i += size
	return unescape(value), true
}

func (j *jsonReader) inArray() string {
	if top := &j.stack[len(j.stack)-1]; top.array {
		return top.key
	}
	return ""
}

func (j *jsonReader) open(key string, array bool) {
	outer := &j.stack[len(j.stack)-1]
	if outer.array && key == "" {
		key = outer.key
	}
	if bytes, ok := j.bytes(key, array); ok {
		j.set(key, bytes)
		return
	}
	o := object{key: key, array: array, Event: outer.Event, opaque: outer.opaque || opaque(key), asked: outer.asked || asked(key)}
	if len(j.stack) > maxNesting {
		o.opaque = true
	}
	if len(j.stack) <= 4*maxNesting {
		j.stack = append(j.stack, o)
	}
}

// close ends the innermost object: its messages are as its fields say, wherever these stand.
func (j *jsonReader) close() {
	o := j.stack[len(j.stack)-1]
	j.stack = j.stack[:len(j.stack)-1]
	if o.written {
		o.secondary, o.details = nil, nil
	}
	if o.titled {
		o.unknown = nil
	}
	if o.opaque && o.found && o.asked {
		o.unknown = append(o.unknown, o.primary...)
	}
	if o.opaque {
		o.primary = nil
	}
	texts := o.primary
	if len(texts) == 0 || len(texts) == 1 && slices.ContainsFunc(o.secondary, func(s string) bool { return extends(s, texts[0]) || (recorded(s) || failed(s)) && !recorded(texts[0]) }) {
		texts = o.secondary
	}
	if len(j.stack) <= 1 || o.own {
		j.logged(o, slices.Concat(texts, o.details, o.records))
		o.unknown = nil
	}
	if len(j.stack) > 0 {
		outer := &j.stack[len(j.stack)-1]
		if o.key == "value" && kindOf(outer.name) > secondaryKey && len(texts) == 1 { // OpenTelemetry's attributes
			j.set(outer.name, texts[0])
			return
		}
		outer.unknown = append(outer.unknown, o.unknown...)
		outer.Attrs = outer.Attrs.Or(o.Attrs)
		if !o.own {
			outer.adopt(&o, texts)
			return
		}
	}
	if len(o.records) > 0 {
		for _, text := range o.records {
			j.out(text, o.Event)
		}
		o.details = nil
	}
	if len(texts) == 0 {
		texts = o.details[:min(1, len(o.details))]
		o.details = o.details[len(texts):]
	}
	var said []string
	for _, text := range append(texts, classed(o.details)...) {
		text = strings.TrimRight(text, "\r\n")
		if len(said) >= maxSame {
			said = append(said, text)
			continue
		}
		switch i := slices.IndexFunc(said, func(other string) bool { return strings.Contains(text, other) }); {
		case i >= 0:
			said[i] = text
		case !slices.ContainsFunc(said, func(other string) bool { return strings.Contains(other, text) }):
			said = append(said, text)
		}
	}
	if text := strings.Join(said, "\n"); text != "" {
		j.out(text, o.Event)
	}
}
