//! Documents: messages that contain a whole shared part (R7.4).

use std::collections::BTreeMap;

use crate::entry::{Entry, Key};
use crate::error::Result;
use crate::limits::MAX_KEYS;
use crate::schema::Schema;
use crate::state::State;

use super::head::{Announcement, Draft, Head};
use super::{entries, header};

/// The content of a document, not yet checked.
#[derive(Debug)]
pub(crate) struct Document {
    pub announcement: Announcement,
    pub keys: BTreeMap<Key, Vec<Entry>>,
}

impl Document {
    /// Writes the document of a state, at the schema of the state (R7.4, R7.6).
    pub fn write(state: &State) -> Vec<u8> {
        let mut writer = header::begin(header::Kind::Document, state.local.schema);
        writer.map(Head::FIELDS + 2);
        Head::of(state).write(&mut writer);
        writer.uint(5u8);
        entries::write_keys(&mut writer, state.shared.iter(), state.local.schema);
        writer.uint(6u8);
        writer.bytes(&state.shared.digest());
        writer.into_bytes()
    }

    /// Reads a document for a replica at a schema (R7.4).
    pub fn read(message: &[u8], schema: Schema) -> Result<Self> {
        let (mut reader, written_at) =
            header::check(message, header::Kind::Document, schema.accepted())?;
        let (mut head, mut keys, mut digest) = (Draft::default(), None, None);
        let map = reader.fields(u64::MAX, |reader, field| {
            match field {
                5 => keys = Some(entries::read_keys(reader, MAX_KEYS as u64, 1, written_at)?),
                6 => digest = Some(reader.exactly()?),
                _ => return head.read(reader, field),
            }
            Ok(true)
        })?;
        let head = head.finish(&reader, map)?;
        let keys = keys.ok_or_else(|| reader.place(map).missing_field(5))?;
        let digest = digest.ok_or_else(|| reader.place(map).missing_field(6))?;
        reader.finish()?;
        Ok(Self {
            announcement: Announcement { head, digest },
            keys,
        })
    }
}
