//! Where the bytes of a log lie: in memory or in a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A sequence of bytes that is appended to, and of which a part is durable.
pub trait Storage {
    /// Reads all bytes that are there: those synced, and after a kill maybe some of those appended since.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Appends bytes, which are not durable yet.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes all bytes durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts off all but the first bytes, and makes these durable.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// Bytes in memory that know how many of them are synced, so that a kill can be played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    bytes: Vec<u8>,
    synced: usize,
}

impl Memory {
    /// Takes bytes that are synced.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            synced: bytes.len(),
            bytes,
        }
    }

    /// All bytes, synced or not.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes that outlive a kill.
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

/// Bytes in a file, which nothing else may write.
#[derive(Debug)]
pub struct LogFile(File);

impl LogFile {
    /// Opens a file, or makes an empty one.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        // Syncing a new file does not make its name durable.
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
