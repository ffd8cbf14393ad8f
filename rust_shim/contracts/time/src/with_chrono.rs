//! chrono: `DateTime::parse_from_rfc3339` and `to_rfc3339`.

use chrono::{DateTime, FixedOffset, TimeDelta};
use driftcheck::{Outcome, broken, library};

use crate::contract_gen::{Order, Rejection, Stamp, Subject};
use crate::stamp;

pub struct Chrono;

impl Subject for Chrono {
    fn parse(&mut self, text: &[u8]) -> Outcome<Stamp> {
        let text = std::str::from_utf8(text).map_err(library)?;
        to_stamp(DateTime::parse_from_rfc3339(text).map_err(library)?)
    }

    fn show(&mut self, stamp: Stamp) -> Outcome<Vec<u8>> {
        Ok(from_stamp(&stamp)?.to_rfc3339().into_bytes())
    }

    fn add(&mut self, stamp: Stamp, nanoseconds: i64) -> Outcome<Stamp> {
        let sum = from_stamp(&stamp)?.checked_add_signed(TimeDelta::nanoseconds(nanoseconds));
        to_stamp(sum.ok_or(Rejection::OutOfRange)?)
    }

    fn compare(&mut self, a: Stamp, b: Stamp) -> Outcome<Order> {
        Ok(from_stamp(&a)?.cmp(&from_stamp(&b)?).into())
    }
}

fn from_stamp(stamp: &Stamp) -> Outcome<DateTime<FixedOffset>> {
    let utc = DateTime::from_timestamp(stamp.unix(), stamp.nanosecond as u32);
    let offset = FixedOffset::east_opt(stamp.offset_seconds());
    let (utc, offset) = utc
        .zip(offset)
        .ok_or_else(|| broken("convert a stamp: it is outside the range of chrono"))?;
    Ok(utc.with_timezone(&offset))
}

fn to_stamp(time: DateTime<FixedOffset>) -> Outcome<Stamp> {
    // In a leap second this is 10^9 or more.
    let nanosecond = time.timestamp_subsec_nanos();
    Ok(stamp(
        time.timestamp(),
        nanosecond,
        time.offset().local_minus_utc(),
    )?)
}
