// Package settings reads the data source settings: the URL and jsonData of Grafana, with defaults, checked.
// Credentials never pass through here: the SDK puts them into the HTTP client.
package settings

import (
	"time"

	"github.com/blueking/incidents/pkg/source"
)

// Store says where logs come from.
type Store string

// The stores.
const (
	Loki    Store = "loki"
	Samples Store = "samples"
)

// Source maps a logical source to a stream selector.
type Source struct {
	// Source is a known source, or a new name that custom signatures use.
	Source string `json:"source"`
	// Selector is a stream selector such as {namespace="blueking"}.
	Selector string `json:"selector"`
	// OnHost tells that the streams were collected on the host they speak of.
	OnHost bool `json:"onHost"`
	// Marked tells that the collector marks lines by what signatures look for: `bkincidents rules --format alloy`.
	Marked bool `json:"marked,omitempty"`
}

// Settings are complete and valid once Load has returned them. The JSON keys are those of jsonData; docs/contract.md
// lists them with their defaults.
type Settings struct {
	// URL is Loki's base address, from the data source's own field.
	URL   string `json:"-"`
	Store Store  `json:"store"`
	// Tenant is the X-Scope-OrgID header; "" sends none.
	Tenant  string   `json:"tenant"`
	Sources []Source `json:"sources"`
	// HostLabels name the host of streams that were collected on hosts; the first that a stream has counts.
	HostLabels   []string `json:"hostLabels"`
	ClusterLabel string   `json:"clusterLabel"`
	// Language is zh or en.
	Language string `json:"language"`
	// BlueKingVersion is one of BlueKingVersions.
	BlueKingVersion string `json:"bluekingVersion"`
	// LokiUID is the Loki data source that links to Explore open.
	LokiUID string `json:"lokiUid"`
	// Lateness is how late a line may arrive; LookbackMax caps how far before a range an incident's start is looked for.
	Lateness    Duration `json:"lateness"`
	LookbackMax Duration `json:"lookbackMax"`
	// MaxLines and MaxBytes cap what one read of a source may give.
	MaxLines int   `json:"maxLines"`
	MaxBytes int64 `json:"maxBytes"`
	// RequestTimeout bounds one request to Loki, QueryTimeout one query of Grafana.
	RequestTimeout Duration `json:"requestTimeout"`
	QueryTimeout   Duration `json:"queryTimeout"`
	// PageLimit is the most lines a page; 0 learns it from Loki.
	PageLimit int `json:"pageLimit"`
	// Parallel bounds the concurrent requests to Loki.
	Parallel int `json:"parallel"`
	// Signatures are custom signatures, YAML documents separated by ---.
	Signatures string `json:"signatures"`
}

// BlueKingVersions lists the versions of BlueKing whose documents and steps are known. 7.3 is an alpha with nodeman V2 in
// the same namespace; where it has no document of its own, that of 7.2 stands.
func BlueKingVersions() []string { return []string{"7.0", "7.1", "7.2", "7.3"} }

// Default returns the settings of a new data source.
func Default() Settings {
	return Settings{
		Store:           Loki,
		Sources:         defaultSources(),
		HostLabels:      []string{"host", "instance", "hostname"},
		ClusterLabel:    "cluster",
		Language:        "zh",
		BlueKingVersion: "7.2",
		Lateness:        Duration(10 * time.Minute),
		LookbackMax:     Duration(24 * time.Hour),
		MaxLines:        100_000,
		MaxBytes:        1 << 30,
		RequestTimeout:  Duration(25 * time.Second),
		QueryTimeout:    Duration(2 * time.Minute),
		Parallel:        4,
	}
}

// defaultSources are the selectors that BlueKing's helm charts and the collector configurations in
// provisioning/collectors yield. Optional sources have none.
func defaultSources() []Source {
	var out []Source
	for _, row := range source.Rows() {
		if row.Optional {
			continue
		}
		for _, s := range row.Selectors {
			out = append(out, Source{Source: string(row.Name), Selector: s.Selector, OnHost: s.OnHost})
		}
	}
	return out
}
