package lokiserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

const (
	ingesters = 3
	queriers  = 2
)

// Cluster is a Loki of several processes on loopback, as large installations run it: every line stands in three ingesters,
// and queries go through a frontend and a scheduler to two queriers. They find each other by gossip and share one store.
type Cluster struct {
	// Distributor takes pushes, Frontend answers queries.
	Distributor, Frontend, Scheduler *Server
	Ingesters, Queriers              []*Server
	dir                              string
}

// StartCluster runs a Cluster with an empty store and returns when every process answers /ready. It runs until Stop is called
// or ctx ends; Stop is needed either way, to remove the data. opts are those of Start.
func StartCluster(ctx context.Context, opts Options) (*Cluster, error) {
	binary, err := opts.binary(ctx)
	if err != nil {
		return nil, err
	}
	return onFreePorts(func() (*Cluster, error) { return runCluster(ctx, binary, opts.Overrides) })
}

func runCluster(ctx context.Context, binary, overrides string) (*Cluster, error) {
	dir, err := os.MkdirTemp("", "bkincidents-loki-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Loki's data: %w", err)
	}
	c := &Cluster{dir: dir}
	if err := c.launch(ctx, binary, overrides); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, s := range c.all() {
		g.Go(func() error {
			if err := s.waitReady(gctx, s.proc); err != nil {
				return fmt.Errorf("start Loki's %s: %w\n%s", filepath.Base(s.dir), err, lastLines(s.Log(), tailLines))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// launch starts the processes. The scheduler is first: the others dial it, and its gossip port is where they meet. It is the
// compactor, too, without which queriers do not start.
func (c *Cluster) launch(ctx context.Context, binary, overrides string) error {
	var scheduler ports
	role := func(target, name string, args ...string) (*Server, error) {
		dir := filepath.Join(c.dir, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for Loki's data: %w", err)
		}
		p, err := freePorts(ctx)
		if err != nil {
			return nil, err
		}
		if c.Scheduler == nil {
			scheduler = p
		}
		config := fmt.Sprintf(`
common:
  compactor_grpc_address: "127.0.0.1:%d"
  replication_factor: %d
  storage: {filesystem: {chunks_directory: %q}}
  ring: {kvstore: {store: memberlist}}
memberlist:
  bind_addr: [127.0.0.1]
  bind_port: %d
  advertise_addr: 127.0.0.1
  advertise_port: %d
  join_members: ["127.0.0.1:%d"]
ingester: {lifecycler: {readiness_check_ring_health: false}} # one that comes back is ready while another is dead
frontend_worker: {frontend_address: null, scheduler_address: "127.0.0.1:%d"}
frontend: {scheduler_address: "127.0.0.1:%d"}
`, scheduler.grpc, ingesters, filepath.ToSlash(filepath.Join(c.dir, "chunks")), p.gossip, p.gossip, scheduler.gossip, scheduler.grpc, scheduler.grpc)
		both, err := mergeYAML(config, overrides)
		if err != nil {
			return nil, err
		}
		return launch(ctx, binary, dir, p, both, target, args...)
	}
	var err error
	if c.Scheduler, err = role("query-scheduler,compactor", "scheduler"); err != nil {
		return err
	}
	for i := range ingesters {
		name := fmt.Sprintf("ingester-%d", i)
		s, err := role("ingester", name, "-ingester.lifecycler.ID="+name)
		if err != nil {
			return err
		}
		c.Ingesters = append(c.Ingesters, s)
	}
	for i := range queriers {
		s, err := role("querier", fmt.Sprintf("querier-%d", i))
		if err != nil {
			return err
		}
		c.Queriers = append(c.Queriers, s)
	}
	if c.Frontend, err = role("query-frontend", "frontend"); err != nil {
		return err
	}
	c.Distributor, err = role("distributor", "distributor")
	return err
}

// all are the processes that were started.
func (c *Cluster) all() []*Server {
	var out []*Server
	for _, s := range append([]*Server{c.Scheduler, c.Frontend, c.Distributor}, append(c.Ingesters, c.Queriers...)...) {
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

// Stop kills every process, waits for their ends and removes the data.
func (c *Cluster) Stop() error {
	var errs []error
	for _, s := range c.all() {
		errs = append(errs, s.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(c.dir))...)
}
