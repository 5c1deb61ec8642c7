package event

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape undoes the escapes of JSON strings and of Python's repr leniently: what is no escape stays as it is.
func unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, i, len(s))
	copy(b, s)
	for i < len(s) {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			i++
			continue
		}
		switch c := s[i+1]; c {
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'b', 'f':
			b = append(b, ' ')
		case '"', '\\', '/', '\'':
			b = append(b, c)
		default:
			var size int
			if b, size = appendCode(b, s[i:]); size == 0 {
				b = append(b, '\\', c)
				size = 2
			}
			i += size
			continue
		}
		i += 2
	}
	return string(b)
}

// unescapeCodes undoes only the codes of characters and bytes, \u4e00, \xe4, \344 and rsyslog's #344, however many
// backslashes stand before them: of text whose other backslashes may be those of Windows paths.
func unescapeCodes(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && s[end] == '\\' {
			end++
		}
		if spelt(s[i:]) {
			for ; len(s[i:]) > 3 && s[i] == '#' && octal(s[i+1:]) >= utf8.RuneSelf; i += 4 {
				b = append(b, octal(s[i+1:]))
			}
			continue
		}
		if end > i && end < len(s) {
			var size int
			if b, size = appendCode(b, s[end-1:]); size > 0 {
				i = end - 1 + size
				continue
			}
		}
		end = max(end, i+1)
		b = append(b, s[i:end]...)
		i = end
	}
	return string(b)
}

// appendCode appends what \uXXXX, a pair of surrogates or \xNN at the start of s stands for; the size is 0 without one.
func appendCode(b []byte, s string) ([]byte, int) {
	if len(s) >= 4 && s[1] == 'x' {
		if v, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
			return append(b, byte(v)), 4
		}
	}
	if len(s) >= 4 && octal(s[1:]) >= utf8.RuneSelf {
		return append(b, octal(s[1:])), 4
	}
	r, ok := unit(s)
	if !ok {
		return b, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := unit(s[6:]); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				return utf8.AppendRune(b, full), 12
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(b, r), 6
}

func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(v), err == nil
}

// octal reads three octal digits of a byte; 0 without them.
func octal(s string) byte {
	if len(s) < 3 || s[0] < '2' || s[0] > '3' || s[1]&^7 != '0' || s[2]&^7 != '0' {
		return 0
	}
	return s[0]<<6 | s[1]&7<<3 | s[2]&7
}

// spelt reports rsyslog's spelling of the bytes of a letter.
func spelt(s string) bool {
	return len(s) > 7 && s[0] == '#' && octal(s[1:]) >= 0xc0 && s[4] == '#' && octal(s[5:]) >= utf8.RuneSelf
}

// hasCodes reports whether a text shows \u4e00, \xe4, \344 or #344 where letters beyond ASCII were.
func hasCodes(s string) bool {
	for {
		i := strings.IndexAny(s, `\#`)
		if i < 0 || i+4 > len(s) {
			return false
		}
		if s = s[i:]; spelt(s) || s[0] == '\\' && octal(s[1:]) >= utf8.RuneSelf && len(s) > 4 && s[4] == '\\' {
			return true
		} else if s[0] == '#' {
			s = s[1:]
			continue
		}
		if _, ok := unit(s); ok || s[1] == 'x' && s[2] >= '8' && isHex(s[2]) && isHex(s[3]) {
			return true
		}
		s = s[1:]
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

// uncoloured takes terminal sequences out of a text, also those whose ESC byte a carrier has spelled.
func uncoloured(s string) string {
	if strings.IndexByte(s, 0x1b) < 0 && !spellsColour(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if size := sequence(s[i:]); size > 0 {
			if s[i] == '\\' {
				b = bytes.TrimRight(b, `\`) // the carrier escaped the backslash
			}
			i += size
			continue
		}
		b = append(b, s[i])
		i++
	}
	return string(b)
}

// spellsColour reports a bracket behind a spelling of ESC.
func spellsColour(s string) bool {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], '[')
		if i < 0 {
			return false
		}
		if at += i; at > 0 && strings.IndexByte("3bBe^[", s[at-1]) >= 0 && slices.ContainsFunc(escs, func(esc string) bool { return strings.HasSuffix(s[:at], esc) }) {
			return true
		}
	}
}

// escs are spellings of ESC, by rsyslog, terminals, Python and shells.
var escs = []string{"\x1b", "#033", "^[", `\x1b`, `\x1B`, `\033`, `\e`}

// sequence returns the size of a terminal sequence at the start of s.
func sequence(s string) int {
	for _, esc := range escs {
		if !strings.HasPrefix(s, esc) || len(s) == len(esc) {
			continue
		}
		i := len(esc)
		switch s[i] {
		case '[':
			for i++; i < len(s) && i < 32; i++ {
				if isLetter(s[i]) {
					return i + 1
				}
				if !isDigit(s[i]) && s[i] != ';' && s[i] != '?' {
					break
				}
			}
		case ']':
			if end := strings.IndexAny(s[:min(len(s), 512)], "\x07"); end > 0 {
				return end + 1
			}
		}
		if esc == "\x1b" {
			return 1
		}
	}
	return 0
}
