//! Records of the log: the changes of one step (R8.5).

use std::collections::BTreeMap;

use crate::cbor::{Reader, Writer, encoding_order};
use crate::entry::{Entry, Key};
use crate::error::Result;
use crate::hash::Digest;
use crate::limits::MAX_KEYS;
use crate::migration::{APPROVER_LENGTHS, Migration, RATIONALE_LENGTHS};
use crate::origin;
use crate::schema::Schema;
use crate::state::{Flag, Shared, State};
use crate::tree::Tree;
use crate::vector::Vector;

use super::head::{Draft, Head};
use super::{entries, header};

/// The content of a record.
#[derive(Debug)]
pub(crate) struct Record {
    pub head: Head,
    pub keys: BTreeMap<Key, Vec<Entry>>,
    pub flag: Flag,
    pub schema: Schema,
    pub acknowledgements: BTreeMap<origin::Writer, Vector>,
    pub migrations: Vec<Migration>,
}

impl Record {
    /// Writes the record of a step to a state (R8.5). The first record of a log has no state before it.
    pub fn write(before: Option<&State>, after: &State) -> Vec<u8> {
        let (shared, migrations) = match before {
            Some(before) => (&before.shared, before.local.chain.len()),
            None => (&Shared::default(), 0),
        };
        let changed = Tree::differences(&shared.tree, &after.shared.tree);
        let schema = after.local.schema;
        let mut writer = header::begin(header::Kind::Record, schema);
        writer.map(Head::FIELDS + 5);
        Head::of(after).write(&mut writer);
        writer.uint(5u8);
        let keys = changed
            .iter()
            .filter_map(|change| Some((change.key()?, change.after())));
        entries::write_keys(&mut writer, keys, schema);
        writer.uint(6u8);
        writer.uint(after.local.flag as u8);
        writer.uint(7u8);
        writer.uint(schema.number());
        writer.uint(8u8);
        write_acknowledgements(&mut writer, &after.local.acknowledgements);
        writer.uint(9u8);
        let migrations = &after.local.chain[migrations..];
        writer.array(migrations.len());
        migrations
            .iter()
            .for_each(|migration| write_migration(&mut writer, migration));
        writer.into_bytes()
    }

    /// Reads a record of any schema (R8.5).
    pub fn read(message: &[u8]) -> Result<Self> {
        let (mut reader, written_at) = header::check(message, header::Kind::Record, 1..=3)?;
        let (mut head, mut keys, mut flag) = (Draft::default(), None, None);
        let (mut has_schema, mut acknowledgements, mut migrations) = (None, None, None);
        let schema = u64::from(written_at.number());
        let map = reader.fields(u64::MAX, |reader, field| {
            match field {
                5 => keys = Some(entries::read_keys(reader, MAX_KEYS as u64, 0, written_at)?),
                6 => flag = Some(Flag::ALL[reader.uint(0, 2)? as usize]),
                7 => has_schema = Some(reader.uint(schema, schema)?),
                8 => acknowledgements = Some(read_acknowledgements(reader)?),
                9 => migrations = Some(read_migrations(reader)?),
                _ => return head.read(reader, field),
            }
            Ok(true)
        })?;
        let head = head.finish(&reader, map)?;
        let missing = |field| reader.place(map).missing_field(field);
        let (keys, flag) = (
            keys.ok_or_else(|| missing(5))?,
            flag.ok_or_else(|| missing(6))?,
        );
        has_schema.ok_or_else(|| missing(7))?;
        let record = Self {
            head,
            keys,
            flag,
            schema: written_at,
            acknowledgements: acknowledgements.ok_or_else(|| missing(8))?,
            migrations: migrations.ok_or_else(|| missing(9))?,
        };
        reader.finish()?;
        Ok(record)
    }
}

fn write_acknowledgements(
    writer: &mut Writer,
    acknowledgements: &BTreeMap<origin::Writer, Vector>,
) {
    let mut members: Vec<_> = acknowledgements.iter().collect();
    members.sort_by(|(a, _), (b, _)| encoding_order(a.as_bytes(), b.as_bytes()));
    writer.map(members.len());
    for (member, acknowledged) in members {
        writer.bytes(member.as_bytes());
        acknowledged.write(writer);
    }
}

fn read_acknowledgements(reader: &mut Reader<'_>) -> Result<BTreeMap<origin::Writer, Vector>> {
    let mut acknowledgements = BTreeMap::new();
    reader.keyed(u64::MAX, (1, 16), |reader, member| {
        acknowledgements.insert(origin::Writer::from_valid(member), Vector::read(reader)?);
        Ok(())
    })?;
    Ok(acknowledgements)
}

fn write_migration(writer: &mut Writer, migration: &Migration) {
    writer.array(6);
    writer.uint(migration.from.number());
    writer.uint(migration.to.number());
    writer.text(&migration.rationale);
    writer.text(&migration.approver);
    writer.uint(migration.rollback.number());
    writer.bytes(&migration.head);
}

fn read_migrations(reader: &mut Reader<'_>) -> Result<Vec<Migration>> {
    let mut migrations = Vec::new();
    reader.array(0, u64::MAX, |reader, _| {
        let mut schemas = [Schema::One; 3];
        let (mut texts, mut head): ([String; 2], Digest) = Default::default();
        reader.array(6, 6, |reader, index| {
            match index {
                0 | 1 => schemas[index as usize] = read_schema(reader)?,
                2 => {
                    texts[0] = reader
                        .text(RATIONALE_LENGTHS.0, RATIONALE_LENGTHS.1)?
                        .to_owned()
                }
                3 => {
                    texts[1] = reader
                        .text(APPROVER_LENGTHS.0, APPROVER_LENGTHS.1)?
                        .to_owned()
                }
                4 => schemas[2] = read_schema(reader)?,
                _ => head = reader.exactly()?,
            }
            Ok(())
        })?;
        let ([from, to, rollback], [rationale, approver]) = (schemas, texts);
        migrations.push(Migration {
            from,
            to,
            rationale,
            approver,
            rollback,
            head,
        });
        Ok(())
    })?;
    Ok(migrations)
}

fn read_schema(reader: &mut Reader<'_>) -> Result<Schema> {
    let number = reader.uint(1, 3)?;
    Ok(match number {
        1 => Schema::One,
        2 => Schema::Two,
        _ => Schema::Three,
    })
}
