//! The strict half: whatever is not canonical is refused.

use std::collections::BTreeMap;

use super::{
    ARRAY, BYTES, FALSE, FLOAT, MAP, MAX_DEPTH, NEGATIVE, NULL, TEXT, TRUE, UNSIGNED, Unreadable,
};

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
