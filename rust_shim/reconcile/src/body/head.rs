//! Heads: the fields 0 to 4 of documents, first replies and records.

use crate::cbor::{Reader, Writer};
use crate::clock::Clock;
use crate::error::Result;
use crate::hash::Digest;
use crate::origin;
use crate::state::State;
use crate::vector::Vector;

/// The writer of a message, its epoch and clock, and what it has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub writer: origin::Writer,
    pub epoch: u32,
    pub clock: Clock,
    pub vector: Vector,
    pub watermark: Vector,
}

/// A head with the digest of its shared part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub head: Head,
    pub digest: Digest,
}

impl Head {
    pub const FIELDS: usize = 5;

    pub fn of(state: &State) -> Self {
        Self {
            writer: state.local.writer,
            epoch: state.local.epoch,
            clock: state.local.clock,
            vector: state.shared.vector.clone(),
            watermark: state.shared.watermark.clone(),
        }
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.uint(0u8);
        writer.bytes(self.writer.as_bytes());
        writer.uint(1u8);
        writer.uint(self.epoch);
        writer.uint(2u8);
        writer.bytes(&self.clock.to_bytes());
        writer.uint(3u8);
        self.vector.write(writer);
        writer.uint(4u8);
        self.watermark.write(writer);
    }
}

impl Announcement {
    pub fn of(state: &State) -> Self {
        Self {
            head: Head::of(state),
            digest: state.shared.digest(),
        }
    }
}

/// The fields of a head that were read so far.
#[derive(Default)]
pub(super) struct Draft {
    writer: Option<origin::Writer>,
    epoch: Option<u32>,
    clock: Option<Clock>,
    vector: Option<Vector>,
    watermark: Option<Vector>,
}

impl Draft {
    /// Reads the content of a field from 0 to 4; returns false for another field.
    pub fn read(&mut self, reader: &mut Reader<'_>, field: u64) -> Result<bool> {
        match field {
            0 => self.writer = Some(origin::Writer::from_valid(reader.bytes(1, 16)?)),
            1 => self.epoch = Some(reader.uint(0, u64::from(u32::MAX))? as u32),
            2 => self.clock = Some(Clock::from_bytes(reader.exactly()?)),
            3 => self.vector = Some(Vector::read(reader)?),
            4 => self.watermark = Some(Vector::read(reader)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Checks that no field is missing in the map at an offset.
    pub fn finish(self, reader: &Reader<'_>, map: usize) -> Result<Head> {
        let missing = |field| move || reader.place(map).missing_field(field);
        Ok(Head {
            writer: self.writer.ok_or_else(missing(0))?,
            epoch: self.epoch.ok_or_else(missing(1))?,
            clock: self.clock.ok_or_else(missing(2))?,
            vector: self.vector.ok_or_else(missing(3))?,
            watermark: self.watermark.ok_or_else(missing(4))?,
        })
    }
}
