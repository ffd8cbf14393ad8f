//! Headers: the eight bytes before each body (R7.1, R7.2).

use std::ops::RangeInclusive;

use crate::cbor::{Reader, Writer};
use crate::error::{Class, Rejection, Result};
use crate::hash::hex;
use crate::schema::{Schema, too_far};

const MAGIC: &[u8; 4] = b"DCR1";
const LENGTH: usize = 8;
const MAX_MESSAGE: usize = 256 << 20;

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Document = 1,
    Request = 2,
    Reply = 3,
    Record = 4,
}

/// Begins a message, to which the body is appended (R7.1).
pub(super) fn begin(kind: Kind, schema: Schema) -> Writer {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([kind as u8, schema.number(), 0, 0]);
    Writer::after(bytes)
}

/// Checks the header of a message (R7.2); returns a reader of the body, and the schema.
pub(super) fn check(
    message: &[u8],
    kind: Kind,
    accepted: RangeInclusive<u8>,
) -> Result<(Reader<'_>, Schema)> {
    let malformed = |path| Rejection::new(Class::Malformed).path(path);
    let Some((&header, _)) = message.split_first_chunk::<LENGTH>() else {
        return Err(malformed("")
            .expected("8 bytes")
            .got(format!("{} bytes", message.len()))
            .hint("the bytes were cut short"));
    };
    if message.len() > MAX_MESSAGE {
        return Err(Rejection::new(Class::TooLarge)
            .expected(format!("at most {MAX_MESSAGE}"))
            .got(message.len().to_string())
            .hint("check the limits"));
    }
    let [m0, m1, m2, m3, found, number, high, low] = header;
    let magic = [m0, m1, m2, m3];
    if &magic != MAGIC {
        return Err(malformed("magic")
            .expected(hex(MAGIC))
            .got(hex(&magic))
            .hint("this is not a message of this store"));
    }
    if found != kind as u8 {
        return Err(malformed("kind")
            .offset(4)
            .expected((kind as u8).to_string())
            .got(found.to_string())
            .hint("another message was expected"));
    }
    let schema = Schema::from_number(number).filter(|schema| accepted.contains(&schema.number()));
    let Some(schema) = schema else {
        return Err(too_far(&accepted, number, "migrate one of the two step by step").offset(5));
    };
    let flags = u16::from_be_bytes([high, low]);
    if flags != 0 {
        return Err(malformed("flags")
            .offset(6)
            .expected("0")
            .got(flags.to_string())
            .hint("written by a later version"));
    }
    Ok((Reader::body(message, LENGTH), schema))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_rejected(
        message: &[u8],
        class: Class,
        path: &str,
        offset: u64,
        expected: &str,
        got: &str,
    ) {
        let fault = check(message, Kind::Document, 2..=3)
            .map(drop)
            .expect_err("the header is rejected");
        let found = (
            fault.class,
            fault.path.as_str(),
            fault.offset,
            fault.expected.as_str(),
            fault.got.as_str(),
        );
        assert_eq!(found, (class, path, offset, expected, got));
    }

    /// R7.2: each check, in the order of the checks.
    #[test]
    fn r7_2_header_checks() {
        let malformed = Class::Malformed;
        assert_rejected(b"", malformed, "", 0, "8 bytes", "0 bytes");
        assert_rejected(b"XXXX\x09\x09\0", malformed, "", 0, "8 bytes", "7 bytes");
        assert_rejected(
            b"DCR2\x09\x09\x01\x00",
            malformed,
            "magic",
            0,
            "44435231",
            "44435232",
        );
        assert_rejected(b"DCR1\x02\x09\x01\x00", malformed, "kind", 4, "1", "2");
        assert_rejected(
            b"DCR1\x01\x01\x01\x00",
            Class::TooFar,
            "schema",
            5,
            "schema 2 to 3",
            "schema 1",
        );
        assert_rejected(
            b"DCR1\x01\x09\x01\x00",
            Class::TooFar,
            "schema",
            5,
            "schema 2 to 3",
            "schema 9",
        );
        assert_rejected(b"DCR1\x01\x03\x01\x02", malformed, "flags", 6, "0", "258");
        let large = vec![0; MAX_MESSAGE + 1];
        assert_rejected(
            &large,
            Class::TooLarge,
            "",
            0,
            "at most 268435456",
            "268435457",
        );
    }

    /// R7.1: a header that was written is accepted.
    #[test]
    fn r7_1_header() {
        let message = begin(Kind::Reply, Schema::Three).into_bytes();

        assert_eq!(message, b"DCR1\x03\x03\0\0");
        assert!(check(&message, Kind::Reply, 2..=3).is_ok());
    }
}
