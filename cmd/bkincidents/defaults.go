package main

import (
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// defaultSelectors are the data source's.
func defaultSelectors() []scan.Selector {
	return []scan.Selector{
		{Source: signature.Nodeman, Selector: `{namespace="blueking", pod=~"bk-nodeman-.*"}`},
		{Source: signature.Nodeman, Selector: `{filename=~".*/nm\\.(setup_agent|nohup).*"}`, OnHost: true},
		{Source: signature.Agent, Selector: `{filename=~".*/gse[^/]*/agent-err.*"}`, OnHost: true},
		{Source: signature.Gateway, Selector: `{namespace="blueking", pod=~"bk-job-gateway-.*"}`},
	}
}
