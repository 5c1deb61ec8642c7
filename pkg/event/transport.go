package event

import (
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// narrowed returns the text of UTF-16 that was read as bytes, or as Latin-1. Where a reader cut it at its line breaks,
// a line begins or ends in the middle of a character.
func narrowed(s string) (string, bool) {
	if zeros := strings.Count(Clip(s, 64), "\x00"); zeros < 3 || 4*zeros < utf8.RuneCountInString(Clip(s, 64)) {
		return s, false
	}
	bytes, err := charmap.ISO8859_1.NewEncoder().String(s)
	if err != nil {
		bytes = s
	}
	best, most := "", -1
	for shift := range 2 {
		for high := range 2 {
			units := make([]uint16, 0, len(bytes)/2)
			for i := shift; i+1 < len(bytes); i += 2 {
				units = append(units, uint16(bytes[i+high])<<8|uint16(bytes[i+1-high]))
			}
			text := string(utf16.Decode(units))
			if n := common(Clip(text, maxBracket)); n > most {
				best, most = text, n
			}
		}
	}
	return best, true
}

// common counts the letters that Chinese logs are made of: ASCII, punctuation and the first level of GB 2312. Read from the
// wrong byte on, Chinese looks Chinese, too, but rare.
func common(s string) (n int) {
	encoder := simplifiedchinese.GBK.NewEncoder()
	for _, r := range s {
		if r > 0 && r < utf8.RuneSelf {
			n++
		} else if code, err := encoder.String(string(r)); err == nil && (code[0] <= 0xa3 || code[0] >= 0xb0 && code[0] <= 0xd7 && code[1] > 0xa0) {
			n++
		}
	}
	return n
}

// unpercent undoes the encoding of a text as a part of an address: as a whole, so that it has no space.
func unpercent(s string) (string, bool) {
	if strings.Count(Clip(s, maxBracket), "%") < 3 || strings.ContainsAny(s, " \t\n\"") {
		return s, false
	}
	decode := url.QueryUnescape
	if strings.Contains(s, "%20") {
		decode = url.PathUnescape
	}
	text, err := decode(s)
	return text, err == nil && text != "" && recorded(text)
}

// borders are what terminals draw around a text, and marks what a search puts around the words that it found.
const borders = "│┃║▌▏"

var marks = strings.NewReplacer("<mark>", "", "</mark>", "", "<em>", "", "</em>", "", "@kibana-highlighted-field@", "", "@/kibana-highlighted-field@", "")

// spaces are those of web pages and of Chinese text; some have no width.
var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u3000", " ", "\u200b", "", "\u2060", "", "\u200e", "")

// typeset reports such spaces, in no text whose letters are bytes that somebody read as Latin-1.
func typeset(s string) bool {
	found := false
	for _, r := range Clip(s, maxHeadLine) {
		switch {
		case r < 0x80:
		case r == 0xa0 || r == 0x202f || r == 0x3000 || r == 0x200b || r == 0x2060 || r == 0x200e:
			found = true
		case r < 0x100:
			return false
		}
	}
	return found
}

// unframed takes off borders and marks.
func unframed(s string) string {
	if typeset(s) {
		s = strings.TrimSpace(spaces.Replace(s))
	}
	if strings.Contains(s, "<mark>") || strings.Contains(s, "<em>") || strings.Contains(s, "@kibana-h") {
		s = marks.Replace(s)
	}
	if framed(s) {
		lines := strings.Split(s, "\n")
		for i, line := range lines {
			lines[i] = strings.TrimRight(strings.Trim(line, borders), " ")
		}
		return strings.Join(lines, "\n")
	}
	return s
}

func framed(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(borders, first) || strings.ContainsRune(borders, last)
}
