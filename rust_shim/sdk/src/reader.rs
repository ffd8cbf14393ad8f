//! Reads canonical items, and refuses everything else.

use std::collections::BTreeMap;

use crate::codec::{
    ARRAY, BYTES, FALSE, FLOAT, MAP, MAX_DEPTH, NINT, NULL, Reason, TEXT, TRUE, UINT, Unreadable,
};

/// Reads canonical CBOR and refuses everything else. Texts and byte strings borrow from the data.
///
/// ```
/// let mut r = driftcheck::Reader::new(b"\x82\x63key\x19\x01\x2c");
/// r.fields(2)?;
///
/// assert_eq!(r.text()?, "key");
/// assert_eq!(r.uint()?, 300);
/// r.finish()?;
/// # Ok::<(), driftcheck::Unreadable>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Makes a reader of `data`.
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    /// Fails unless the reader has read all data.
    pub fn finish(&self) -> Result<(), Unreadable> {
        if self.left() == 0 {
            Ok(())
        } else {
            Err(fail(self.at, Reason::Trailing))
        }
    }

    /// Says whether null comes next, and reads it if so.
    pub fn null(&mut self) -> Result<bool, Unreadable> {
        let is_null = self.peek()? == NULL;
        self.at += usize::from(is_null);
        Ok(is_null)
    }

    /// Reads a boolean.
    pub fn bool(&mut self) -> Result<bool, Unreadable> {
        let value = match self.peek()? {
            FALSE => false,
            TRUE => true,
            _ => return Err(self.expected("a boolean")),
        };
        self.at += 1;
        Ok(value)
    }

    /// Reads an unsigned integer.
    pub fn uint(&mut self) -> Result<u64, Unreadable> {
        self.head(UINT, "an unsigned integer")
    }

    /// Reads a signed integer.
    pub fn int(&mut self) -> Result<i64, Unreadable> {
        let at = self.at;
        let is_negative = self.peek()? >> 5 == NINT;
        let n = self.head(if is_negative { NINT } else { UINT }, "an integer")?;
        let n = i64::try_from(n).map_err(|_| fail(at, out_of_range(n, 1 << 63)))?;
        Ok(if is_negative { !n } else { n })
    }

    /// Reads an unsigned integer below `n`.
    pub fn index(&mut self, n: usize) -> Result<usize, Unreadable> {
        let at = self.at;
        let i = self.uint()?;
        match usize::try_from(i) {
            Ok(index) if index < n => Ok(index),
            _ => Err(fail(at, out_of_range(i, n as u64))),
        }
    }

    /// Reads an unsigned integer that must be `n`.
    pub(crate) fn constant(&mut self, n: u64, what: &'static str) -> Result<(), Unreadable> {
        let at = self.at;
        if self.uint()? != n {
            return Err(fail(at, Reason::Unexpected(what)));
        }
        Ok(())
    }

    /// Reads a float.
    pub fn float(&mut self) -> Result<f64, Unreadable> {
        let at = self.at;
        if self.peek()? != FLOAT {
            return Err(self.expected("a float of 8 bytes"));
        }
        let Some(bits) = self.data[at + 1..].first_chunk() else {
            return Err(fail(at, Reason::CutShort));
        };
        self.at += 9;
        Ok(f64::from_be_bytes(*bits))
    }

    /// Reads text.
    pub fn text(&mut self) -> Result<&'a str, Unreadable> {
        let at = self.at;
        let bytes = self.view(TEXT, "a text")?;
        std::str::from_utf8(bytes).map_err(|_| fail(at, Reason::NotUtf8))
    }

    /// Reads a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Unreadable> {
        self.view(BYTES, "a byte string")
    }

    /// Reads the head of an array and returns its length, at most the number of bytes left.
    pub fn array(&mut self) -> Result<usize, Unreadable> {
        self.length(ARRAY, "an array", 1)
    }

    /// Reads the head of an array that must have `n` items.
    pub fn fields(&mut self, n: usize) -> Result<(), Unreadable> {
        let at = self.at;
        match self.array()? {
            got if got == n => Ok(()),
            got => Err(fail(at, Reason::WrongLength { got, want: n })),
        }
    }

    /// Reads null, or a value with `read`.
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        if self.null()? {
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// Reads an array of any length, each item with `read`.
    pub fn sequence<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let n = self.array()?;
        let mut items = Vec::with_capacity(n);
        for _ in 0..n {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Reads a map. The encodings of its keys must ascend.
    pub fn mapping<K: Ord, V>(
        &mut self,
        mut key: impl FnMut(&mut Self) -> Result<K, Unreadable>,
        mut value: impl FnMut(&mut Self) -> Result<V, Unreadable>,
    ) -> Result<BTreeMap<K, V>, Unreadable> {
        let n = self.length(MAP, "a map", 2)?;
        let mut pairs = BTreeMap::new();
        let mut before: &[u8] = &[];
        for _ in 0..n {
            let mark = self.at;
            let k = key(self)?;
            before = self.key(mark, before)?;
            pairs.insert(k, value(self)?);
        }
        Ok(pairs)
    }

    /// Returns the encoded key that began at `mark` and ends here.
    ///
    /// Fails unless the key comes after the key before it, which is empty for the first.
    fn key(&self, mark: usize, before: &[u8]) -> Result<&'a [u8], Unreadable> {
        let key = &self.data[mark..self.at];
        if key <= before {
            return Err(fail(mark, Reason::NotSorted));
        }
        Ok(key)
    }

    /// Reads one item of any kind, with the same checks as the other methods.
    pub fn skip(&mut self) -> Result<(), Unreadable> {
        self.skip_nested(MAX_DEPTH)
    }

    fn skip_nested(&mut self, depth: usize) -> Result<(), Unreadable> {
        let first = self.peek()?;
        let major = first >> 5;
        if depth == 0 && (major == ARRAY || major == MAP) {
            return Err(fail(self.at, Reason::TooDeep));
        }
        match major {
            UINT => self.uint().map(drop),
            NINT => self.int().map(drop),
            BYTES => self.bytes().map(drop),
            TEXT => self.text().map(drop),
            ARRAY => {
                for _ in 0..self.array()? {
                    self.skip_nested(depth - 1)?;
                }
                Ok(())
            }
            MAP => {
                let mut before: &[u8] = &[];
                for _ in 0..self.length(MAP, "a map", 2)? {
                    let mark = self.at;
                    self.skip_nested(depth - 1)?;
                    before = self.key(mark, before)?;
                    self.skip_nested(depth - 1)?;
                }
                Ok(())
            }
            _ => self.skip_simple(first),
        }
    }

    fn skip_simple(&mut self, first: u8) -> Result<(), Unreadable> {
        match first {
            FALSE | TRUE | NULL => {
                self.at += 1;
                Ok(())
            }
            _ => self.float().map(drop),
        }
    }

    /// Makes the error that the next item is not the one that was due.
    pub(crate) fn expected(&self, what: &'static str) -> Unreadable {
        let is_at_end = self.left() == 0;
        fail(
            self.at,
            if is_at_end {
                Reason::CutShort
            } else {
                Reason::Unexpected(what)
            },
        )
    }

    fn left(&self) -> usize {
        self.data.len() - self.at
    }

    /// Returns the first byte of the next item.
    fn peek(&self) -> Result<u8, Unreadable> {
        self.data
            .get(self.at)
            .copied()
            .ok_or_else(|| fail(self.at, Reason::CutShort))
    }

    /// Reads a byte string or text without a copy.
    fn view(&mut self, major: u8, what: &'static str) -> Result<&'a [u8], Unreadable> {
        let n = self.length(major, what, 1)?;
        self.at += n;
        Ok(&self.data[self.at - n..self.at])
    }

    /// Reads the head of a string, array or map, whose items take at least `item_bytes` each.
    ///
    /// It checks the length against the data that are left, before anything is allocated.
    fn length(
        &mut self,
        major: u8,
        what: &'static str,
        item_bytes: usize,
    ) -> Result<usize, Unreadable> {
        let at = self.at;
        let n = self.head(major, what)?;
        match usize::try_from(n) {
            Ok(n) if n <= self.left() / item_bytes => Ok(n),
            _ => Err(fail(at, Reason::CutShort)),
        }
    }

    /// Reads a head of the given major type and returns its number.
    fn head(&mut self, major: u8, what: &'static str) -> Result<u64, Unreadable> {
        let at = self.at;
        let first = self.peek()?;
        if first >> 5 != major {
            return Err(self.expected(what));
        }
        let (size, least) = match first & 0x1f {
            n @ 0..=23 => {
                self.at += 1;
                return Ok(u64::from(n));
            }
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(fail(at, Reason::NotCanonical)),
        };
        let Some(digits) = self.data[at + 1..].get(..size) else {
            return Err(fail(at, Reason::CutShort));
        };
        let n = digits.iter().fold(0, |n, &d| n << 8 | u64::from(d));
        if n < least {
            return Err(fail(at, Reason::NotCanonical));
        }
        self.at += 1 + size;
        Ok(n)
    }
}

/// Makes an error about the item at that byte.
fn fail(byte: usize, reason: Reason) -> Unreadable {
    Unreadable::new(byte, reason)
}

fn out_of_range(got: u64, below: u64) -> Reason {
    Reason::OutOfRange { got, below }
}
