package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"
)

// Duration is a duration that JSON writes as Prometheus does: "10m", "25s", "24h".
type Duration time.Duration

// UnmarshalJSON reads a Prometheus duration.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return fmt.Errorf("%s is no duration: write it in quotes, like \"10m\"", raw)
	}
	parsed, err := model.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no duration: write it like 25s, 10m or 24h", text)
	}
	*d = Duration(parsed)
	return nil
}

// MarshalJSON writes a Prometheus duration.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(model.Duration(d).String()) }

// D returns the duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// Load reads settings. Keys that this release does not know are left alone; a key that is absent, null or "" has its
// default, because editors save fields that were emptied that way.
func Load(s backend.DataSourceInstanceSettings) (Settings, error) {
	out := Default()
	out.URL = strings.TrimRight(strings.TrimSpace(s.URL), "/")
	raw := map[string]json.RawMessage{}
	if len(s.JSONData) > 0 {
		if err := json.Unmarshal(s.JSONData, &raw); err != nil {
			return Settings{}, fmt.Errorf("%w: jsonData is not a JSON object: %w", ErrInvalid, err)
		}
	}
	var errs []error
	for key, field := range map[string]any{
		"store": &out.Store, "tenant": &out.Tenant, "sources": &out.Sources, "hostLabels": &out.HostLabels,
		"clusterLabel": &out.ClusterLabel, "language": &out.Language, "bluekingVersion": &out.BlueKingVersion,
		"lokiUid": &out.LokiUID, "lateness": &out.Lateness, "lookbackMax": &out.LookbackMax, "maxLines": &out.MaxLines,
		"maxBytes": &out.MaxBytes, "requestTimeout": &out.RequestTimeout, "queryTimeout": &out.QueryTimeout,
		"pageLimit": &out.PageLimit, "parallel": &out.Parallel, "signatures": &out.Signatures,
	} {
		value, ok := raw[key]
		if text := string(value); !ok || text == "null" || text == `""` || text == "[]" {
			continue
		}
		if err := json.Unmarshal(value, field); err != nil {
			errs = append(errs, fmt.Errorf("%w: %s: %w", ErrInvalid, key, explain(err)))
		}
	}
	if len(errs) > 0 {
		return Settings{}, errors.Join(errs...)
	}
	return out, out.Validate()
}

// explain says a type error in the user's words.
func explain(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("a %s stands where a %s is wanted", wrong.Value, wrong.Type)
	}
	return err
}
