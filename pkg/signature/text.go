package signature

import (
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// Lang is a language of the catalogue: "zh" (zh-Hans) or "en".
type Lang string

// The languages.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Text is a text in both languages. It may use {{captures}}.
type Text struct {
	ZH Template `yaml:"zh"`
	EN Template `yaml:"en"`
}

// In returns the text in a language.
func (t Text) In(lang Lang) Template {
	if lang == EN {
		return t.EN
	}
	return t.ZH
}

// Empty reports whether neither language is set.
func (t Text) Empty() bool { return t.ZH.IsZero() && t.EN.IsZero() }

// Duration is a duration as Prometheus writes it: 30s, 5m, 1h, 3d.
type Duration time.Duration

// UnmarshalYAML reads a Prometheus duration.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := model.ParseDuration(node.Value)
	if err != nil {
		return wrong(badDuration, node.Value).at(node)
	}
	*d = Duration(parsed)
	return nil
}

// D returns the duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String writes the duration as Prometheus does.
func (d Duration) String() string { return model.Duration(d).String() }
