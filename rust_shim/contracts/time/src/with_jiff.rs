//! jiff: `Timestamp` for the time, and `Pieces` for the offset of the text.

use driftcheck::{Outcome, broken, library};
use jiff::fmt::temporal::{DateTimeParser, Pieces};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::contract_gen::{Order, Rejection, Stamp, Subject};
use crate::stamp;

const PARSER: DateTimeParser = DateTimeParser::new();

pub struct Jiff;

impl Subject for Jiff {
    fn parse(&mut self, text: &[u8]) -> Outcome<Stamp> {
        let time = PARSER.parse_timestamp(text).map_err(library)?;
        let pieces = Pieces::parse(text).map_err(library)?;
        let offset = pieces.to_numeric_offset();
        let offset =
            offset.ok_or_else(|| broken("read the offset: jiff parsed a Timestamp without one"))?;
        to_stamp(time, offset)
    }

    fn show(&mut self, stamp: Stamp) -> Outcome<Vec<u8>> {
        let (time, offset) = from_stamp(&stamp)?;
        Ok(time.display_with_offset(offset).to_string().into_bytes())
    }

    fn add(&mut self, stamp: Stamp, nanoseconds: i64) -> Outcome<Stamp> {
        let (time, offset) = from_stamp(&stamp)?;
        let sum = time.checked_add(SignedDuration::from_nanos(nanoseconds));
        to_stamp(sum.map_err(|_| Rejection::OutOfRange)?, offset)
    }

    fn compare(&mut self, a: Stamp, b: Stamp) -> Outcome<Order> {
        Ok(from_stamp(&a)?.0.cmp(&from_stamp(&b)?.0).into())
    }
}

fn from_stamp(stamp: &Stamp) -> Outcome<(Timestamp, Offset)> {
    let time = Timestamp::new(stamp.unix(), stamp.nanosecond as i32).map_err(library)?;
    let offset = Offset::from_seconds(stamp.offset_seconds()).map_err(library)?;
    Ok((time, offset))
}

fn to_stamp(time: Timestamp, offset: Offset) -> Outcome<Stamp> {
    let unix = time.as_nanosecond().div_euclid(1_000_000_000);
    let nanosecond = time.as_nanosecond().rem_euclid(1_000_000_000);
    Ok(stamp(unix as i64, nanosecond as u32, offset.seconds())?)
}
