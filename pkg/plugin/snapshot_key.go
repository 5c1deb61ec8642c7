package plugin

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/scan"
)

// key names what a scan reads, and on whose behalf: what Loki showed to one user must not answer another.
func key(req scan.Request) string {
	return fmt.Sprintf("%d %d %q %s", req.Start.UnixNano(), req.End.UnixNano(), req.Matchers, req.Identity)
}

// widen rounds a range outwards to whole seconds, so that panels which refresh at nearly the same time share a scan.
// A coarser step would judge a range that ends in the past as of a later time. What two scans of one refresh have in
// common is read once all the same (pkg/scan remembers it). It is a pure function: equal ranges never differ.
// What is outside of the years that a time in nanoseconds can hold is cut off.
func widen(r backend.TimeRange) (start, end time.Time) {
	return within(r.From).Truncate(time.Second).UTC(), ceil(within(r.To)).UTC()
}

// ceil rounds up to a whole second.
func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// within moves a time into the years 1970 to 2261. They are less than the longest time.Duration apart, so that any range
// can be cut into steps.
func within(t time.Time) time.Time {
	if first := time.Unix(0, 0); t.Before(first) {
		return first
	}
	if last := time.Date(2262, time.January, 1, 0, 0, 0, 0, time.UTC); t.After(last) {
		return last
	}
	return t
}

// passing are headers that say which panel, rule or browser asks, not who. Every other header that Grafana forwards
// may decide what Loki shows, so it is part of the identity.
var passing = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Connection", "Content-Length", "Content-Type", "Fromalert", "Origin",
	"Pragma", "Cache-Control", "Referer", "User-Agent", "Traceparent", "Tracestate", "Uber-Trace-Id", "Baggage",
	"X-Request-Id", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Grafana-Org-Id", "X-Grafana-From-Expr", "X-Cache-Skip", "X-Query-Group-Id", "X-Datasource-Uid",
}

var passingPrefixes = []string{"X-Panel-", "X-Dashboard-", "X-Rule-", "Sec-", "X-B3-"}

// identity hashes the headers that Grafana forwards to Loki on behalf of a user; "" when there are none, as in alert
// rules and with a data source that has credentials of its own.
func identity(headers http.Header) string {
	var who []string
	for name, values := range headers {
		name = http.CanonicalHeaderKey(name)
		if slices.Contains(passing, name) || slices.ContainsFunc(passingPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		who = append(who, fmt.Sprintf("%q=%q", name, values))
	}
	if len(who) == 0 {
		return ""
	}
	slices.Sort(who)
	sum := sha256.Sum256([]byte(strings.Join(who, "\n")))
	return hex.EncodeToString(sum[:])
}
