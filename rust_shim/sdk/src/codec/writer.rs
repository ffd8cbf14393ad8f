//! The half that can write nothing but canonical items.

use std::collections::BTreeMap;

use super::{ARRAY, BYTES, CANONICAL_NAN, FALSE, FLOAT, MAP, NEGATIVE, NULL, TEXT, TRUE, UNSIGNED};

/// Writes items one after the other into a buffer that is kept for reuse.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Starts with nothing written.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns what was written.
    pub fn as_bytes(&self) -> &[u8] {
        &self.out
    }

    /// Gives the bytes away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Forgets what was written after the first `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.out.truncate(length);
    }

    /// Says how many bytes were written.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Says whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Writes an item that is encoded already.
    pub(crate) fn append(&mut self, item: &[u8]) {
        self.out.extend_from_slice(item);
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.out.push(if value { TRUE } else { FALSE });
    }

    /// Writes null.
    pub fn null(&mut self) {
        self.out.push(NULL);
    }

    /// Writes an integer that is not negative.
    pub fn u64(&mut self, value: u64) {
        self.head(UNSIGNED, value);
    }

    /// Writes an integer.
    pub fn i64(&mut self, value: i64) {
        if value < 0 {
            self.head(NEGATIVE, !value as u64);
        } else {
            self.head(UNSIGNED, value as u64);
        }
    }

    /// Writes a float with all its bits.
    pub fn f64(&mut self, value: f64) {
        self.out.push(FLOAT);
        self.out.extend_from_slice(&value.to_be_bytes());
    }

    /// Writes a float, every NaN as the same one.
    pub fn f64_nan_equal(&mut self, value: &f64) {
        self.f64(if value.is_nan() {
            f64::from_bits(CANONICAL_NAN)
        } else {
            *value
        });
    }

    /// Writes a text.
    pub fn text(&mut self, value: &str) {
        self.head(TEXT, value.len() as u64);
        self.out.extend_from_slice(value.as_bytes());
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(BYTES, value.len() as u64);
        self.out.extend_from_slice(value);
    }

    /// Writes the head of an array; its items are written next.
    pub fn array(&mut self, length: usize) {
        self.head(ARRAY, length as u64);
    }

    /// Writes items that are encoded already.
    pub fn encoded(&mut self, items: &[u8]) {
        self.out.extend_from_slice(items);
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

    /// Writes an array whose items stand in the order of their encodings.
    pub fn unordered<T>(&mut self, items: &[T], write: impl FnMut(&mut Self, &T)) {
        self.array(items.len());
        self.sorted(items, write);
    }

    /// Writes a map, its pairs in the order of the keys' encodings.
    pub fn mapping<K, V>(
        &mut self,
        pairs: &BTreeMap<K, V>,
        mut key: impl FnMut(&mut Self, &K),
        mut value: impl FnMut(&mut Self, &V),
    ) {
        self.head(MAP, pairs.len() as u64);
        // No encoding begins another one, so pairs are in the order of their keys.
        self.sorted(pairs, |w, (k, v)| {
            key(w, k);
            value(w, v);
        });
    }

    fn sorted<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        let start = self.out.len();
        let mut spans = Vec::new();
        for item in items {
            let from = self.out.len();
            write(self, item);
            spans.push(from..self.out.len());
        }
        let out = &self.out;
        if spans.is_sorted_by(|a, b| out[a.clone()] <= out[b.clone()]) {
            return;
        }
        spans.sort_by(|a, b| out[a.clone()].cmp(&out[b.clone()]));
        let mut sorted = Vec::with_capacity(out.len() - start);
        for span in spans {
            sorted.extend_from_slice(&out[span]);
        }
        self.out.truncate(start);
        self.out.append(&mut sorted);
    }

    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        match value {
            0..=23 => self.out.push(major | value as u8),
            24..=0xff => self.out.extend_from_slice(&[major | 24, value as u8]),
            0x100..=0xffff => self.wide(major | 25, &(value as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.wide(major | 26, &(value as u32).to_be_bytes()),
            _ => self.wide(major | 27, &value.to_be_bytes()),
        }
    }

    fn wide(&mut self, first: u8, digits: &[u8]) {
        self.out.push(first);
        self.out.extend_from_slice(digits);
    }
}
