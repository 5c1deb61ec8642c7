package plugin

import (
	"context"
	"net/http"
	"time"

	"github.com/blueking/incidents/pkg/discover"
)

// findTimeout bounds a look at the labels of a whole Loki; somebody waits on the settings page.
const findTimeout = 30 * time.Second

// findLogs proposes a selector for each kind of log, from the labels of the Loki of the saved settings. It looks at logs
// that the settings do not name, so it is for those who may change the settings. The samples have nothing to be found.
func (d *Datasource) findLogs(ctx context.Context, _ *http.Request) (any, error) {
	if err := forAdmins(ctx); err != nil {
		return nil, err
	}
	loki, ok := d.store.(discover.Store)
	if !ok || d.config.Broken != nil {
		return discover.Found{Proposals: []discover.Proposal{}, HostLabels: []string{}, Clusters: []string{}}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	now := d.config.Clock()
	found, err := discover.In(ctx, loki, now.Add(-healthRange), now)
	if err != nil {
		return nil, err
	}
	return found, nil
}
