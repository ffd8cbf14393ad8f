//! Types that travel: how each is read and written.
//!
//! Generated code adds the contract's own records, unions and enumerations.

use std::collections::BTreeMap;

use crate::codec::{Reader, Unreadable, Writer};

/// A type with one encoding on the wire.
pub trait Value: Sized {
    /// Reads one.
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable>;

    /// Writes it.
    fn write(&self, w: &mut Writer);
}

impl Reader<'_> {
    /// Reads a value of the type that is asked for.
    pub fn get<T: Value>(&mut self) -> Result<T, Unreadable> {
        T::read(self)
    }
}

impl Writer {
    /// Writes a value.
    pub fn put<T: Value>(&mut self, value: &T) {
        value.write(self);
    }
}

/// The result of an operation that has none, and of one that makes a handle.
impl Value for () {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.null()
    }

    fn write(&self, w: &mut Writer) {
        w.null();
    }
}

impl Value for bool {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.bool()
    }

    fn write(&self, w: &mut Writer) {
        w.bool(*self);
    }
}

impl Value for u64 {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.u64()
    }

    fn write(&self, w: &mut Writer) {
        w.u64(*self);
    }
}

impl Value for i64 {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.i64()
    }

    fn write(&self, w: &mut Writer) {
        w.i64(*self);
    }
}

impl Value for f64 {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.f64()
    }

    fn write(&self, w: &mut Writer) {
        w.f64(*self);
    }
}

impl Value for String {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok(r.text()?.to_owned())
    }

    fn write(&self, w: &mut Writer) {
        w.text(self);
    }
}

impl Value for Vec<u8> {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok(r.bytes()?.to_vec())
    }

    fn write(&self, w: &mut Writer) {
        w.bytes(self);
    }
}

impl<T: Value> Value for Option<T> {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.optional(T::read)
    }

    fn write(&self, w: &mut Writer) {
        w.optional(self, Writer::put);
    }
}

impl<T: Value> Value for Vec<T> {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.sequence(T::read)
    }

    fn write(&self, w: &mut Writer) {
        w.sequence(self, Writer::put);
    }
}

impl<K: Value + Ord, V: Value> Value for BTreeMap<K, V> {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.mapping(K::read, V::read)
    }

    fn write(&self, w: &mut Writer) {
        w.mapping(self, Writer::put, Writer::put);
    }
}
