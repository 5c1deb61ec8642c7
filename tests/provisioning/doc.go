// Package provisioning holds the tests of the files that a user copies into a Grafana or starts with Docker.
package provisioning
