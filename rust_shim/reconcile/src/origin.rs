//! Writers, origins and dots: which replica wrote, in which epoch, and which of its writes it was (R1.1 to R1.3).

use std::fmt;

use crate::argument;
use crate::error::Result;
use crate::hash::hex;

const MAX_WRITER: usize = 16;
const MAX_ORIGIN: usize = MAX_WRITER + 4;

// Unused bytes are zero, and the length is the last field, so the derived order is the bytewise one.

/// A replica's name: 1 to 16 bytes (R1.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Writer {
    bytes: [u8; MAX_WRITER],
    length: u8,
}

impl Writer {
    /// Makes a writer from a name of 1 to 16 bytes; another length is rejected as `malformed`.
    pub fn new(name: &[u8]) -> Result<Self> {
        argument::length("writer", name.len(), 1, MAX_WRITER)?;
        Ok(Self::from_valid(name))
    }

    /// Makes a writer from a name whose length was checked.
    pub(crate) fn from_valid(name: &[u8]) -> Self {
        let mut bytes = [0; MAX_WRITER];
        bytes[..name.len()].copy_from_slice(name);
        Self {
            bytes,
            length: name.len() as u8,
        }
    }

    /// The bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({})", hex(self.as_bytes()))
    }
}

/// A writer in one of its epochs: `writer ‖ u32(epoch)` (R1.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    bytes: [u8; MAX_ORIGIN],
    length: u8,
}

impl Origin {
    /// The minimum and the maximum length of an origin, in bytes.
    pub(crate) const LENGTHS: (usize, usize) = (5, MAX_ORIGIN);

    /// Joins a writer and an epoch.
    pub fn new(writer: Writer, epoch: u32) -> Self {
        Self::from_valid(&[writer.as_bytes(), &epoch.to_be_bytes()].concat())
    }

    /// Makes an origin from 5 to 20 bytes; another length is rejected as `malformed`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        argument::length("origin", bytes.len(), Self::LENGTHS.0, Self::LENGTHS.1)?;
        Ok(Self::from_valid(bytes))
    }

    /// Makes an origin from bytes whose number was checked.
    pub(crate) fn from_valid(origin: &[u8]) -> Self {
        let mut bytes = [0; MAX_ORIGIN];
        bytes[..origin.len()].copy_from_slice(origin);
        Self {
            bytes,
            length: origin.len() as u8,
        }
    }

    /// The bytes of the origin.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The replica that wrote.
    pub fn writer(&self) -> Writer {
        Writer::from_valid(&self.as_bytes()[..usize::from(self.length) - 4])
    }

    /// The number of rollbacks of the writer before it wrote.
    pub fn epoch(&self) -> u32 {
        self.as_bytes()[usize::from(self.length) - 4..]
            .iter()
            .fold(0, |epoch, &byte| epoch << 8 | u32::from(byte))
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", hex(self.as_bytes()))
    }
}

/// The identity of one write (R1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    /// The writer, in one of its epochs.
    pub origin: Origin,
    /// The number of the write among those of its origin, from 1 to 2^63 − 1.
    pub counter: u64,
}

impl fmt::Display for Dot {
    /// Writes `ORIGIN:COUNTER`, in hex and in decimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", hex(self.origin.as_bytes()), self.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R1.2: an origin is the writer and four bytes of epoch.
    #[test]
    fn r1_2_origins() {
        let origin = Origin::new(Writer::from_valid(b"abc"), 0x0102_0304);

        assert_eq!(origin.as_bytes(), b"abc\x01\x02\x03\x04");
        assert_eq!(origin.writer(), Writer::from_valid(b"abc"));
        assert_eq!(origin.epoch(), 0x0102_0304);
    }

    /// Conventions: byte strings are ordered bytewise, and a prefix is before a longer string.
    #[test]
    fn writers_are_ordered_bytewise() {
        let names: [&[u8]; 5] = [b"a", b"a\0", b"a\0\0", b"a\x01", b"b"];
        let writers = names.map(Writer::from_valid);

        assert!(writers.windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// R1.1: a writer has 1 to 16 bytes.
    #[test]
    fn r1_1_lengths_of_writers() {
        assert!(Writer::new(b"").is_err());
        assert!(Writer::new(&[7; 16]).is_ok());
        assert!(Writer::new(&[7; 17]).is_err());
    }
}
