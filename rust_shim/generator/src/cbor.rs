//! The part of CBOR that plans, traces and replies need: definite lengths and shortest heads.

use std::fmt;

pub(crate) const UINT: u8 = 0;
pub(crate) const NINT: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(crate) const ARRAY: u8 = 4;
pub(crate) const MAP: u8 = 5;
pub(crate) const NULL: u8 = 0xf6;
pub(crate) const TRUE: u8 = 0xf5;
pub(crate) const FALSE: u8 = 0xf4;
pub(crate) const FLOAT: u8 = 0xfb;

/// Data that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub(crate) wanted: &'static str,
    pub(crate) at: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} at byte {}", self.wanted, self.at)
    }
}

impl std::error::Error for Malformed {}

/// Appends the shortest head of a major type with a length, a count or an unsigned number.
pub(crate) fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let first = major << 5;
    match number {
        0..24 => out.push(first | number as u8),
        24..0x100 => out.extend_from_slice(&[first | 24, number as u8]),
        0x100..0x1_0000 => {
            out.push(first | 25);
            out.extend_from_slice(&(number as u16).to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(first | 26);
            out.extend_from_slice(&(number as u32).to_be_bytes());
        }
        _ => {
            out.push(first | 27);
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}

/// Appends a byte string.
pub(crate) fn bytes(out: &mut Vec<u8>, data: &[u8]) {
    head(out, BYTES, data.len() as u64);
    out.extend_from_slice(data);
}

/// Appends an integer from -2^64 to 2^64 - 1.
pub(crate) fn int(out: &mut Vec<u8>, value: i128) {
    if value < 0 {
        head(out, NINT, (-1 - value) as u64);
    } else {
        head(out, UINT, value as u64);
    }
}

/// Appends a float with all its bits.
pub(crate) fn float(out: &mut Vec<u8>, value: f64) {
    out.push(FLOAT);
    out.extend_from_slice(&value.to_be_bytes());
}

/// Reads items one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, Malformed>;

impl<'a> Reader<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    pub(crate) fn fault<T>(&self, wanted: &'static str) -> Read<T> {
        Err(Malformed {
            wanted,
            at: self.at,
        })
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        match self.data.get(self.at..).and_then(|rest| rest.get(..count)) {
            Some(taken) => {
                self.at += count;
                Ok(taken)
            }
            None => self.fault("room for an item"),
        }
    }

    fn any_head(&mut self) -> Read<(u8, u64)> {
        let first = self.take(1)?[0];
        let number = match first & 31 {
            small @ 0..24 => u64::from(small),
            size @ 24..28 => {
                let bytes = self.take(1 << (size - 24))?;
                bytes.iter().fold(0, |n, &byte| n << 8 | u64::from(byte))
            }
            _ => return self.fault("definite length"),
        };
        Ok((first >> 5, number))
    }

    fn head_of(&mut self, major: u8, wanted: &'static str) -> Read<u64> {
        let before = self.at;
        match self.any_head()? {
            (found, number) if found == major => Ok(number),
            _ => {
                self.at = before;
                self.fault(wanted)
            }
        }
    }

    /// Reads the head of an array, and returns how many items it has.
    pub(crate) fn array(&mut self) -> Read<usize> {
        let count = self.head_of(ARRAY, "array")?;
        // Each item takes a byte at least, so nobody allocates for more items than there can be.
        if count > (self.data.len() - self.at) as u64 {
            return self.fault("room for the items of an array");
        }
        Ok(count as usize)
    }

    /// Reads the head of an array of `count` items.
    pub(crate) fn array_of(&mut self, count: usize) -> Read<()> {
        match self.array()? {
            found if found == count => Ok(()),
            _ => self.fault("array of that many items"),
        }
    }

    pub(crate) fn uint(&mut self) -> Read<u64> {
        self.head_of(UINT, "unsigned number")
    }

    pub(crate) fn int(&mut self) -> Read<i128> {
        let before = self.at;
        match self.any_head()? {
            (UINT, number) => Ok(i128::from(number)),
            (NINT, number) => Ok(-1 - i128::from(number)),
            _ => {
                self.at = before;
                self.fault("integer")
            }
        }
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        let count = self.head_of(BYTES, "byte string")?;
        self.take(usize::try_from(count).unwrap_or(usize::MAX))
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        let count = self.head_of(TEXT, "text")?;
        let data = self.take(usize::try_from(count).unwrap_or(usize::MAX))?;
        std::str::from_utf8(data).or_else(|_| self.fault("UTF-8"))
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        match self.take(1)?[0] {
            TRUE => Ok(true),
            FALSE => Ok(false),
            _ => self.fault("boolean"),
        }
    }

    pub(crate) fn float(&mut self) -> Read<f64> {
        match self.take(1)?[0] {
            FLOAT => {
                let bits = self.take(8)?.try_into().expect("eight bytes");
                Ok(f64::from_be_bytes(bits))
            }
            _ => self.fault("float"),
        }
    }

    /// Reads null if it is next, and says whether it was.
    pub(crate) fn is_null(&mut self) -> bool {
        let is_null = self.data.get(self.at) == Some(&NULL);
        self.at += usize::from(is_null);
        is_null
    }

    /// Reads what `read` reads, or null.
    pub(crate) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<Option<T>> {
        if self.is_null() {
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// Reads an array whose items `read` reads.
    pub(crate) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        (0..self.array()?).map(|_| read(self)).collect()
    }

    /// Passes over the next item, whatever it is.
    pub(crate) fn skip(&mut self) -> Read<()> {
        let mut left = 1u64;
        while left > 0 {
            left -= 1;
            let first = self.data.get(self.at).copied().unwrap_or_default();
            let (major, number) = self.any_head()?;
            match major {
                BYTES | TEXT => {
                    self.take(usize::try_from(number).unwrap_or(usize::MAX))?;
                }
                ARRAY => left = left.saturating_add(number),
                MAP => left = left.saturating_add(number.saturating_mul(2)),
                6 => left += 1,
                7 if first & 31 > 27 => return self.fault("item"),
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks that nothing is left.
    pub(crate) fn end(&self) -> Read<()> {
        if self.at == self.data.len() {
            return Ok(());
        }
        self.fault("end")
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, UINT, bytes, float, head, int};

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        for value in [
            0i128,
            23,
            24,
            255,
            256,
            65_536,
            1 << 32,
            -1,
            -25,
            -(1 << 64),
        ] {
            int(&mut out, value);
        }
        bytes(&mut out, b"abc");
        float(&mut out, -0.0);
        head(&mut out, UINT, 7);

        let mut reader = Reader::new(&out);
        for value in [
            0i128,
            23,
            24,
            255,
            256,
            65_536,
            1 << 32,
            -1,
            -25,
            -(1 << 64),
        ] {
            assert_eq!(reader.int(), Ok(value));
        }
        assert_eq!(reader.bytes(), Ok(&b"abc"[..]));
        assert_eq!(reader.float().map(f64::to_bits), Ok((-0.0f64).to_bits()));
        assert_eq!(reader.clone().uint(), Ok(7));
        assert!(reader.clone().end().is_err());
        assert_eq!(reader.skip().and_then(|()| reader.end()), Ok(()));
    }

    #[test]
    fn a_skip_passes_over_nested_items() {
        // [{"a": [1, h'00']}, 1.5, null], 9
        let data = b"\x83\xa1\x61a\x82\x01\x41\x00\xfb\x3f\xf8\0\0\0\0\0\0\xf6\x09";
        let mut reader = Reader::new(data);

        assert_eq!(reader.skip(), Ok(()));
        assert_eq!(reader.uint(), Ok(9));
    }

    #[test]
    fn what_is_cut_is_an_error() {
        for data in [&b""[..], b"\x43ab", b"\x19\x01", b"\x9f", b"\x84\x01"] {
            assert!(Reader::new(data).skip().is_err(), "{data:?}");
        }
        assert!(
            Reader::new(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff")
                .array()
                .is_err()
        );
    }
}
