package loki

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
)

// refusal is one row of the table that turns an answer into an Error. Rows are tried in order; a row fits when the
// status is in its range and the body has its text. Loki's bodies are plain text without a code, so the texts
// are all there is to go by. They are from Loki 3.7's pkg/querier/queryrange/limits.go, pkg/util/validation and
// pkg/util/server/error.go, and were seen on a real server (the tests hold the full bodies).
type refusal struct {
	low, high int
	body      string
	kind      logs.Kind
	retry     Retry
}

var refusals = []refusal{
	{400, 499, "no org id", logs.KindTenant, RetryNever},
	{400, 499, "tenant ID", logs.KindTenant, RetryNever},
	{400, 499, "multiple org IDs present", logs.KindTenant, RetryNever},
	{400, 499, "query blocked by policy", logs.KindBlocked, RetryNever},
	{400, 499, "querying is disabled", logs.KindBlocked, RetryNever},
	{401, 401, "", logs.KindAuth, RetryNever},
	{403, 403, "", logs.KindAuth, RetryNever},
	{407, 407, "", logs.KindAuth, RetryNever},
	{429, 429, "", logs.KindRateLimited, RetryBackoff},
	{400, 599, "too many outstanding requests", logs.KindRateLimited, RetryBackoff},
	{400, 400, "max_entries_limit_per_query", logs.KindLimit, RetryLearned},
	{400, 400, "the query time range exceeds the limit", logs.KindLimit, RetryLearned},
	{400, 400, "the query would read too many bytes", logs.KindTooLarge, RetryNarrower},
	{400, 400, "too large to execute on a single querier", logs.KindTooLarge, RetryNarrower},
	{400, 400, "stream selector is missing required matchers", logs.KindLimit, RetryNever},
	{400, 400, "stream selector has less label matchers", logs.KindLimit, RetryNever},
	{400, 400, "max streams matchers per query exceeded", logs.KindLimit, RetryNever},
	{400, 400, "limit reached while evaluating the query", logs.KindLimit, RetryNever},
	{400, 400, "maximum number of series", logs.KindLimit, RetryNever},
	{400, 400, "input size too long", logs.KindRequest, RetryNever},
	{404, 405, "", logs.KindNotLoki, RetryNever},
	{408, 408, "", logs.KindTimeout, RetrySmaller},
	{413, 414, "", logs.KindRequest, RetryNever},
	{431, 431, "", logs.KindRequest, RetryNever},
	// 499 is Loki's "the request was cancelled by the client": we did not, so something in between did.
	{499, 499, "", logs.KindTimeout, RetrySmaller},
	{400, 499, "", logs.KindQuery, RetryNever},
	// A sub-query above the gRPC limit (4 MiB by default) is an error text in microservices mode and silence in the
	// single binary (loki #6568).
	{500, 599, "received message larger than max", logs.KindTooLarge, RetrySmaller},
	{500, 599, "context deadline exceeded", logs.KindTimeout, RetrySmaller},
	{504, 504, "", logs.KindTimeout, RetrySmaller},
	{522, 524, "", logs.KindTimeout, RetrySmaller},
	{503, 503, "", logs.KindNotReady, RetryOnce},
	{500, 599, "", logs.KindServer, RetryOnce},
}

// classify makes an Error of an answer that is not the one asked for. body may be cut.
func classify(status int, header http.Header, body string) *Error {
	e := &Error{Kind: logs.KindNotLoki, Status: status, Downstream: true}
	if status >= 300 && status < 400 {
		e.Kind, e.Detail = logs.KindURL, redirectTo(header.Get("Location"))
		return e
	}
	html := strings.Contains(header.Get("Content-Type"), "html")
	if !html {
		e.Detail = quote(body)
	}
	for _, r := range refusals {
		if status < r.low || status > r.high || !strings.Contains(body, r.body) {
			continue
		}
		e.Kind, e.Retry = r.kind, r.retry
		break
	}
	switch {
	case html && e.Kind == logs.KindQuery:
		e.Kind = logs.KindNotLoki
	case e.Retry == RetryBackoff:
		e.RetryAfter = retryAfter(header.Get("Retry-After"))
	case e.Retry == RetryLearned:
		if e.MaxEntries, e.MaxLength, e.Length = learn(body); e.MaxEntries == 0 && e.MaxLength == 0 {
			e.Retry = RetryNever
		}
	case e.Kind == logs.KindRequest:
		e.Downstream = false
	}
	return e
}

var (
	entriesLimit = regexp.MustCompile(`max_entries_limit_per_query \(\d+ > (\d+)\)`)
	lengthLimit  = regexp.MustCompile(`query length: ([0-9a-zµ.]+), limit: ([0-9a-zµ.]+)\)`)
)

// learn reads the limit out of a refusal, and for a limit of time what it counted.
func learn(body string) (entries int, limit, length time.Duration) {
	if m := entriesLimit.FindStringSubmatch(body); m != nil {
		entries, _ = strconv.Atoi(m[1])
	}
	if m := lengthLimit.FindStringSubmatch(body); m != nil {
		length, limit = duration(m[1]), duration(m[2])
	}
	return max(entries, 0), limit, length
}

// fits is the longest range that Loki takes after it refused one of asked; 0 when that is not known.
func (e *Error) fits(asked time.Duration) time.Duration {
	return max(0, e.MaxLength-max(0, e.Length-asked))
}

// duration reads what Loki prints for a duration, "30d1h" or "721h0m0s"; 0 if it is neither.
func duration(text string) time.Duration {
	if d, err := model.ParseDuration(text); err == nil {
		return time.Duration(d)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0
	}
	return d
}

// retryAfter reads seconds or an HTTP date.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 3600)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// transportError makes an Error of a request that got no answer, or of a body that broke off.
func transportError(ctx context.Context, err error) *Error {
	e := &Error{Kind: logs.KindServer, Retry: RetryOnce, Downstream: true, cause: err}
	var (
		typed     *Error
		dns       *net.DNSError
		operation *net.OpError
		network   net.Error
		address   *url.Error
	)
	switch {
	case errors.As(err, &typed):
		return typed
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.Retry = logs.KindCanceled, RetryNever
		return e
	case isTLS(err):
		e.Kind, e.Retry = logs.KindTLS, RetryNever
	case errors.As(err, &dns):
		e.Kind, e.Retry = logs.KindDNS, RetryNever
	case errors.As(err, &operation) && operation.Op == "dial":
		e.Kind, e.Retry = logs.KindRefused, RetryNever
	case errors.As(err, &operation) && operation.Op == "proxyconnect":
		e.Kind, e.Retry = logs.KindRefused, RetryNever
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		e.Kind, e.Retry = logs.KindTimeout, RetrySmaller
		return e
	case isCutOff(err):
		e.Kind, e.Retry = logs.KindDropped, RetrySmaller
	case isGarbled(err):
		e.Kind = logs.KindBroken
	case strings.Contains(err.Error(), "unsupported protocol scheme"), strings.Contains(err.Error(), "no Host in request URL"):
		e.Kind, e.Retry = logs.KindURL, RetryNever
	}
	// url.Error repeats method and address; the cause says it all. So does that of a connection that was up, whose
	// ports would make one failure of three sources look like three.
	if errors.As(err, &address) {
		err = address.Err
	}
	if operation != nil && (operation.Op == "read" || operation.Op == "write") {
		err = operation.Err
	}
	e.Detail = quote(err.Error())
	return e
}

// isCutOff: the connection ended before the answer did. A default Loki does so, without a word, when a sub-query's
// answer exceeds 4 MiB (loki #6568) and when a query outlasts http_server_write_timeout of 30 s (loki #4015).
func isCutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.Contains(err.Error(), "connection reset") || strings.Contains(err.Error(), "server closed idle connection") ||
		strings.Contains(err.Error(), "broken pipe") || strings.Contains(err.Error(), "INTERNAL_ERROR; received from peer") // HTTP/2's reset
}

// isGarbled: what came is not what its headers say, compressed or chunked.
func isGarbled(err error) bool {
	var flated flate.CorruptInputError
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &flated) ||
		strings.Contains(err.Error(), "malformed") || strings.Contains(err.Error(), "invalid byte in chunk length")
}

func isTLS(err error) bool {
	var (
		alert     tls.AlertError
		record    tls.RecordHeaderError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	return errors.As(err, &alert) || errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &authority) ||
		errors.As(err, &host) || errors.As(err, &invalid) ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") || strings.Contains(err.Error(), "tls: ")
}
