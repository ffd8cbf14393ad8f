//! The Rust subjects of the contract `time`: chrono, jiff and time, each with the feature of its name.

mod contract_gen;

#[cfg(feature = "chrono")]
pub mod with_chrono;
#[cfg(feature = "jiff")]
pub mod with_jiff;
#[cfg(feature = "time-rs")]
pub mod with_time;

use contract_gen::{Order, Rejection, Stamp, contract};

#[cfg(feature = "chrono")]
use with_chrono::Chrono as Library;
#[cfg(all(feature = "jiff", not(feature = "chrono")))]
use with_jiff::Jiff as Library;
#[cfg(all(feature = "time-rs", not(any(feature = "chrono", feature = "jiff"))))]
use with_time::Time as Library;

const MINUTE: i64 = 60; // seconds
const DAY: i64 = 24 * 60; // minutes
const BEGIN: i64 = -62_167_219_200; // 0000-01-01T00:00:00
const END: i64 = 253_402_041_600; // 9999-12-29T00:00:00

/// Makes a stamp. Rejects a time that is outside the range of a stamp.
///
/// `unix` is in seconds, in UTC. `offset` is in seconds.
fn stamp(unix: i64, nanosecond: u32, offset: i32) -> Result<Stamp, Rejection> {
    let offset = i64::from(offset);
    let seconds = unix + offset;
    let is_held = (BEGIN..END).contains(&seconds)
        && nanosecond < 1_000_000_000
        && offset % MINUTE == 0
        && (offset / MINUTE).abs() < DAY;
    if !is_held {
        return Err(Rejection::OutOfRange);
    }
    Ok(Stamp {
        seconds,
        nanosecond: u64::from(nanosecond),
        offset: offset / MINUTE,
    })
}

impl Stamp {
    /// Returns the seconds since the epoch, in UTC.
    fn unix(&self) -> i64 {
        self.seconds - self.offset * MINUTE
    }

    /// Returns how many seconds the local clock is ahead of UTC.
    fn offset_seconds(&self) -> i32 {
        (self.offset * MINUTE) as i32
    }
}

impl From<std::cmp::Ordering> for Order {
    fn from(ordering: std::cmp::Ordering) -> Self {
        match ordering {
            std::cmp::Ordering::Less => Self::Less,
            std::cmp::Ordering::Equal => Self::Equal,
            std::cmp::Ordering::Greater => Self::Greater,
        }
    }
}

driftcheck::extension!(contract(|| Ok(Library)));
