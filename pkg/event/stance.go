package event

import "strings"

// Reason says why a stance is not Stated.
type Reason string

// The reasons.
const (
	// Asked is a text that asks what a message means.
	Asked Reason = "a question"
	// Before and Behind are a message with a sentence around it.
	Before Reason = "a sentence before it"
	Behind Reason = "a sentence behind it"
	// Pasted is a record in which somebody pasted log lines.
	Pasted Reason = "log lines in a longer text"
	// Trace is a shell's source that it prints as it fails.
	Trace Reason = "a line of a script"
	// Headless is a text of which nothing shows that a program logged it.
	Headless Reason = "no log head and no envelope"
	// Unnamed is a log line in a field of a record that is not known to carry messages.
	Unnamed Reason = "a log line in an unknown field"
	// Halved is the rest of a record whose beginning another entry has.
	Halved Reason = "half of a record"
)

// reasonsZH are the reasons in Chinese.
var reasonsZH = map[Reason]string{
	Asked: "这是提问", Before: "前面有一句话", Behind: "后面有一句话", Pasted: "较长文本中的日志行", Trace: "脚本中的一行",
	Headless: "没有日志头，也没有封装", Unnamed: "日志行在未知的字段中", Halved: "记录的后半部分",
}

// Message is the reason in "zh" or, for any other language, in English.
func (r Reason) Message(lang string) string {
	if lang == "zh" {
		return reasonsZH[r]
	}
	return string(r)
}

// judge finds the stance of a record as a whole.
func (e *Event) judge(trace bool) {
	switch {
	case trace:
		e.Stance, e.Why = Quoted, Trace
	case question(e.Text):
		e.Stance, e.Why = Quoted, Asked
	case e.Why == Pasted && e.Level != Error && e.Level != Warning:
		e.Stance = Quoted
	case e.Why == Pasted:
	case e.Continues && e.Cut:
		e.Stance, e.Why = Unclear, Halved
	case e.Continues && e.Head == "" && len(e.Envelopes) == 0 && !continuation(e.Text):
		e.Stance, e.Why = Unclear, Headless
	}
}

// Around judges a form that was found at Text[start:end]: a sentence before it or behind it on its line makes it a
// quotation. What is head by itself, and nodeman's advice behind a failed step, are none.
func (e *Event) Around(start, end int) (Stance, Reason) {
	if e.Stance == Quoted {
		return e.Stance, e.Why
	}
	line := strings.LastIndexByte(e.Text[:start], '\n') + 1
	if !leads(e.Text[line:start]) {
		return Quoted, Before
	}
	behind, _, _ := strings.Cut(e.Text[end:], "\n")
	if behind = strings.Trim(behind, " \t.,;:!)]}>\"'`|*"); behind != "" && !advice(behind) && speaks(behind) {
		return Quoted, Behind
	}
	return e.Stance, e.Why
}

// leads reports whether what stands before a message on its line is none of its words: head, an exception's class, the
// name of an output.
func leads(s string) bool {
	for range maxDepth {
		h := headOf(s)
		s = strings.TrimLeft(s[h.end:], " \t")
		s = strings.TrimPrefix(strings.TrimPrefix(s, "(FAILED) "), "(-) ") // the proxy's status of a step
		if coded(s) {
			s = s[9:] // the code of nodeman's exception
		}
		s = strings.TrimLeft(s, " ")
		if s == "" {
			return true
		}
		word, rest, ok := strings.Cut(s, ": ")
		if !ok || strings.ContainsAny(word, " \t") && word != "Caused by" || !isException(word) && word != "stderr" && word != "stdout" && word != "bash" && word != "sh" {
			return false
		}
		s = rest
	}
	return false
}

// coded reports an error code of nodeman, [3803009].
func coded(s string) bool { return len(s) > 8 && s[0] == '[' && digits(s[1:]) == 7 && s[8] == ']' }

// advice reports what nodeman prints behind the exception of a step.
func advice(s string) bool {
	s = strings.TrimLeft(s, "，。, ")
	return strings.HasPrefix(s, "请先尝试查看错误日志进行处理，若无法解决，请联系管理员处理") || strings.HasPrefix(s, "please try to check the error log")
}

// speaks reports words: anything beyond ASCII, or a few letters.
func speaks(s string) bool {
	letters := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			return true
		}
		if isLetter(s[i]) {
			letters++
		}
	}
	return letters > 2
}

// Resumes reports a text that begins as the lines of a record do that come after its first one.
func (e *Event) Resumes() bool { return continuation(e.Text) }

// continuation reports how the lines of a record begin that come after its first one.
func continuation(s string) bool {
	for _, p := range []string{"stderr: ", "stdout: ", "exit_status: ", "command: ", "curl: (", "Caused by: ", "Traceback (", "at ", "... ", "\t", " ", "[script] ", "[job] ", "[proxy] "} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	word, _, ok := strings.Cut(s, ": ")
	return ok && !strings.ContainsAny(word, " \t[") && isFailure(word)
}

var questions = []string{"怎么", "如何处理", "如何解决", "如何排查", "什么意思", "什么原因", "请参考", "请问", "求助", "为什么", "是否正常"}

// question reports a text that asks.
func question(s string) bool {
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		for _, q := range questions {
			if strings.Contains(s, q) {
				return true
			}
		}
	}
	s = strings.TrimRight(s, " \t\"'”」)")
	return strings.HasSuffix(s, "？") || strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "??") && strings.IndexByte(s, ' ') > 0
}
