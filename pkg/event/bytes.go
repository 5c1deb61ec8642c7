package event

// ByteArrays are the texts before the numbers of a message that journald writes as bytes, because it has colours or is no
// UTF-8; also where a collector has escaped them.
func ByteArrays() []string {
	var out []string
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
