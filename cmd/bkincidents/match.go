package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// maxInput bounds one line of input; a line of a log store is far smaller.
const maxInput = 64 << 20

func matchCommand() command {
	return command{
		name: "match", args: "[flags] < LINES.jsonl", short: "judge single lines: JSON lines in, JSON lines out",
		long: `
Reads JSON lines {"id", "source", "line"[, "stream"]} on standard input and writes, in the order of the input,
{"id", "matches": [{"signature", "captures": {…}}]}. Every line is judged term by term, without thresholds; lines
of recovery, of refutation and of context give []. The id is written back as it came, of whatever type.

Lines of one source and stream that stand behind one another in that stream are adjacent: the exception after its log
record, the command before its failure. Without a stream those lines are adjacent that stand behind one another
in the input with the same source. Lines of one stream more than 4096 lines of input apart are never adjacent.

A malformed line is reported with its number on standard error and not answered; all others are, and the exit status is 1.`,
		setup: func(flags *flag.FlagSet) func(context.Context, console, []string) error {
			var further custom
			further.declare(flags)
			return func(ctx context.Context, c console, args []string) error {
				if len(args) > 0 {
					return usagef("it takes no arguments, the lines come on standard input")
				}
				set, err := further.set()
				if err != nil {
					return err
				}
				return matchLines(ctx, c, set)
			}
		},
	}
}

// input is one line of input. Pointers tell a missing key from an empty value.
type input struct {
	ID     json.RawMessage  `json:"id"`
	Source signature.Source `json:"source"`
	Line   *string          `json:"line"`
	Stream *string          `json:"stream"`
}

func decodeInput(text []byte, set *signature.Set) (input, error) {
	var in input
	if err := json.Unmarshal(text, &in); err != nil {
		return in, fmt.Errorf("not a JSON object of a line: %w", err)
	}
	switch {
	case len(in.ID) == 0:
		return in, errors.New(`key "id" is missing`)
	case in.Line == nil:
		return in, errors.New(`key "line" is missing`)
	case in.Source == "":
		return in, errors.New(`key "source" is missing`)
	}
	return in, knownSource(in.Source, set)
}

func matchLines(ctx context.Context, c console, set *signature.Set) error {
	out := bufio.NewWriter(c.out)
	w := newWindow(match.New(set), out)
	malformed := 0
	bar := newProgress(c)
	err := eachLine(ctx, c.in, func(number int, text []byte, tooLong bool) error {
		if len(bytes.TrimSpace(text)) == 0 {
			return nil
		}
		in, err := decodeInput(text, set)
		if tooLong {
			err = fmt.Errorf("longer than %d bytes", maxInput)
		}
		if err != nil {
			malformed++
			bar.note("match: line %d: %v", number, err)
			w.interrupt()
			return nil
		}
		bar.say("%d lines", number)
		return w.add(in)
	})
	bar.clear()
	if err == nil {
		err = w.flush()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if malformed > 0 {
		c.note("match: %d malformed lines were not answered", malformed)
		return errProblems
	}
	return nil
}

// eachLine calls do for every line, numbered from 1, without its line break. text is valid during the call.
func eachLine(ctx context.Context, r io.Reader, do func(number int, text []byte, tooLong bool) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	var long []byte
	for number := 1; ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		long = long[:0]
		text, err := in.ReadSlice('\n')
		tooLong := false
		for errors.Is(err, bufio.ErrBufferFull) {
			if tooLong = tooLong || len(long) > maxInput; !tooLong {
				long = append(long, text...)
			}
			text, err = in.ReadSlice('\n')
		}
		if len(long) > 0 {
			if !tooLong {
				long = append(long, text...)
			}
			text = long
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read standard input: %w", err)
		}
		if len(text) > 0 {
			if err := do(number, bytes.TrimSuffix(text, []byte("\n")), tooLong); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}
