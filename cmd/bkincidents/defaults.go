package main

import (
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/settings"
	"github.com/blueking/incidents/pkg/signature"
)

// defaults are those of the data source, so that both tell the same of the same logs.
var defaults = settings.Default()

// defaultSelectors are where a source's logs are.
func defaultSelectors() []scan.Selector {
	out := make([]scan.Selector, len(defaults.Sources))
	for i, s := range defaults.Sources {
		out[i] = scan.Selector{Source: signature.Source(s.Source), Selector: s.Selector, OnHost: s.OnHost}
	}
	return out
}

// scanOptions are what both scan and query say to the pipeline.
func scanOptions(set *signature.Set, selectors []scan.Selector, clock func() time.Time) scan.Options {
	return scan.Options{
		Prepared:    scan.Prepare(set),
		Labels:      incident.Settings{HostLabels: defaults.HostLabels, ClusterLabel: defaults.ClusterLabel},
		Selectors:   selectors,
		LookbackMax: time.Duration(defaults.LookbackMax),
		Clock:       clock,
	}
}
