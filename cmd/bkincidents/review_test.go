package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/trend"
)

func trendOf(t *testing.T, code int, out, stderr string) trend.Trend {
	t.Helper()
	var got trend.Trend
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, stderr)
	}
	return got
}

// A week of a Loki in which one custom failure came back every day.
func TestReportOfALoki(t *testing.T) {
	url := fakeLoki(t, backups(), nil)
	dir := folder(t, map[string]string{"own.yaml": goodSignature})
	args := []string{"report", "--loki", url, "--signatures", dir, "--since", "14d", "--to", backtestNow.Format(time.RFC3339), "--timezone", "UTC"}

	code, out, stderr := call(t, "", append(args, "--format", "json")...)
	got := trendOf(t, code, out, stderr)
	if len(got.Weeks) != 2 || got.Weeks[0].Errors != 0 || got.Weeks[0].Share != nil || got.Weeks[1].Errors == 0 {
		t.Errorf("weeks %+v, want an empty one and one with errors", got.Weeks)
	}
	// The lines of the host have no level, so they are no error lines; those of the pod are all explained.
	if share := got.Weeks[1].Share; share == nil || *share != 1 {
		t.Errorf("share %v of %d errors", share, got.Weeks[1].Errors)
	}
	if len(got.Signatures) != 1 || got.Signatures[0].Signature != "backup-failed" || got.Signatures[0].Lines != 27 || got.Incidents != got.Signatures[0].Incidents {
		t.Errorf("signatures %+v", got.Signatures)
	}
	if got.Incidents != got.Weeks[0].Incidents+got.Weeks[1].Incidents || got.Causes[0].Signature != "backup-failed" {
		t.Errorf("%d incidents, weeks %+v, causes %+v", got.Incidents, got.Weeks, got.Causes)
	}
	if strings.Contains(out, "very-secret") {
		t.Errorf("the secret of a line is told: %s", out)
	}

	for lang, shows := range map[string][]string{
		"en": {"By signature", "backup-failed", "Mean time to recover", "100.0 %", "Never seen"},
		"zh": {"按特征", "备份失败", "平均恢复时间", "100.0 %", "从未出现"},
	} {
		code, out, stderr := call(t, "", append(args, "--lang", lang)...)
		for _, text := range shows {
			if code != exitOK || !strings.Contains(out, text) {
				t.Errorf("%s: exit %d, no %q in %s%s", lang, code, text, out, stderr)
			}
		}
	}
}

func TestReportOfFiles(t *testing.T) {
	const log = curlFailure + "\n[2024-10-22 17:05:02 ERROR] nobody has seen this one before\n"
	code, out, stderr := call(t, log, "report", "--source", "nodeman", "--format", "json", "-")
	got := trendOf(t, code, out, stderr)
	if got.Incidents != 1 || len(got.Weeks) != 1 || got.Weeks[0].Errors <= got.Weeks[0].Explained || got.Weeks[0].Explained == 0 {
		t.Errorf("%+v", got)
	}
	for _, u := range got.Never {
		if u.Signature == "job-jwt-verify" && u.Reachable {
			t.Error("a signature of the gateway is said to be reachable in nodeman's log")
		}
	}
}

func TestReportOfNothing(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		shows string
	}{
		"no Loki and no file": {[]string{"report"}, "--loki is missing"},
		"no such file":        {[]string{"report", "no-such.log"}, "no-such.log"},
		"a wrong range":       {[]string{"report", "--loki", "http://127.0.0.1:9", "--from", "2024-10-23", "--to", "2024-10-22"}, "is not before"},
	} {
		if code, out, stderr := call(t, "", c.args...); code != exitUsage || out != "" || !strings.Contains(stderr, c.shows) {
			t.Errorf("%s: exit %d, %s%s", name, code, out, stderr)
		}
	}
}
