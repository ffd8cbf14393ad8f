//! Where a caller may step into a step: stages that fail, messages that go astray (R8.7).

use crate::hash::Digest;

/// How far a step has come (R8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Arguments or messages are read.
    Received,
    /// All that could reject has been asked.
    Checked,
    /// The new state stands beside the old one.
    Staged,
    /// The record is written to the log.
    Appended,
}

impl Stage {
    /// All stages at which a step may fail.
    pub const ALL: [Self; 4] = [Self::Received, Self::Checked, Self::Staged, Self::Appended];

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

/// What stops a step at a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The step is refused.
    Halted,
    /// The engine is dropped, and opened again on what was synced.
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

/// What a replica asks on its way (R8.7). Each default lets the step go on as it is.
pub trait Hooks {
    /// The time that the step takes for now.
    fn now(&mut self, now: u64) -> u64 {
        now
    }

    /// Whether the step stops at a stage that it has reached.
    fn at(&mut self, stage: Stage) -> Option<Stop> {
        let _ = stage;
        None
    }

    /// Whether only the first half of the frame is appended, and appending fails.
    fn tears(&mut self) -> bool {
        false
    }

    /// Whether the message to the peer is lost.
    fn loses(&mut self, request: &[u8]) -> bool {
        let _ = request;
        false
    }

    /// What arrives of the peer's messages, and in which order.
    fn arriving(&mut self, messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        messages
    }

    /// The digest that the peer is taken to have announced.
    fn announced(&mut self, digest: Digest) -> Digest {
        digest
    }
}

/// Lets every step go its way.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}

/// A fault by its name in the contract (R8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Messages to the peer do not arrive.
    Lost,
    /// The step stops at a stage.
    Halted(Stage),
    /// The first half of the frame is appended, and appending fails.
    Torn,
    /// After *appended* the engine is dropped and opened again on what was synced.
    Killed,
    /// Each message from the peer arrives twice.
    Repeated,
    /// The parts of a reply arrive last to first.
    Reordered,
    /// `now` is an hour less, at least 0.
    Stepped,
    /// The last byte of the digest announced by the peer is inverted.
    Damaged,
}

/// Hooks that cause a fault for as long as it is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Injected(pub Option<Fault>);

impl Hooks for Injected {
    fn now(&mut self, now: u64) -> u64 {
        match self.0 {
            Some(Fault::Stepped) => now.saturating_sub(3_600_000),
            _ => now,
        }
    }

    fn at(&mut self, stage: Stage) -> Option<Stop> {
        match self.0 {
            Some(Fault::Halted(at)) if at == stage => Some(Stop::Halted),
            Some(Fault::Killed) if stage == Stage::Appended => Some(Stop::Killed),
            _ => None,
        }
    }

    fn tears(&mut self) -> bool {
        self.0 == Some(Fault::Torn)
    }

    fn loses(&mut self, _: &[u8]) -> bool {
        self.0 == Some(Fault::Lost)
    }

    fn arriving(&mut self, mut messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
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
