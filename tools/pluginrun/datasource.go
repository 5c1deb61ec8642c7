package pluginrun

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// PluginID is the id in src/plugin.json.
const PluginID = "blueking-incidents-datasource"

// DataSource is what a user configures: URL is Loki's base address ("" for the built-in samples),
// JSONData the settings of docs/contract.md as a struct or map, Secrets the secureJsonData.
type DataSource struct {
	URL      string
	JSONData any
	Secrets  map[string]string
}

// Context makes the plugin context that Grafana sends with each request for this data source.
// A plugin keeps an instance per data source id until it is updated, therefore the id is derived from the
// settings: two different settings never share an instance. The error is about JSONData that JSON cannot express.
func (d DataSource) Context() (backend.PluginContext, error) {
	jsonData, err := json.Marshal(d.JSONData)
	if err != nil {
		return backend.PluginContext{}, fmt.Errorf("data source settings: %w", err)
	}
	if d.JSONData == nil {
		jsonData = []byte("{}")
	}
	secrets, err := json.Marshal(d.Secrets)
	if err != nil {
		return backend.PluginContext{}, fmt.Errorf("data source secrets: %w", err)
	}
	id := fnv.New32a()
	_, _ = fmt.Fprintf(id, "%s\x00%s\x00%s", d.URL, jsonData, secrets) // a hash never fails
	return backend.PluginContext{
		Namespace: "default",
		PluginID:  PluginID,
		User:      &backend.User{Login: "oncall", Name: "On call", Role: "Viewer"},
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			ID:                      int64(id.Sum32()),
			UID:                     fmt.Sprintf("bk-%08x", id.Sum32()),
			Type:                    PluginID,
			Name:                    "BlueKing Incidents",
			URL:                     d.URL,
			JSONData:                jsonData,
			DecryptedSecureJSONData: d.Secrets,
			Updated:                 time.Unix(0, 0),
		},
	}, nil
}
