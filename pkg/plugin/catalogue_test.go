package plugin

import (
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/signature"
)

const customSignature = `
apiVersion: bkincidents/v1
id: mine
revision: 1
status: active
severity: low
class: unknown
family: mine
title: {zh: 我的, en: Mine}
summary: {zh: s, en: s}
terms:
  failed: {source: nodeman, any_of: [{text: my own failure}]}
detect: {term: failed}
key: [cluster]
resolve: {quiet: 20m}
`

func TestCustomSignaturesWorkBesideTheShippedOnes(t *testing.T) {
	f := busy()
	f.log(signature.Nodeman, 0, "unrelated")
	f.log(signature.Nodeman, 120e9, "my own failure")
	d := openWith(t, f, customSignature)
	got := cells(t, frame(t, one(t, d, `{"queryType":"count","signatures":["mine","offline"]}`)), "value")
	if len(got) != 2 || got[0] != 1.0 || got[1] != 2.0 {
		t.Errorf("%v", got)
	}
	catalogue := frame(t, one(t, d, `{"queryType":"signatures"}`))
	for i, id := range cells(t, catalogue, "signature") {
		if custom := cells(t, catalogue, "custom")[i]; custom != (id == "mine") {
			t.Errorf("%s: custom %v", id, custom)
		}
	}
}

func TestABrokenCustomSignatureLeavesTheRestWorking(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"a typo":            {customSignature + "---\napiVersion: bkincidents/v1\nid: other\nsevirity: low\n", "signatures:19:1: other: unknown key \"sevirity\""},
		"not YAML":          {customSignature + "---\n{", "not valid YAML"},
		"a shipped id":      {customSignature + "---" + strings.Replace(customSignature, "id: mine", "id: offline", 1), "offline: the id is that of a shipped signature: choose another"},
		"the same id twice": {customSignature + "---" + customSignature, "mine: the id is that of another custom signature: choose another"},
	} {
		t.Run(name, func(t *testing.T) {
			d := openWith(t, busy(), tc.text)
			incidents := frame(t, one(t, d, `{"queryType":"incidents"}`))
			if incidents.Rows() != 4 {
				t.Errorf("%d incidents of the shipped signatures", incidents.Rows())
			}
			notices := incidents.Meta.Notices
			if len(notices) == 0 || !strings.Contains(notices[0].Text, tc.want) {
				t.Errorf("notices %+v, want %q", notices, tc.want)
			}
			if _, ok := d.catalogue.set.Get("mine"); !ok {
				t.Error("the custom signature that is whole is lost")
			}
		})
	}
}
