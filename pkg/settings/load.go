package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
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
		return reason{"%s is no duration: write it in quotes, like \"10m\"", "%s 不是时长：请加引号，写成 \"10m\"", string(raw)}
	}
	parsed, err := model.ParseDuration(text)
	if err != nil {
		return reason{"%q is no duration: write it like 25s, 10m or 24h", "%q 不是时长：请写成 25s、10m 或 24h", text}
	}
	*d = Duration(parsed)
	return nil
}

// MarshalJSON writes a Prometheus duration.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(model.Duration(d).String()) }

// D returns the duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// Load reads settings. Keys that this release does not know are left alone; a key that is absent, null, "" or [] has its
// default, because editors save fields that were emptied that way. With an error come the settings as far as they
// could be read, so that the error can be told in their language.
func Load(s backend.DataSourceInstanceSettings) (Settings, error) {
	out := Default()
	out.URL = strings.TrimRight(strings.TrimSpace(s.URL), "/")
	raw := map[string]json.RawMessage{}
	if len(s.JSONData) > 0 {
		if err := json.Unmarshal(s.JSONData, &raw); err != nil {
			return out, invalid("jsonData", "not a JSON object: %v", "不是 JSON 对象：%v", err)
		}
	}
	var errs []error
	for _, f := range out.fields() {
		value, ok := raw[f.key]
		if text := string(value); !ok || text == "null" || text == `""` || text == "[]" {
			continue
		}
		if err := f.read(value); err != nil {
			errs = append(errs, invalid(f.key, "%v", "%v", explain(err)))
		}
	}
	if len(errs) > 0 {
		return out, errors.Join(errs...)
	}
	return out, out.Validate()
}

// field is one key of jsonData and what reads it.
type field struct {
	key  string
	read func(json.RawMessage) error
}

// fields are in the order in which errors are told.
func (s *Settings) fields() []field {
	return []field{
		{"store", into(&s.Store)}, {"tenant", into(&s.Tenant)}, {"sources", into(&s.Sources)},
		{"hostLabels", into(&s.HostLabels)}, {"clusterLabel", into(&s.ClusterLabel)}, {"language", into(&s.Language)},
		{"bluekingVersion", into(&s.BlueKingVersion)}, {"lokiUid", into(&s.LokiUID)}, {"lateness", into(&s.Lateness)},
		{"lookbackMax", into(&s.LookbackMax)}, {"maxLines", into(&s.MaxLines)}, {"maxBytes", into(&s.MaxBytes)},
		{"requestTimeout", into(&s.RequestTimeout)}, {"queryTimeout", into(&s.QueryTimeout)},
		{"pageLimit", into(&s.PageLimit)}, {"parallel", into(&s.Parallel)}, {"signatures", into(&s.Signatures)},
	}
}

// into reads a value anew and sets the target only if that went well. Decoding into the default itself would mix the
// two: encoding/json keeps what stands in the elements of a slice that it fills, so a source without onHost would
// inherit it from the default source at its place.
func into[T any](target *T) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		var value T
		if err := json.Unmarshal(raw, &value); err != nil {
			return err
		}
		*target = value
		return nil
	}
}

// reason is why a value cannot be read.
type reason struct {
	en, zh string
	value  string
}

func (r reason) Error() string { return r.Message("en") }

// Message is the reason in "zh" or, for any other language, in English.
func (r reason) Message(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf(r.zh, r.value)
	}
	return fmt.Sprintf(r.en, r.value)
}

// explain says a type error in the user's words.
func explain(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	en, zh := "text in quotes", "带引号的文本"
	switch wrong.Type.Kind() {
	case reflect.Int, reflect.Int64:
		en, zh = "a whole number without quotes", "不带引号的整数"
	case reflect.Bool:
		en, zh = "true or false", "true 或 false"
	case reflect.Slice:
		en, zh = "a list", "列表"
	case reflect.Struct:
		en, zh = "an object with source, selector and onHost", "含 source、selector、onHost 的对象"
	}
	where, whereZH := "", ""
	if wrong.Field != "" {
		where, whereZH = wrong.Field+": ", wrong.Field+"："
	}
	return reason{where + "%s is not possible here: write " + en, whereZH + "这里不能是 %s：请写成" + zh, wrong.Value}
}
