package reconcile

import (
	"io"
	"os"
	"path/filepath"
)

// File is a storage in a file, which nothing else may write.
type File struct {
	file *os.File
	size int64
}

// OpenFile opens the log in a file, which is made where it is missing.
func OpenFile(name string) (*File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if f.size, err = file.Seek(0, io.SeekEnd); err == nil {
		err = syncFolder(filepath.Dir(name))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return f, nil
}

// syncFolder makes the name of a new file durable, which syncing the file does not.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	return folder.Sync()
}

// Read gives all bytes of the file.
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

// Sync waits until the disk has what was appended.
func (f *File) Sync() error { return f.file.Sync() }

// Truncate cuts the file, and waits until the disk has what is left of it.
func (f *File) Truncate(size int64) error {
	if err := f.file.Truncate(size); err != nil {
		return err
	}
	f.size = size
	return f.file.Sync()
}

// Close closes the file; the replica on it must not be used any more.
func (f *File) Close() error { return f.file.Close() }
