package scale

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// simulate runs do in virtual time, some minutes after a full hour.
func simulate(t *testing.T, s Setup, do func(t *testing.T, w World)) {
	t.Helper()
	set, err := catalogue.Set()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(300*day + 7*time.Minute)
		w, err := s.New(set)
		if err != nil {
			t.Fatal(err)
		}
		do(t, w)
	})
}
