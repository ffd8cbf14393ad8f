//! Storages for the bytes of a log: memory and files.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// An append-only sequence of bytes, of which the synced part is durable.
pub trait Storage {
    /// Reads all bytes. After a kill, some bytes that were appended and not synced may be among them.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Appends bytes, which are durable only after a sync.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes all bytes durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Keeps only the first `length` bytes, and makes them durable.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// A storage in memory. It counts the synced bytes, so that a test can simulate a kill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    bytes: Vec<u8>,
    synced: usize,
}

impl Memory {
    /// Makes a storage whose bytes are all synced.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            synced: bytes.len(),
            bytes,
        }
    }

    /// All bytes, also those that are not synced.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes that remain after a kill.
    pub fn synced(&self) -> &[u8] {
        &self.bytes[..self.synced]
    }
}

impl Storage for Memory {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.synced().to_vec())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.synced = self.bytes.len();
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.bytes
            .truncate(usize::try_from(length).unwrap_or(usize::MAX));
        self.synced = self.bytes.len();
        Ok(())
    }
}

/// A storage in a file, which no other process may write.
#[derive(Debug)]
pub struct LogFile(File);

impl LogFile {
    /// Opens a file; creates an empty one if there is none.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        // A sync of a new file does not make its name durable; a sync of its folder does.
        File::open(std::path::absolute(path)?.parent().unwrap_or(path))?.sync_all()?;
        Ok(Self(file))
    }
}

impl Storage for LogFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.seek(SeekFrom::Start(0))?;
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.seek(SeekFrom::End(0))?;
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)?;
        self.0.sync_all()
    }
}
