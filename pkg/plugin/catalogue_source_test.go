package plugin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/scan"
)

var ofBackup = strings.Replace(customSignature, "source: nodeman", "source: backup", 1)

// withBackup adds a source that only the settings define.
func withBackup(c *config) {
	c.Selectors = append(c.Selectors, scan.Selector{Source: "backup", Selector: selectorOf("backup")})
}

func TestASourceThatOnlyTheSettingsDefineIsRead(t *testing.T) {
	f := busy()
	f.streams["backup"] = 1
	f.log("backup", 2*time.Minute, "my own failure")
	d := openWith(t, f, ofBackup, withBackup)
	for query, want := range map[string]struct {
		column string
		value  any
	}{
		`{"queryType":"count","signatures":["mine"]}`:                           {"value", 1.0},
		`{"queryType":"alert","signatures":["mine"]}`:                           {"signature", "mine"},
		`{"queryType":"incidents","sources":["backup"]}`:                        {"signature", "mine"},
		`{"queryType":"evidence","sources":["backup"]}`:                         {"body", "my own failure"},
		`{"queryType":"unmatched","sources":["backup"],"stat":"coverage"}`:      {"source", "backup"},
		`{"queryType":"signatures","signatures":["mine"],"sources":["backup"]}`: {"seen", true},
	} {
		if got := cells(t, frame(t, one(t, d, query)), want.column); !slices.Contains(got, want.value) {
			t.Errorf("%s: %s is %v, want %v", query, want.column, got, want.value)
		}
	}
	health, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if err != nil || health.Status != backend.HealthStatusOk || !strings.Contains(string(health.JSONDetails), `"source":"backup"`) {
		t.Errorf("%+v %v", health, err)
	}
}

func TestASourceOfTheSettingsThatFailsIsNamed(t *testing.T) {
	f := busy()
	f.fails["backup"] = errTimeout
	d := openWith(t, f, ofBackup, withBackup)
	if res := one(t, d, `{"queryType":"count","signatures":["mine"]}`); res.Error == nil || !strings.Contains(res.Error.Error(), "backup") {
		t.Errorf("%+v", res)
	}
	health := frame(t, one(t, d, `{"queryType":"health"}`))
	if reasons := cells(t, health, "reason"); len(reasons) != 1 || !strings.Contains(reasons[0].(string), "backup") {
		t.Errorf("reasons %v", reasons)
	}
}

func TestASourceThatNothingDefinesIsAnError(t *testing.T) {
	d := openWith(t, busy(), ofBackup)
	health, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if err != nil || health.Status != backend.HealthStatusError || !strings.Contains(health.Message, `signatures:12:20: mine: nothing defines the source "backup"`) {
		t.Errorf("%s %v", health.Message, err)
	}
	if res := one(t, d, `{"queryType":"incidents","sources":["backup"]}`); res.Error == nil || !strings.Contains(res.Error.Error(), `"backup" is unknown: use nodeman`) {
		t.Errorf("%+v", res)
	}
	if res := one(t, d, `{"queryType":"incidents"}`); res.Error != nil {
		t.Errorf("the shipped signatures fail, too: %v", res.Error)
	}
}

func TestLintKnowsSourcesThatAreBeingAdded(t *testing.T) {
	d := open(t, newFake())
	text := strings.Replace(proven, "source: nodeman", "source: backup", 1)
	if got := told(admin[linted](t, d, "POST", "lint", text)); !strings.Contains(got, `error 12:20 mine: nothing defines the source "backup"`) {
		t.Errorf("got %s", got)
	}
	got := admin[linted](t, d, "POST", "lint?source=nodeman&source=backup", text)
	if len(got.Problems) != 0 || got.Fixtures != 2 || !slices.Equal(got.Signatures, []string{"mine"}) {
		t.Errorf("%+v", got)
	}
}
