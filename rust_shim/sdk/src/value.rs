//! Types that travel: how each is read and written.
//!
//! Generated code adds the records, unions and enumerations of its contract.
//! The Go SDK has no such file: its generated code calls reader and writer itself.

use std::collections::BTreeMap;

use crate::codec::Unreadable;
use crate::reader::Reader;
use crate::writer::Writer;

/// A type that travels.
pub trait Value: Sized {
    /// Reads a value.
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable>;

    /// Writes the value.
    fn write(&self, w: &mut Writer);
}

impl Reader<'_> {
    /// Reads a value of type `T`.
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

/// The result of an operation without a result, and of one that makes a handle.
impl Value for () {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        if r.null()? {
            Ok(())
        } else {
            Err(r.expected("null"))
        }
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
        r.uint()
    }

    fn write(&self, w: &mut Writer) {
        w.uint(*self);
    }
}

impl Value for i64 {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.int()
    }

    fn write(&self, w: &mut Writer) {
        w.int(*self);
    }
}

impl Value for f64 {
    fn read(r: &mut Reader<'_>) -> Result<Self, Unreadable> {
        r.float()
    }

    fn write(&self, w: &mut Writer) {
        w.float(*self);
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
