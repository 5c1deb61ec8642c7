package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/tests/conform"
)

// offline is the id of the incident of a host.
func offline(t *testing.T, d *Datasource, host string) string {
	t.Helper()
	var all []listedIncident
	if err := json.Unmarshal(call(t, d, "GET", "incidents?language=en").Body, &all); err != nil {
		t.Fatal(err)
	}
	for _, inc := range all {
		if strings.Contains(inc.Title, host) {
			return inc.ID
		}
	}
	t.Fatalf("no incident of %s in %v", host, all)
	return ""
}

func TestOneIncidentIsHandedOver(t *testing.T) {
	d := open(t, busy())
	id := offline(t, d, "10.0.0.1")

	res := call(t, d, "GET", "incidents/"+id+"?language=en&timezone=Asia/Shanghai")
	var r report.Report
	if err := json.Unmarshal(res.Body, &r); res.Status != 200 || err != nil || len(r.Incidents) != 1 || r.Incidents[0].ID != id || r.Schema != report.Schema {
		t.Fatalf("%d %v %s", res.Status, err, res.Body)
	}
	inc := r.Incidents[0]
	if inc.Title != "Host 10.0.0.1 is offline" || inc.Steps[0].Command != "ping 10.0.0.1" || inc.Start.Format(time.RFC3339) != "2026-11-01T19:48:00+08:00" {
		t.Errorf("%+v", inc)
	}
	if err := conform.Report(t, "../../docs/report.schema.json", string(res.Body)); err != nil {
		t.Errorf("the JSON is not what docs/report.schema.json says: %v\n%s", err, res.Body)
	}

	for lang, shows := range map[string][]string{"en": {"## Host 10.0.0.1 is offline", "### Steps", "look at 10.0.0.1"}, "zh": {"## 主机 10.0.0.1 离线", "### 处置步骤", "看 10.0.0.1"}} {
		res := call(t, d, "GET", fmt.Sprintf("incidents/%s?format=markdown&language=%s", id, lang))
		if res.Status != 200 || !strings.HasPrefix(res.Headers["Content-Type"][0], "text/plain") {
			t.Errorf("%s: %d %v", lang, res.Status, res.Headers)
		}
		for _, text := range append(shows, id, "```\n2026-11-01T11:48:00.000Z host 10.0.0.1 is offline\n```") {
			if !bytes.Contains(res.Body, []byte(text)) {
				t.Errorf("%s: no %q in %s", lang, text, res.Body)
			}
		}
		if bytes.Contains(res.Body, []byte("10.0.0.2")) {
			t.Errorf("%s: another incident is handed over, too: %s", lang, res.Body)
		}
	}
}

func TestWhatCannotBeHandedOver(t *testing.T) {
	d := open(t, busy())
	id := offline(t, d, "10.0.0.1")
	for path, want := range map[string]struct {
		status int
		shows  string
	}{
		"incidents/0123456789abcdef-1":       {404, "is not in this time range"},
		"incidents/" + id + "?format=docx":   {400, "use json or markdown"},
		"incidents/" + id + "?timezone=Mars": {400, "Asia/Shanghai"},
	} {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		res := call(t, d, "GET", path+sep+"language=en")
		if res.Status != want.status || !strings.Contains(string(res.Body), want.shows) {
			t.Errorf("%s: %d %s", path, res.Status, res.Body)
		}
	}
}

// What was not read is said in what is handed over: the reader was not there.
func TestAHandOverSaysWhatWasNotRead(t *testing.T) {
	f := busy()
	f.caps[signature.Agent] = "the limit of 5 lines was reached"
	d := open(t, f)
	id := offline(t, d, "10.0.0.1")
	for _, format := range []string{"json", "markdown"} {
		if res := call(t, d, "GET", "incidents/"+id+"?format="+format); !bytes.Contains(res.Body, []byte("limit of 5 lines")) {
			t.Errorf("%s: %s", format, res.Body)
		}
	}
}
