//! Reads items strictly, from the first byte to the last, and reports the first fault (R2.4 to R2.8).

use std::cmp::Ordering;

use super::MAX_NUMBER;
use super::faults::{CHECK_LAYOUT, Step};
use super::kind::{ARRAY, BYTES, ITEMS, Kind, Kinds, MAP, TEXT, UNSIGNED, VALUES};
use crate::error::{Rejection, Result};
use crate::hash::hex;

/// The most arrays and maps around an item of a body (R2.3).
const BODY_DEPTH: usize = 16;
/// The most arrays and maps in a value (R2.2).
const VALUE_DEPTH: usize = 12;

/// What an item and all within it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// What a put may carry (R2.2).
    Value,
    /// Whatever the store reads at all (R2.1).
    Any,
}

struct Head {
    at: usize,
    kind: Kind,
    argument: u64,
}

/// A place in the bytes, with all that a fault there has to say.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    deepest: usize,
    pub(super) path: Vec<Step<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads a body that begins at an offset of its message.
    pub fn body(message: &'a [u8], at: usize) -> Self {
        Self {
            bytes: message,
            at,
            depth: 0,
            deepest: BODY_DEPTH,
            path: Vec::new(),
        }
    }

    /// Reads the value of an operation's argument.
    pub fn argument(value: &'a [u8]) -> Self {
        Self {
            deepest: VALUE_DEPTH,
            ..Self::body(value, 0)
        }
    }

    /// The offset of what is read next.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Asks that nothing follows (R2.7).
    pub fn finish(&self) -> Result<()> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            more => {
                let got = format!("{more} more bytes");
                Err(self.fault(self.at, "the end", got, "one message holds one body"))
            }
        }
    }

    /// Counts what `read` meets as if it stood that many levels higher (R2.3).
    pub fn raised<T>(
        &mut self,
        levels: usize,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.deepest += levels;
        let result = read(self);
        self.deepest -= levels;
        result
    }

    /// Reads an unsigned integer between two bounds, both included.
    pub fn uint(&mut self, least: u64, greatest: u64) -> Result<u64> {
        let head = self.head(UNSIGNED)?;
        self.range(
            &head,
            i128::from(head.argument),
            i128::from(least),
            i128::from(greatest),
        )?;
        Ok(head.argument)
    }

    /// Reads a byte string whose length is between two bounds.
    pub fn bytes(&mut self, least: usize, greatest: usize) -> Result<&'a [u8]> {
        let head = self.head(BYTES)?;
        self.content(&head, least as u64, greatest as u64)
    }

    /// Reads a byte string of one length.
    pub fn exactly<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N, N)?);
        Ok(array)
    }

    /// Reads a text whose length in bytes is between two bounds.
    pub fn text(&mut self, least: usize, greatest: usize) -> Result<&'a str> {
        let head = self.head(TEXT)?;
        self.utf8(&head, least as u64, greatest as u64)
    }

    /// Reads an item of one of the kinds, which has neither argument nor content.
    pub fn bare(&mut self, allowed: Kinds) -> Result<()> {
        self.head(allowed).map(drop)
    }

    /// Reads an array, each element by `element`.
    pub fn array(
        &mut self,
        least: u64,
        most: u64,
        mut element: impl FnMut(&mut Self, u64) -> Result<()>,
    ) -> Result<()> {
        let head = self.head(ARRAY)?;
        let items = self.enter(&head, least, most)?;
        for index in 0..items {
            self.path.push(Step::Index(index));
            element(self, index)?;
            self.path.pop();
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array whose elements ascend strictly by `compare` (R2.6).
    pub fn ascending<T>(
        &mut self,
        least: u64,
        most: u64,
        mut element: impl FnMut(&mut Self) -> Result<T>,
        compare: impl Fn(&T, &T) -> Ordering,
    ) -> Result<Vec<T>> {
        let mut elements: Vec<T> = Vec::new();
        self.array(least, most, |reader, _| {
            let at = reader.at;
            let next = element(reader)?;
            if let Some(before) = elements.last() {
                reader.follows(at, compare(&next, before))?;
            }
            elements.push(next);
            Ok(())
        })?;
        Ok(elements)
    }

    /// Reads a map from byte strings of bounded length; `visit` reads the value that belongs to a key.
    pub fn keyed(
        &mut self,
        most: u64,
        key_bounds: (usize, usize),
        mut visit: impl FnMut(&mut Self, &'a [u8]) -> Result<()>,
    ) -> Result<()> {
        let key = |reader: &mut Self| reader.bytes(key_bounds.0, key_bounds.1);
        self.pairs(most, key, |reader, key, _| {
            reader.path.push(Step::Key(key));
            visit(reader, key)?;
            reader.path.pop();
            Ok(())
        })
        .map(drop)
    }

    /// Reads a map of fields (R2.5); `visit` reads a field's content, or says false where it may not stand.
    ///
    /// Returns the map's offset, where [`Self::missing`] reports what is not there.
    pub fn fields(
        &mut self,
        most: u64,
        mut visit: impl FnMut(&mut Self, u64) -> Result<bool>,
    ) -> Result<usize> {
        let key = |reader: &mut Self| reader.uint(0, u64::MAX);
        self.pairs(most, key, |reader, field, at| {
            reader.path.push(Step::Field(field));
            let known = visit(reader, field)?;
            reader.path.pop();
            if known {
                Ok(())
            } else {
                Err(reader.unknown_field(at, field))
            }
        })
    }

    /// Reads one item with all that is in it and returns its bytes.
    pub fn item(&mut self, grammar: Grammar) -> Result<&'a [u8]> {
        let start = self.at;
        let head = self.head(match grammar {
            Grammar::Value => VALUES,
            Grammar::Any => ITEMS,
        })?;
        match head.kind {
            Kind::Unsigned | Kind::Negative if grammar == Grammar::Value => {
                let argument = i128::from(head.argument);
                let number = if head.kind == Kind::Negative {
                    -1 - argument
                } else {
                    argument
                };
                let greatest = i128::from(MAX_NUMBER);
                self.range(&head, number, -1 - greatest, greatest)?;
            }
            Kind::Bytes => self.content(&head, 0, u64::MAX).map(drop)?,
            Kind::Text => self.utf8(&head, 0, u64::MAX).map(drop)?,
            Kind::Array => {
                self.at = start;
                self.array(0, u64::MAX, |reader, _| reader.item(grammar).map(drop))?;
            }
            Kind::Map => {
                self.at = start;
                let key = |reader: &mut Self| reader.map_key(grammar);
                self.pairs(u64::MAX, key, |reader, key, _| {
                    reader.path.push(Step::Key(key));
                    reader.item(grammar)?;
                    reader.path.pop();
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(&self.bytes[start..self.at])
    }

    /// Reads a key of a map in an item and returns what a path calls it by: its content, or else its encoding
    /// (R11.3).
    fn map_key(&mut self, grammar: Grammar) -> Result<&'a [u8]> {
        if grammar == Grammar::Value {
            return self.text(0, usize::MAX).map(str::as_bytes);
        }
        let start = self.at;
        // A fault anywhere within a key has the map's path.
        let steps = self.path.len();
        let encoded = self.item(grammar).map_err(|fault| Rejection {
            path: self.path_of(steps),
            ..fault
        })?;
        let content = match Kind::of(encoded[0]) {
            Kind::Bytes | Kind::Text => match encoded[0] & 31 {
                24 => 2,
                25 => 3,
                26 => 5,
                27 => 9,
                _ => 1,
            },
            _ => 0,
        };
        Ok(&self.bytes[start + content..self.at])
    }

    /// Reads a map, each key whole and then held to the one before (R2.5).
    fn pairs<K: Copy>(
        &mut self,
        most: u64,
        read_key: impl Fn(&mut Self) -> Result<K>,
        mut visit: impl FnMut(&mut Self, K, usize) -> Result<()>,
    ) -> Result<usize> {
        let head = self.head(MAP)?;
        let pairs = self.enter(&head, 0, most)?;
        let mut before: Option<&[u8]> = None;
        for _ in 0..pairs {
            let at = self.at;
            let key = read_key(self)?;
            let encoded = &self.bytes[at..self.at];
            if let Some(before) = before {
                self.follows(at, encoded.cmp(before))?;
            }
            before = Some(encoded);
            visit(self, key, at)?;
        }
        self.depth -= 1;
        Ok(head.at)
    }

    /// Reads a head and asks what R2.4 asks, from *end* to *type*.
    fn head(&mut self, allowed: Kinds) -> Result<Head> {
        let at = self.at;
        let Some(&initial) = self.bytes.get(at) else {
            return Err(self.end(at));
        };
        let info = initial & 31;
        let width = match info {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let Some(further) = self.bytes.get(at + 1..at + 1 + width) else {
            return Err(self.end(at));
        };
        match info {
            28..=30 => {
                let (expected, got) = ("additional information 0 to 27", info.to_string());
                return Err(self.fault(at, expected, got, "this is not CBOR"));
            }
            31 => {
                let (expected, got) = ("a definite length", "an indefinite length");
                return Err(self.fault(at, expected, got, "write lengths before contents"));
            }
            _ => {}
        }
        let kind = Kind::of(initial);
        let argument = match width {
            0 => u64::from(info),
            _ => further
                .iter()
                .fold(0, |number, &byte| number << 8 | u64::from(byte)),
        };
        // A simple value of one further byte begins at 32; what a float's bytes say is no number.
        let least = match (width, kind) {
            (0, _) | (_, Kind::Float) => 0,
            (1, Kind::Simple) => 32,
            (1, _) => 24,
            (2, _) => 1 << 8,
            (4, _) => 1 << 16,
            (_, _) => 1 << 32,
        };
        if argument < least {
            let (expected, got) = ("the shortest form", "a longer form");
            return Err(self.fault(
                at,
                expected,
                got,
                "write each head in as few bytes as it takes",
            ));
        }
        if !allowed.holds(kind) {
            return Err(self.fault(at, allowed.to_string(), kind.name(), CHECK_LAYOUT));
        }
        self.at = at + 1 + width;
        Ok(Head { at, kind, argument })
    }

    /// Asks *range* of an integer (R2.4).
    fn range(&self, head: &Head, number: i128, least: i128, greatest: i128) -> Result<()> {
        if (least..=greatest).contains(&number) {
            return Ok(());
        }
        let expected = format!("{least} to {greatest}");
        Err(self.fault(head.at, expected, number.to_string(), CHECK_LAYOUT))
    }

    /// Asks *limit* and *length* of a string, an array or a map (R2.4).
    fn size(&self, head: &Head, least: u64, most: u64) -> Result<()> {
        if !(least..=most).contains(&head.argument) {
            return Err(self.limit(head.at, least, most, head.argument));
        }
        let remaining = (self.bytes.len() - self.at) as u64;
        let fits = if head.kind == Kind::Map {
            remaining / 2
        } else {
            remaining
        };
        if head.argument > fits {
            let (expected, got) = (format!("at most {fits}"), head.argument.to_string());
            return Err(self.fault(
                head.at,
                expected,
                got,
                "the length is larger than what follows",
            ));
        }
        Ok(())
    }

    fn content(&mut self, head: &Head, least: u64, most: u64) -> Result<&'a [u8]> {
        self.size(head, least, most)?;
        let content = &self.bytes[self.at..self.at + head.argument as usize];
        self.at += content.len();
        Ok(content)
    }

    /// Reads the content of a text, and asks *utf8* of it (R2.4).
    fn utf8(&mut self, head: &Head, least: u64, most: u64) -> Result<&'a str> {
        let content = self.content(head, least, most)?;
        std::str::from_utf8(content).map_err(|error| {
            let first = error.valid_up_to();
            let got = format!("byte {}", hex(&content[first..=first]));
            let at = self.at - content.len() + first;
            self.fault(at, "UTF-8", got, "text must be well-formed UTF-8")
        })
    }

    /// Goes into an array or a map, and asks *depth* of it (R2.3, R2.4).
    fn enter(&mut self, head: &Head, least: u64, most: u64) -> Result<u64> {
        self.size(head, least, most)?;
        if self.depth == self.deepest {
            // What is raised is counted as if it stood higher, so the limit that is named stays one of two.
            let limit = if self.deepest < BODY_DEPTH {
                VALUE_DEPTH
            } else {
                BODY_DEPTH
            };
            let (expected, got) = (
                format!("at most {limit} levels"),
                format!("{} levels", limit + 1),
            );
            return Err(self.fault(head.at, expected, got, "nest less deeply"));
        }
        self.depth += 1;
        Ok(head.argument)
    }
}

#[cfg(test)]
mod tests;
