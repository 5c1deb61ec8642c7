// Package redact takes secrets out of log text before it leaves the backend.
package redact

import "regexp"

// Mask stands in the place of a secret.
const Mask = "***"

// quote is a quotation mark as it stands at any depth of JSON in JSON or Python's repr.
const quote = `\\*["']`

var rules = []struct {
	re   *regexp.Regexp
	with string
}{
	// "token": "…", 'bk_app_secret': '…', at any depth of escaping; report_log bodies and request parameters.
	{regexp.MustCompile(`(?i)(` + quote + `(?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|private_key|authorization|bk_ticket|access_key|api_key)[\w-]*)` + quote + `\s*:\s*(?:b?` + quote + `))([^"'\\]+(?:\\+[^"'\\]+)*)`), "${1}" + Mask},
	// token=…, password: …, bk_token=… outside of JSON.
	{regexp.MustCompile(`(?i)\b((?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|bk_ticket|access_key|api_key))\s*[=:]\s*)([^\s"'\\,;&|\])}]+)`), "${1}" + Mask},
	// token[…] 非法
	{regexp.MustCompile(`(?i)\b(token\s*\[)([^\]]+)`), "${1}" + Mask},
	// request config … failed. request info:{cloud},{ip},{type},{file},{TOKEN}.
	{regexp.MustCompile(`(request info:\s*[^,\s]*,[^,\s]*,[^,\s]*,[^,\s]*,)([^\s.,]+)`), "${1}" + Mask},
	{regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})`), "${1}" + Mask},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`), Mask},
	// credentials in URLs
	{regexp.MustCompile(`(\w+://[^\s/:@"']+:)([^\s/@"']+)@`), "${1}" + Mask + "@"},
}

// Text masks the secrets in a text.
func Text(s string) string {
	for _, rule := range rules {
		s = rule.re.ReplaceAllString(s, rule.with)
	}
	return s
}
