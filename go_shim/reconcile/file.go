package reconcile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// File is a storage in a file. Nobody else may write the file.
// Its errors name the operation and the file, as those of package os do.
type File struct {
	file *os.File
	size int64
}

// OpenFile opens the log in a file, and creates the file if it is missing.
func OpenFile(name string) (*File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		err = syncDirectory(filepath.Dir(name))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{file, size}, nil
}

// syncDirectory makes the name of a new file durable, which syncing the file does not.
func syncDirectory(name string) error {
	directory, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}

// Read returns all bytes of the file.
func (f *File) Read() ([]byte, error) {
	b := make([]byte, f.size)
	_, err := io.ReadFull(io.NewSectionReader(f.file, 0, f.size), b)
	return b, err
}

// Append writes at the end of the file.
func (f *File) Append(b []byte) error {
	n, err := f.file.WriteAt(b, f.size)
	f.size += int64(n)
	return err
}

// Sync waits until the disk has all appended bytes.
func (f *File) Sync() error { return f.file.Sync() }

// Truncate cuts the file, and waits until the disk has what is left of it.
func (f *File) Truncate(size int64) error {
	if err := f.file.Truncate(size); err != nil {
		return err
	}
	f.size = size
	return f.file.Sync()
}

// Close closes the file. The caller must not use the replica on it any more.
func (f *File) Close() error { return f.file.Close() }
