//! Hybrid logical clocks (section 3; Kulkarni et al., *Logical Physical Clocks*, 2014).

use crate::error::{Class, Rejection, Result};

/// The latest time, in milliseconds since 1970: 2^48 − 1.
pub const MAX_TIME: u64 = (1 << 48) - 1;

/// How far a remote clock may be ahead of `now`, in milliseconds.
const MAX_DRIFT: u64 = 60_000;

/// A hybrid clock. Clocks have the order of their bytes (R3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock {
    physical: u64,
    logical: u16,
}

impl Clock {
    /// Makes a clock from milliseconds since 1970, of which the low 48 bits are kept, and a count of events.
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

    /// The number of earlier events in the same millisecond.
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

    /// Returns the clock after a local event (R3.3).
    pub(crate) fn tick(self, now: u64) -> Result<Self> {
        if now > self.physical {
            return Ok(Self {
                physical: now,
                logical: 0,
            });
        }
        Self::after(self.physical, self.logical)
    }

    /// Returns the clock after a message whose clock is `remote` was received (R3.4).
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

    /// Counts one more event within a millisecond (R3.5).
    fn after(physical: u64, logical: u16) -> Result<Self> {
        match logical.checked_add(1) {
            Some(logical) => Ok(Self { physical, logical }),
            None => Err(Rejection::new(Class::ClockOverflow)
                .path("clock")
                .expected("0 to 65535")
                .got("65536")
                .hint("wait for the next millisecond")),
        }
    }

    /// Checks that this clock, a remote one, is not too far ahead of `now` (R3.6).
    pub(crate) fn check_drift(self, now: u64) -> Result<()> {
        let latest = now + MAX_DRIFT;
        if self.physical <= latest {
            return Ok(());
        }
        Err(Rejection::new(Class::ClockDrift)
            .path("clock")
            .expected(format!("at most {latest}"))
            .got(self.physical.to_string())
            .hint("compare the clocks of the two machines"))
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

    /// R3.3: the count rises while time stands still or goes back, and is reset when time goes forward.
    #[test]
    fn r3_3_local_event() {
        let clock = Clock::new(10, 4);

        assert_eq!(clock.tick(11), Ok(Clock::new(11, 0)));
        assert_eq!(clock.tick(10), Ok(Clock::new(10, 5)));
        assert_eq!(clock.tick(3), Ok(Clock::new(10, 5)));
    }

    /// R3.4: the four cases of a receipt.
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

    /// R3.5: neither a local event nor a receipt lets the count wrap.
    #[test]
    fn r3_5_overflow() {
        let full = Clock::new(10, 65535);
        let steps = [
            full.tick(10),
            full.receive(Clock::new(1, 0), 1),
            Clock::default().receive(full, 1),
        ];

        for step in steps {
            let rejection = step.expect_err("the count overflows");
            assert_eq!(rejection.class, Class::ClockOverflow);
            assert_eq!(
                (rejection.path.as_str(), rejection.got.as_str()),
                ("clock", "65536")
            );
        }
        assert_eq!(full.tick(11), Ok(Clock::new(11, 0)));
    }

    /// R3.6: a remote clock may be a minute ahead, and not a millisecond more.
    #[test]
    fn r3_6_drift() {
        assert_eq!(Clock::new(61_000, 9).check_drift(1_000), Ok(()));
        let rejection = Clock::new(61_001, 0)
            .check_drift(1_000)
            .expect_err("the clock is too far ahead");

        assert_eq!(rejection.class, Class::ClockDrift);
        assert_eq!(
            (rejection.expected.as_str(), rejection.got.as_str()),
            ("at most 61000", "61001")
        );
    }
}
