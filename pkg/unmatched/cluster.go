package unmatched

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/blueking/incidents/pkg/signature"
)

// wildcard stands in a template for a part that varies.
const wildcard = "<*>"

// similarity is the share of equal tokens from which two messages are of one kind; Drain's authors use 0.4 to 0.5
// after masking. Clusters are bounded: what comes after maxClusters kinds is counted as one "other".
const (
	similarity  = 0.6
	maxClusters = 500
	maxHosts    = 1000
)

// masks replace what varies by nature, most specific first.
var masks = []struct {
	re   *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`https?://[^\s"'<>,)]+`), "<url>"},
	{regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`), "<uuid>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?`), "<time>"},
	{regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b`), "<ip>"},
	{regexp.MustCompile(`\b0x[0-9a-fA-F]+\b`), "<hex>"},
	{regexp.MustCompile(`\b[0-9a-fA-F]{12,}\b`), "<hex>"},
	{regexp.MustCompile(`(?:/[\w.@+-]+){2,}/?`), "<path>"},
	{regexp.MustCompile(`\b\d+(?:\.\d+)?\b`), "<num>"},
}

func mask(message string) string {
	for _, m := range masks {
		message = m.re.ReplaceAllString(message, m.name)
	}
	return message
}

// observed is one unexplained error line.
type observed struct {
	message, line, host string
	at                  time.Time
}

// tree groups masked messages by token count and first token, as Drain does, and merges similar ones within a group.
// The outcome does not depend on the order of lines: exact templates are counted first and merged in sorted order.
type tree struct {
	exact map[string]*kind
}

type kind struct {
	template    []string
	count       int
	hosts       map[string]bool
	first, last observed
}

func newTree() *tree { return &tree{exact: map[string]*kind{}} }

func (t *tree) add(o observed) {
	template := mask(o.message)
	k := t.exact[template]
	if k == nil {
		if len(t.exact) >= maxClusters*4 {
			template = "(other)"
			if k = t.exact[template]; k == nil {
				k = &kind{template: []string{template}, hosts: map[string]bool{}, first: o, last: o}
				t.exact[template] = k
			}
		} else {
			k = &kind{template: strings.Fields(template), hosts: map[string]bool{}, first: o, last: o}
			t.exact[template] = k
		}
	}
	k.add(o)
}

func (k *kind) add(o observed) {
	k.count++
	if o.host != "" && len(k.hosts) < maxHosts {
		k.hosts[o.host] = true
	}
	if earlier(o, k.first) {
		k.first = o
	}
	if o.at.After(k.last.at) {
		k.last = o
	}
}

// earlier orders observations so that the sample is the same whatever the order of reading.
func earlier(a, b observed) bool {
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.line < b.line
}

func (t *tree) clusters(source signature.Source) []Cluster {
	groups := map[string][]*kind{}
	for _, template := range slices.Sorted(maps.Keys(t.exact)) {
		k := t.exact[template]
		head := ""
		if len(k.template) > 0 {
			head = k.template[0]
		}
		key := head + "\x00" + string(rune(len(k.template)))
		merged := false
		for _, other := range groups[key] {
			if alike(other.template, k.template) {
				other.merge(k)
				merged = true
				break
			}
		}
		if !merged {
			groups[key] = append(groups[key], &kind{template: slices.Clone(k.template), count: k.count, hosts: maps.Clone(k.hosts), first: k.first, last: k.last})
		}
	}
	var out []Cluster
	for _, kinds := range groups {
		for _, k := range kinds {
			out = append(out, Cluster{
				Source: source, Template: strings.Join(k.template, " "), Count: k.count, Hosts: slices.Sorted(maps.Keys(k.hosts)),
				First: k.first.at, Last: k.last.at, Sample: k.first.line, Message: k.first.message,
			})
		}
	}
	slices.SortFunc(out, func(a, b Cluster) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Template, b.Template)) })
	if len(out) > maxClusters {
		out = out[:maxClusters]
	}
	return out
}

func alike(a, b []string) bool {
	equal := 0
	for i := range a {
		if a[i] == b[i] || a[i] == wildcard {
			equal++
		}
	}
	return float64(equal) >= similarity*float64(len(a))
}

func (k *kind) merge(other *kind) {
	for i := range k.template {
		if k.template[i] != other.template[i] {
			k.template[i] = wildcard
		}
	}
	k.count += other.count
	for h := range other.hosts {
		if len(k.hosts) < maxHosts {
			k.hosts[h] = true
		}
	}
	if earlier(other.first, k.first) {
		k.first = other.first
	}
	if other.last.at.After(k.last.at) {
		k.last = other.last
	}
}
