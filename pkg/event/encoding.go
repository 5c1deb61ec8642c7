package event

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// repaired undoes what encodings did to Chinese words, once or several times.
func repaired(s string) (text string, lost bool) {
	for range 3 {
		text, lost = reread(s)
		if lost || text == s {
			break
		}
		s = text
	}
	return text, lost
}

// reread returns a text in UTF-8 whatever bytes a carrier made of Chinese words: GBK, or UTF-8 and GBK that somebody
// read as Latin-1 or each as the other. lost is true where no way back is found.
func reread(s string) (text string, lost bool) {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	if i == len(s) {
		return s, strings.Contains(s, "???")
	}
	if !utf8.ValidString(s) {
		if text, err := simplifiedchinese.GB18030.NewDecoder().String(s); err == nil && !strings.ContainsRune(text, utf8.RuneError) {
			return text, false
		}
		return strings.ToValidUTF8(s, "\uFFFD"), true
	}
	if strings.Contains(s, "\uFFFD") {
		if text, _ := utf8AsGBK(strings.ReplaceAll(s, "\uFFFD", "?"), i); strings.Contains(text, "\uFFFD") {
			return strings.ReplaceAll(text, "\uFFFD?", "\uFFFD"), true
		}
	}
	if strings.Contains(s, "\uFFFD") || strings.Contains(s, "锟斤拷") || strings.Contains(s, "???") {
		return s, true
	}
	if bytes, ok := latin(s[i:]); ok {
		switch {
		case utf8.ValidString(bytes):
			return s[:i] + bytes, false
		default:
			if text, err := simplifiedchinese.GB18030.NewDecoder().String(bytes); err == nil && !strings.ContainsRune(text, utf8.RuneError) {
				return s[:i] + text, false
			}
			return s, true
		}
	}
	return utf8AsGBK(s, i)
}

// windows1252 are the letters that Windows shows for the bytes 0x80 to 0x9f, five of which it leaves out.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// latin returns the bytes that were read as Latin-1 or Windows-1252; false where a letter is of neither, or where letters
// beyond ASCII stand by themselves, as quotes and accents do.
func latin(s string) (string, bool) {
	out := make([]byte, 0, len(s))
	beyond, run := 0, 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if run == 1 {
				return "", false
			}
			out, run = append(out, byte(r)), 0
			continue
		case r <= 0xff:
			out = append(out, byte(r))
		default:
			i := strings.IndexRune(windows1252, r)
			if i < 0 {
				return "", false
			}
			out = append(out, byte(0x80+utf8.RuneCountInString(windows1252[:i]))) //nolint:gosec // below 32
		}
		beyond, run = beyond+1, run+1
	}
	return string(out), beyond > 3
}

// utf8AsGBK undoes UTF-8 that was read as GBK, 鍛戒护 for 命令. The last byte of a run of words is mostly lost.
func utf8AsGBK(s string, first int) (string, bool) {
	end := first
	for n := 0; end < len(s) && s[end] >= utf8.RuneSelf && n < 6; n++ {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	encoder := simplifiedchinese.GB18030.NewEncoder()
	sample, err := encoder.String(s[first:end])
	if err != nil || len(sample) < 6 || !utf8.ValidString(sample[:6]) || sample[0] < 0xe3 || sample[0] > 0xef {
		return s, false
	}
	whole, err := encoder.String(s)
	if err != nil {
		return s, true
	}
	return strings.ToValidUTF8(whole, "\uFFFD"), !utf8.ValidString(whole)
}
