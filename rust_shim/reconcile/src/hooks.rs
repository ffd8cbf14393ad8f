//! Hooks, by which a caller injects faults into steps and messages (R8.7).

use crate::hash::Digest;

/// A stage of a step at which it may stop (R8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Arguments and messages were read.
    Received,
    /// All checks passed.
    Checked,
    /// The new state was built beside the old one.
    Staged,
    /// The record was appended to the log.
    Appended,
}

impl Stage {
    /// All stages, in the order in which a step reaches them.
    pub const ALL: &'static [Self] = &[Self::Received, Self::Checked, Self::Staged, Self::Appended];

    /// The name of the stage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Checked => "checked",
            Self::Staged => "staged",
            Self::Appended => "appended",
        }
    }
}

/// How a step stops at a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// The step is rejected.
    Halted,
    /// The engine is dropped, and opened again on the synced part of the log.
    Killed,
}

impl Stop {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Halted => "halted",
            Self::Killed => "killed",
        }
    }
}

/// Hooks that a replica calls in its steps (R8.7). The defaults change nothing.
pub trait Hooks {
    /// The time of the step, given the `now` of the caller.
    fn now(&mut self, now: u64) -> u64 {
        now
    }

    /// Whether the step stops at a stage that it has reached.
    fn stop_at(&mut self, stage: Stage) -> Option<Stop> {
        let _ = stage;
        None
    }

    /// Whether the append fails after the first half of the frame.
    fn is_torn(&mut self) -> bool {
        false
    }

    /// Whether a request to the peer is lost.
    fn is_lost(&mut self, request: &[u8]) -> bool {
        let _ = request;
        false
    }

    /// The messages of a reply, in the order in which they arrive.
    fn deliver(&mut self, messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        messages
    }

    /// The digest that the peer announced, as it arrives.
    fn announced(&mut self, digest: Digest) -> Digest {
        digest
    }
}

/// Hooks that change nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}

/// A fault of the contract (R8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Requests do not arrive at the peer.
    Lost,
    /// The step stops at a stage.
    Halted(Stage),
    /// The append fails after the first half of the frame.
    Torn,
    /// After *appended*, the engine is dropped and opened again on the synced part of the log.
    Killed,
    /// Each message of the peer arrives twice.
    Repeated,
    /// The parts of a reply arrive last to first.
    Reordered,
    /// The time is an hour earlier, and at least 0.
    Stepped,
    /// The last byte of the digest that the peer announced is inverted.
    Damaged,
}

/// Hooks that inject the fault which they contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Injected(pub Option<Fault>);

impl Hooks for Injected {
    fn now(&mut self, now: u64) -> u64 {
        match self.0 {
            Some(Fault::Stepped) => now.saturating_sub(3_600_000),
            _ => now,
        }
    }

    fn stop_at(&mut self, stage: Stage) -> Option<Stop> {
        match self.0 {
            Some(Fault::Halted(at)) if at == stage => Some(Stop::Halted),
            Some(Fault::Killed) if stage == Stage::Appended => Some(Stop::Killed),
            _ => None,
        }
    }

    fn is_torn(&mut self) -> bool {
        self.0 == Some(Fault::Torn)
    }

    fn is_lost(&mut self, _: &[u8]) -> bool {
        self.0 == Some(Fault::Lost)
    }

    fn deliver(&mut self, mut messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        match self.0 {
            Some(Fault::Repeated) => messages
                .into_iter()
                .flat_map(|message| [message.clone(), message])
                .collect(),
            Some(Fault::Reordered) => {
                messages.reverse();
                messages
            }
            _ => messages,
        }
    }

    fn announced(&mut self, mut digest: Digest) -> Digest {
        if self.0 == Some(Fault::Damaged) {
            digest[31] = !digest[31];
        }
        digest
    }
}
