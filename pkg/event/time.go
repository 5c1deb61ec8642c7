package event

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Time finds the time of a line in the head of its outermost carrier: CRI, docker's and python-json-logger's JSON,
// nodeman's execution log, the installer, the ZooKeeper client, logback. loc is that of times without a zone.
func Time(line string, loc *time.Location) (time.Time, bool) {
	line = strings.TrimPrefix(line, "\ufeff")
	if strings.IndexByte(line[:min(len(line), 64)], 0x1b) >= 0 {
		line = uncoloured(line)
	}
	line = strings.TrimLeft(line, " \t")
	if strings.HasPrefix(line, "{") {
		return jsonTime(line, loc)
	}
	if t, ok := isoTime(strings.TrimPrefix(line, "["), loc); ok {
		return t, true
	}
	return windowsTime(line, loc)
}

// timeKeys are the keys of a record's time: docker, python-json-logger, logback and zap encoders.
var timeKeys = []string{"time", "asctime", "@timestamp", "timestamp", "ts"}

// jsonTime finds a key without decoding the record. The keys of a record inside the record have escaped quotes, so
// that only the outermost are found.
func jsonTime(line string, loc *time.Location) (time.Time, bool) {
	for _, key := range timeKeys {
		_, rest, ok := strings.Cut(line, `"`+key+`":`)
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " ")
		if t, ok := isoTime(strings.TrimPrefix(rest, `"`), loc); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

// isoTime reads `2006-01-02 15:04:05`, with T or a space, a fraction after a dot or a comma, and a zone or none, at
// the start of s. It is written out because every line of every file passes it.
func isoTime(s string, loc *time.Location) (time.Time, bool) {
	const layout = "dddd-dd-ddxdd:dd:dd"
	if len(s) < len(layout) {
		return time.Time{}, false
	}
	for i := range len(layout) {
		switch c := s[i]; layout[i] {
		case 'd':
			if c < '0' || c > '9' {
				return time.Time{}, false
			}
		case 'x':
			if c != ' ' && c != 'T' {
				return time.Time{}, false
			}
		default:
			if c != layout[i] {
				return time.Time{}, false
			}
		}
	}
	n := func(at, size int) int {
		v := 0
		for _, c := range []byte(s[at : at+size]) {
			v = v*10 + int(c-'0')
		}
		return v
	}
	rest := s[len(layout):]
	nanos, rest := fraction(rest)
	ahead, zoned := offset(rest)
	if zoned {
		loc = time.UTC
	}
	year, month, day, hour, minute, second := n(0, 4), n(5, 2), n(8, 2), n(11, 2), n(14, 2), n(17, 2)
	if year == 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, loc).Add(-ahead), true
}

// fraction reads `.345` or `,345` and returns nanoseconds and what follows.
func fraction(s string) (int, string) {
	if s == "" || s[0] != '.' && s[0] != ',' {
		return 0, s
	}
	i, nanos, scale := 1, 0, int(time.Second)
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		if scale /= 10; scale > 0 {
			nanos += int(s[i]-'0') * scale
		}
	}
	return nanos, s[i:]
}

// offset reads how far a zone is ahead of UTC: `Z`, `+08:00` or `+0800`.
func offset(s string) (time.Duration, bool) {
	n := zoneSize(s)
	if n == 0 || s[0] == ' ' {
		return 0, false
	}
	if n == 1 {
		return 0, true
	}
	two := func(s string) time.Duration { return time.Duration(s[0]-'0')*10 + time.Duration(s[1]-'0') }
	ahead := two(s[1:])*time.Hour + two(s[n-2:])*time.Minute
	if s[0] == '-' {
		ahead = -ahead
	}
	return ahead, true
}

// `Tue 10/22/2024 17:01:02.35`, `2024/10/22 周二 17:01:02.35`: setup_agent.bat prints %date% %time% of the locale.
var windows = regexp.MustCompile(`^(?:\S{2,9}\s+)?(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})\s+(?:\S{2,9}\s+)?(\d{1,2}):(\d\d):(\d\d)[.,](\d{1,3})`)

// windowsTime reads the date of a Windows locale. Of day and month the order is a guess where both are 12 or less:
// month first, as the locale en-US has it.
func windowsTime(s string, loc *time.Location) (time.Time, bool) {
	if dateSize(s) == 0 { // cheaper, and no time is what most such lines have
		return time.Time{}, false
	}
	m := windows.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	n := make([]int, len(m))
	for i := 1; i < 7; i++ {
		n[i], _ = strconv.Atoi(m[i])
	}
	year, month, day := n[3], n[1], n[2]
	switch {
	case len(m[1]) == 4:
		year, month, day = n[1], n[2], n[3]
	case month > 12:
		month, day = day, month
	}
	if year < 1000 || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	nanos, _ := fraction("." + m[7])
	return time.Date(year, time.Month(month), day, n[4], n[5], n[6], nanos, loc), true
}
