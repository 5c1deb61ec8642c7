// Package collectors reads the Promtail configurations of provisioning/collectors and does what Promtail does with
// them, as far as they go, so that tests know which streams and lines a collector would push. Promtail's own code is
// no longer published as a library; a key that this package does not know is an error, so it cannot fall behind unseen.
package collectors
