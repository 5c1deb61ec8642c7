package scale

import (
	"sync"
	"time"
)

// Books are what a simulated Loki did since they were opened. Times of cores are sums over all of them.
type Books struct {
	// Logs are queries for lines, Errors those of them for error lines that no signature explains, Volumes for when a
	// source shipped lines.
	Logs, Errors, Volumes int
	// Splits and SubQueries that were begun.
	Splits, SubQueries int
	// Scanned bytes of logs, Received bytes of answers.
	Scanned, Received float64
	// Core is time of the queriers' cores, Index of the index gateways', Queued the waiting of all sub-queries.
	Core, Index, Queued time.Duration
	// Given up by the client, which waits 25 s, and by Loki itself.
	GivenUp, TimedOut int
	// Refused requests: something asked for what is not simulated.
	Refused int
	// Longest request that was answered.
	Longest time.Duration
}

// Requests are all requests of the books.
func (b Books) Requests() int { return b.Logs + b.Volumes }

// ledger keeps the books. It is safe for concurrent use.
type ledger struct {
	mu    sync.Mutex
	books Books
}

func (l *ledger) note(write func(b *Books)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	write(&l.books)
}

// take returns the books and opens new ones.
func (l *ledger) take() Books {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.books
	l.books = Books{}
	return b
}
