package plugin

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
)

// Around a line of evidence are the lines of its stream, what programs said in them, and no other stream's.
func TestContextIsTheLinesOfTheStream(t *testing.T) {
	f := busy()
	f.log(signature.Nodeman, 2*time.Minute, `{"log":"2026-11-01 11:58:00 INFO retry of the download\n"}`)
	d := open(t, f)
	ask := func(model string) backend.DataResponse {
		resp, err := d.QueryData(t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
			RefID: "A", JSON: []byte(model), TimeRange: backend.TimeRange{From: noon.Add(-2 * time.Hour), To: noon},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Responses["A"]
	}
	all := frame(t, ask(`{"queryType":"context",`+ofNodeman+`}`))
	bodies := cells(t, all, "body")
	if !slices.Contains(bodies, any("retry of the download")) || len(bodies) < 2 {
		t.Errorf("%q", bodies)
	}
	for _, body := range bodies {
		if strings.Contains(body.(string), `{"log"`) {
			t.Errorf("the body has what carries it: %q", body)
		}
	}
	for model, want := range map[string]string{
		`{"queryType":"context"}`: "matchers with =",
		`{"queryType":"context","matchers":[{"name":"app","op":"=~","value":".+"}]}`:   "matchers with =",
		`{"queryType":"context","matchers":[{"name":"app","op":"=","value":"wages"}]}`: "No configured source has this stream",
		`{"queryType":"evidence","view":"before"}`:                                     "does not fit",
	} {
		if err := ask(model).Error; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", model, err, want)
		}
	}
}
