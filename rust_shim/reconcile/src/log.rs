//! The log: one frame for each step, each checked onto the one before (R8.3 to R8.6).

use std::io;

use crate::error::{Class, Rejection, Result};
use crate::hash::Hasher;
use crate::storage::Storage;

const LENGTH_BYTES: usize = 4;

type Check = [u8; 8];

/// The check of a frame with this record (R8.4).
fn check_after(before: &Check, record: &[u8]) -> Check {
    let hash = Hasher::new("reconcile/frame")
        .raw(before)
        .raw(record)
        .finish();
    let mut check = Check::default();
    check.copy_from_slice(&hash[..8]);
    check
}

/// A frame as it is read.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    index: usize,
    offset: usize,
    pub record: &'a [u8],
}

impl Frame<'_> {
    /// The rejection of a log in which this frame is at fault.
    pub fn corrupt(&self, fault: &str) -> Rejection {
        let (path, hint) = (
            format!("frame {}", self.index),
            "restore from another replica",
        );
        Rejection::new(Class::CorruptLog, path, "a whole record", fault, hint).at(self.offset)
    }
}

/// The whole frames of a log, in order; a torn tail is left out (R8.6).
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
    index: usize,
    /// Where the frames end that were read so far.
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

/// A log that is open for appending.
pub(crate) struct Log<S> {
    storage: S,
    /// Where the last synced frame ends.
    end: u64,
    check: Check,
    /// Whether bytes may lie behind the end that could not be cut off.
    is_torn: bool,
}

/// What is to be appended, and what the log is then.
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

    /// Goes on after the frames that were read; cuts off what follows them.
    pub fn resume(&mut self, frames: &Frames<'_>) -> io::Result<()> {
        (self.end, self.check) = (frames.end as u64, frames.check);
        self.is_torn = true;
        // Cutting syncs what is left, whose last frame may be of a process that was killed before it did.
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

    /// Appends bytes behind the last synced frame.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.cut()?;
        }
        self.is_torn = true;
        self.storage.append(bytes)
    }

    /// Makes the frame that was appended a part of the log, which acknowledges its step (R8.3).
    pub fn sync(&mut self, staged: &Staged) -> io::Result<()> {
        self.storage.sync()?;
        self.end += staged.frame.len() as u64;
        self.check = staged.check;
        self.is_torn = false;
        Ok(())
    }

    /// Cuts off what was appended since the last synced frame.
    pub fn cut(&mut self) -> io::Result<()> {
        self.storage.truncate(self.end)?;
        self.is_torn = false;
        Ok(())
    }
}
