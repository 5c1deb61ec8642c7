package loki

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/blueking/incidents/pkg/logs"
)

// maxRedirects is how often one request is sent on.
const maxRedirects = 5

// stayOnHost lets a redirect lead to another path of the same server, and nowhere else: tenant, credentials and custom
// headers are set by the transport on every request, so another host would get them all, and whoever answers at Loki's
// address could make Grafana ask any address of its network.
func stayOnHost(next *http.Request, sent []*http.Request) error {
	asked := sent[0].URL
	if next.URL.Scheme != asked.Scheme || next.URL.Host != asked.Host {
		e := &Error{Kind: logs.KindURL, Detail: redirectTo(next.URL.String()), Downstream: true}
		if next.Response != nil {
			e.Status = next.Response.StatusCode
		}
		return e
	}
	if len(sent) > maxRedirects {
		return &Error{Kind: logs.KindURL, Detail: "redirects without end", Downstream: true, cause: errors.New("stopped after 5 redirects")}
	}
	return nil
}

// redirectTo names where a redirect leads, without user, password and query.
func redirectTo(location string) string {
	to, err := url.Parse(location)
	if err != nil {
		return "redirect to an address that cannot be read"
	}
	return quote("redirect to " + (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String())
}
