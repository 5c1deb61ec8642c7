package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// unreadError says why a file was not read, for the person who named it.
type unreadError struct{ reason string }

func (e *unreadError) Error() string { return e.reason }

// errNotText is for programs, pictures and databases.
var errNotText = &unreadError{"is no text: name a log file"}

// reason returns what a person is told about a file that could not be read.
func reason(err error) string {
	var unread *unreadError
	switch {
	case errors.As(err, &unread):
		return unread.reason
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist: name a log file, or - for standard input"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read by this user"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "ends in the middle: copy it again"
	}
	return "could not be read: " + err.Error()
}

// add opens what a path names: a file, the files of a folder and of its folders, the files of an archive.
func (s *Store) add(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if path != Stdin && err == nil && info.IsDir() {
		return s.addFolder(ctx, path)
	}
	f := &file{path: path}
	if path != Stdin && err == nil && info.Mode().IsRegular() {
		found, err := s.addArchive(ctx, path)
		if found || err != nil {
			return s.skipped(ctx, path, err)
		}
	}
	if err := s.open(ctx, f); err != nil {
		f.remove()
		return s.skipped(ctx, f.path, err)
	}
	s.files = append(s.files, f)
	return nil
}

// skipped notes that a file was not read; the others still are. Only the end of ctx is an error.
func (s *Store) skipped(ctx context.Context, path string, err error) error {
	if err != nil && ctx.Err() == nil {
		s.unread = append(s.unread, path+" "+reason(err))
	}
	return ctx.Err()
}

func (s *Store) addFolder(ctx context.Context, folder string) error {
	before := len(s.files) + len(s.unread)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return s.skipped(ctx, path, err)
		case entry.Type().IsRegular():
			return s.add(ctx, path)
		}
		return ctx.Err()
	})
	if err == nil && len(s.files)+len(s.unread) == before {
		s.unread = append(s.unread, folder+" has no files")
	}
	return err
}

// addArchive opens the files of a zip or a tar, compressed or not; found is false for any other file. Members are copied,
// because they are read twice.
func (s *Store) addArchive(ctx context.Context, path string) (found bool, err error) {
	raw, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = raw.Close() }()
	magic := make([]byte, 4)
	if n, _ := io.ReadFull(raw, magic); n == len(magic) && bytes.Equal(magic, []byte("PK\x03\x04")) {
		return true, s.addZip(ctx, path)
	}
	if _, err := raw.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	buffered, err := uncompressed(raw)
	if err != nil {
		return false, err
	}
	// The mark of a tar is at 257 (POSIX.1, ustar).
	if head, _ := buffered.Peek(262); len(head) < 262 || string(head[257:262]) != "ustar" {
		return false, nil
	}
	members := tar.NewReader(buffered)
	for {
		header, err := members.Next()
		if errors.Is(err, io.EOF) {
			return true, ctx.Err()
		}
		if err != nil {
			return true, err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if err := s.addMember(ctx, path, header.Name, header.ModTime, members); err != nil {
			return true, err
		}
	}
}

func (s *Store) addZip(ctx context.Context, path string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return &unreadError{"is no whole zip archive: copy it again"}
	}
	defer func() { _ = archive.Close() }()
	for _, member := range archive.File {
		if member.FileInfo().IsDir() {
			continue
		}
		in, err := member.Open()
		if err != nil {
			if err := s.skipped(ctx, path+"/"+member.Name, err); err != nil {
				return err
			}
			continue
		}
		err = s.addMember(ctx, path, member.Name, member.Modified, in)
		_ = in.Close()
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// addMember opens one file of an archive.
func (s *Store) addMember(ctx context.Context, archive, name string, modified time.Time, in io.Reader) error {
	f := &file{path: fmt.Sprintf("%s/%s", archive, filepath.ToSlash(filepath.Clean(name))), last: modified}
	err := f.copy(ctx, in)
	if err == nil {
		err = s.open(ctx, f)
	}
	if err != nil {
		f.remove()
		return s.skipped(ctx, f.path, err)
	}
	s.files = append(s.files, f)
	return nil
}
