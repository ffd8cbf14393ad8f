//! Hybrid logical clocks (section 3; Kulkarni et al., *Logical Physical Clocks*, 2014).

use crate::error::{Class, Rejection, Result};

/// The latest time, in milliseconds since 1970: 2^48 − 1.
pub const MAX_TIME: u64 = (1 << 48) - 1;

/// How far a remote clock may be ahead of `now`, in milliseconds.
const MAX_DRIFT: u64 = 60_000;

/// A hybrid clock; its order is that of its bytes (R3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock {
    physical: u64,
    logical: u16,
}

impl Clock {
    /// Makes a clock of milliseconds since 1970, of which 48 bits count, and a count of events.
    pub fn new(physical: u64, logical: u16) -> Self {
        Self {
            physical: physical & MAX_TIME,
            logical,
        }
    }

    /// Milliseconds since 1970, at most [`MAX_TIME`].
    pub fn physical(self) -> u64 {
        self.physical
    }

    /// How many events came before in the same millisecond.
    pub fn logical(self) -> u16 {
        self.logical
    }

    /// Writes `u48(physical) ‖ u16(logical)`.
    pub fn to_bytes(self) -> [u8; 8] {
        (self.physical << 16 | u64::from(self.logical)).to_be_bytes()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let joined = u64::from_be_bytes(bytes);
        Self {
            physical: joined >> 16,
            logical: joined as u16,
        }
    }

    /// Steps over a local event (R3.3).
    pub(crate) fn tick(self, now: u64) -> Result<Self> {
        if now > self.physical {
            return Ok(Self {
                physical: now,
                logical: 0,
            });
        }
        Self::after(self.physical, self.logical)
    }

    /// Steps over the receipt of a message whose clock is `remote` (R3.4).
    pub(crate) fn receive(self, remote: Self, now: u64) -> Result<Self> {
        let physical = self.physical.max(remote.physical).max(now);
        match (physical == self.physical, physical == remote.physical) {
            (true, true) => Self::after(physical, self.logical.max(remote.logical)),
            (true, false) => Self::after(physical, self.logical),
            (false, true) => Self::after(physical, remote.logical),
            (false, false) => Ok(Self {
                physical,
                logical: 0,
            }),
        }
    }

    /// Counts on within a millisecond (R3.5).
    fn after(physical: u64, logical: u16) -> Result<Self> {
        match logical.checked_add(1) {
            Some(logical) => Ok(Self { physical, logical }),
            None => Err(Rejection::new(
                Class::ClockOverflow,
                "clock",
                "0 to 65535",
                "65536",
                "wait for the next millisecond",
            )),
        }
    }

    /// Asks that this clock, a remote one, is not too far ahead of `now` (R3.6).
    pub(crate) fn check_drift(self, now: u64) -> Result<()> {
        let latest = now + MAX_DRIFT;
        if self.physical <= latest {
            return Ok(());
        }
        Err(Rejection::new(
            Class::ClockDrift,
            "clock",
            format!("at most {latest}"),
            self.physical.to_string(),
            "compare the clocks of the two machines",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R3.1: the order of clocks is the order of their bytes.
    #[test]
    fn r3_1_bytes_keep_the_order() {
        let clocks = [
            Clock::default(),
            Clock::new(0, 65535),
            Clock::new(1, 0),
            Clock::new(MAX_TIME, 3),
        ];

        for pair in clocks.windows(2) {
            assert!(pair[0].to_bytes() < pair[1].to_bytes());
            assert!(pair[0] < pair[1]);
        }
        for clock in clocks {
            assert_eq!(Clock::from_bytes(clock.to_bytes()), clock);
        }
    }

    /// R3.3: time that stands or goes back counts on, time that goes forward begins at 0.
    #[test]
    fn r3_3_local_event() {
        let clock = Clock::new(10, 4);

        assert_eq!(clock.tick(11), Ok(Clock::new(11, 0)));
        assert_eq!(clock.tick(10), Ok(Clock::new(10, 5)));
        assert_eq!(clock.tick(3), Ok(Clock::new(10, 5)));
    }

    /// R3.4: each of the four cases.
    #[test]
    fn r3_4_receive() {
        let clock = Clock::new(10, 4);

        assert_eq!(clock.receive(Clock::new(10, 7), 10), Ok(Clock::new(10, 8)));
        assert_eq!(clock.receive(Clock::new(10, 2), 9), Ok(Clock::new(10, 5)));
        assert_eq!(clock.receive(Clock::new(9, 7), 10), Ok(Clock::new(10, 5)));
        assert_eq!(clock.receive(Clock::new(12, 7), 11), Ok(Clock::new(12, 8)));
        assert_eq!(clock.receive(Clock::new(12, 7), 12), Ok(Clock::new(12, 8)));
        assert_eq!(clock.receive(Clock::new(11, 7), 12), Ok(Clock::new(12, 0)));
    }

    /// R3.5: the count does not wrap, by whichever way it would.
    #[test]
    fn r3_5_overflow() {
        let full = Clock::new(10, 65535);
        let steps = [
            full.tick(10),
            full.receive(Clock::new(1, 0), 1),
            Clock::default().receive(full, 1),
        ];

        for step in steps {
            let rejection = step.expect_err("it wraps");
            assert_eq!(rejection.class, Class::ClockOverflow);
            assert_eq!(
                (rejection.path.as_str(), rejection.got.as_str()),
                ("clock", "65536")
            );
        }
        assert_eq!(full.tick(11), Ok(Clock::new(11, 0)));
    }

    /// R3.6: a minute ahead is borne, a millisecond more is not.
    #[test]
    fn r3_6_drift() {
        assert_eq!(Clock::new(61_000, 9).check_drift(1_000), Ok(()));
        let rejection = Clock::new(61_001, 0)
            .check_drift(1_000)
            .expect_err("it drifts");

        assert_eq!(rejection.class, Class::ClockDrift);
        assert_eq!(
            (rejection.expected.as_str(), rejection.got.as_str()),
            ("at most 61000", "61001")
        );
    }
}
