package event

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pairs reads the fields of a line with a message among them: logfmt, a value that Go, Python or Ruby printed, YAML, CEF, a
// row of an export (时间：… 内容：…). Without a message it is somebody's statistics, a query log for instance.
func pairs(s string, e *Event) (string, bool) {
	rest, wrapped := unwrapped(s)
	inner, text, otherwise, found, named := *e, "", "", false, 0
	for ; rest != ""; named++ {
		key, value, sep := field(rest)
		kind := kindOf(key)
		if key == "" || sep != '=' && !wrapped && kind == otherKey && !carrying(key) {
			break
		}
		if written[strings.ToLower(key)] { // by people
			return s, false
		}
		inner.Cut = inner.Cut || strings.HasPrefix(value, `"`) && closing(value) < 0
		if kind == primaryKey && extended(s) { // quotes are part of it
			value, rest = withoutPairs(value, sep, lower), ""
		} else {
			value, rest = split(value, kind, sep)
		}
		switch kind {
		case primaryKey:
			text, found = value, true
		case secondaryKey:
			otherwise = value
		case detailKey:
			text += "\n" + value
		case levelKey:
			inner.Level = levelOf(key, cmp.Or(value, "-"))
		case timeKey:
			inner.At = value
		case podKey:
			inner.Attrs.Pod = value
		case otherKey:
			inner.Attrs.TaskID = cmp.Or(inner.Attrs.TaskID, InstallerTask(value))
		}
		rest = strings.TrimLeft(rest, " \t,;:，；")
	}
	if !found && (otherwise == "" || wrapped && named == 1) || named == 1 && !ascii(s[:min(len(s), 3)]) {
		return s, false
	}
	*e = inner
	text = strings.TrimPrefix(cmp.Or(text, otherwise), "\n")
	if extended(s) {
		text = strings.NewReplacer(`\\`, `\`, `\=`, "=", `\|`, "|", `\n`, "\n", `\r`, "\r").Replace(text)
	}
	return text, true
}

// extended reports the formats of ArcSight and QRadar.
func extended(s string) bool { return strings.HasPrefix(s, "CEF:") || strings.HasPrefix(s, "LEEF:") }

// unwrapped takes off what stands around fields; without it a line must begin with one of them.
func unwrapped(s string) (string, bool) {
	item := strings.TrimPrefix(s, "- ") // of a YAML list
	for _, w := range [][2]string{{"map[", "]"}, {"&{", "}"}, {"{", "}"}, {"#<", ">"}} {
		if text, ok := strings.CutPrefix(item, w[0]); ok && strings.HasSuffix(text, w[1]) {
			return strings.TrimLeft(strings.TrimSuffix(text, w[1]), " :"), true
		}
	}
	if name, text, ok := strings.Cut(item, "("); ok && identifierWith(name, ".") && strings.HasSuffix(text, ")") {
		if _, _, sep := field(text); sep == '=' {
			return text[:len(text)-1], true
		}
	}
	if extended(s) {
		if i := strings.LastIndexByte(s[:max(0, strings.IndexByte(s, '='))], '|'); i > 0 {
			return s[i+1:], true
		}
	}
	return item, len(item) < len(s)
}

// field reads the name of a field and what stands between it and its value.
func field(s string) (name, value string, sep byte) {
	if after, ok := strings.CutPrefix(s, "【"); ok {
		if end := strings.Index(after[:min(len(after), 60)], "】"); end > 0 {
			return after[:end], after[end+len("】"):], ':'
		}
		return "", "", 0
	}
	n := 0
	for n < len(s) && n < 60 {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r >= utf8.RuneSelf && !unicode.Is(unicode.Han, r) || r < utf8.RuneSelf && !isWord(s[n]) && strings.IndexByte(".-@", s[n]) < 0 || n == 0 && (isDigit(s[0]) || s[0] == '-') {
			break
		}
		n += size
	}
	if n == 0 || n == len(s) {
		return "", "", 0
	}
	name, value = s[:n], s[n:]
	switch {
	case strings.HasPrefix(value, "："):
		return name, strings.TrimLeft(value[len("："):], " "), ':'
	case value[0] == ':':
		return name, strings.TrimLeft(value[1:], " "), ':'
	case value[0] == '=':
		return name, strings.TrimPrefix(value[1:], ">"), '='
	}
	return "", "", 0
}

// split cuts a value off the fields behind it. The words of a message are not quoted everywhere: it ends where nothing but
// fields follow.
func split(s string, kind keyKind, sep byte) (value, rest string) {
	if end := 0; s != "" && (s[0] == '"' || s[0] == '\'') {
		if end = closing(s); end < 0 {
			return unescape(s[1:]), ""
		}
		for s[0] == '\'' && strings.HasPrefix(s[end:], "'") { // YAML doubles it
			if n := closing(s[end:]); n > 0 {
				end += n
				continue
			}
			break
		}
		if s[0] == '\'' && strings.Contains(s[:end], "''") {
			return strings.ReplaceAll(s[1:end-1], "''", "'"), s[end:]
		}
		if end == len(s) || isWord(s[end]) || strings.IndexByte(" \t\n,;:)", s[end]) >= 0 || s[end] >= utf8.RuneSelf {
			return unescape(s[1 : end-1]), s[end:]
		}
	}
	message := kind == primaryKey || kind == secondaryKey && sep == ':'
	end := timeSize(s)
	if end == 0 || end < len(s) && strings.IndexByte(" \t,;", s[end]) < 0 && s[end] < utf8.RuneSelf || kind == primaryKey {
		if end = strings.IndexAny(s, " \t，；【"); end < 0 {
			end = len(s)
		}
	}
	if message && s != "" && (strings.IndexByte("{<\"", s[0]) >= 0 || list(s)) {
		return withoutPairs(s, sep, lower), ""
	}
	_, _, by := field(strings.TrimLeft(s[end:], " \t,;，；"))
	if message && end < len(s) && (by != sep || sep == ':') {
		return withoutPairs(s, sep, lower), ""
	}
	return strings.TrimRight(s[:end], ",;"), s[end:]
}

func lower(key string) bool { return key[0] >= 'a' && key[0] <= 'z' || kindOf(key) != otherKey }

// withoutPairs takes off the fields that a logger appends to a message.
func withoutPairs(s string, sep byte, known func(key string) bool) string {
	end := len(s)
	for at, words := end, 0; words < 16; words++ {
		if at = strings.LastIndexAny(s[:at], " \t"); at <= 0 {
			break
		}
		key, value, by := field(s[at+1 : end])
		if by != sep || value == "" || !known(key) || s[at+1+len(key)+1:end] != value || strings.IndexByte("=>(", value[0]) >= 0 {
			continue
		}
		if size := len(value); value[0] == '"' && closing(value) != size || value[0] != '"' && strings.ContainsAny(value, " \t)") {
			continue
		}
		end, words = at, 0
		for end > 0 && s[end-1] == ' ' {
			end--
		}
		at = end
	}
	return s[:end]
}

// nouns end the names of what an export says of a line besides the message.
var nouns = []string{"时间", "日期", "主机", "机器", "级别", "等级", "路径", "文件", "模块", "来源", "IP", "地址", "集群", "容器", "节点", "服务", "进程", "线程", "序号", "业务", "空间", "名称", "应用", "环境", "组件", "索引", "行号"}

// carrying reports a Chinese name of such a field.
func carrying(name string) bool {
	if ascii(name) {
		return false
	}
	for _, noun := range nouns {
		if strings.HasSuffix(name, noun) {
			return !asked(name)
		}
	}
	return false
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
