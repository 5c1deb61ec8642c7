package loki

import (
	"errors"
	"io"
	"net/http"

	"github.com/blueking/incidents/pkg/logs"
)

// maxBody bounds a decompressed answer, far above what a page aims at. A larger one, such as a gzip bomb, is an
// error instead of memory.
const maxBody = 32 << 20

// boundedBody reads at most left bytes, counts them, and remembers why the reading ended early.
type boundedBody struct {
	from io.Reader
	left int64
	read int64
	err  error
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		// One more byte tells an answer that just fits from one that does not.
		var one [1]byte
		if n, err := b.from.Read(one[:]); n == 0 && err != nil {
			return 0, b.fail(err)
		}
		return 0, b.fail(&Error{Kind: logs.KindTooLarge, Status: http.StatusOK, Detail: "answer above 32 MiB", Retry: RetrySmaller, Downstream: true})
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.from.Read(p)
	b.left -= int64(n)
	b.read += int64(n)
	if err != nil {
		return n, b.fail(err)
	}
	return n, nil
}

func (b *boundedBody) fail(err error) error {
	if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		b.err = err
	}
	return err
}
