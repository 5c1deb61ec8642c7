package frames

import "testing"

func TestAListShowsTheFirstSentenceOfAStep(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a sentence", "Read the log.", "Read the log."},
		{"no mark at its end", "Read the log", "Read the log"},
		{"an explanation after it", "Confirm it on the host: no output means no. Then check /etc/resolv.conf.", "Confirm it on the host: no output means no."},
		{"Chinese", "在目的主机上确认：没有输出即无法解析。再检查 DNS。", "在目的主机上确认：没有输出即无法解析。"},
		{"names and versions with a dot", "Look at bkrepo.example.com in 7.2 or gse_agent.conf first. Then retry.", "Look at bkrepo.example.com in 7.2 or gse_agent.conf first."},
		{"an abbreviation", "Use another port, e.g. 30025. Then retry.", "Use another port, e.g. 30025."},
		{
			"a long list of cases",
			"Let the reason decide: 500, 502, 503 and 504 mean that CMDB itself is at fault, so look at its pods; 401 and 403 mean that the gateway rejects nodeman; others say what to do.",
			"Let the reason decide: 500, 502, 503 and 504 mean that CMDB itself is at fault, so look at its pods…",
		},
		{
			"clauses that fit", "一；二；" + "三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三三。",
			"一；二…",
		},
		{"nothing", "", ""},
	} {
		if got := opening(c.text, roomForAct); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
	}
}
