package logs

import (
	"errors"
	"fmt"
)

// ErrNoSelectors tells that no source has a stream selector.
var ErrNoSelectors = errors.New("no log source is configured: add a stream selector in the data source settings")

// ErrPanic tells of a bug in the plugin that a read ran into; the rest of the message is for its developers.
var ErrPanic = errors.New("an internal error ended the reading of a source: please report it with the plugin's log")

// Guarded turns a panic into an error: one line that breaks the matcher must not end the process of all data sources.
func Guarded[T any](do func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", ErrPanic, p)
		}
	}()
	return do()
}
