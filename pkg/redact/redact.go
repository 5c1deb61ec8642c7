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

// openQuote is a quotation mark before a value on a command line, if any.
const openQuote = `\\*["']?`

// installValue is a token or an encrypted password: no path, no option, not as short as a port.
const installValue = `([^\s"'/\\;&|-][^\s"'\\;&|]{5,})`

// rules mask one way of writing a secret each. A text without any of a rule's marks, in lower case, has none of its
// secrets: the expressions are slow, and nearly every line is without.
var rules = []struct {
	re    *regexp.Regexp
	with  string
	marks []string
}{
	// "token": "…", 'bk_app_secret': '…', at any depth of escaping; report_log bodies and request parameters.
	{
		regexp.MustCompile(`(?i)(` + quote + `(?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|passphrase|pwd|private_key|authorization|bk_ticket|access_key|api_key)[\w-]*)` + quote + `\s*:\s*(?:b?` + quote + `))([^"'\\]+(?:\\+[^"'\\]+)*)`), "${1}" + Mask,
		[]string{"token", "secret", "pass", "pwd", "private_key", "authorization", "bk_ticket", "access_key", "api_key"},
	},
	// token=…, password: …, bk_token=… outside of JSON.
	{
		regexp.MustCompile(`(?i)\b((?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|bk_ticket|access_key|api_key))\s*[=:]\s*)([^\s"'\\,;&|\])}]+)`), "${1}" + Mask,
		[]string{"token", "secret", "passw", "bk_ticket", "access_key", "api_key"},
	},
	// password="…", --token='…' outside of JSON.
	{
		regexp.MustCompile(`(?i)\b((?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|passphrase|pwd|bk_ticket|access_key|api_key))\s*[=:]\s*` + quote + `)([^"'\\\n]+)`), "${1}" + Mask,
		[]string{"token", "secret", "pass", "pwd", "bk_ticket", "access_key", "api_key"},
	},
	// --password … and -token …, as options of commands.
	{
		regexp.MustCompile(`(?i)((?:^|\s)--?[\w-]*(?:token|secret|passw(?:or)?d|passwd|passphrase|api-?key|access-?key)\s+["']?)([^\s"'-][^\s"']*)`), "${1}" + Mask,
		[]string{"token", "secret", "pass", "key"},
	},
	// token[…] 非法
	{regexp.MustCompile(`(?i)\b(token\s*\[)([^\]]+)`), "${1}" + Mask, []string{"token"}},
	// request config … failed. request info:{cloud},{ip},{type},{file},{TOKEN}.
	{regexp.MustCompile(`(request info:\s*[^,\s]*,[^,\s]*,[^,\s]*,[^,\s]*,)([^\s.,]+)`), "${1}" + Mask, []string{"request info:"}},
	{regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})`), "${1}" + Mask, []string{"bearer", "basic"}},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`), Mask, []string{"eyj"}},
	{regexp.MustCompile(`(?i)(\bauthorization\s*[:=]\s*)([^\s"',;]{6,})`), "${1}" + Mask, []string{"authorization"}},
	// What nodeman's installers are called with: the token of the installation, and the password of a Windows service.
	{regexp.MustCompile(`(setup_[^\n]*?\s-c\s+` + openQuote + `)` + installValue), "${1}" + Mask, []string{"setup_"}},
	{regexp.MustCompile(`(setup_[^\n]*?\s-T\s+` + openQuote + `)` + installValue), "${1}" + Mask, []string{"setup_"}},
	{regexp.MustCompile(`(setup_[^\n]*?\s-P\s+` + openQuote + `)` + installValue), "${1}" + Mask, []string{"setup_"}},
	// Passwords that other commands take: curl, sshpass, plink, mysql, net use, impacket's, sudo and passwd from a pipe.
	{regexp.MustCompile(`((?:^|\s)(?:-u|-U|--user|--proxy-user)[\s=]*` + openQuote + `[^\s:"'/]+:)([^\s"'@/][^\s"'@]*)`), "${1}" + Mask, []string{"-u", "-user"}},
	{regexp.MustCompile(`(\bsshpass\s+-p\s*` + openQuote + `)([^\s"']+)`), "${1}" + Mask, []string{"sshpass"}},
	{regexp.MustCompile(`(\s-pw\s+` + openQuote + `)([^\s"']+)`), "${1}" + Mask, []string{"-pw"}},
	{regexp.MustCompile(`(\bmysql\w*\s(?:[^\n]*?\s)?-p` + openQuote + `)([^\s"'-][^\s"']*)`), "${1}" + Mask, []string{"mysql"}},
	{regexp.MustCompile(`(?i)(\bnet\s+use\s+\S+\s+` + openQuote + `)([^\s"'/]+)(["']?\s+/user)`), "${1}" + Mask + "${3}", []string{"/user"}},
	{regexp.MustCompile(`(\b(?:wmi|ps|smb|at|dcom)exec[^\n]*?\s` + openQuote + `[\w.\\/-]+:)([^\s@]+)@`), "${1}" + Mask + "@", []string{"exec"}},
	{regexp.MustCompile(`(\becho\s+(?:-n\s+)?` + openQuote + `)([^\n|"']+?)(["']?\s*\|\s*(?:sudo\s[^\n|]*-S|(?:sudo\s+)?(?:passwd|chpasswd)\b))`), "${1}" + Mask + "${3}", []string{"sudo", "passwd"}},
	{regexp.MustCompile(`((?:密码|口令)\s*[:：=]\s*)([\x21-\x7e]{4,})`), "${1}" + Mask, []string{"密码", "口令"}},
	{regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:(-----END [A-Z ]*PRIVATE KEY-----)|$)`), "${1}" + Mask + "${2}", []string{"private key-----"}},
	{regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`), Mask, []string{"akia"}},
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
