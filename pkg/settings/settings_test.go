package settings

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

func load(url, jsonData string) (Settings, error) {
	return Load(backend.DataSourceInstanceSettings{URL: url, JSONData: []byte(jsonData)})
}

func TestDefaultsFillWhatIsAbsentOrEmpty(t *testing.T) {
	for _, jsonData := range []string{``, `{}`, `{"language": "", "lateness": null, "sources": [], "tenant": ""}`, `{"aKeyOfTheFuture": {"x": 1}}`} {
		s, err := load("http://loki:3100/", jsonData)
		if err != nil {
			t.Fatalf("%s: %v", jsonData, err)
		}
		if s.URL != "http://loki:3100" || s.Language != "zh" || len(s.Sources) != 4 || s.Lateness.D() != 10*time.Minute {
			t.Errorf("%s: %+v", jsonData, s)
		}
	}
}

func TestSamplesNeedNoURL(t *testing.T) {
	if _, err := load("", `{"store": "samples"}`); err != nil {
		t.Error(err)
	}
}

func TestEveryBadValueNamesItsKey(t *testing.T) {
	for jsonData, key := range map[string]string{
		`[]`:                   "jsonData",
		`{"store": "elastic"}`: "store",
		`{"store": 1}`:         "store",
		`{"tenant": "a/b"}`:    "tenant",
		`{"tenant": ".."}`:     "tenant",
		`{"sources": "x"}`:     "sources",
		`{"sources": [{"source": "x", "selector": "{a=\"b\"}"}]}`:              "sources",
		`{"sources": [{"source": "agent", "selector": "{a=\"b\"} |= \"x\""}]}`: "sources",
		`{"sources": [{"source": "agent", "selector": "{a=~\".*\"}"}]}`:        "sources",
		`{"hostLabels": ["a b"]}`:    "hostLabels",
		`{"clusterLabel": "1x"}`:     "clusterLabel",
		`{"language": "fr"}`:         "language",
		`{"bluekingVersion": "6.2"}`: "bluekingVersion",
		`{"lateness": 10}`:           "lateness",
		`{"lateness": "soon"}`:       "lateness",
		`{"lookbackMax": "1m"}`:      "lookbackMax",
		`{"requestTimeout": "0s"}`:   "requestTimeout",
		`{"maxLines": 0}`:            "maxLines",
		`{"maxLines": "many"}`:       "maxLines",
		`{"maxBytes": 1}`:            "maxBytes",
		`{"parallel": 100}`:          "parallel",
		`{"pageLimit": -1}`:          "pageLimit",
	} {
		_, err := load("http://loki:3100", jsonData)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", jsonData, err)
		}
	}
}

func TestBadURLsAreRefused(t *testing.T) {
	for _, u := range []string{"", "loki:3100", "ftp://loki", "http://", "http://admin:secret@loki", "http://loki/?x=1", "http://loki/#x", "file:///etc/passwd"} {
		_, err := load(u, `{}`)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "url: ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("http://loki:3100", `{"store": "loki", "sources": [{"source": "agent", "selector": "{a=\"b\"}", "onHost": true}]}`)
	f.Fuzz(func(t *testing.T, u, jsonData string) {
		s, err := load(u, jsonData)
		if err == nil && s.Validate() != nil {
			t.Fatal("accepted what Validate refuses")
		}
	})
}
