package lokibinary

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const (
	lockPoll  = time.Second
	lockBeat  = 5 * time.Second
	lockStale = 30 * time.Second
)

// acquire takes the lock file at path, waiting (and calling waiting once) while another process holds it.
// A file lock of the operating system would need code per platform; instead the holder touches the file
// every few seconds, and a file not touched for 30 s is taken over, so that a killed build blocks nobody.
// Two waiters that find the same stale file may both build: wasteful, harmless, as each renames a complete binary.
func acquire(ctx context.Context, path string, waiting func()) (release func(), err error) {
	for first := true; ; first = false {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
			if err = errors.Join(err, f.Close()); err != nil {
				return nil, errors.Join(err, os.Remove(path))
			}
			return keep(path), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // released between the two calls
		case err != nil:
			return nil, err
		case time.Since(info.ModTime()) > lockStale:
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// keep touches the lock file until the returned function is called, which removes it.
func keep(path string) (release func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(lockBeat)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				now := time.Now()
				_ = os.Chtimes(path, now, now) // failing, the lock goes stale, which others cope with
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
		_ = os.Remove(path)
	}
}
