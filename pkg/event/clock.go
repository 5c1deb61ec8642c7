package event

import "strings"

// timeSize returns how much of the start of s is a time of whatever format: a date, a clock, or both, with a zone.
// Zero is none.
func timeSize(s string) int {
	i := dateSize(s)
	if i == 0 {
		return clockSize(s, true)
	}
	// `2024-10-22T17:01:02`, `2024/10/22 周二 17:01:02.35`, `Oct 22 17:01:02`, `22/Oct/2024:17:01:02`
	rest := s[i:]
	for range 3 {
		gap := len(rest) - len(strings.TrimLeft(rest, " \tT:,_@"))
		if n := clockSize(rest[gap:], false); gap > 0 && n > 0 {
			i = len(s) - len(rest) + gap + n
			return i + yearSize(s[i:])
		}
		word := dayWord(rest[gap:])
		if gap == 0 || word == 0 {
			break
		}
		rest = rest[gap+word:]
	}
	return i
}

// dateSize reads 2024-10-22, 10/22/2024, 2024年10月22日, Oct 22, 22/Oct/2024, Tue Oct 22, Tue 10/22/2024.
func dateSize(s string) int {
	start := 0
	if w := dayWord(s); w > 0 {
		start = w + len(s[w:]) - len(strings.TrimLeft(s[w:], " ,"))
	}
	rest := s[start:]
	if n := monthSize(rest); n > 0 && n < len(rest) && rest[n] == ' ' { // Oct 22, Oct  2
		day := strings.TrimLeft(rest[n:], " ")
		if d := digits(day); d == 1 || d == 2 {
			if year, ok := strings.CutPrefix(day[d:], ", "); ok && digits(year) == 4 { // Kibana
				return len(s) - len(year) + 4
			}
			return len(s) - len(strings.TrimPrefix(day[d:], "日"))
		}
		return 0
	}
	a := digits(rest)
	if a == 0 || a > 4 || a >= len(rest) {
		return 0
	}
	sep := separator(rest[a:])
	if sep == 0 {
		return 0
	}
	second := spaced(rest[a+sep:], sep)
	b := digits(second)
	if b == 0 {
		b = monthSize(second)
	}
	if a == 2 && b == 2 && rest[a] == '-' && strings.HasPrefix(second[b:], " ") && clockSize(second[b+1:], true) > 8 { // Android's 10-22 17:01:02.345
		return len(s) - len(second) + b
	}
	if b == 0 || b > 3 || separator(second[b:]) != sep {
		return 0
	}
	third := spaced(second[b+sep:], sep)
	c := digits(third)
	if sep == 1 && second[b] != rest[a] || c == 0 || c > 4 || a != 4 && c != 4 && (a != 2 || c != 2 || sep != 1 || rest[a] != '/') {
		return 0
	}
	end := len(s) - len(third) + c
	if sep > 1 && separator(s[end:]) == sep {
		end += sep // 日
	}
	if end < len(s) && s[end] == '.' && end+1 < len(s) && isDigit(s[end+1]) {
		return 0 // an address or a version
	}
	return end
}

// spaced takes off the space that date(1) prints behind 年 and 月.
func spaced(s string, sep int) string {
	if sep > 1 {
		return strings.TrimLeft(s, " ")
	}
	return s
}

// separator returns the size of what stands between the numbers of a date.
func separator(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '-' || s[0] == '/' || s[0] == '.' || s[0] == ' ' && monthSize(s[1:]) > 0:
		return 1
	case strings.HasPrefix(s, "年") || strings.HasPrefix(s, "月") || strings.HasPrefix(s, "日"):
		return 3
	}
	return 0
}

// clockSize reads 17:01:02, with a fraction and a zone; alone it needs seconds.
func clockSize(s string, alone bool) int {
	h := digits(s)
	if n := clockWords(s, h); n > 0 {
		return n
	}
	if h == 0 || h > 2 || h+3 > len(s) || s[h] != ':' || digits(s[h+1:]) != 2 {
		return 0
	}
	i := h + 3
	if i+3 <= len(s) && s[i] == ':' && digits(s[i+1:]) == 2 {
		i += 3
	} else if half := s[i:min(len(s), i+2)]; half == "AM" || half == "PM" {
		return i + 2
	} else if alone {
		return 0
	}
	if i+1 < len(s) && (s[i] == '.' || s[i] == ',') && isDigit(s[i+1]) {
		i += 1 + digits(s[i+1:])
	}
	return i + zoneSize(s[i:])
}

// clockWords reads 17时01分02秒 behind its hours.
func clockWords(s string, h int) int {
	i := h
	for _, word := range []string{"时", "分", "秒"} {
		rest, ok := strings.CutPrefix(s[i:], word)
		if !ok || i == 0 {
			return 0
		}
		if i = len(s) - len(rest); word != "秒" {
			i += digits(rest)
		}
	}
	return i
}

// zoneSize reads Z, +08:00, +0800, and after a space +0800, CST, UTC, AM, PM.
func zoneSize(s string) int {
	if strings.HasPrefix(s, "Z") {
		return 1
	}
	gap := 0
	if strings.HasPrefix(s, " ") {
		gap = 1
	}
	z := s[gap:]
	if len(z) > 4 && (z[0] == '+' || z[0] == '-') && isDigit(z[1]) && isDigit(z[2]) {
		rest := strings.TrimPrefix(z[3:], ":")
		if digits(rest) == 2 {
			return len(s) - len(rest) + 2
		}
	}
	if gap == 1 {
		for _, name := range []string{"CST", "UTC", "GMT", "AM", "PM", "上午", "下午"} {
			if strings.HasPrefix(z, name) && (len(z) == len(name) || !isWord(z[len(name)])) {
				return gap + len(name)
			}
		}
	}
	return 0
}

// yearSize reads the year that some print behind the clock.
func yearSize(s string) int {
	if len(s) >= 5 && s[0] == ' ' && s[1] == '2' && digits(s[1:]) == 4 && separator(s[5:]) == 0 {
		return 5
	}
	return 0
}

// dayWord returns the size of a weekday or half of the day at the start of s.
func dayWord(s string) int {
	for _, w := range []string{"星期", "周"} {
		if strings.HasPrefix(s, w) && len(s) >= len(w)+3 {
			return len(w) + 3
		}
	}
	for _, w := range []string{"上午", "下午"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	for _, w := range []string{"一 ", "二 ", "三 ", "四 ", "五 ", "六 ", "日 "} { // of journalctl
		if strings.HasPrefix(s, w) {
			return len("一")
		}
	}
	return nameSize(s, "MonTueWedThuFriSatSun")
}

func monthSize(s string) int {
	if n := digits(s); n > 0 && n < 3 && strings.HasPrefix(s[n:], "月") {
		return n + len("月")
	}
	if s != "" && s[0] >= 0x80 { // 十一月
		if n := len(s) - len(strings.TrimLeft(s, "一二三四五六七八九十")); n > 0 && strings.HasPrefix(s[n:], "月") {
			return n + len("月")
		}
		return 0
	}
	return nameSize(s, "JanFebMarAprMayJunJulAugSepOctNovDec")
}

// nameSize returns 3 where s starts with one of the names, which are three letters each.
func nameSize(s, names string) int {
	if len(s) < 3 || s[0] < 'A' || s[0] > 'Z' || len(s) > 3 && isWord(s[3]) {
		return 0
	}
	if i := strings.Index(names, s[:3]); i >= 0 && i%3 == 0 {
		return 3
	}
	return 0
}

func digits(s string) int {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}
