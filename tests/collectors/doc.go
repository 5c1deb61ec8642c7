// Package collectors reads the configurations of provisioning/collectors, Alloy's with Alloy's own parser, and does what
// the collectors do with them, as far as they go, so that tests know which streams and lines would be pushed. The
// collectors' stages are not published as libraries; a key that this package does not know is an error, so it cannot
// fall behind unseen.
package collectors
