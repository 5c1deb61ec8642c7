package logs

// Kind says what went wrong between the plugin and a store of logs.
type Kind string

// The kinds of a Failure.
const (
	KindURL         Kind = "url"          // the address is unusable or redirects
	KindDNS         Kind = "dns"          // the host name does not resolve
	KindRefused     Kind = "refused"      // nothing accepts the connection
	KindTLS         Kind = "tls"          // certificate or protocol mismatch
	KindAuth        Kind = "auth"         // credentials are missing or wrong
	KindTenant      Kind = "tenant"       // the tenant is missing or not acceptable
	KindNotReady    Kind = "not-ready"    // the store is starting
	KindRateLimited Kind = "rate-limited" // the store has no room for more queries
	KindTimeout     Kind = "timeout"      // one request took too long
	KindHangs       Kind = "hangs"        // no request has been answered for a while
	KindDropped     Kind = "dropped"      // the connection ended before the answer did
	KindTooLarge    Kind = "too-large"    // more bytes than the store or the plugin handles in one request
	KindLimit       Kind = "limit"        // one of the store's other limits
	KindQuery       Kind = "query"        // the store does not accept the query
	KindBlocked     Kind = "blocked"      // the operator of the store has blocked it
	KindNotLoki     Kind = "not-loki"     // something else answers at this address
	KindBroken      Kind = "broken"       // an answer that cannot be read
	KindPartial     Kind = "partial"      // the store itself calls the answer incomplete
	KindServer      Kind = "server"       // an error inside the store
	KindCanceled    Kind = "canceled"     // the caller gave up
	KindRequest     Kind = "request"      // the plugin cannot express the request
)

// Failure is the error of a store. Handlers decide by its kind, so that another store changes none of them.
type Failure interface {
	error
	// FailedBy is what went wrong.
	FailedBy() Kind
	// Foreign is false when the fault is the plugin's own, see the SDK's backend.ErrorSource.
	Foreign() bool
	// Message tells in "zh" or, for any other language, in English what happened and what the user can do.
	Message(lang string) string
	// Gist is Message without what differs from one time to the next: it becomes a label of an alert.
	Gist(lang string) string
}
