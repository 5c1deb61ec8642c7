package frames

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

func TestEveryHostIsOneRowHoweverManyFailuresItHas(t *testing.T) {
	sigs, err := signature.Parse("signatures.yaml", testSignatures)
	if err != nil {
		t.Fatal(err)
	}
	var worst, mild *signature.Signature
	for _, s := range sigs {
		if worst == nil || s.Severity.Rank() < worst.Severity.Rank() {
			worst = s
		}
		if mild == nil || s.Severity.Rank() > mild.Severity.Rank() {
			mild = s
		}
	}
	at := func(minutes int) time.Time { return noon.Add(-time.Duration(minutes) * time.Minute) }
	a := Answer{Incidents: []incident.Incident{
		{Signature: mild, ID: "mild-1", Cluster: "c1", State: incident.Active, Start: at(60), Hosts: []incident.Host{
			{Name: "h1", Count: 2, LastFailure: at(30)},
			{Name: "h2", Count: 1, LastFailure: at(50), LastRecovery: at(20)},
		}},
		{Signature: worst, ID: "worst-1", Cluster: "c1", State: incident.Active, Start: at(40), Hosts: []incident.Host{{Name: "h1", Count: 3, LastFailure: at(10)}}},
		{Signature: mild, ID: "mild-2", Cluster: "c2", State: incident.Resolved, Start: at(90), End: at(80), Hosts: []incident.Host{{Name: "h1", Count: 5, LastFailure: at(85)}}},
		{Signature: mild, ID: "mild-0", Cluster: "c1", State: incident.Resolved, Start: at(120), End: at(110), Hosts: []incident.Host{{Name: "h1", Count: 1, LastFailure: at(115), LastRecovery: at(110)}}},
	}}
	for name, tc := range map[string]struct {
		q    query.Query
		want string
	}{
		"all":            {query.Query{}, "c1/h1 active worst-1 3/2 6; c1/h2 resolved mild-1 1/0 1; c2/h1 resolved mild-2 1/0 5"},
		"failing ones":   {query.Query{States: []string{"active"}}, "c1/h1 active worst-1 3/2 6"},
		"recovered ones": {query.Query{States: []string{"resolved"}}, "c1/h2 resolved mild-1 1/0 1; c2/h1 resolved mild-2 1/0 5"},
		"one host":       {query.Query{Hosts: []string{"h2"}}, "c1/h2 resolved mild-1 1/0 1"},
	} {
		var got []string
		for _, h := range hostRows(a, tc.q) {
			got = append(got, fmt.Sprintf("%s/%s %s %s %d/%d %d", h.cluster, h.name, h.state(), h.worst().ID, len(h.incidents), h.failing, h.count))
		}
		if strings.Join(got, "; ") != tc.want {
			t.Errorf("%s:\n%s, want\n%s", name, strings.Join(got, "; "), tc.want)
		}
	}
}
