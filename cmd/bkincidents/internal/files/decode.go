package files

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// sampleSize is how much of a file decides on its encoding, in bytes.
	sampleSize = 64 << 10
	// maxWrapped is how many times a file may be compressed.
	maxWrapped = 3
)

// refused are formats that are told by their first bytes and not read here, with the command that unpacks them.
var refused = []struct{ magic, name, advice string }{
	{"\xfd7zXZ\x00", "xz", "xz -dc FILE | bkincidents scan -"},
	{"\x04\x22\x4d\x18", "lz4", "lz4 -dc FILE | bkincidents scan -"},
	{"7z\xbc\xaf\x27\x1c", "7z", "7z x -so FILE | bkincidents scan -"},
	{"Rar!\x1a\x07", "rar", "unpack it, and name its folder"},
}

// textOf returns the text of a file in UTF-8, whatever compresses or encodes it: gzip, bzip2, zstd; UTF-8, UTF-16, GB18030.
func textOf(in io.Reader) (io.Reader, error) {
	buffered, err := uncompressed(in)
	if err != nil {
		return nil, err
	}
	sample, err := buffered.Peek(sampleSize)
	if err != nil && len(sample) == 0 && err != io.EOF { //nolint:errorlint // Peek returns io.EOF as it is
		return nil, err
	}
	switch encoding := encodingOf(sample); {
	case encoding != nil:
		return transform.NewReader(buffered, encoding.NewDecoder()), nil
	case binary(sample):
		return nil, errNotText
	}
	if bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3) // it was peeked
	}
	return buffered, nil
}

// uncompressed takes compressions away.
func uncompressed(in io.Reader) (*bufio.Reader, error) {
	for range maxWrapped {
		buffered := bufio.NewReaderSize(in, sampleSize)
		magic, _ := buffered.Peek(6)
		for _, r := range refused {
			if bytes.HasPrefix(magic, []byte(r.magic)) {
				return nil, &unreadError{fmt.Sprintf("is packed with %s, which is not read here: %s", r.name, r.advice)}
			}
		}
		var err error
		switch {
		case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
			in, err = gzip.NewReader(buffered)
		case bytes.HasPrefix(magic, []byte("BZh")):
			in = bzip2.NewReader(buffered)
		case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
			in, err = zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		default:
			return buffered, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, &unreadError{fmt.Sprintf("is compressed more than %d times: unpack it first", maxWrapped)}
}

// encodingOf returns the encoding of a text that is not UTF-8, nil for one that is or that has none.
func encodingOf(sample []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(sample, []byte{0xff, 0xfe}), halfZero(sample, 1):
		return utf16.UTF16(utf16.LittleEndian, utf16.UseBOM)
	case bytes.HasPrefix(sample, []byte{0xfe, 0xff}), halfZero(sample, 0):
		return utf16.UTF16(utf16.BigEndian, utf16.UseBOM)
	}
	if end := bytes.LastIndexByte(sample, '\n'); end > 0 {
		sample = sample[:end]
	}
	if utf8.Valid(sample) {
		return nil
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(sample)
	if err == nil && !bytes.ContainsRune(text, utf8.RuneError) && bytes.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return simplifiedchinese.GB18030
	}
	return nil
}

// halfZero reports whether the text is Latin in UTF-16: of each two bytes the one at the offset is mostly zero, the other
// one never. Runs of zeros, which a log has that was rotated while its writer went on, are no UTF-16.
func halfZero(sample []byte, offset int) bool {
	zeros, pairs := 0, len(sample)/2
	for i := range pairs {
		if sample[2*i+1-offset] == 0 {
			return false
		}
		if sample[2*i+offset] == 0 {
			zeros++
		}
	}
	return pairs > 4 && zeros > pairs/2
}

// binary reports whether bytes are no text: one in thirty is a control character that no log has.
func binary(sample []byte) bool {
	controls, all := 0, 0
	for _, b := range sample {
		switch {
		case b == 0:
			continue
		case b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\b' && b != '\f' && b != 0x1b:
			controls++
		}
		all++
	}
	return controls*30 > all
}
