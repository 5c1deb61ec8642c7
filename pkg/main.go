// Command main is the backend of the Grafana data source plugin BlueKing Incidents.
package main

import (
	"os"
	"runtime/debug"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/blueking/incidents/pkg/plugin"
)

// garbage is how much the heap may grow, in percent, before it is collected. A scan makes and drops many values; at Go's
// default of 100 the process would hold twice what it uses.
const garbage = 25

func main() {
	debug.SetGCPercent(garbage)
	if err := datasource.Manage(plugin.ID, plugin.NewInstance, datasource.ManageOpts{}); err != nil {
		log.DefaultLogger.Error("The plugin ended", "error", err)
		os.Exit(1)
	}
}
