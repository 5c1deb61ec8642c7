package signature

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on captures, in bytes. A capture is foreign text; a longer one is not a host name or a path any more.
const (
	maxIdent = 256
	maxHost  = 253 // RFC 1035
	maxURL   = 2048
	maxText  = 1024
)

var (
	// Without a sign: "-0" would be an option to whatever command it stands in.
	intPattern   = regexp.MustCompile(`^[0-9]{1,19}$`)
	identPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$`)
	hostPattern  = regexp.MustCompile(`^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.?$`)
	urlPattern   = regexp.MustCompile(`^https?://[A-Za-z0-9._~:/?#@!&*+,;=%\[\]-]+$`)
	pathPattern  = regexp.MustCompile(`^[A-Za-z0-9._~/\\][A-Za-z0-9._~:/@+,=%\\ -]*$`)
)

// Valid reports whether a captured value is of a type. Only valid values may enter commands; the check is a
// whitelist because a capture is whatever an attacker can make a program log.
func Valid(t VarType, v string) bool {
	switch t {
	case Int:
		return intPattern.MatchString(v)
	case Ident:
		return len(v) <= maxIdent && identPattern.MatchString(v)
	case IP:
		if inner, bracketed := strings.CutPrefix(v, "["); bracketed {
			if v, bracketed = strings.CutSuffix(inner, "]"); !bracketed || !strings.Contains(v, ":") {
				return false
			}
		}
		addr, err := netip.ParseAddr(v)
		return err == nil && addr.Zone() == ""
	case Host:
		return len(v) <= maxHost && (hostPattern.MatchString(v) || Valid(IP, v))
	case URL:
		if len(v) > maxURL || !urlPattern.MatchString(v) {
			return false
		}
		u, err := url.Parse(v)
		return err == nil && u.Host != "" && u.User == nil && Valid(Host, u.Hostname())
	case Path:
		return len(v) <= maxURL && pathPattern.MatchString(v)
	case Any:
		// A leading dash would be an option to whatever command it stands in, quoted or not; a leading < would read as
		// a placeholder.
		return len(v) <= maxText && !strings.HasPrefix(v, "-") && !strings.HasPrefix(v, "<") && utf8.ValidString(v) && strings.IndexFunc(v, invisible) < 0
	}
	return false
}

// invisible tells characters that change how others are read: controls, and the formatting characters with which a
// command can be made to look like another one.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// TypeOf returns the type of a ref, given the types of captures; parts of a URL have types of their own.
func TypeOf(ref Ref, vars map[string]VarType) VarType {
	name, p, dotted := strings.Cut(string(ref), ".")
	if !dotted {
		if t, ok := vars[name]; ok {
			return t
		}
		return Any
	}
	switch p {
	case "host":
		return Host
	case "port":
		return Int
	case "path":
		return Path
	case "scheme":
		return Ident
	}
	return Any
}

// Lookup returns the value of a ref: a capture, or a part (scheme, host, port, path) of one that is a URL.
// What is missing or cannot be parsed is "".
func Lookup(ref Ref, captures map[string]string) string {
	name, p, dotted := strings.Cut(string(ref), ".")
	v := captures[name]
	if !dotted || v == "" {
		return v
	}
	u, err := url.Parse(v)
	if err != nil {
		return ""
	}
	switch p {
	case "scheme":
		return u.Scheme
	case "host":
		return u.Hostname()
	case "port":
		return u.Port()
	case "path":
		return u.Path
	}
	return ""
}
