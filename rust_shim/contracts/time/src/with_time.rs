//! time: `OffsetDateTime` in the well-known format `Rfc3339`.

use driftcheck::{Outcome, library};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::contract_gen::{Order, Rejection, Stamp, Subject};
use crate::stamp;

pub struct Time;

impl Subject for Time {
    fn parse(&mut self, text: &[u8]) -> Outcome<Stamp> {
        let text = std::str::from_utf8(text).map_err(library)?;
        to_stamp(OffsetDateTime::parse(text, &Rfc3339).map_err(library)?)
    }

    fn show(&mut self, stamp: Stamp) -> Outcome<Vec<u8>> {
        let text = from_stamp(&stamp)?.format(&Rfc3339).map_err(library)?;
        Ok(text.into_bytes())
    }

    fn add(&mut self, stamp: Stamp, nanoseconds: i64) -> Outcome<Stamp> {
        let sum = from_stamp(&stamp)?.checked_add(Duration::nanoseconds(nanoseconds));
        to_stamp(sum.ok_or(Rejection::OutOfRange)?)
    }

    fn compare(&mut self, a: Stamp, b: Stamp) -> Outcome<Order> {
        Ok(from_stamp(&a)?.cmp(&from_stamp(&b)?).into())
    }
}

fn from_stamp(stamp: &Stamp) -> Outcome<OffsetDateTime> {
    let utc = OffsetDateTime::from_unix_timestamp(stamp.unix()).map_err(library)?;
    let offset = UtcOffset::from_whole_seconds(stamp.offset_seconds()).map_err(library)?;
    let time = utc
        .replace_nanosecond(stamp.nanosecond as u32)
        .map_err(library)?;
    Ok(time.to_offset(offset))
}

fn to_stamp(time: OffsetDateTime) -> Outcome<Stamp> {
    let offset = time.offset().whole_seconds();
    Ok(stamp(time.unix_timestamp(), time.nanosecond(), offset)?)
}
