package scan

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// unitKey names a unit: the streams of a selector in one cluster, or of one host by a label.
type unitKey struct {
	selector    int
	cluster     string
	label, host string
}

// hostsAtOnce bounds the hosts that one question names.
const hostsAtOnce = 300

// place is a stream of a source.
type place struct {
	source signature.Source
	stream string
}

// owners finds for each stream the first selector that covers it.
func (r *run) owners() map[place]int {
	owner := map[place]int{}
	for _, part := range r.parts() {
		for _, l := range part.found {
			key := place{r.selectors[part.selector].Source, l.Stream().Key}
			if first, ok := owner[key]; !ok || part.selector < first {
				owner[key] = part.selector
			}
		}
	}
	return owner
}

// key returns the unit that a line of a stream came from.
func (r *run) key(selector int, labels model.LabelSet) unitKey {
	k := unitKey{selector: selector, cluster: string(labels[model.LabelName(r.o.Labels.ClusterLabel)])}
	if !r.selectors[selector].OnHost {
		return k
	}
	for _, name := range r.o.Labels.HostLabels {
		if v := string(labels[model.LabelName(name)]); v != "" {
			k.label, k.host = name, v
			break
		}
	}
	return k
}

// unit returns what a line came from, one pointer for each unit.
func (r *run) unit(k *match.Kind) *incident.Unit {
	i, ok := r.owner[place{k.Term.Source, k.Stream.Key}]
	if !ok {
		return &incident.Unit{Source: k.Term.Source, Live: r.live[k.Term.Source]}
	}
	key := r.key(i, k.Stream.Labels)
	u := r.units[key]
	if u == nil {
		u = r.newUnit(key)
		r.units[key] = u
	}
	return u
}

func (r *run) newUnit(key unitKey) *incident.Unit {
	u := &incident.Unit{Source: r.selectors[key.selector].Source, Cluster: key.cluster, Host: key.host, ReadFrom: r.readFrom(key)}
	hosts, asked := r.hosts[key.hostOnly()]
	switch {
	case key.host != "" && asked && hosts.Known && len(hosts.Windows) > 0:
		u.Live = hosts
	case r.asked[key.selector] && (r.ships[key.selector].All.Known || !u.Source.ErrorsOnly()):
		u.Live = r.ships[key.selector].Of(key.cluster)
		if named, ok := r.small[key]; ok {
			u.Live = named
		}
	default:
		u.Live = r.cluster(key.cluster)
		u.ByTime = u.Live.Known && (key.host == "" || hosts.Known)
	}
	return u
}

// hostOnly is the unit of a host, whatever the selector and the cluster of the lines.
func (k unitKey) hostOnly() unitKey { return unitKey{label: k.label, host: k.host} }

// readFrom is the start of what was read of a unit.
func (r *run) readFrom(key unitKey) time.Time {
	from := r.from[key.selector]
	for _, l := range r.lanes {
		if l.selector == key.selector && l.of(key) && l.from.Before(from) {
			from = l.from
		}
	}
	return from
}

// stand asks when the hosts shipped lines on which failures stand, and the clusters that ship so little that the store
// did not name them.
func (r *run) stand(ctx context.Context) error {
	r.owner = r.owners()
	clear(r.units)
	missing := map[string][]string{} // hosts by label
	for _, part := range r.parts() {
		for _, l := range part.found {
			if !slices.ContainsFunc(l.Kinds, func(k *match.Kind) bool { return k.Role == match.Detects }) {
				continue
			}
			key := r.key(part.selector, l.Stream().Labels)
			if err := r.askSmall(ctx, key); err != nil {
				return err
			}
			if !r.anyKnown() || key.host == "" || r.asked[key.selector] && beats(r.selectors[key.selector]) {
				continue
			}
			if _, known := r.hosts[key.hostOnly()]; !known {
				r.hosts[key.hostOnly()] = logs.Liveness{}
				missing[key.label] = append(missing[key.label], key.host)
			}
		}
	}
	for _, key := range r.standing.old(r) {
		if _, known := r.hosts[key.hostOnly()]; !known && key.host != "" && r.anyKnown() {
			r.hosts[key.hostOnly()] = logs.Liveness{}
			missing[key.label] = append(missing[key.label], key.host)
		}
	}
	for label, hosts := range missing {
		slices.Sort(hosts)
		for some := range slices.Chunk(hosts, hostsAtOnce) {
			if err := r.askHosts(ctx, label, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) anyKnown() bool {
	return slices.ContainsFunc(r.ships, func(s logs.Shipping) bool { return s.All.Known })
}

// askHosts asks when hosts shipped lines other than those that are silent while all is well.
func (r *run) askHosts(ctx context.Context, label string, hosts []string) error {
	quoted := make([]string, len(hosts))
	for i, h := range hosts {
		quoted[i] = regexp.QuoteMeta(h)
	}
	req := logs.LiveRequest{
		Selector: fmt.Sprintf(`{%s=~".+"}`, label), By: label,
		Matchers: []logs.Matcher{{Name: label, Op: logs.Regexp, Value: strings.Join(quoted, "|")}},
	}
	for _, sel := range r.selectors {
		if !beats(sel) {
			req.Without = append(req.Without, sel.Selector)
		}
	}
	ships, err := r.shipping(ctx, fmt.Sprintf("hosts %q %q %q", r.req.Identity, label, hosts), req)
	if ctx.Err() != nil {
		return fmt.Errorf("ask when hosts shipped lines: %w", ctx.Err())
	}
	if err != nil {
		for _, sel := range r.selectors {
			if !beats(sel) && r.blind[sel.Source] == nil {
				r.blind[sel.Source] = err
			}
		}
		return nil
	}
	for _, h := range hosts {
		live := ships.Of(h)
		if ships.Units == nil {
			live = logs.Liveness{} // the store does not tell hosts apart
		}
		r.hosts[unitKey{label: label, host: h}] = live
	}
	return nil
}

// askSmall asks for a unit that the store did not name though lines of it were read: it ships too few for a volume.
func (r *run) askSmall(ctx context.Context, key unitKey) error {
	if !r.asked[key.selector] || r.ships[key.selector].Units == nil {
		return nil
	}
	if _, named := r.ships[key.selector].Units[key.cluster]; named {
		return nil
	}
	key = unitKey{selector: key.selector, cluster: key.cluster}
	if _, known := r.small[key]; known {
		return nil
	}
	sel := r.selectors[key.selector]
	streams, _ := sel.Narrow(r.req.Matchers)
	matchers := append(slices.Clone(streams), r.inCluster(key.cluster))
	ships, err := r.shipping(ctx, r.track(sel, matchers), logs.LiveRequest{Selector: sel.Selector, Matchers: matchers})
	if ctx.Err() != nil {
		return fmt.Errorf("ask when a cluster shipped lines: %w", ctx.Err())
	}
	if err != nil && r.blind[sel.Source] == nil {
		r.blind[sel.Source] = err
	}
	r.small[key] = ships.All
	return nil
}

func (r *run) inCluster(name string) logs.Matcher {
	return logs.Matcher{Name: r.o.Labels.ClusterLabel, Op: logs.Equal, Value: name}
}
