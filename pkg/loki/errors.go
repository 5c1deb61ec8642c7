package loki

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/blueking/incidents/pkg/logs"
)

// Retry says what may help: nothing, the same request again, or a smaller one.
type Retry uint8

// The ways to go on after an Error.
const (
	RetryNever    Retry = iota
	RetryOnce           // the same request, once more
	RetryBackoff        // the same request after a pause
	RetrySmaller        // fewer lines a page, then a shorter window
	RetryNarrower       // a shorter window
	RetryLearned        // the same request within the limit that the refusal names
)

// Error is what every method of Client returns when Loki, or the way to it, fails.
type Error struct {
	Kind logs.Kind
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Detail quotes the answer or the transport's error: one line, at most 300 bytes, without secrets.
	Detail string
	Retry  Retry
	// RetryAfter is how long Loki asks to wait.
	RetryAfter time.Duration
	// MaxEntries and MaxLength are limits that the refusal names; 0 if none.
	MaxEntries int
	MaxLength  time.Duration
	// Length is how long the refused range was by Loki's count, which adds its look-back of 30 s (max_look_back_period)
	// to what was asked for.
	Length time.Duration
	// Downstream is false when the fault is the plugin's own.
	Downstream bool

	// held: the request was not sent, because Loki is down; this is how the last one failed.
	held bool
	// knocked: the request had little time, because Loki is down.
	knocked bool
	cause   error
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message("en") }

// Unwrap returns the transport's or decoder's error, if any.
func (e *Error) Unwrap() error { return e.cause }

// FailedBy is the kind.
func (e *Error) FailedBy() logs.Kind { return e.Kind }

// Foreign reports whether the fault is not the plugin's own.
func (e *Error) Foreign() bool { return e.Downstream }

// Gist is the message without what Loki answered.
func (e *Error) Gist(lang string) string { return (&Error{Kind: e.Kind}).Message(lang) }

// Message tells in "zh" or, for any other language, in English what happened and what the user can do.
func (e *Error) Message(lang string) string {
	t := texts[e.Kind]
	what, hint, open, separator, end, stop := t.en, t.enHint, " (", ": ", ")", ". "
	if lang == "zh" {
		what, hint, open, separator, end, stop = t.zh, t.zhHint, "（", "：", "）", "。"
	}
	var facts []string
	if e.Status > 0 {
		facts = append(facts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Detail != "" {
		facts = append(facts, e.Detail)
	}
	if len(facts) == 0 {
		return what + stop + hint
	}
	return what + open + strings.Join(facts, separator) + end + stop + hint
}

// quoteMax bounds what an Error quotes, in bytes.
const quoteMax = 300

// secrets matches what must not leave the backend, should an answer or a transport error repeat it.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(basic|bearer)\s+[A-Za-z0-9+/=._~-]{6,}`),
	regexp.MustCompile(`(?i)\b(authorization|api[-_]?key|access[-_]?token|token|password|passwd|pwd|secret)("?\s*[:=]\s*"?)[^\s"&,;]+`),
	regexp.MustCompile(`(://)[^/\s:@]+:[^/\s@]+@`),
}

// quote makes foreign text fit for a message: one line of printable text, bounded, secrets replaced.
func quote(text string) string {
	if len(text) > 4*quoteMax {
		text = text[:4*quoteMax]
	}
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	text = secrets[0].ReplaceAllString(text, "${1} [redacted]")
	text = secrets[1].ReplaceAllString(text, "${1}${2}[redacted]")
	text = secrets[2].ReplaceAllString(text, "${1}[redacted]@")
	if len(text) <= quoteMax {
		return text
	}
	cut := quoteMax - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
