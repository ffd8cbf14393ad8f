//! Requests: the messages from an asker to a peer (R9.5).

use crate::cbor::Reader;
use crate::error::Result;
use crate::hash::Digest;
use crate::limits::MAX_PATHS;
use crate::schema::Schema;
use crate::tree::PATH_LENGTH;

use super::header;

/// The last round of a walk, which asks for paths of full length.
pub(super) const LAST_ROUND: u64 = PATH_LENGTH as u64;

/// The algorithm that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Asks for a whole document.
    Whole = 0,
    /// Asks for nodes of the digest tree.
    Walk = 1,
}

/// The content of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub table: [u8; 8],
    pub mode: Mode,
    pub round: u64,
    pub paths: Vec<Vec<u8>>,
    pub digest: Option<Digest>,
}

impl Request {
    /// Writes a request at a schema (R9.5).
    pub fn write(&self, schema: Schema) -> Vec<u8> {
        let mut writer = header::begin(header::Kind::Request, schema);
        writer.map(4 + usize::from(self.digest.is_some()));
        writer.uint(0u8);
        writer.bytes(&self.table);
        writer.uint(1u8);
        writer.uint(self.mode as u8);
        writer.uint(2u8);
        writer.uint(self.round);
        writer.uint(3u8);
        writer.array(self.paths.len());
        self.paths.iter().for_each(|path| writer.bytes(path));
        if let Some(digest) = &self.digest {
            writer.uint(4u8);
            writer.bytes(digest);
        }
        writer.into_bytes()
    }

    /// Reads a request for a replica at a schema (R9.5).
    pub fn read(message: &[u8], schema: Schema) -> Result<Self> {
        let (mut reader, _) = header::check(message, header::Kind::Request, schema.accepted())?;
        let (mut table, mut mode, mut round, mut paths, mut digest) =
            (None, None, None, None, None);
        let map = reader.fields(u64::MAX, |reader, field| {
            let opens_walk = mode == Some(Mode::Walk) && round == Some(0);
            match field {
                0 => table = Some(reader.exactly()?),
                1 => {
                    mode = Some(if reader.uint(0, 1)? == 0 {
                        Mode::Whole
                    } else {
                        Mode::Walk
                    })
                }
                2 => round = Some(reader.uint(0, LAST_ROUND)?),
                3 => {
                    let max = if mode == Some(Mode::Whole) {
                        0
                    } else {
                        MAX_PATHS as u64
                    };
                    let order = Vec::cmp;
                    paths = Some(reader.ascending(0, max, read_path, order)?);
                }
                4 if opens_walk => digest = Some(reader.exactly()?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        let missing = |field| reader.place(map).missing_field(field);
        let request = Self {
            table: table.ok_or_else(|| missing(0))?,
            mode: mode.ok_or_else(|| missing(1))?,
            round: round.ok_or_else(|| missing(2))?,
            paths: paths.ok_or_else(|| missing(3))?,
            digest,
        };
        if request.mode == Mode::Walk && request.round == 0 && request.digest.is_none() {
            return Err(missing(4));
        }
        reader.finish()?;
        Ok(request)
    }
}

/// Reads a path of up to 64 half bytes, one byte for each.
pub(super) fn read_path(reader: &mut Reader<'_>) -> Result<Vec<u8>> {
    let offset = reader.offset();
    let path = reader.bytes(0, PATH_LENGTH)?;
    match path.iter().find(|&&half| half > 15) {
        Some(&byte) => Err(reader.place(offset).range(0, 15, byte)),
        None => Ok(path.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;

    fn request(mode: Mode, round: u64, paths: &[&[u8]], digest: Option<Digest>) -> Request {
        let paths = paths.iter().map(|path| path.to_vec()).collect();
        Request {
            table: [7; 8],
            mode,
            round,
            paths,
            digest,
        }
    }

    #[track_caller]
    fn assert_malformed(request: &Request, path: &str, expected: &str, got: &str) {
        let fault = Request::read(&request.write(Schema::Three), Schema::Three)
            .expect_err("the request is malformed");
        let found = (
            fault.class,
            fault.path.as_str(),
            fault.expected.as_str(),
            fault.got.as_str(),
        );
        assert_eq!(found, (Class::Malformed, path, expected, got));
    }

    /// R9.5: a request that was written is read unchanged.
    #[test]
    fn r9_5_round_trip() {
        let requests = [
            request(Mode::Whole, 0, &[], None),
            request(Mode::Walk, 0, &[b""], Some([3; 32])),
            request(Mode::Walk, 2, &[b"\0\x0f", b"\x01\0"], None),
        ];

        for request in requests {
            assert_eq!(
                Request::read(&request.write(Schema::Two), Schema::Three).as_ref(),
                Ok(&request)
            );
        }
    }

    /// R9.5: fields that exclude each other, and malformed paths, are rejected.
    #[test]
    fn r9_5_malformed() {
        let layout = "a field of this layout";
        assert_malformed(
            &request(Mode::Whole, 0, &[b""], None),
            "/3",
            "at most 0",
            "1",
        );
        assert_malformed(
            &request(Mode::Whole, 0, &[], Some([0; 32])),
            "",
            layout,
            "field 4",
        );
        assert_malformed(
            &request(Mode::Walk, 1, &[], Some([0; 32])),
            "",
            layout,
            "field 4",
        );
        assert_malformed(
            &request(Mode::Walk, 0, &[b""], None),
            "",
            "field 4",
            "no such field",
        );
        assert_malformed(&request(Mode::Walk, 65, &[], None), "/2", "0 to 64", "65");
        assert_malformed(
            &request(Mode::Walk, 1, &[b"\x10"], None),
            "/3/0",
            "0 to 15",
            "16",
        );
        assert_malformed(
            &request(Mode::Walk, 1, &[b"\x01", b"\x01"], None),
            "/3/1",
            "distinct items",
            "an equal item",
        );
        assert_malformed(
            &request(Mode::Walk, 1, &[b"\x02", b"\x01"], None),
            "/3/1",
            "ascending order",
            "a smaller item",
        );
        assert_malformed(
            &request(Mode::Walk, 1, &[&[0; 65]], None),
            "/3/0",
            "at most 64",
            "65",
        );
    }

    /// R10.2: a peer rejects a schema that it does not accept as `too_far`.
    #[test]
    fn r10_2_too_far() {
        let message = request(Mode::Whole, 0, &[], None).write(Schema::One);

        let fault = Request::read(&message, Schema::Three).expect_err("the request is malformed");

        assert_eq!(
            (fault.class, fault.offset, fault.got.as_str()),
            (Class::TooFar, 5, "schema 1")
        );
    }
}
