package corpus

import (
	"regexp"
	"strings"
	"time"
)

// local is the time zone of the texts, as in the samples.
var local = time.FixedZone("", 8*60*60)

var (
	stamp = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d`)
	// ids are trace ids, task ids and tokens: what makes a healthy line unlike the one before.
	ids = regexp.MustCompile(`[0-9a-f]{8,}`)
)

// template is a healthy line whose timestamps and ids are written anew each time.
type template struct {
	text         string
	stamps, hexs [][]int
}

func newTemplate(line string) template {
	return template{strings.Clone(line), stamp.FindAllStringIndex(line, -1), ids.FindAllStringIndex(line, -1)}
}

func (t template) render(at time.Time, seed uint64) string {
	if len(t.stamps) == 0 && len(t.hexs) == 0 {
		return t.text
	}
	out := []byte(t.text)
	for _, loc := range t.stamps {
		separator := out[loc[0]+10]
		at.In(local).AppendFormat(out[loc[0]:loc[0]], time.DateTime)
		out[loc[0]+10] = separator
	}
	const digits = "0123456789abcdef"
	for _, loc := range t.hexs {
		for i := loc[0]; i < loc[1]; i++ {
			if (i-loc[0])%16 == 0 {
				seed = mix(seed, uint64(i))
			}
			out[i] = digits[seed>>(4*((i-loc[0])%16))&15]
		}
	}
	return string(out)
}
