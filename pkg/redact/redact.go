// Package redact takes secrets out of log text before it leaves the backend.
package redact

import (
	"regexp"
	"slices"
	"strings"
)

// Mask stands in the place of a secret.
const Mask = "***"

// quote is a quotation mark as it stands at any depth of JSON in JSON or Python's repr.
const quote = `\\*["']`

// rules mask one way of writing a secret each. A text without any of a rule's marks, in lower case, has none of its
// secrets: the expressions are slow, and nearly every line is without.
var rules = []struct {
	re    *regexp.Regexp
	with  string
	marks []string
}{
	// "token": "…", 'bk_app_secret': '…', at any depth of escaping; report_log bodies and request parameters.
	{
		regexp.MustCompile(`(?i)(` + quote + `(?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|private_key|authorization|bk_ticket|access_key|api_key)[\w-]*)` + quote + `\s*:\s*(?:b?` + quote + `))([^"'\\]+(?:\\+[^"'\\]+)*)`), "${1}" + Mask,
		[]string{"token", "secret", "passw", "private_key", "authorization", "bk_ticket", "access_key", "api_key"},
	},
	// token=…, password: …, bk_token=… outside of JSON.
	{
		regexp.MustCompile(`(?i)\b((?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|bk_ticket|access_key|api_key))\s*[=:]\s*)([^\s"'\\,;&|\])}]+)`), "${1}" + Mask,
		[]string{"token", "secret", "passw", "bk_ticket", "access_key", "api_key"},
	},
	// token[…] 非法
	{regexp.MustCompile(`(?i)\b(token\s*\[)([^\]]+)`), "${1}" + Mask, []string{"token"}},
	// request config … failed. request info:{cloud},{ip},{type},{file},{TOKEN}.
	{regexp.MustCompile(`(request info:\s*[^,\s]*,[^,\s]*,[^,\s]*,[^,\s]*,)([^\s.,]+)`), "${1}" + Mask, []string{"request info:"}},
	{regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})`), "${1}" + Mask, []string{"bearer", "basic"}},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`), Mask, []string{"eyj"}},
	// credentials in URLs
	{regexp.MustCompile(`(\w+://[^\s/:@"']+:)([^\s/@"']+)@`), "${1}" + Mask + "@", []string{"@"}},
}

// Text masks the secrets in a text.
func Text(s string) string {
	// (?i) takes the long s for an s, though its lower case is itself.
	lower := strings.ReplaceAll(strings.ToLower(s), "ſ", "s")
	for _, rule := range rules {
		if slices.ContainsFunc(rule.marks, func(mark string) bool { return strings.Contains(lower, mark) }) {
			s = rule.re.ReplaceAllString(s, rule.with)
		}
	}
	return s
}
