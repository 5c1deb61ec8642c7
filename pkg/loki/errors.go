package loki

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says what went wrong between us and Loki; each kind has a text of its own that says what to do.
type Kind string

// The kinds of an Error.
const (
	KindURL         Kind = "url"          // the address is unusable or redirects
	KindDNS         Kind = "dns"          // the host name does not resolve
	KindRefused     Kind = "refused"      // nothing accepts the connection
	KindTLS         Kind = "tls"          // certificate or protocol mismatch
	KindAuth        Kind = "auth"         // 401, 403, 407
	KindTenant      Kind = "tenant"       // X-Scope-OrgID missing or not acceptable
	KindNotReady    Kind = "not-ready"    // 503
	KindRateLimited Kind = "rate-limited" // 429
	KindTimeout     Kind = "timeout"      // deadline or 504
	KindDropped     Kind = "dropped"      // the connection ended before the answer did
	KindTooLarge    Kind = "too-large"    // more bytes than Loki or we want to handle in one request
	KindLimit       Kind = "limit"        // one of Loki's other limits
	KindQuery       Kind = "query"        // Loki does not accept the query
	KindBlocked     Kind = "blocked"      // the operator of Loki has blocked it
	KindNotLoki     Kind = "not-loki"     // something else answers at this address
	KindBroken      Kind = "broken"       // an answer that cannot be read
	KindPartial     Kind = "partial"      // Loki itself calls the answer incomplete
	KindServer      Kind = "server"       // 5xx
	KindCanceled    Kind = "canceled"     // the caller gave up
	KindRequest     Kind = "request"      // we cannot express the request
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
	Kind Kind
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
	// Downstream is false when the fault is the plugin's own, see the SDK's backend.ErrorSource.
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
