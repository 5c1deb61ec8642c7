package files

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
)

// spoolFrom copies what is no regular file, such as a pipe or a FIFO: it can be read only once, and is read twice.
func (f *file) spoolFrom(ctx context.Context, path string) error {
	opened := make(chan error, 1)
	var in *os.File
	go func() {
		var err error
		in, err = os.Open(path) // waits for somebody who writes to a FIFO
		opened <- err
	}()
	var err error
	select {
	case err = <-opened:
	case <-ctx.Done():
		// Whoever opens the other end lets the goroutine go on, and end.
		if out, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			_ = out.Close()
			if err := <-opened; err == nil {
				_ = in.Close()
			}
		}
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return f.copy(ctx, in)
}

// copy keeps what can be read only once in a temporary file. Where ctx ends in the middle of a read that nothing can
// interrupt, such as from a terminal, that read ends with the process.
func (f *file) copy(ctx context.Context, r io.Reader) error {
	spool, err := os.CreateTemp("", "bkincidents-spool-")
	if err != nil {
		return err
	}
	f.spool = spool.Name()
	copied := make(chan error, 1)
	var size int64
	go func() {
		var err error
		size, err = io.Copy(spool, r)
		copied <- errors.Join(err, spool.Close())
	}()
	select {
	case err := <-copied:
		f.size = size
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// remove removes the copy.
func (f *file) remove() {
	if f.spool != "" {
		_ = os.Remove(f.spool) // a file in the system's folder for temporary files
		f.spool = ""
	}
}
