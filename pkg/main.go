// Command main is the backend of the Grafana data source plugin BlueKing Incidents.
package main

import (
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/blueking/incidents/pkg/memlimit"
	"github.com/blueking/incidents/pkg/plugin"
)

func main() {
	// A refresh of a day allocates some 20 MB beside 15 that are kept. A flood of a hundred thousand hits keeps 45 to 50.
	memlimit.Keep(memlimit.Share{Floor: 88 << 20, Percent: 20})
	if err := datasource.Manage(plugin.ID, plugin.NewInstance, datasource.ManageOpts{}); err != nil {
		log.DefaultLogger.Error("The plugin ended", "error", err)
		os.Exit(1)
	}
}
