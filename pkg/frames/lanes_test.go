package frames

import "testing"

func TestAShortenedTextIsNoWiderThanItsRoom(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"short", 5, "short"},
		{"too long", 5, "too …"},
		{"目的主机", 8, "目的主机"},
		{"目的主机", 7, "目的主…"},
		{"目的主机", 6, "目的…"},
		{"", 3, ""},
	} {
		got := shortened(c.text, c.most)
		if got != c.want || width(got) > c.most {
			t.Errorf("%q in %d: %q of width %d, want %q", c.text, c.most, got, width(got), c.want)
		}
	}
}
