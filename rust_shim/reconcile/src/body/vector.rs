//! Vectors as maps from origins to counters (R7.3).

use crate::cbor::{MAX_NUMBER, Reader, Writer};
use crate::error::Result;
use crate::limits::MAX_ORIGINS;
use crate::origin::Origin;
use crate::vector::Vector;

use super::by_encoding;

/// Reads a vector (R7.3).
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vector> {
    let mut pairs = Vec::new();
    reader.keyed(MAX_ORIGINS as u64, Origin::LENGTHS, |reader, origin| {
        pairs.push((Origin::fitting(origin), reader.uint(1, MAX_NUMBER)?));
        Ok(())
    })?;
    Ok(pairs.into_iter().collect())
}

/// Writes a vector (R7.3).
pub(super) fn write(writer: &mut Writer, vector: &Vector) {
    let mut pairs: Vec<_> = vector.iter().collect();
    pairs.sort_by(|(a, _), (b, _)| by_encoding(a.as_bytes(), b.as_bytes()));
    writer.map(pairs.len());
    for (origin, counter) in pairs {
        writer.bytes(origin.as_bytes());
        writer.uint(counter);
    }
}

/// The bytes of a vector, as they are hashed (R6.6).
pub(crate) fn encoded(vector: &Vector) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer, vector);
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R2.5, R7.3: a shorter origin goes before a longer one, though it is bytewise greater.
    #[test]
    fn r7_3_sorted_by_encoding() {
        let (long, short) = (
            Origin::fitting(b"aa\0\0\0\0"),
            Origin::fitting(b"b\0\0\0\0"),
        );
        let vector: Vector = [(long, 1), (short, 300)].into_iter().collect();

        let bytes = encoded(&vector);

        assert_eq!(bytes, b"\xa2\x45b\0\0\0\0\x19\x01\x2c\x46aa\0\0\0\0\x01");
        assert_eq!(read(&mut Reader::body(&bytes, 0)), Ok(vector));
    }

    /// R1.4, R7.3: zeros, and counters that a signed number does not hold, are refused.
    #[test]
    fn r7_3_counters() {
        for (counter, got) in [
            (&b"\x00"[..], "0"),
            (b"\x1b\x80\0\0\0\0\0\0\0", "9223372036854775808"),
        ] {
            let bytes = [b"\xa1\x45b\0\0\0\0", counter].concat();
            let fault = read(&mut Reader::body(&bytes, 0)).expect_err("it reads");
            assert_eq!((fault.path.as_str(), fault.offset), ("/6200000000", 7));
            assert_eq!(
                (fault.expected.as_str(), fault.got.as_str()),
                ("1 to 9223372036854775807", got)
            );
        }
    }
}
