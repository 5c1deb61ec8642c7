package frames

import (
	"testing"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// On call, what is left to decide matters: causes are numbered, those that do not fit are counted, and a condition in the
// language of signatures ("url.host is ip") is nowhere.
func TestCompetingCausesReadLikeAList(t *testing.T) {
	isIP, err := signature.ParseCondition("url.host is ip")
	if err != nil {
		t.Fatal(err)
	}
	cause := func(text string, score int, evidence ...string) incident.Hypothesis {
		words, err := signature.ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		return incident.Hypothesis{
			Score: score, For: evidence,
			Definition: &signature.Hypothesis{
				Text: signature.Text{EN: words, ZH: words},
				For:  []signature.Weight{{When: isIP}, {Signature: "curl-dns"}},
			},
		}
	}
	inc := &incident.Incident{Signature: &signature.Signature{}, Hypotheses: []incident.Hypothesis{
		cause("The node port is closed", 6, "url.host is ip", "curl-dns"), cause("The host has no route", 2), cause("DNS is slow", -4),
	}}
	for lang, want := range map[signature.Lang]string{
		signature.EN: "1. The node port is closed (for: curl-dns)\n2. The host has no route\nThe logs speak against 1 more.",
		signature.ZH: "1. The node port is closed（支持：curl-dns）\n2. The host has no route\n另有 1 个原因与日志不符。",
	} {
		if got := view(lang).hypotheses(inc); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", lang, got, want)
		}
	}
}
