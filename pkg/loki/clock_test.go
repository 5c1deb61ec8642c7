package loki

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// The clock is compared with the Date header of Loki's answers; one answer alone, as of a cache, says nothing.
func TestTheClockIsComparedWithLokis(t *testing.T) {
	date := day
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
	}))
	defer s.Close()
	c := New(Options{URL: s.URL, Now: func() time.Time { return day.Add(25 * time.Minute) }})
	answer := func() {
		if err := c.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if answer(); c.ClockAhead() != 0 {
		t.Errorf("after one answer the clock is %s ahead", c.ClockAhead())
	}
	if answer(); c.ClockAhead() != 25*time.Minute {
		t.Errorf("the clock is %s ahead, want 25m", c.ClockAhead())
	}
	date = day.Add(25 * time.Minute)
	if answer(); c.ClockAhead() != 0 {
		t.Errorf("set right, the clock is %s ahead", c.ClockAhead())
	}
	date = day.Add(85 * time.Minute)
	answer()
	if answer(); c.ClockAhead() != -time.Hour {
		t.Errorf("the clock is %s ahead, want an hour behind", c.ClockAhead())
	}
}
