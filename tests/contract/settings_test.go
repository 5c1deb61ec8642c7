package contract

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/settings"
)

// sdkSettings are keys of Grafana's own that the plugin SDK reads.
var sdkSettings = []string{"tlsAuth", "tlsAuthWithCACert", "tlsSkipVerify", "serverName", "oauthPassThru", "httpHeaderName1"}

// documentedSources are the default selectors of contract.md.
func documentedSources(t *testing.T) [][3]string {
	t.Helper()
	var out [][3]string
	for _, row := range section(t, "Default selectors").rows {
		out = append(out, [3]string{strings.Trim(row[0], "`"), strings.Trim(row[1], "`"), strings.Trim(row[2], "`")})
	}
	return out
}

// jsonSettings are the documented settings but url, which is a column of Grafana's own.
func jsonSettings(t *testing.T) table {
	t.Helper()
	doc := section(t, "Settings")
	doc.rows = slices.DeleteFunc(slices.Clone(doc.rows), func(row []string) bool { return row[0] == "`url`" })
	return doc
}

// documentedDefault is a default as text; a list is joined by ", ".
func documentedDefault(doc table, row []string) string {
	return strings.Join(codes(doc.cell(row, "default")), ", ")
}

func TestSettingsAreThoseOfGo(t *testing.T) {
	doc := jsonSettings(t)
	names, types := jsonFields(reflect.TypeFor[settings.Settings]())
	sameNames(t, "Settings", doc.names(), "settings.Settings", names)
	entries, entryTypes := jsonFields(reflect.TypeFor[settings.Source]())
	sameNames(t, "Source entries", section(t, "Source entries").names(), "settings.Source", entries)
	for _, row := range section(t, "Source entries").rows {
		name := strings.Trim(row[0], "`")
		sameValue(t, "Source entries, type of `"+name+"`", row[1], "settings.Source", entryTypes[name])
	}

	raw, err := json.Marshal(settings.Default())
	if err != nil {
		t.Fatal(err)
	}
	// As YAML, because it keeps integers what they are.
	var defaults map[string]any
	if err := yaml.Unmarshal(raw, &defaults); err != nil {
		t.Fatal(err)
	}
	for _, row := range doc.rows {
		name := strings.Trim(row[0], "`")
		kind := doc.cell(row, "type")
		if kind == "duration" {
			kind = reflect.TypeFor[settings.Duration]().String()
			types[name] = strings.Replace(types[name], "integer", kind, 1)
		}
		sameValue(t, "Settings, type of `"+name+"`", kind, "settings.Settings", types[name])
		if name != "sources" {
			sameValue(t, "Settings, default of `"+name+"`", documentedDefault(doc, row), "settings.Default", sameDuration(text(defaults[name])))
		}
	}
	sameSources(t, "settings.Default", provisionedSources(t, defaults["sources"]))
}

// bounds of a setting, as contract.md writes them; ok is false for a setting without.
func bounds(doc table, row []string) (least, greatest string, ok bool) {
	both := codes(doc.cell(row, "bounds"))
	if len(both) != 2 {
		return "", "", false
	}
	return both[0], both[1], true
}

// The bounds are tried: what stands in contract.md is taken, and what is just beyond is not.
func TestBoundsAreThoseOfGo(t *testing.T) {
	doc := jsonSettings(t)
	try := func(key, kind, value string) error {
		if kind == "duration" {
			value = `"` + value + `"`
		}
		_, err := settings.Load(backend.DataSourceInstanceSettings{URL: "http://loki:3100", JSONData: []byte(`{"` + key + `": ` + value + `}`)})
		return err
	}
	for _, row := range doc.rows {
		key, kind := strings.Trim(row[0], "`"), doc.cell(row, "type")
		least, greatest, ok := bounds(doc, row)
		if wants := kind == "duration" || kind == "integer"; ok != wants {
			t.Errorf("docs/contract.md, Settings, bounds of `%s`: %q", key, doc.cell(row, "bounds"))
			continue
		}
		if !ok {
			continue
		}
		for _, value := range []string{least, greatest} {
			if err := try(key, kind, value); err != nil {
				t.Errorf("docs/contract.md, Settings, bounds of `%s`, has %s; settings.Load does not take it: %v", key, value, err)
			}
		}
		for _, beyond := range []string{step(t, kind, least, -1), step(t, kind, greatest, 1)} {
			if beyond != "" && try(key, kind, beyond) == nil {
				t.Errorf("docs/contract.md, Settings, bounds of `%s`, are %s to %s; settings.Load takes %s", key, least, greatest, beyond)
			}
		}
	}
}

// step is the value next to a bound, "" where there is none: a duration has no sign.
func step(t *testing.T, kind, bound string, by int) string {
	t.Helper()
	if kind == "duration" {
		d, err := model.ParseDuration(bound)
		if err != nil {
			t.Fatal(err)
		}
		if d == 0 && by < 0 {
			return ""
		}
		return (d + model.Duration(by)*model.Duration(time.Millisecond)).String()
	}
	n, err := strconv.ParseInt(bound, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(n+int64(by), 10)
}

func TestBoundsAreThoseOfTypeScript(t *testing.T) {
	doc := jsonSettings(t)
	ts := typescriptBounds(t, read(t, "src/settings/checks.ts"))
	var documented []string
	for _, row := range doc.rows {
		least, greatest, ok := bounds(doc, row)
		if !ok {
			continue
		}
		key := strings.Trim(row[0], "`")
		documented = append(documented, key)
		sameValue(t, "Settings, bounds of `"+key+"`", least+" to "+greatest, "src/settings/checks.ts", ts[key])
	}
	sameNames(t, "Settings, bounds", documented, "src/settings/checks.ts", keys(ts))
}

// sameDuration writes a day as the contract does; Prometheus writes 1d for 24h.
func sameDuration(text string) string {
	if text == "1d" {
		return "24h"
	}
	return text
}

// A key that a struct has and Load does not read would be ignored silently.
func TestEverySettingIsRead(t *testing.T) {
	for _, name := range jsonSettings(t).names() {
		_, err := settings.Load(backend.DataSourceInstanceSettings{URL: "http://loki:3100", JSONData: []byte(`{"` + name + `": {"wrong": true}}`)})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("docs/contract.md, Settings, has `%s`; settings.Load accepts an object for it: %v", name, err)
		}
	}
}

func TestSettingsAreThoseOfTypeScript(t *testing.T) {
	ts := read(t, "src/types.ts")
	doc := jsonSettings(t)
	sameNames(t, "Settings", doc.names(), "interface Settings of src/types.ts", interfaceKeys(t, ts, "Settings"))
	sameNames(t, "Source entries", section(t, "Source entries").names(), "interface SourceSettings of src/types.ts", interfaceKeys(t, ts, "SourceSettings"))
	defaults, sources := defaultSettings(t, ts)
	for _, row := range doc.rows {
		if name := strings.Trim(row[0], "`"); name != "sources" {
			sameValue(t, "Settings, default of `"+name+"`", documentedDefault(doc, row), "DEFAULT_SETTINGS of src/types.ts", defaults[name])
		}
	}
	sameSources(t, "DEFAULT_SETTINGS of src/types.ts", sources)
}

func sameSources(t *testing.T, side string, sources [][3]string) {
	t.Helper()
	if documented := documentedSources(t); !slices.Equal(documented, sources) {
		t.Errorf("docs/contract.md, Default selectors, has\n\t%q\n%s has\n\t%q", documented, side, sources)
	}
}

func TestProvisionedDataSourcesUseKnownSettings(t *testing.T) {
	var file struct {
		Datasources []struct {
			UID, Type      string
			JSONData       map[string]any    `yaml:"jsonData"`
			SecureJSONData map[string]string `yaml:"secureJsonData"`
		}
	}
	const path = "provisioning/datasources/datasources.yaml"
	if err := yaml.Unmarshal([]byte(read(t, path)), &file); err != nil {
		t.Fatal(err)
	}
	doc, secrets := jsonSettings(t), section(t, "Secrets").names()
	for _, d := range file.Datasources {
		if d.Type != "blueking-incidents-datasource" {
			continue
		}
		for key, value := range d.JSONData {
			row := doc.row(key)
			if row == nil && !slices.Contains(sdkSettings, key) {
				t.Errorf("%s, %s, has the setting `%s`; docs/contract.md, Settings, has not", path, d.UID, key)
			}
			// The full sample says that it shows the defaults; those of which it does not are written in its comment.
			if row == nil || d.UID != "blueking-incidents" || key == "lokiUid" || key == "sources" {
				continue
			}
			sameValue(t, "Settings, default of `"+key+"`", documentedDefault(doc, row), path, text(value))
		}
		for key := range d.SecureJSONData {
			if !slices.Contains(secrets, key) && !strings.HasPrefix(key, "httpHeaderValue") {
				t.Errorf("%s, %s, has the secret `%s`; docs/contract.md, Secrets, has not", path, d.UID, key)
			}
		}
		if d.UID == "blueking-incidents" {
			sameSources(t, path, provisionedSources(t, d.JSONData["sources"]))
			sameNames(t, "Settings", doc.names(), path+" (which shows all of them)", keys(d.JSONData))
		}
	}
}

func provisionedSources(t *testing.T, value any) [][3]string {
	t.Helper()
	list, ok := value.([]any)
	if !ok {
		t.Fatalf("sources are %T", value)
	}
	var out [][3]string
	for _, e := range list {
		entry, ok := e.(map[string]any)
		if !ok {
			t.Fatalf("an entry of sources is %T", e)
		}
		// Grafana takes $NAME for a variable, so files write $$.
		selector := strings.ReplaceAll(text(entry["selector"]), "$$", "$")
		out = append(out, [3]string{text(entry["source"]), selector, text(entry["onHost"])})
	}
	return out
}

func text(value any) string {
	if list, ok := value.([]any); ok {
		parts := make([]string, len(list))
		for i, v := range list {
			parts[i] = fmt.Sprint(v)
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(value)
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// The pages that people copy from show the defaults, too.
func TestPagesShowTheDefaultSelectors(t *testing.T) {
	for _, page := range []string{"README.md", "README.zh.md", "src/README.md"} {
		shown := strings.ReplaceAll(read(t, page), `\|`, "|")
		for _, s := range documentedSources(t) {
			if !strings.Contains(shown, s[1]) {
				t.Errorf("%s does not show the default selector %s of docs/contract.md", page, s[1])
			}
		}
	}
}
