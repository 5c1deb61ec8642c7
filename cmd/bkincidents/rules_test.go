package main

import (
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/signature"
)

func TestRulesOfAFolder(t *testing.T) {
	dir := folder(t, map[string]string{"own.yaml": goodSignature})
	for _, c := range []struct {
		args []string
		path string
	}{
		{[]string{"--format", "grafana", "--datasource-uid", "my-uid"}, "testdata/rules.grafana.yaml"},
		{[]string{"--format", "loki", "--selector", `nodeman={namespace="bk"}`, "--grafana-url", "https://grafana.example.com/"}, "testdata/rules.loki.yaml"},
	} {
		code, out, stderr := call(t, "", append(append([]string{"rules"}, c.args...), dir)...)
		if code != exitOK || stderr != "" {
			t.Errorf("%v: exit %d, %s", c.args, code, stderr)
		}
		golden(t, c.path, out)
	}
}

func TestRulesOfTheCatalogue(t *testing.T) {
	set, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	active := 0
	for _, sig := range set.All() {
		if sig.Status == signature.Active {
			active++
		}
	}
	for format, rule := range map[string]string{"grafana": "\n      - uid: ", "loki": "\n      - alert: "} {
		code, out, _ := call(t, "", "rules", "--format", format)
		if n := strings.Count(out, rule); code != exitOK || n != active {
			t.Errorf("%s: exit %d, %d rules of %d active signatures", format, code, n, active)
		}
	}
	if code, out, _ := call(t, "", "rules", "--format", "alloy"); code != exitOK || strings.Count(out, "stage.match") != 2*4 || strings.Contains(out, "nodeman-execution-log") {
		t.Errorf("alloy: exit %d, %s", code, out)
	}
	if _, _, stderr := call(t, "", "rules", "--format", "loki"); !strings.Contains(stderr, "rules have no runbook_url") {
		t.Errorf("rules without a runbook are not told: %s", stderr)
	}
}

func TestRulesOfWhatDoesNotAlert(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		code  int
		shows string
	}{
		"a draft":          {draft, exitUsage, "none of the signatures is active"},
		"what is not read": {strings.Replace(goodSignature, "status:", "statux:", 1), exitProblems, "unknown key"},
	} {
		code, out, stderr := call(t, "", "rules", "--format", "loki", folder(t, map[string]string{"a.yaml": c.text}))
		if code != c.code || out != "" || !strings.Contains(stderr, c.shows) {
			t.Errorf("%s: exit %d, %q %q", name, code, out, stderr)
		}
	}
}
