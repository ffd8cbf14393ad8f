//! The fields 0 to 4, with which documents, first replies and records begin alike.

use crate::cbor::{Reader, Writer};
use crate::clock::Clock;
use crate::error::Result;
use crate::hash::Digest;
use crate::origin;
use crate::state::State;
use crate::vector::Vector;

use super::vector;

/// Who writes, and what it has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub writer: origin::Writer,
    pub epoch: u32,
    pub clock: Clock,
    pub vector: Vector,
    pub watermark: Vector,
}

/// A head with the state digest of the shared part that it is of.
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
        vector::write(writer, &self.vector);
        writer.uint(4u8);
        vector::write(writer, &self.watermark);
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

/// The fields of a head as they come in.
#[derive(Default)]
pub(super) struct Draft {
    writer: Option<origin::Writer>,
    epoch: Option<u32>,
    clock: Option<Clock>,
    vector: Option<Vector>,
    watermark: Option<Vector>,
}

impl Draft {
    /// Reads the content of one of the fields 0 to 4; says false of another.
    pub fn read(&mut self, reader: &mut Reader<'_>, field: u64) -> Result<bool> {
        match field {
            0 => self.writer = Some(origin::Writer::fitting(reader.bytes(1, 16)?)),
            1 => self.epoch = Some(reader.uint(0, u64::from(u32::MAX))? as u32),
            2 => self.clock = Some(Clock::from_bytes(reader.exactly()?)),
            3 => self.vector = Some(vector::read(reader)?),
            4 => self.watermark = Some(vector::read(reader)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Asks that all five were there, in the map at the offset.
    pub fn finish(self, reader: &Reader<'_>, map: usize) -> Result<Head> {
        let missing = |field| move || reader.missing(map, field);
        Ok(Head {
            writer: self.writer.ok_or_else(missing(0))?,
            epoch: self.epoch.ok_or_else(missing(1))?,
            clock: self.clock.ok_or_else(missing(2))?,
            vector: self.vector.ok_or_else(missing(3))?,
            watermark: self.watermark.ok_or_else(missing(4))?,
        })
    }
}
