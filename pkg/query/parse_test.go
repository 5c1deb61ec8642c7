package query

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	q, err := Parse([]byte(`{"refId":"A","intervalMs":1000,"queryType":"alert","view":"evidence","severities":"high","signatures":["curl-dns"],"hosts":"",
		"matchers":[{"name":"cluster","op":"=~","value":"a|b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if q.QueryType != Alert || q.View != ViewEvidence || len(q.Severities) != 1 || q.Severities[0] != "high" || len(q.Hosts) != 0 || len(q.Matchers) != 1 {
		t.Errorf("%+v", q)
	}
	if q, err := Parse(nil); err != nil || q.QueryType != Incidents {
		t.Errorf("an empty query: %+v, %v", q, err)
	}
}

func TestWhatCannotBeAnsweredIsRefusedWithAdvice(t *testing.T) {
	for name, tc := range map[string]struct{ json, want string }{
		"not an object":        {`[]`, "not a JSON object"},
		"unknown type":         {`{"queryType":"incident"}`, `queryType "incident" is unknown: use incidents, annotations`},
		"unknown view":         {`{"queryType":"alert","view":"every"}`, "use identity, evidence"},
		"unknown stat":         {`{"queryType":"count","stat":"sum"}`, "use active, started, lines, hosts"},
		"unknown severity":     {`{"severities":["hihg"]}`, "use critical, high, medium, low"},
		"unknown source":       {`{"sources":["GSE"]}`, "use nodeman, agent, bk-job-gateway"},
		"unknown state":        {`{"states":["firing"]}`, "use active, resolved"},
		"unknown language":     {`{"language":"fr"}`, "use zh, en"},
		"label name":           {`{"matchers":[{"name":"a-b","op":"=","value":"x"}]}`, `label name "a-b" is not valid`},
		"label operator":       {`{"matchers":[{"name":"a","op":"==","value":"x"}]}`, "use =, !=, =~ or !~"},
		"label regex":          {`{"matchers":[{"name":"a","op":"=~","value":"("}]}`, "not a regular expression"},
		"wrong kind of value":  {`{"limit":"many"}`, `"limit" cannot be a string`},
		"too many rows":        {`{"limit":1000000}`, "from 1 to 50000"},
		"states of alerts":     {`{"queryType":"alert","states":["active"]}`, "remove \"states\""},
		"steps of nothing":     {`{"queryType":"steps"}`, "choose one"},
		"several wrong things": {`{"queryType":"x","limit":-1}`, "queryType"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(tc.json))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			var said *Error
			if !errors.As(err, &said) {
				t.Fatalf("%T", err)
			}
			if zh := said.Message("zh"); zh == "" || zh == err.Error() {
				t.Errorf("no Chinese text: %q", zh)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"queryType":"alert","severities":"high","matchers":[{"name":"a","op":"=~","value":"("}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if q, err := Parse(raw); err == nil && q.validate() != nil {
			t.Errorf("accepted %s but it is not valid", raw)
		}
	})
}
