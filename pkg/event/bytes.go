package event

// Encoded are texts of lines whose message has no literal to be seen: journald's messages as numbers, because they have
// colours or are no UTF-8; UTF-16, of which a level's letters have zeros between them; what is encoded as a part of an
// address; words that a search has marked or coloured.
func Encoded() []string {
	out := []string{"</mark>", "E\x00R\x00R\x00O\x00R\x00", "W\x00A\x00R\x00N\x00", "\x1b[01;31m\x1b[K", "\u00a0ERROR", "ERROR%5D"}
	for _, quote := range []string{`"`, `\"`, `\\\"`} {
		for _, colon := range []string{":[", ": [", " : ["} {
			out = append(out, "MESSAGE"+quote+colon)
		}
	}
	return out
}

// bytes reads [91,50,…]: journald writes a message that is no UTF-8 so.
func (j *jsonReader) bytes(key string, array bool) (string, bool) {
	if !array || kindOf(key) != primaryKey || j.i >= len(j.s) || !isDigit(j.s[j.i]) && j.s[j.i] != ' ' {
		return "", false
	}
	var out []byte
	for i, n := j.i, 0; i < len(j.s); i++ {
		switch c := j.s[i]; {
		case isDigit(c) && n < 26:
			n = 10*n + int(c-'0')
		case c == ',' || c == ']':
			out = append(out, byte(n)) //nolint:gosec // a byte, or no message
			if n = 0; c == ']' {
				j.i = i + 1
				return string(out), true
			}
		case c != ' ':
			return "", false
		}
	}
	j.i, j.cut = len(j.s), true
	return string(out), true
}
