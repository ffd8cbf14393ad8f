//! The canonical CBOR of the wire, written and strictly read.
//!
//! Deterministic encoding as RFC 8949, 4.2, but floats always take 8 bytes.
//! Knows nothing of contracts or traces.

use std::collections::BTreeMap;
use std::fmt;

/// How deep arrays and maps may be nested.
pub const MAX_DEPTH: usize = 64;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const FLOAT: u8 = 0xfb;
const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

/// Why bytes cannot be read, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// Something else stands there than was asked for.
    Expected(&'static str, usize),
    /// The bytes end too early, or a length is greater than what remains.
    CutShort(usize),
    /// Bytes remain after the last item.
    Trailing(usize),
    /// A head is longer than its value needs, or has no definite length.
    NotCanonical(usize),
    /// A map's keys do not ascend.
    NotSorted(usize),
    /// A text is not UTF-8.
    NotUtf8(usize),
    /// Arrays and maps are nested deeper than [`MAX_DEPTH`].
    TooDeep(usize),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what, at) => write!(f, "expected {what} at byte {at}"),
            Self::CutShort(at) => write!(f, "cut short at byte {at}"),
            Self::Trailing(at) => write!(f, "trailing bytes at byte {at}"),
            Self::NotCanonical(at) => write!(f, "no shortest definite head at byte {at}"),
            Self::NotSorted(at) => write!(f, "map key out of order at byte {at}"),
            Self::NotUtf8(at) => write!(f, "text that is not UTF-8 at byte {at}"),
            Self::TooDeep(at) => write!(f, "nested deeper than {MAX_DEPTH} at byte {at}"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads items one after the other; what it borrows lives as long as the bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            depth: 0,
        }
    }

    /// Ends the reading; nothing may remain.
    pub fn finish(&self) -> Result<(), Unreadable> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Unreadable::Trailing(self.at))
        }
    }

    /// Makes the error that something else was expected here than what was last read.
    pub fn expected(&self, what: &'static str) -> Unreadable {
        Unreadable::Expected(what, self.at)
    }

    /// Reads `true` or `false`.
    pub fn bool(&mut self) -> Result<bool, Unreadable> {
        let value = match self.peek()? {
            FALSE => false,
            TRUE => true,
            _ => return Err(self.expected("a boolean")),
        };
        self.at += 1;
        Ok(value)
    }

    /// Reads null.
    pub fn null(&mut self) -> Result<(), Unreadable> {
        if self.peek()? != NULL {
            return Err(self.expected("null"));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads an integer that is not negative.
    pub fn u64(&mut self) -> Result<u64, Unreadable> {
        self.head(UNSIGNED, "an unsigned integer")
    }

    /// Reads an integer.
    pub fn i64(&mut self) -> Result<i64, Unreadable> {
        let start = self.at;
        let negative = self.peek()? >> 5 == NEGATIVE;
        let major = if negative { NEGATIVE } else { UNSIGNED };
        let magnitude = i64::try_from(self.head(major, "an integer")?)
            .map_err(|_| Unreadable::Expected("an integer of 64 bits", start))?;
        Ok(if negative { !magnitude } else { magnitude })
    }

    /// Reads a float, all its bits kept.
    pub fn f64(&mut self) -> Result<f64, Unreadable> {
        if self.peek()? != FLOAT {
            return Err(self.expected("a float of 8 bytes"));
        }
        self.at += 1;
        let bits = self.take(8)?;
        Ok(f64::from_be_bytes(
            bits.try_into().expect("take gives what was asked for"),
        ))
    }

    /// Reads a text.
    pub fn text(&mut self) -> Result<&'a str, Unreadable> {
        let start = self.at;
        let length = self.length(TEXT, "a text", 1)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Unreadable::NotUtf8(start))
    }

    /// Reads a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = self.length(BYTES, "a byte string", 1)?;
        self.take(length)
    }

    /// Enters an array and says how many items it has; [`Reader::end`] leaves it.
    pub fn array(&mut self) -> Result<usize, Unreadable> {
        let length = self.length(ARRAY, "an array", 1)?;
        self.enter()?;
        Ok(length)
    }

    /// Leaves the array that was entered last.
    pub fn end(&mut self) {
        self.depth -= 1;
    }

    /// Enters an array of exactly `length` items.
    pub fn fields(&mut self, length: usize) -> Result<(), Unreadable> {
        let start = self.at;
        if self.array()? != length {
            return Err(Unreadable::Expected("an array of another length", start));
        }
        Ok(())
    }

    /// Reads an array of any length, each item with `read`.
    pub fn sequence<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let length = self.array()?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(read(self)?);
        }
        self.end();
        Ok(items)
    }

    /// Reads null, or a value with `read`.
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        if self.peek()? == NULL {
            self.at += 1;
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// Reads a map; the encodings of its keys must ascend.
    pub fn mapping<K: Ord, V>(
        &mut self,
        mut key: impl FnMut(&mut Self) -> Result<K, Unreadable>,
        mut value: impl FnMut(&mut Self) -> Result<V, Unreadable>,
    ) -> Result<BTreeMap<K, V>, Unreadable> {
        let length = self.length(MAP, "a map", 2)?;
        self.enter()?;
        let mut pairs = BTreeMap::new();
        let mut before: &[u8] = &[];
        for _ in 0..length {
            let start = self.at;
            let k = key(self)?;
            let encoded = &self.bytes[start..self.at];
            if encoded <= before {
                return Err(Unreadable::NotSorted(start));
            }
            before = encoded;
            pairs.insert(k, value(self)?);
        }
        self.end();
        Ok(pairs)
    }

    /// Reads any item, as strictly as if it were of use.
    pub fn skip(&mut self) -> Result<(), Unreadable> {
        let first = self.peek()?;
        match first >> 5 {
            UNSIGNED | NEGATIVE => self.head(first >> 5, "an integer").map(drop),
            BYTES => self.bytes().map(drop),
            TEXT => self.text().map(drop),
            ARRAY => self.sequence(Self::skip).map(drop),
            MAP => self.mapping(Self::skip, Self::skip).map(drop),
            _ => match first {
                FALSE | TRUE => self.bool().map(drop),
                NULL => self.null(),
                _ => self.f64().map(drop),
            },
        }
    }

    fn enter(&mut self) -> Result<(), Unreadable> {
        if self.depth == MAX_DEPTH {
            return Err(Unreadable::TooDeep(self.at));
        }
        self.depth += 1;
        Ok(())
    }

    fn peek(&self) -> Result<u8, Unreadable> {
        self.bytes
            .get(self.at)
            .copied()
            .ok_or(Unreadable::CutShort(self.at))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let bytes = self.bytes[self.at..]
            .get(..length)
            .ok_or(Unreadable::CutShort(self.at))?;
        self.at += length;
        Ok(bytes)
    }

    /// Reads the head of a string, array or map whose items take at least `least` bytes each.
    fn length(&mut self, major: u8, what: &'static str, least: u64) -> Result<usize, Unreadable> {
        let length = self.head(major, what)?;
        let room = (self.bytes.len() - self.at) as u64 / least;
        if length > room {
            return Err(Unreadable::CutShort(self.at));
        }
        Ok(length as usize)
    }

    fn head(&mut self, major: u8, what: &'static str) -> Result<u64, Unreadable> {
        let start = self.at;
        let first = self.peek()?;
        if first >> 5 != major {
            return Err(Unreadable::Expected(what, start));
        }
        self.at += 1;
        let (value, least) = match first & 0x1f {
            small @ 0..=23 => return Ok(u64::from(small)),
            24 => (self.number(1)?, 24),
            25 => (self.number(2)?, 1 << 8),
            26 => (self.number(4)?, 1 << 16),
            27 => (self.number(8)?, 1 << 32),
            _ => return Err(Unreadable::NotCanonical(start)),
        };
        if value < least {
            return Err(Unreadable::NotCanonical(start));
        }
        Ok(value)
    }

    fn number(&mut self, width: usize) -> Result<u64, Unreadable> {
        let digits = self.take(width)?;
        Ok(digits.iter().fold(0, |n, &d| n << 8 | u64::from(d)))
    }
}

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
