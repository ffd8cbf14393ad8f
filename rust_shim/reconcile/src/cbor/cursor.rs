//! A cursor over encoded bytes, which reads heads and contents of items strictly (R2.4).

use super::kind::{Kind, Kinds};
use super::place::{Path, Place};
use crate::error::{Rejection, Result};
use crate::hash::hex;

/// The head of an item: its kind and its argument.
pub(super) struct Head {
    pub offset: usize,
    pub kind: Kind,
    pub argument: u64,
}

/// The bytes of a message, the offset of what is read next, and the path to it.
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub offset: usize,
    pub path: Path<'a>,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self {
            bytes,
            offset,
            path: Path::default(),
        }
    }

    /// An offset on the present path.
    pub fn place(&self, offset: usize) -> Place<'_> {
        Place::new(&self.path, offset)
    }

    /// Reads a head, and checks it from *end* to *type* (R2.4).
    pub fn head(&mut self, allowed: Kinds) -> Result<Head> {
        let offset = self.offset;
        let Some(&initial) = self.bytes.get(offset) else {
            return Err(self.place(offset).end());
        };
        let info = initial & 31;
        let width = match info {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => 0,
        };
        let Some(further) = self.bytes.get(offset + 1..offset + 1 + width) else {
            return Err(self.place(offset).end());
        };
        if info > 27 {
            return Err(self.reserved_or_indefinite(offset, info));
        }
        let kind = Kind::of(initial);
        let argument = match width {
            0 => u64::from(info),
            _ => further
                .iter()
                .fold(0, |number, &byte| number << 8 | u64::from(byte)),
        };
        // A simple value with one further byte is at least 32. The further bytes of a float are not a number.
        let shortest_from = match (width, kind) {
            (0, _) | (_, Kind::Float) => 0,
            (1, Kind::Simple) => 32,
            (1, _) => 24,
            (2, _) => 1 << 8,
            (4, _) => 1 << 16,
            (_, _) => 1 << 32,
        };
        if argument < shortest_from {
            return Err(self
                .place(offset)
                .malformed()
                .expected("the shortest form")
                .got("a longer form")
                .hint("write each head in as few bytes as it takes"));
        }
        if !allowed.contains(kind) {
            return Err(self.place(offset).wrong_kind(allowed, kind.name()));
        }
        self.offset = offset + 1 + width;
        Ok(Head {
            offset,
            kind,
            argument,
        })
    }

    fn reserved_or_indefinite(&self, offset: usize, info: u8) -> Rejection {
        let malformed = self.place(offset).malformed();
        if info == 31 {
            malformed
                .expected("a definite length")
                .got("an indefinite length")
                .hint("write lengths before contents")
        } else {
            malformed
                .expected("additional information 0 to 27")
                .got(info.to_string())
                .hint("this is not CBOR")
        }
    }

    /// Checks the *range* of an integer (R2.4).
    pub fn check_range(&self, head: &Head, number: i128, min: i128, max: i128) -> Result<()> {
        if (min..=max).contains(&number) {
            return Ok(());
        }
        Err(self.place(head.offset).range(min, max, number))
    }

    /// Checks the *limit* and the *length* of a string, an array or a map (R2.4).
    pub fn check_size(&self, head: &Head, min: u64, max: u64) -> Result<()> {
        if !(min..=max).contains(&head.argument) {
            return Err(self.place(head.offset).limit(min, max, head.argument));
        }
        let remaining = (self.bytes.len() - self.offset) as u64;
        let fits = if head.kind == Kind::Map {
            remaining / 2
        } else {
            remaining
        };
        if head.argument > fits {
            return Err(self
                .place(head.offset)
                .malformed()
                .expected(format!("at most {fits}"))
                .got(head.argument.to_string())
                .hint("the length is larger than what follows"));
        }
        Ok(())
    }

    /// Reads the content of a string.
    pub fn content(&mut self, head: &Head, min: u64, max: u64) -> Result<&'a [u8]> {
        self.check_size(head, min, max)?;
        let content = &self.bytes[self.offset..self.offset + head.argument as usize];
        self.offset += content.len();
        Ok(content)
    }

    /// Reads the content of a text, and checks that it is *utf8* (R2.4).
    pub fn text(&mut self, head: &Head, min: u64, max: u64) -> Result<&'a str> {
        let content = self.content(head, min, max)?;
        std::str::from_utf8(content).map_err(|error| {
            let first = error.valid_up_to();
            self.place(self.offset - content.len() + first)
                .malformed()
                .expected("UTF-8")
                .got(format!("byte {}", hex(&content[first..=first])))
                .hint("text must be well-formed UTF-8")
                .caused_by(error)
        })
    }
}
