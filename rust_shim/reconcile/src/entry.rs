//! Entries: one write of one key (R1.5, R1.6), its value, its order, and its hash (R6.1).

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

/// The lengths that a key may have, in bytes.
pub(crate) const KEY_LENGTHS: (usize, usize) = (1, 64);
/// The longest value, in bytes as encoded.
pub(crate) const MAX_VALUE: usize = 1024;
/// The longest label, in bytes.
pub(crate) const MAX_LABEL: usize = 32;
/// The most bytes of extras of one entry.
pub(crate) const MAX_EXTRAS: usize = 256;

/// A key: 1 to 64 bytes (R1.5); cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// Takes a key of 1 to 64 bytes; another is `malformed`.
    pub fn new(key: &[u8]) -> Result<Self> {
        argument::length("key", key.len(), KEY_LENGTHS.0, KEY_LENGTHS.1)?;
        Ok(Self::fitting(key))
    }

    /// Takes a key whose length is known to fit.
    pub(crate) fn fitting(key: &[u8]) -> Self {
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

/// A value: the bytes of one CBOR item that R2.2 allows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(Box<[u8]>);

impl Value {
    /// Reads the value of an operation's argument (R2.7, R4.1).
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_VALUE {
            let (expected, got) = (format!("at most {MAX_VALUE}"), bytes.len().to_string());
            return Err(Rejection::new(
                Class::TooLarge,
                "value",
                expected,
                got,
                "check the limits",
            ));
        }
        let mut reader = Reader::argument(bytes);
        reader.item(Grammar::Value)?;
        reader.finish()?;
        Ok(Self::well_formed(bytes))
    }

    /// Takes bytes that were read already.
    pub(crate) fn well_formed(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Writes a number of at most 2^63 − 1.
    pub(crate) fn number(number: u64) -> Self {
        let mut writer = crate::cbor::Writer::default();
        writer.uint(number);
        Self(writer.into_bytes().into())
    }

    /// The bytes of the value.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name of the value's kind (R2.9).
    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.0[0])
    }

    /// The number that the value is, where it is an integer from 0 up.
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
    /// The name of the write.
    pub dot: Dot,
    /// When it was written.
    pub clock: Clock,
    /// What was put, or nothing where the key was deleted.
    pub value: Option<Value>,
    /// The schema at which it was written.
    pub schema: Schema,
    /// What the writer called it: at most 32 bytes.
    pub label: Option<String>,
    /// What a later writer added, by field from 16 to 63: kept and hashed, never looked into.
    pub extras: BTreeMap<u8, Vec<u8>>,
}

impl Entry {
    /// Whether the key was deleted by this write.
    pub fn is_tombstone(&self) -> bool {
        self.value.is_none()
    }

    fn value_bytes(&self) -> &[u8] {
        self.value.as_ref().map_or(&[], Value::as_bytes)
    }

    /// What the last writer is told by (R5.4).
    pub(crate) fn rank(&self) -> (Clock, Dot, bool, &[u8]) {
        (
            self.clock,
            self.dot,
            self.is_tombstone(),
            self.value_bytes(),
        )
    }

    /// What counters are compared by (R4.5); a tombstone is less than any number.
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
