package loki_test

import (
	"github.com/blueking/incidents/pkg/loki"
	"github.com/blueking/incidents/pkg/scan"
)

var _ scan.Source = (*loki.Client)(nil)
