// Package freeport chooses loopback ports for servers that take their port from their configuration.
package freeport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Systems give ports from 32768 (Linux) or 49152 (IANA, macOS, Windows) on to outgoing connections and to listeners that ask
// for any port. A port below is taken by nobody between its choice and the moment when a server binds it, or while it restarts.
const (
	lowest  = 12000
	highest = 32000
	tries   = 200
)

// Choose returns n different loopback ports that nothing listens on.
func Choose(ctx context.Context, n int) ([]int, error) {
	var lc net.ListenConfig
	var ports []int
	var held []net.Listener // until all are found, so that they differ
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	var last error
	for i := 0; i < tries && ctx.Err() == nil; i++ {
		if len(ports) == n {
			return ports, nil
		}
		port := lowest + rand.IntN(highest-lowest)
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			last = err
			continue
		}
		held, ports = append(held, l), append(ports, port)
	}
	return nil, fmt.Errorf("find %d free ports from %d to %d: %w", n, lowest, highest, errors.Join(last, ctx.Err()))
}
