package discover

import "github.com/blueking/incidents/pkg/settings"

// Log is a kind of log.
type Log string

// The kinds of logs.
const (
	NodemanPods  Log = "nodeman-pods"
	ExecutionLog Log = "execution-log"
	Installers   Log = "installers"
	AgentErrors  Log = "agent-errors"
	GatewayPods  Log = "gateway-pods"
	NodemgrPods  Log = "nodemgr-pods"
)

// The parts of the expressions as LogQL writes them in quotes.
const (
	installerFile = `".*[/\\\\]nm\\.(setup_\\w+|nohup).*", $label!~".*\\.(debug|report_log.*)"`
	agentFile     = `".*[/\\\\]gse[^/\\\\]*([/\\\\].*)?[/\\\\]agent-err.*"`
)

// kinds are all kinds, with the default selectors for those that are not there.
func kinds() []kind {
	defaults := settings.Default().Sources
	// A pod's name goes before a workload's: several pods are one workload, and a label of it may be of something else.
	pods := func(name string) []way {
		return []way{
			{labels: podLabels, value: name + `-.*`, op: "=~", expr: `"` + name + `-.*"`},
			{labels: workloadLabels, value: `(?:.*/)?` + name + `(?:-.*)?`, op: "=~", expr: `"(?:.*/)?` + name + `(?:-.*)?"`},
		}
	}
	return []kind{
		{log: NodemanPods, source: "nodeman", fallback: defaults[0].Selector, ways: pods(`bk-nodeman-(backend|saas)`)},
		{log: ExecutionLog, source: "nodeman", fallback: defaults[1].Selector, ways: []way{
			{labels: []string{"job", "service_name"}, value: `nodeman-execution-log`, op: "=", expr: `"nodeman-execution-log"`},
		}},
		{log: Installers, source: "nodeman", onHost: true, fallback: defaults[2].Selector, ways: []way{
			{labels: fileLabels, value: `(?:.*[/\\])?nm\.(?:setup_\w+|nohup).*`, op: "=~", expr: installerFile},
		}},
		{log: AgentErrors, source: "agent", onHost: true, fallback: defaults[3].Selector, ways: []way{
			{labels: fileLabels, value: `.*[/\\]gse[^/\\]*(?:[/\\].*)?[/\\]agent-err.*`, op: "=~", expr: agentFile},
		}},
		{log: GatewayPods, source: "bk-job-gateway", fallback: defaults[4].Selector, ways: pods(`bk-job-gateway`)},
		{log: NodemgrPods, source: "nodemgr", fallback: `{namespace="blueking", pod=~"bk-nodemgr-(backend|file|application)-.*"}`, ways: pods(`bk-nodemgr-(backend|file|application)`)},
	}
}
