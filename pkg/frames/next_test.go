package frames

import (
	"testing"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

func TestTheNextQueryIsOfTheLikeliestCauseAndItsCluster(t *testing.T) {
	filter, err := signature.ParseTemplate(`reach {{domain}}`)
	if err != nil {
		t.Fatal(err)
	}
	inc := &incident.Incident{
		Signature: &signature.Signature{}, Cluster: "c1", Captures: map[string]string{"domain": "a\" or {x=`y`} \n|="},
		Hypotheses: []incident.Hypothesis{
			{Definition: &signature.Hypothesis{}},
			{Definition: &signature.Hypothesis{Next: &signature.NextQuery{Source: signature.Agent, Filter: filter}}},
		},
	}
	v := View{ClusterLabel: "cluster", Selectors: []scan.Selector{
		{Source: signature.Nodeman, Selector: `{a="b"}`}, {Source: signature.Agent, Selector: `{filename=~".*agent-err.*"}`},
	}}
	want := `{filename=~".*agent-err.*", cluster="c1"} |= "reach a\" or {x=` + "`y`" + `}  |="`
	if got := v.nextLogQL(inc); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (View{}).nextLogQL(inc); got != "" {
		t.Errorf("a source without a selector: %s", got)
	}
}
