package match

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Packing must not be seen: lines and their order stay.
func TestPackedLinesStay(t *testing.T) {
	var entries []*Entry
	var want []string
	for i := range 3000 {
		line := fmt.Sprintf(`{"levelname": "ERROR", "message": "失败 %d curl: (%d)"}`, i%700, i)
		switch i % 500 {
		case 3:
			line = ""
		case 7:
			line = strings.Repeat("x", 8<<10)
		case 11:
			line = strings.Repeat("long ", 40<<10) // longer than any that is kept
		}
		want = append(want, line)
		entries = append(entries, &Entry{Time: time.Unix(int64(i), 0), Line: PlainText(line)})
	}
	whole := int64(0)
	for _, e := range entries {
		whole += e.Line.Size()
	}
	Pack(entries)
	packed := int64(0)
	for i, e := range entries {
		packed += e.Line.Size()
		if got := e.Line.String(); got != want[i] {
			t.Fatalf("line %d became %.100q, want %.100q", i, got, want[i])
		}
		if plain := PlainText(want[i]); e.Line.Compare(plain) != 0 || plain.Compare(e.Line) != 0 {
			t.Fatalf("line %d is not equal to itself unpacked", i)
		}
		if other := PlainText(want[i] + "!"); e.Line.Compare(other) == 0 || e.Line.Compare(other) != PlainText(want[i]).Compare(other) {
			t.Fatalf("line %d is ordered otherwise when packed", i)
		}
	}
	if long := int64(6 * 200 << 10); packed-long > (whole-long)/3 {
		t.Errorf("%d bytes of %d are left, want a third at most", packed-long, whole-long)
	}
	if none := (Text{}); none.String() != "" || none.Compare(PlainText("")) != 0 {
		t.Error("the zero value is not the empty line")
	}
}
