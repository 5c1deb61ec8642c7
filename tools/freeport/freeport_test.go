package freeport

import (
	"context"
	"net"
	"strconv"
	"testing"
)

func TestPortsDifferAreFreeAndOutOfReachOfOutgoingConnections(t *testing.T) {
	ports, err := Choose(t.Context(), 20)
	if err != nil || len(ports) != 20 {
		t.Fatalf("ports = %v, %v", ports, err)
	}
	seen := map[int]bool{}
	for _, port := range ports {
		if seen[port] || port < lowest || port >= 32768 {
			t.Errorf("port %d is chosen twice or may be given to an outgoing connection", port)
		}
		seen[port] = true
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			t.Fatalf("port %d is not free: %v", port, err)
		}
		_ = l.Close()
	}
}

func TestAnEndedContextIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if ports, err := Choose(ctx, 1); err == nil {
		t.Errorf("ports = %v without an error", ports)
	}
}
