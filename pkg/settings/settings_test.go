package settings

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

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
		if s.URL != "http://loki:3100" || s.Language != "zh" || len(s.Sources) != 5 || s.Lateness.D() != 10*time.Minute {
			t.Errorf("%s: %+v", jsonData, s)
		}
	}
}

// encoding/json keeps what stands in the elements of a slice that it fills.
func TestConfiguredSourcesInheritNothingFromTheDefaults(t *testing.T) {
	s, err := load("http://loki:3100", `{"sources": [{"source": "nodeman", "selector": "{a=\"1\"}"}, {"source": "nodeman", "selector": "{a=\"2\"}"}], "hostLabels": ["node"]}`)
	if err != nil || len(s.Sources) != 2 || s.Sources[0].OnHost || s.Sources[1].OnHost || !slices.Equal(s.HostLabels, []string{"node"}) {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := load("http://loki:3100", `{"sources": [{"source": "nodeman"}]}`); err == nil {
		t.Error("a source without a selector has that of a default")
	}
}

func TestASourceOfItsOwnIsASource(t *testing.T) {
	s, err := load("http://loki:3100", `{"sources": [{"source": "backup", "selector": "{app=\"backup\"}"}]}`)
	if err != nil || len(s.Sources) != 1 || s.Sources[0].Source != "backup" {
		t.Errorf("%+v, %v", s.Sources, err)
	}
}

func TestErrorsComeInOneOrderWithTheSettingsSoFar(t *testing.T) {
	for range 20 {
		s, err := load("http://loki:3100", `{"maxLines": "5", "language": "en", "lateness": 3, "sources": [{"source": "agent", "onHost": "yes"}]}`)
		want := "invalid data source settings: sources: onHost: string is not possible here: write true or false\n" +
			"invalid data source settings: lateness: 3 is no duration: write it in quotes, like \"10m\"\n" +
			"invalid data source settings: maxLines: string is not possible here: write a whole number without quotes"
		if err == nil || err.Error() != want || s.Language != "en" || len(s.Sources) != 5 {
			t.Fatalf("%v\n%+v", err, s)
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
		`{"tenant": "a||b"}`:   "tenant",
		`{"tenant": "a|.."}`:   "tenant",
		`{"lokiUid": "a/b"}`:   "lokiUid",
		`{"sources": [null]}`:  "sources",
		`{"sources": "x"}`:     "sources",
		`{"sources": [{"source": "My app", "selector": "{a=\"b\"}"}]}`:         "sources",
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
			continue
		}
		for _, p := range problems(err) {
			if zh := p.Message("zh"); strings.IndexFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) < 0 || strings.Contains(zh, "%!") {
				t.Errorf("%s is not told in Chinese: %q", jsonData, zh)
			}
		}
	}
}

func problems(err error) []*Problem {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*Problem
		for _, e := range joined.Unwrap() {
			out = append(out, problems(e)...)
		}
		return out
	}
	var p *Problem
	if errors.As(err, &p) {
		return []*Problem{p}
	}
	return nil
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
