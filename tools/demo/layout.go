package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/tools/pluginrun"
)

// config keeps Grafana on this computer: loopback only, nothing reported, looked up or downloaded.
// Everybody who reaches the port is a viewer; admin/admin may change things.
const config = `[paths]
data = %[1]s/data
logs = %[1]s/logs
plugins = %[1]s/plugins
provisioning = %[1]s/provisioning
[server]
http_addr = 127.0.0.1
http_port = %[2]d
root_url = http://127.0.0.1:%[2]d/
[analytics]
reporting_enabled = false
check_for_updates = false
check_for_plugin_updates = false
feedback_links_enabled = false
[security]
disable_gravatar = true
admin_password = admin
[auth.anonymous]
enabled = true
org_role = Viewer
[snapshots]
external_enabled = false
[news]
news_feed_enabled = false
[plugins]
allow_loading_unsigned_plugins = ` + pluginrun.PluginID + `
plugin_admin_enabled = false
public_key_retrieval_disabled = true
preinstall_disabled = true
[unified_alerting]
enabled = true
min_interval = 10s
alertmanager_config_poll_interval = 5s
[unified_alerting.screenshots]
capture = false
[log]
level = warn
`

// dataSourceUID is the one that the shipped dashboards and alert rules name.
const dataSourceUID = "blueking-incidents"

// layOut writes all that Grafana reads: its configuration, the plugin, the data source, and the dashboards and alert
// rules of the checkout.
func layOut(dir, root string, port int, source pluginrun.DataSource) error {
	provisioning := filepath.Join(dir, "provisioning")
	for _, sub := range []string{"data", "logs", "plugins"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	for _, sub := range []string{"datasources", "dashboards", "alerting", "plugins"} {
		if err := os.MkdirAll(filepath.Join(provisioning, sub), 0o755); err != nil {
			return err
		}
	}
	// Dashboards and rules are in one language, that of the data source.
	settings, _ := source.JSONData.(map[string]any)
	lang, _ := settings["language"].(string)
	if lang == "" {
		lang = "zh"
	}
	dataSource := map[string]any{
		"name": "BlueKing Incidents", "uid": dataSourceUID, "type": pluginrun.PluginID,
		"access": "proxy", "orgId": 1, "url": source.URL, "isDefault": true, "jsonData": source.JSONData,
	}
	provider := map[string]any{
		"name": "blueking-incidents", "orgId": 1, "type": "file", "folder": "BlueKing Incidents",
		"options": map[string]any{"path": filepath.Join(root, "dashboards", lang)},
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "custom.ini"), fmt.Appendf(nil, config, filepath.ToSlash(dir), port), 0o600),
		os.Symlink(filepath.Join(root, "dist"), filepath.Join(dir, "plugins", pluginrun.PluginID)),
		writeYAML(filepath.Join(provisioning, "datasources", "demo.yaml"), map[string]any{"apiVersion": 1, "datasources": []any{dataSource}}),
		writeYAML(filepath.Join(provisioning, "dashboards", "demo.yaml"), map[string]any{"apiVersion": 1, "providers": []any{provider}}),
		copyFiles(filepath.Join(root, "provisioning", "alerting", lang), filepath.Join(provisioning, "alerting")),
	)
}

func writeYAML(path string, value any) error {
	text, err := yaml.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// copyFiles copies the files of a folder; a checkout without the folder has none.
func copyFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
