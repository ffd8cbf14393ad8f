//! Entries, and maps from keys to entries, at each schema (R7.4).

use std::collections::BTreeMap;

use crate::cbor::{Grammar, MAX_NUMBER, NULL, Reader, Writer, encoding_order};
use crate::clock::{Clock, MAX_TIME};
use crate::entry::{Entry, KEY_LENGTHS, Key, MAX_EXTRAS, MAX_LABEL, MAX_VALUE, Value};
use crate::error::Result;
use crate::limits::MAX_ENTRIES;
use crate::origin::{Dot, Origin};
use crate::schema::Schema;

const MAX_FIELDS: u64 = 64;

pub(super) fn write_keys<'a>(
    writer: &mut Writer,
    keys: impl Iterator<Item = (&'a Key, &'a [Entry])>,
    schema: Schema,
) {
    let mut keys: Vec<_> = keys.collect();
    keys.sort_unstable_by(|(a, _), (b, _)| encoding_order(a.as_bytes(), b.as_bytes()));
    writer.map(keys.len());
    for (key, entries) in keys {
        writer.bytes(key.as_bytes());
        writer.array(entries.len());
        entries
            .iter()
            .for_each(|entry| write(writer, entry, schema));
    }
}

/// Reads a map from keys to entries; each key has at least `min_entries`.
pub(super) fn read_keys(
    reader: &mut Reader<'_>,
    max_keys: u64,
    min_entries: u64,
    schema: Schema,
) -> Result<BTreeMap<Key, Vec<Entry>>> {
    let mut keys = BTreeMap::new();
    reader.keyed(max_keys, KEY_LENGTHS, |reader, key| {
        let element = |reader: &mut Reader<'_>| read(reader, schema);
        let entries = reader.ascending(min_entries, MAX_ENTRIES as u64, element, |a, b| {
            a.dot.cmp(&b.dot)
        })?;
        keys.insert(Key::from_valid(key), entries);
        Ok(())
    })?;
    Ok(keys)
}

/// Writes an entry in the layout of a schema (R7.4, R10.1).
fn write(writer: &mut Writer, entry: &Entry, schema: Schema) {
    let clock_fields = if schema == Schema::Three { 2 } else { 1 };
    let has_value = !entry.is_tombstone() || schema == Schema::One;
    let optional = usize::from(has_value) + usize::from(entry.label.is_some());
    writer.map(4 + clock_fields + optional + entry.extras.len());
    writer.uint(0u8);
    writer.bytes(entry.dot.origin.as_bytes());
    writer.uint(1u8);
    writer.uint(entry.dot.counter);
    if schema != Schema::Three {
        writer.uint(2u8);
        writer.bytes(&entry.clock.to_bytes());
    }
    writer.uint(3u8);
    writer.uint(u8::from(entry.is_tombstone()));
    if has_value {
        writer.uint(4u8);
        match &entry.value {
            Some(value) => writer.item(value.as_bytes()),
            None => writer.null(),
        }
    }
    writer.uint(5u8);
    writer.uint(entry.schema.number());
    if let Some(label) = &entry.label {
        writer.uint(6u8);
        writer.text(label);
    }
    if schema == Schema::Three {
        writer.uint(7u8);
        writer.uint(entry.clock.physical());
        writer.uint(8u8);
        writer.uint(entry.clock.logical());
    }
    for (&field, item) in &entry.extras {
        writer.uint(field);
        writer.item(item);
    }
}

/// The fields of an entry that were read so far.
#[derive(Default)]
struct Draft {
    origin: Option<Origin>,
    counter: Option<u64>,
    clock: Option<Clock>,
    is_tombstone: Option<bool>,
    value: Option<Value>,
    null: Option<()>,
    schema: Option<Schema>,
    label: Option<String>,
    physical: Option<u64>,
    logical: Option<u16>,
    extras: BTreeMap<u8, Vec<u8>>,
}

impl Draft {
    /// Reads a field; returns false if the layout of the schema does not allow it (R7.4).
    fn read(&mut self, reader: &mut Reader<'_>, field: u64, schema: Schema) -> Result<bool> {
        // An entry without a kind is read as a put, until the missing field is reported.
        let is_tombstone = self.is_tombstone.unwrap_or(false);
        match (field, schema) {
            (0, _) => {
                let (min, max) = Origin::LENGTHS;
                self.origin = Some(Origin::from_valid(reader.bytes(min, max)?));
            }
            (1, _) => self.counter = Some(reader.uint(1, MAX_NUMBER)?),
            (2, Schema::One | Schema::Two) => {
                self.clock = Some(Clock::from_bytes(reader.exactly()?))
            }
            (3, _) => self.is_tombstone = Some(reader.uint(0, 1)? == 1),
            (4, _) if !is_tombstone => self.value = Some(read_value(reader)?),
            (4, Schema::One) => self.null = Some(reader.simple(NULL)?),
            (5, _) => self.schema = Schema::from_number(reader.uint(1, 3)? as u8),
            (6, _) if !is_tombstone => self.label = Some(reader.text(0, MAX_LABEL)?.to_owned()),
            (7, Schema::Three) => self.physical = Some(reader.uint(0, MAX_TIME)?),
            (8, Schema::Three) => self.logical = Some(reader.uint(0, u64::from(u16::MAX))? as u16),
            (16..=63, _) => {
                self.extras
                    .insert(field as u8, reader.item(Grammar::Any)?.to_vec());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Checks that no field is missing (R7.4), and the length of all extras together (R2.7).
    fn finish(self, reader: &Reader<'_>, map: usize, schema: Schema) -> Result<Entry> {
        let missing = |field| move || reader.place(map).missing_field(field);
        let origin = self.origin.ok_or_else(missing(0))?;
        let counter = self.counter.ok_or_else(missing(1))?;
        if schema != Schema::Three {
            self.clock.ok_or_else(missing(2))?;
        }
        let is_tombstone = self.is_tombstone.ok_or_else(missing(3))?;
        if self.value.is_none() && !is_tombstone
            || self.null.is_none() && is_tombstone && schema == Schema::One
        {
            return Err(missing(4)());
        }
        let written_at = self.schema.ok_or_else(missing(5))?;
        let clock = match self.clock {
            Some(clock) => clock,
            None => Clock::new(
                self.physical.ok_or_else(missing(7))?,
                self.logical.ok_or_else(missing(8))?,
            ),
        };
        let extras = self.extras.values().map(Vec::len).sum::<usize>();
        if extras > MAX_EXTRAS {
            return Err(reader.place(map).limit(0, MAX_EXTRAS as u64, extras as u64));
        }
        let (dot, value, label) = (Dot { origin, counter }, self.value, self.label);
        Ok(Entry {
            dot,
            clock,
            value,
            schema: written_at,
            label,
            extras: self.extras,
        })
    }
}

fn read(reader: &mut Reader<'_>, schema: Schema) -> Result<Entry> {
    let mut draft = Draft::default();
    let map = reader.fields(MAX_FIELDS, |reader, field| {
        draft.read(reader, field, schema)
    })?;
    draft.finish(reader, map, schema)
}

/// Reads the value of a put, and checks its length after it is read (R2.7).
fn read_value(reader: &mut Reader<'_>) -> Result<Value> {
    let offset = reader.offset();
    let value = reader.item(Grammar::Value)?;
    if value.len() > MAX_VALUE {
        return Err(reader
            .place(offset)
            .limit(0, MAX_VALUE as u64, value.len() as u64));
    }
    Ok(Value::from_valid(value))
}
