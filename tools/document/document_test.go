package document

import (
	"errors"
	"strings"
	"testing"
)

func TestTheTextReplacesTheOldOne(t *testing.T) {
	document := "head\n" + begin("x") + "\nold\n" + end + "\ntail\n"
	got, err := replace(document, "x", "new")
	if err != nil || !strings.Contains(got, "head") || !strings.Contains(got, "\nnew\n") || !strings.Contains(got, "tail") || strings.Contains(got, "old") {
		t.Errorf("%q, err %v", got, err)
	}
	if again, err := replace(got, "x", "new"); err != nil || again != got {
		t.Errorf("%q, err %v", again, err)
	}
	if _, err := replace("no markers", "x", "new"); !errors.Is(err, ErrMarkers) {
		t.Errorf("err = %v", err)
	}
}
