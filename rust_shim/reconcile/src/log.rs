//! The log: one frame for each step, each with a check that depends on all frames before it (R8.3 to R8.6).

use std::io;

use crate::error::{Class, Rejection, Result};
use crate::hash::Hasher;
use crate::storage::Storage;

const LENGTH_BYTES: usize = 4;

type Check = [u8; 8];

/// The check of a frame with a record, after a frame with the check `before` (R8.4).
fn check_after(before: &Check, record: &[u8]) -> Check {
    let hash = Hasher::new("reconcile/frame")
        .raw(before)
        .raw(record)
        .finish();
    let mut check = Check::default();
    check.copy_from_slice(&hash[..8]);
    check
}

/// A frame that was read.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    index: usize,
    offset: usize,
    pub record: &'a [u8],
}

impl Frame<'_> {
    /// The rejection of a log because of a fault in this frame.
    pub fn corrupt(&self, fault: &str) -> Rejection {
        Rejection::new(Class::CorruptLog)
            .path(format!("frame {}", self.index))
            .offset(self.offset)
            .expected("a whole record")
            .got(fault)
            .hint("restore from another replica")
    }
}

/// An iterator over the whole frames of a log, which ends before a torn tail (R8.6).
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
    index: usize,
    /// The end of the frames that were read so far.
    end: usize,
    check: Check,
}

impl<'a> Frames<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            index: 0,
            end: 0,
            check: Check::default(),
        }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.bytes[self.end..].split_first_chunk::<LENGTH_BYTES>()?;
        let (record, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let (check, _) = rest.split_first_chunk()?;
        let frame = Frame {
            index: self.index,
            offset: self.end,
            record,
        };
        self.check = check_after(&self.check, record);
        if *check != self.check {
            return Some(Err(frame.corrupt("check")));
        }
        self.index += 1;
        self.end += LENGTH_BYTES + record.len() + check.len();
        Some(Ok(frame))
    }
}

/// A log that is open for appends.
pub(crate) struct Log<S> {
    storage: S,
    /// The end of the last synced frame.
    end: u64,
    check: Check,
    /// Whether there may be bytes after the end.
    is_torn: bool,
}

/// A frame to append, and the check of the log after it.
pub(crate) struct Staged {
    pub frame: Vec<u8>,
    check: Check,
}

impl<S: Storage> Log<S> {
    pub fn new(storage: S) -> Self {
        Self {
            storage,
            end: 0,
            check: Check::default(),
            is_torn: false,
        }
    }

    pub fn storage(&self) -> &S {
        &self.storage
    }

    pub fn into_storage(self) -> S {
        self.storage
    }

    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        self.storage.read()
    }

    /// Continues after the frames that were read, and cuts off what follows them.
    pub fn resume(&mut self, frames: &Frames<'_>) -> io::Result<()> {
        (self.end, self.check) = (frames.end as u64, frames.check);
        self.is_torn = true;
        // The cut syncs the frames that are left: a process may have been killed before it synced the last one.
        self.cut()
    }

    /// Builds the frame of a record (R8.4).
    pub fn stage(&self, record: &[u8]) -> Staged {
        let check = check_after(&self.check, record);
        let length = (record.len() as u32).to_be_bytes();
        Staged {
            frame: [&length, record, &check].concat(),
            check,
        }
    }

    /// Appends bytes after the last synced frame.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.cut()?;
        }
        self.is_torn = true;
        self.storage.append(bytes)
    }

    /// Syncs the appended frame, which acknowledges its step (R8.3).
    pub fn sync(&mut self, staged: &Staged) -> io::Result<()> {
        self.storage.sync()?;
        self.end += staged.frame.len() as u64;
        self.check = staged.check;
        self.is_torn = false;
        Ok(())
    }

    /// Cuts off what was appended after the last synced frame.
    pub fn cut(&mut self) -> io::Result<()> {
        self.storage.truncate(self.end)?;
        self.is_torn = false;
        Ok(())
    }
}
