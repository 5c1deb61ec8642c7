package files

import (
	"testing"

	"github.com/blueking/incidents/pkg/signature"
)

func TestGuesses(t *testing.T) {
	for name, want := range map[string]signature.Source{
		"agent-err.log": signature.Agent, "agent-err.log.1": signature.Agent, "nm.setup_agent.sh.60012": signature.Nodeman,
		"nm.nohup.out": signature.Nodeman, "bk-job-gateway-5b7c.log": signature.Gateway, "bk-nodeman-backend-api.log": signature.Nodeman, "x.log": "",
	} {
		if got, _, _ := byName(name); got != want {
			t.Errorf("%s is read as %q, want %q", name, got, want)
		}
	}
	for line, want := range map[string]signature.Source{
		"2024-10-22 17:01:02,345:20417:ZOO_INFO@check_events@1703: initiated connection":                      signature.Agent,
		"[2024-11-08 09:00:00.001]  INFO [job-gateway,,] 1 --- [main] c.t.b.j.g.s.impl.EsbJwtServiceImpl : x": signature.Gateway,
		`{"levelname": "INFO", "message": "x"}`:                                                               signature.Nodeman,
		"[2024-10-22 17:01:02 INFO] 执行命令: ls":                                                                 signature.Nodeman,
		"2024-10-22 17:01:02 INFO setup_agent START setup agent. (extract)":                                   signature.Nodeman,
	} {
		var content tally
		content.add(line, true)
		if got := content.sources(); len(got) != 1 || got[0] != want {
			t.Errorf("%q is read as %v, want %s", line, got, want)
		}
	}
}
