//! Writes canonical items, and can write nothing else.

use std::collections::BTreeMap;

use crate::codec::{ARRAY, BYTES, CANONICAL_NAN, FALSE, FLOAT, MAP, NINT, NULL, TEXT, TRUE, UINT};

/// Appends canonical CBOR to a buffer.
///
/// ```
/// let mut w = driftcheck::Writer::new();
/// w.array(2);
/// w.text("key");
/// w.uint(300);
///
/// assert_eq!(w.data(), b"\x82\x63key\x19\x01\x2c");
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    buf: Vec<u8>,
}

impl Writer {
    /// Makes a writer with an empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the encoded items.
    pub fn data(&self) -> &[u8] {
        &self.buf
    }

    /// Turns the writer into the encoded items.
    pub fn into_data(self) -> Vec<u8> {
        self.buf
    }

    /// Removes everything after the first `n` bytes.
    pub(crate) fn cut(&mut self, n: usize) {
        self.buf.truncate(n);
    }

    /// Appends items that are already encoded.
    pub(crate) fn encoded(&mut self, items: &[u8]) {
        self.buf.extend_from_slice(items);
    }

    /// Writes null.
    pub fn null(&mut self) {
        self.buf.push(NULL);
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.buf.push(if value { TRUE } else { FALSE });
    }

    /// Writes an unsigned integer.
    pub fn uint(&mut self, value: u64) {
        self.head(UINT, value);
    }

    /// Writes a signed integer.
    pub fn int(&mut self, value: i64) {
        if value < 0 {
            self.head(NINT, !value as u64); // CBOR holds -1 - v, which is the complement
        } else {
            self.head(UINT, value as u64);
        }
    }

    /// Writes a float with all its bits.
    pub fn float(&mut self, value: f64) {
        self.buf.push(FLOAT);
        self.buf.extend_from_slice(&value.to_be_bytes());
    }

    /// Writes a float, and writes every NaN as the same one.
    pub fn float_nan_equal(&mut self, value: &f64) {
        self.float(if value.is_nan() {
            f64::from_bits(CANONICAL_NAN)
        } else {
            *value
        });
    }

    /// Writes a text.
    pub fn text(&mut self, value: &str) {
        self.head(TEXT, value.len() as u64);
        self.buf.extend_from_slice(value.as_bytes());
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(BYTES, value.len() as u64);
        self.buf.extend_from_slice(value);
    }

    /// Writes the head of an array of `n` items.
    pub fn array(&mut self, n: usize) {
        self.head(ARRAY, n as u64);
    }

    /// Writes null, or the value with `write`.
    pub fn optional<T>(&mut self, value: &Option<T>, write: impl FnOnce(&mut Self, &T)) {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    /// Writes an array, each item with `write`.
    pub fn sequence<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.array(items.len());
        for item in items {
            write(self, item);
        }
    }

    /// Writes an array, its items in the order of their encodings.
    pub fn unordered<T>(&mut self, items: &[T], write: impl FnMut(&mut Self, &T)) {
        self.array(items.len());
        self.sort(items, write);
    }

    /// Writes a map, its pairs in the order of the encodings of their keys.
    pub fn mapping<K, V>(
        &mut self,
        pairs: &BTreeMap<K, V>,
        mut key: impl FnMut(&mut Self, &K),
        mut value: impl FnMut(&mut Self, &V),
    ) {
        self.head(MAP, pairs.len() as u64);
        // No encoding is a prefix of another, so this puts the pairs in the order of their keys.
        self.sort(pairs, |w, (k, v)| {
            key(w, k);
            value(w, v);
        });
    }

    /// Writes items in the bytewise order of their encodings.
    fn sort<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        let start = self.buf.len();
        let mut spans = Vec::new();
        for item in items {
            let from = self.buf.len();
            write(self, item);
            spans.push(from..self.buf.len());
        }
        let buf = &self.buf;
        if spans.is_sorted_by(|a, b| buf[a.clone()] <= buf[b.clone()]) {
            return;
        }
        spans.sort_by(|a, b| buf[a.clone()].cmp(&buf[b.clone()]));
        let mut sorted = Vec::with_capacity(buf.len() - start);
        for span in spans {
            sorted.extend_from_slice(&buf[span]);
        }
        self.buf.truncate(start);
        self.buf.append(&mut sorted);
    }

    pub(crate) fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        match n {
            0..=23 => self.buf.push(major | n as u8),
            24..=0xff => self.encoded(&[major | 24, n as u8]),
            0x100..=0xffff => self.wide(major | 25, &(n as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.wide(major | 26, &(n as u32).to_be_bytes()),
            _ => self.wide(major | 27, &n.to_be_bytes()),
        }
    }

    fn wide(&mut self, first: u8, digits: &[u8]) {
        self.buf.push(first);
        self.encoded(digits);
    }
}
