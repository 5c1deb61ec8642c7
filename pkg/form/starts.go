package form

import "strings"

// starts are the places at which a message may begin: lines, and what follows head tokens on them.
func starts(text string) []int {
	out := make([]int, 0, 4)
	for lines, at := 0, 0; at < len(text) && lines < maxLines; lines++ {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += at
		}
		line := text[at:end]
		begin := at + len(line) - len(strings.TrimLeft(line, " \t"))
		out = append(out, begin)
		for range maxPrefixes {
			n := prefix(text[begin:end])
			if n == 0 {
				break
			}
			begin += n
			out = append(out, begin)
		}
		at = end + 1
	}
	return out
}

// prefix is the length of a token that may stand before a message: `[…]`, `(FAILED)`, an exception's class, the name of a
// stream. 0 is none.
func prefix(line string) int {
	n := 0
	switch {
	case line == "":
		return 0
	case line[0] == '[':
		n = closing(line, ']')
	case line[0] == '(':
		n = closing(line, ')')
	case strings.HasPrefix(line, "Caused by: "):
		n = len("Caused by: ")
	default:
		n = label(line)
	}
	for n > 0 && n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// closing is the length of a short bracketed token.
func closing(line string, bracket byte) int {
	const longest = 80
	return strings.IndexByte(line[:min(len(line), longest)], bracket) + 1
}

// label is the length of `stderr: `, or of an exception's class such as `apps.core.ProcessError: `.
func label(line string) int {
	const longest = 120
	n := strings.Index(line[:min(len(line), longest)], ": ")
	if n <= 0 {
		return 0
	}
	switch name := line[:n]; {
	case name == "stderr" || name == "stdout":
	case strings.ContainsFunc(name, func(c rune) bool {
		return c != '.' && c != '_' && c != '$' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}):
		return 0
	case !strings.HasSuffix(name, "Error") && !strings.HasSuffix(name, "Exception") && !strings.HasSuffix(name, "Timeout"):
		return 0
	}
	return n + len(": ")
}

// printedPrefix is the length of what may stand before a program's text on a line of output: `curl.exe : ` of
// PowerShell, a progress meter, a stream's name.
func printedPrefix(line string) int {
	const longest = 40
	if meter := len(line) - len(strings.TrimLeft(line, "0123456789 %:.kMGT-\t")); meter > 0 {
		return meter
	}
	if n := strings.Index(line[:min(len(line), longest)], " : "); n > 0 && !strings.ContainsRune(line[:n], ' ') {
		return n + len(" : ")
	}
	return label(line)
}
