//! A strict reader of items. It reads from the first byte to the last and reports the first fault (R2.4 to R2.8).

use std::cmp::Ordering;

use super::MAX_NUMBER;
use super::cursor::{Cursor, Head};
use super::kind::{ARRAY, BYTES, ITEMS, Kind, Kinds, MAP, TEXT, UNSIGNED, VALUES};
use super::place::{Place, Step};
use crate::error::Result;

/// The maximum nesting of arrays and maps in a body (R2.3).
const BODY_DEPTH: usize = 16;
/// The maximum nesting of arrays and maps in a value (R2.2).
const VALUE_DEPTH: usize = 12;

/// The kinds that an item, and each item in it, may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// The items of a value (R2.2).
    Value,
    /// All items (R2.1).
    Any,
}

/// A reader of one body.
pub(crate) struct Reader<'a> {
    cursor: Cursor<'a>,
    depth: usize,
    max_depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads a body that begins at an offset of its message.
    pub fn body(message: &'a [u8], offset: usize) -> Self {
        Self {
            cursor: Cursor::new(message, offset),
            depth: 0,
            max_depth: BODY_DEPTH,
        }
    }

    /// Reads a value that is an argument of an operation.
    pub fn argument(value: &'a [u8]) -> Self {
        Self {
            max_depth: VALUE_DEPTH,
            ..Self::body(value, 0)
        }
    }

    /// The offset of what is read next.
    pub fn offset(&self) -> usize {
        self.cursor.offset
    }

    /// An offset on the path of the item that is read.
    pub fn place(&self, offset: usize) -> Place<'_> {
        self.cursor.place(offset)
    }

    /// Checks that nothing follows (R2.7).
    pub fn finish(&self) -> Result<()> {
        match self.cursor.bytes.len() - self.cursor.offset {
            0 => Ok(()),
            more => Err(self
                .place(self.cursor.offset)
                .malformed()
                .expected("the end")
                .got(format!("{more} more bytes"))
                .hint("one message holds one body")),
        }
    }

    /// Allows more nesting levels while `read` runs (R2.3).
    pub fn with_levels<T>(
        &mut self,
        levels: usize,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.max_depth += levels;
        let result = read(self);
        self.max_depth -= levels;
        result
    }

    /// Reads an unsigned integer between two bounds, both included.
    pub fn uint(&mut self, min: u64, max: u64) -> Result<u64> {
        let head = self.cursor.head(UNSIGNED)?;
        self.cursor.check_range(
            &head,
            i128::from(head.argument),
            i128::from(min),
            i128::from(max),
        )?;
        Ok(head.argument)
    }

    /// Reads a byte string whose length is between two bounds, both included.
    pub fn bytes(&mut self, min: usize, max: usize) -> Result<&'a [u8]> {
        let head = self.cursor.head(BYTES)?;
        self.cursor.content(&head, min as u64, max as u64)
    }

    /// Reads a byte string of an exact length.
    pub fn exactly<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N, N)?);
        Ok(array)
    }

    /// Reads a text whose length in bytes is between two bounds, both included.
    pub fn text(&mut self, min: usize, max: usize) -> Result<&'a str> {
        let head = self.cursor.head(TEXT)?;
        self.cursor.text(&head, min as u64, max as u64)
    }

    /// Reads an item that has neither argument nor content.
    pub fn simple(&mut self, allowed: Kinds) -> Result<()> {
        self.cursor.head(allowed).map(drop)
    }

    /// Reads an array; `element` reads each element.
    pub fn array(
        &mut self,
        min: u64,
        max: u64,
        mut element: impl FnMut(&mut Self, u64) -> Result<()>,
    ) -> Result<()> {
        let head = self.cursor.head(ARRAY)?;
        let items = self.enter(&head, min, max)?;
        for index in 0..items {
            self.cursor.path.push(Step::Index(index));
            element(self, index)?;
            self.cursor.path.pop();
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array whose elements are strictly ascending by `compare` (R2.6).
    pub fn ascending<T>(
        &mut self,
        min: u64,
        max: u64,
        mut element: impl FnMut(&mut Self) -> Result<T>,
        compare: impl Fn(&T, &T) -> Ordering,
    ) -> Result<Vec<T>> {
        let mut elements: Vec<T> = Vec::new();
        self.array(min, max, |reader, _| {
            let offset = reader.offset();
            let next = element(reader)?;
            if let Some(before) = elements.last() {
                reader.place(offset).check_order(compare(&next, before))?;
            }
            elements.push(next);
            Ok(())
        })?;
        Ok(elements)
    }

    /// Reads a map from byte strings of bounded length; `visit` reads the value of a key.
    pub fn keyed(
        &mut self,
        max: u64,
        key_bounds: (usize, usize),
        mut visit: impl FnMut(&mut Self, &'a [u8]) -> Result<()>,
    ) -> Result<()> {
        let key = |reader: &mut Self| reader.bytes(key_bounds.0, key_bounds.1);
        self.pairs(max, key, |reader, key, _| {
            reader.cursor.path.push(Step::Key(key));
            visit(reader, key)?;
            reader.cursor.path.pop();
            Ok(())
        })
        .map(drop)
    }

    /// Reads a map of fields (R2.5). `visit` reads the content of a field, or returns false for an unknown field.
    ///
    /// Returns the offset of the map, where a missing field is reported.
    pub fn fields(
        &mut self,
        max: u64,
        mut visit: impl FnMut(&mut Self, u64) -> Result<bool>,
    ) -> Result<usize> {
        let key = |reader: &mut Self| reader.uint(0, u64::MAX);
        self.pairs(max, key, |reader, field, offset| {
            reader.cursor.path.push(Step::Field(field));
            let is_known = visit(reader, field)?;
            reader.cursor.path.pop();
            if is_known {
                Ok(())
            } else {
                Err(reader.place(offset).unknown_field(field))
            }
        })
    }

    /// Reads one item with all items in it, and returns its bytes.
    pub fn item(&mut self, grammar: Grammar) -> Result<&'a [u8]> {
        let start = self.cursor.offset;
        let head = self.cursor.head(match grammar {
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
                let max = i128::from(MAX_NUMBER);
                self.cursor.check_range(&head, number, -1 - max, max)?;
            }
            Kind::Bytes => self.cursor.content(&head, 0, u64::MAX).map(drop)?,
            Kind::Text => self.cursor.text(&head, 0, u64::MAX).map(drop)?,
            Kind::Array => {
                self.cursor.offset = start;
                self.array(0, u64::MAX, |reader, _| reader.item(grammar).map(drop))?;
            }
            Kind::Map => {
                self.cursor.offset = start;
                let key = |reader: &mut Self| reader.map_key(grammar);
                self.pairs(u64::MAX, key, |reader, key, _| {
                    reader.cursor.path.push(Step::Key(key));
                    reader.item(grammar)?;
                    reader.cursor.path.pop();
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(&self.cursor.bytes[start..self.cursor.offset])
    }

    /// Reads a key of a map in an item. Returns what a path contains for it: the content of a string, or else
    /// the encoding of the key (R11.3).
    fn map_key(&mut self, grammar: Grammar) -> Result<&'a [u8]> {
        if grammar == Grammar::Value {
            return self.text(0, usize::MAX).map(str::as_bytes);
        }
        let start = self.cursor.offset;
        // A fault anywhere in a key has the path of the map.
        let steps = self.cursor.path.len();
        let encoded = self
            .item(grammar)
            .map_err(|fault| fault.path(self.cursor.path.prefix(steps)))?;
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
        Ok(&self.cursor.bytes[start + content..self.cursor.offset])
    }

    /// Reads a map. Each key is read whole and then compared with the key before (R2.5).
    fn pairs<K: Copy>(
        &mut self,
        max: u64,
        read_key: impl Fn(&mut Self) -> Result<K>,
        mut visit: impl FnMut(&mut Self, K, usize) -> Result<()>,
    ) -> Result<usize> {
        let head = self.cursor.head(MAP)?;
        let pairs = self.enter(&head, 0, max)?;
        let mut before: Option<&[u8]> = None;
        for _ in 0..pairs {
            let offset = self.cursor.offset;
            let key = read_key(self)?;
            let encoded = &self.cursor.bytes[offset..self.cursor.offset];
            if let Some(before) = before {
                self.place(offset).check_order(encoded.cmp(before))?;
            }
            before = Some(encoded);
            visit(self, key, offset)?;
        }
        self.depth -= 1;
        Ok(head.offset)
    }

    /// Enters an array or a map, and checks its *depth* (R2.3, R2.4).
    fn enter(&mut self, head: &Head, min: u64, max: u64) -> Result<u64> {
        self.cursor.check_size(head, min, max)?;
        if self.depth == self.max_depth {
            // Additional levels do not change the limit that the rejection names.
            let limit = if self.max_depth < BODY_DEPTH {
                VALUE_DEPTH
            } else {
                BODY_DEPTH
            };
            return Err(self
                .place(head.offset)
                .malformed()
                .expected(format!("at most {limit} levels"))
                .got(format!("{} levels", limit + 1))
                .hint("nest less deeply"));
        }
        self.depth += 1;
        Ok(head.argument)
    }
}

#[cfg(test)]
mod tests;
