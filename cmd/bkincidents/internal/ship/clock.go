package ship

import (
	"strings"
	"time"
)

// clock reads the times of heads. Lines of one minute follow each other, so the last minute is remembered.
type clock struct {
	zone *time.Location
	text string
	base time.Time
}

const stampLen = len("2006-01-02 15:04:05")

// head reads the time of a line that begins an entry: `[2024-10-22 17:01:02 ERROR] …`, or `2024-10-22 17:01:02 [ERROR] …`.
func (c *clock) head(line string) (time.Time, bool) {
	rest, bracket := strings.CutPrefix(line, "[")
	if len(rest) < stampLen+2 {
		return time.Time{}, false
	}
	stamp, after := rest[:stampLen], rest[stampLen:]
	if (after[0] == '.' || after[0] == ',') && len(after) > 4 {
		after = strings.TrimLeft(after[1:], "0123456789")
	}
	after, ok := strings.CutPrefix(after, " ")
	if !ok {
		return time.Time{}, false
	}
	if !bracket {
		if after, ok = strings.CutPrefix(after, "["); !ok {
			return time.Time{}, false
		}
	}
	level, _, ok := strings.Cut(after[:min(len(after), 10)], "]")
	if !ok || !isLevel(level) {
		return time.Time{}, false
	}
	return c.parse(stamp)
}

func isLevel(word string) bool {
	switch word {
	case "INFO", "WARNING", "ERROR", "DEBUG", "WARN", "CRITICAL", "FATAL":
		return true
	}
	return false
}

func (c *clock) parse(stamp string) (time.Time, bool) {
	minute := stamp[:16]
	seconds, ok := twoDigits(stamp[17:])
	if !ok || stamp[16] != ':' || seconds > 60 {
		return time.Time{}, false
	}
	if minute != c.text {
		at, err := time.ParseInLocation("2006-01-02 15:04", minute, c.zone)
		if err != nil {
			return time.Time{}, false
		}
		c.text, c.base = minute, at
	}
	return c.base.Add(time.Duration(seconds) * time.Second), true
}

func twoDigits(s string) (int, bool) {
	a, b := s[0]-'0', s[1]-'0'
	return int(a)*10 + int(b), a < 10 && b < 10
}
