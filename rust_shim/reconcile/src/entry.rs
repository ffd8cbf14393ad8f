//! Entries: one write of one key, with its value, its order and its hash (R1.5, R1.6, R6.1).

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::argument;
use crate::cbor::{Grammar, Kind, Reader};
use crate::clock::Clock;
use crate::error::{Class, Rejection, Result};
use crate::hash::{Digest, Hasher, hex};
use crate::origin::Dot;
use crate::schema::Schema;

/// The minimum and the maximum length of a key, in bytes.
pub(crate) const KEY_LENGTHS: (usize, usize) = (1, 64);
/// The maximum length of an encoded value, in bytes.
pub(crate) const MAX_VALUE: usize = 1024;
/// The maximum length of a label, in bytes.
pub(crate) const MAX_LABEL: usize = 32;
/// The maximum length of all extras of one entry, in bytes.
pub(crate) const MAX_EXTRAS: usize = 256;

/// A key of 1 to 64 bytes (R1.5). A clone is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// Makes a key from 1 to 64 bytes; another length is rejected as `malformed`.
    pub fn new(key: &[u8]) -> Result<Self> {
        argument::length("key", key.len(), KEY_LENGTHS.0, KEY_LENGTHS.1)?;
        Ok(Self::from_valid(key))
    }

    /// Makes a key from bytes whose number was checked.
    pub(crate) fn from_valid(key: &[u8]) -> Self {
        Self(key.into())
    }

    /// The bytes of the key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", hex(&self.0))
    }
}

/// A value: the bytes of one CBOR item (R2.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(Box<[u8]>);

impl Value {
    /// Reads the value of an operation's argument (R2.7, R4.1).
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_VALUE {
            return Err(Rejection::new(Class::TooLarge)
                .path("value")
                .expected(format!("at most {MAX_VALUE}"))
                .got(bytes.len().to_string())
                .hint("check the limits"));
        }
        let mut reader = Reader::argument(bytes);
        reader.item(Grammar::Value)?;
        reader.finish()?;
        Ok(Self::from_valid(bytes))
    }

    /// Makes a value from bytes that were checked.
    pub(crate) fn from_valid(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Encodes a number from 0 to 2^63 − 1.
    pub(crate) fn number(number: u64) -> Self {
        let mut writer = crate::cbor::Writer::default();
        writer.uint(number);
        Self(writer.into_bytes().into())
    }

    /// The bytes of the value.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The kind of the value (R2.9).
    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.0[0])
    }

    /// The number that the value encodes, if it is an integer that is not negative.
    pub(crate) fn as_number(&self) -> Option<u64> {
        Reader::argument(&self.0).uint(0, u64::MAX).ok()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", hex(&self.0))
    }
}

/// One write of one key (R1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The identity of the write.
    pub dot: Dot,
    /// The clock of the writer after the write.
    pub clock: Clock,
    /// The value that was put, or `None` for a tombstone.
    pub value: Option<Value>,
    /// The schema of the writer at the write.
    pub schema: Schema,
    /// The label that the writer gave: at most 32 bytes.
    pub label: Option<String>,
    /// Items that a later version of the engine added, by field from 16 to 63. They are kept and hashed as bytes.
    pub extras: BTreeMap<u8, Vec<u8>>,
}

impl Entry {
    /// Whether this write deleted the key.
    pub fn is_tombstone(&self) -> bool {
        self.value.is_none()
    }

    fn value_bytes(&self) -> &[u8] {
        self.value.as_ref().map_or(&[], Value::as_bytes)
    }

    /// The order by which the policy `last` chooses an entry (R5.4).
    pub(crate) fn rank(&self) -> (Clock, Dot, bool, &[u8]) {
        (
            self.clock,
            self.dot,
            self.is_tombstone(),
            self.value_bytes(),
        )
    }

    /// The number of a counter (R4.5); a tombstone has none.
    pub(crate) fn number(&self) -> Option<u64> {
        self.value.as_ref().and_then(Value::as_number)
    }

    /// The hash of the entry under its key (R6.1).
    pub(crate) fn hash(&self, key: &Key) -> Digest {
        let mut hasher = Hasher::new("reconcile/entry")
            .prefixed(key.as_bytes())
            .prefixed(self.dot.origin.as_bytes())
            .u64(self.dot.counter)
            .raw(&self.clock.to_bytes())
            .u8(u8::from(self.is_tombstone()))
            .prefixed(self.value_bytes())
            .u8(self.schema.number())
            .u8(u8::from(self.label.is_some()))
            .prefixed(self.label.as_deref().unwrap_or_default().as_bytes())
            .u16(self.extras.len());
        for (&field, item) in &self.extras {
            hasher = hasher.u8(field).prefixed(item);
        }
        hasher.finish()
    }
}
