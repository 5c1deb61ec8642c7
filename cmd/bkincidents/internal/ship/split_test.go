package ship

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var zone = time.FixedZone("", 8*60*60)

// created is the row's own time in these tests, 16:00:00 of the texts' clock.
var created = time.Date(2024, 10, 22, 8, 0, 0, 0, time.UTC)

func entries(log string) []string {
	var out []string
	for p := range split(log, zone, created) {
		out = append(out, fmt.Sprintf("%s+%d %s", p.at.UTC().Format(time.TimeOnly), p.index, log[p.start:p.end]))
	}
	return out
}

func TestLogsAreSplitAtHeads(t *testing.T) {
	for name, test := range map[string]struct {
		log  string
		want []string
	}{
		"empty":    {"", nil},
		"two":      {"[2024-10-22 17:01:02 INFO] a\n[2024-10-22 17:01:03 ERROR] b", []string{"09:01:02+0 [2024-10-22 17:01:02 INFO] a", "09:01:03+0 [2024-10-22 17:01:03 ERROR] b"}},
		"a second": {"[2024-10-22 17:01:02 INFO] a\n[2024-10-22 17:01:02 INFO] a", []string{"09:01:02+0 [2024-10-22 17:01:02 INFO] a", "09:01:02+1 [2024-10-22 17:01:02 INFO] a"}},
		"continuation": {
			"[2024-10-22 17:01:02 INFO] a\n[script] b\n\nc\n[2024-10-22 17:02:02 INFO] d",
			[]string{"09:01:02+0 [2024-10-22 17:01:02 INFO] a\n[script] b\n\nc", "09:02:02+0 [2024-10-22 17:02:02 INFO] d"},
		},
		"a fold holds lines that look like heads": {
			"[2024-10-22 17:01:02 DEBUG] ******* Begin of collected logs: ********\n[2024-10-22 17:00:00 INFO] x\nTraceback\n********* End of collected logs *********\n[2024-10-22 17:01:03 INFO] y",
			[]string{
				"09:01:02+0 [2024-10-22 17:01:02 DEBUG] ******* Begin of collected logs: ********\n[2024-10-22 17:00:00 INFO] x\nTraceback\n********* End of collected logs *********",
				"09:01:03+0 [2024-10-22 17:01:03 INFO] y",
			},
		},
		"a fold without an end swallows nothing": {
			"[2024-10-22 17:01:02 DEBUG] * Begin of collected logs: *\nx\n[2024-10-22 17:01:03 ERROR] y",
			[]string{"09:01:02+0 [2024-10-22 17:01:02 DEBUG] * Begin of collected logs: *\nx", "09:01:03+0 [2024-10-22 17:01:03 ERROR] y"},
		},
		"text before the first head":  {"no head\n[2024-10-22 17:01:02 INFO] a", []string{"08:00:00+0 no head", "09:01:02+0 [2024-10-22 17:01:02 INFO] a"}},
		"the other order of brackets": {"2024-10-22 17:01:02 [ERROR] a\n2024-10-22 17:01:02,345 [INFO] b", []string{"09:01:02+0 2024-10-22 17:01:02 [ERROR] a", "09:01:02+1 2024-10-22 17:01:02,345 [INFO] b"}},
		"not quite heads":             {"[2024-10-22 17:01:02 INFO] a\n[2024-13-22 17:01:02 INFO] b\n[2024-10-22 17:01:02] c\n[2024-10-22 17:01:0x INFO] d\n[2024-10-22 17:01:02 NOTE] e", []string{"09:01:02+0 [2024-10-22 17:01:02 INFO] a\n[2024-13-22 17:01:02 INFO] b\n[2024-10-22 17:01:02] c\n[2024-10-22 17:01:0x INFO] d\n[2024-10-22 17:01:02 NOTE] e"}},
		"windows":                     {"[2024-10-22 17:01:02 INFO] a\r\n[2024-10-22 17:01:03 INFO] b\r", []string{"09:01:02+0 [2024-10-22 17:01:02 INFO] a\r", "09:01:03+0 [2024-10-22 17:01:03 INFO] b\r"}},
	} {
		if got := entries(test.log); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, test.want)
		}
	}
}

// A row is shipped in parts while it grows: whatever grows behind a piece that is not the last leaves it as it is.
func TestGrowthChangesTheLastEntryOnly(t *testing.T) {
	log := "x\n[2024-10-22 17:01:02 INFO] 开始 安装.\n[script] 一\n[2024-10-22 17:01:02 DEBUG] * Begin of collected logs: *\n[2024-10-22 17:01:02 INFO] in\n* End of collected logs *\n[2024-10-22 17:01:02 INFO] b\n\n[2024-10-22 17:02:03 ERROR] c"
	all := slices.Collect(split(log, zone, created))
	for n := range log {
		for p := range split(log[:n], zone, created) {
			if open := strings.Contains(log[p.start:n], foldBegin) && !strings.Contains(log[p.start:n], foldEnd); p.last || open {
				break
			}
			if !slices.Contains(all, p) {
				t.Fatalf("after %d bytes: piece %+v (%q) is none of the whole log", n, p, log[p.start:p.end])
			}
		}
	}
}

// FuzzSplit checks that no byte of a log is lost, doubled or out of order, whatever it holds.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "\n", "[2024-10-22 17:01:02 INFO] a\nb", "2024-10-22 17:01:02 [ERROR] a\n[", "[2024-10-22 17:01:02 DEBUG] Begin of collected logs:\nEnd of collected logs", "[2024-10-22 17:01:02 INFO", "[2024-10-22 17:01:02,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, log string) {
		next := 0
		for p := range split(log, zone, created) {
			if p.start != next || p.end < p.start || p.end > len(log) {
				t.Fatalf("piece %+v after byte %d of %d", p, next, len(log))
			}
			if p.last != (p.end >= len(log)-1) && !strings.HasSuffix(log, "\n") {
				t.Fatalf("piece %+v of %d bytes", p, len(log))
			}
			next = p.end + 1
		}
		if next < len(log) {
			t.Fatalf("%d of %d bytes are in no piece", next, len(log))
		}
	})
}

func TestTheStepsNameIsInItsFirstLine(t *testing.T) {
	for log, want := range map[string]string{
		"[2024-10-22 17:01:02 INFO] 开始 查询主机 GSE 信息.\n[2024-10-22 17:01:03 INFO] x": "查询主机 GSE 信息",
		"[2024-10-22 17:01:02 INFO] Start Install agent.":                          "Install agent",
		"[2024-10-22 17:01:02 INFO] 开始 没有句号":                                       "ee10",
		"": "ee10",
	} {
		if got := stepName(Row{Step: "ee10", Log: log}); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}
