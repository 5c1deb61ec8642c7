package samples

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// local is the time zone of the texts: BlueKing's images run in UTC+8.
var local = time.FixedZone("", 8*60*60)

// template is a line with placeholders:
//
//	{{date}} {{time}} {{ms}}   local date, time and milliseconds
//	{{cri}} {{utc}} {{epoch}}  RFC 3339 with nanoseconds, local and UTC; seconds since 1970
//	{{hex N}}                  N hexadecimal digits
//	{{int A-B}}                a number from A to B
//	{{pick a|b|c}}             one of the texts
//
// What is not given by the time is chosen by a hash of stream and time.
type template struct{ parts []part }

type part struct {
	literal string
	value   func(at time.Time, seed uint64) string
}

var placeholder = regexp.MustCompile(`\{\{([a-z]+)(?: ([^{}]*))?\}\}`)

func newTemplate(text string) (*template, error) {
	t := &template{}
	last := 0
	for _, loc := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		arg := ""
		if loc[4] >= 0 {
			arg = text[loc[4]:loc[5]]
		}
		value, err := newValue(text[loc[2]:loc[3]], arg)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, part{literal: text[last:loc[0]]}, part{value: value})
		last = loc[1]
	}
	t.parts = append(t.parts, part{literal: text[last:]})
	return t, nil
}

func newValue(name, arg string) (func(time.Time, uint64) string, error) {
	format := func(layout string) func(time.Time, uint64) string {
		return func(at time.Time, _ uint64) string { return at.In(local).Format(layout) }
	}
	switch name {
	case "date":
		return format(time.DateOnly), nil
	case "time":
		return format(time.TimeOnly), nil
	case "ms":
		return func(at time.Time, _ uint64) string { return fmt.Sprintf("%03d", at.Nanosecond()/1e6) }, nil
	case "cri":
		return format("2006-01-02T15:04:05.000000000Z07:00"), nil
	case "utc":
		return func(at time.Time, _ uint64) string { return at.UTC().Format("2006-01-02T15:04:05.000000000Z07:00") }, nil
	case "epoch":
		return func(at time.Time, _ uint64) string { return strconv.FormatInt(at.Unix(), 10) }, nil
	case "hex":
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("{{hex %s}}: not a number of digits", arg)
		}
		return func(_ time.Time, seed uint64) string { return hexDigits(seed, n) }, nil
	case "int":
		low, high, _ := strings.Cut(arg, "-")
		a, errA := strconv.ParseUint(low, 10, 32)
		b, errB := strconv.ParseUint(high, 10, 32)
		if errA != nil || errB != nil || b < a {
			return nil, fmt.Errorf("{{int %s}}: not a range of numbers", arg)
		}
		return func(_ time.Time, seed uint64) string { return strconv.FormatUint(a+seed%(b-a+1), 10) }, nil
	case "pick":
		texts := strings.Split(arg, "|")
		return func(_ time.Time, seed uint64) string { return texts[seed%uint64(len(texts))] }, nil
	}
	return nil, fmt.Errorf("unknown placeholder {{%s}}", name)
}

func (t *template) render(at time.Time, seed uint64) string {
	if len(t.parts) == 1 {
		return t.parts[0].literal
	}
	var b strings.Builder
	for i := range t.parts {
		if p := &t.parts[i]; p.value == nil {
			b.WriteString(p.literal)
		} else {
			b.WriteString(p.value(at, mix(seed, uint64(i))))
		}
	}
	return b.String()
}

func hexDigits(seed uint64, n int) string {
	const digits = "0123456789abcdef"
	out := make([]byte, n)
	for i := range out {
		if i%16 == 0 {
			seed = mix(seed, uint64(i))
		}
		out[i] = digits[seed>>(4*(i%16))&15]
	}
	return string(out)
}
