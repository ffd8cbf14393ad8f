//! The audit log: what each reconcile and import came to, and what it cost (R9.10).

use std::collections::VecDeque;

use crate::error::Class;

const KEPT: usize = 64;

/// What was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A pull from a peer.
    Reconcile,
    /// A document that was handed in.
    Import,
}

impl Operation {
    /// The name of the operation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::Import => "import",
        }
    }
}

/// How a peer's part was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// As a whole document.
    V1,
    /// By a walk over digests.
    V2,
}

impl Algorithm {
    /// The name of the algorithm.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}

/// Messages and their bytes, headers included, requests and replies alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cost {
    /// How many messages.
    pub messages: u64,
    /// How many bytes in all.
    pub bytes: u64,
}

impl Cost {
    pub(crate) fn add(&mut self, message: &[u8]) {
        self.messages += 1;
        self.bytes += message.len() as u64;
    }
}

/// What one reconcile or import came to (R9.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Which of the two it was.
    pub operation: Operation,
    /// Why it was rejected, where it was.
    pub class: Option<Class>,
    /// The algorithm whose result was used.
    pub algorithm: Algorithm,
    /// What the first algorithm cost; nothing where it did not run.
    pub v1: Cost,
    /// What the second algorithm cost; nothing where it did not run.
    pub v2: Cost,
    /// In shadow: whether both came to the same.
    pub agreed: Option<bool>,
}

impl AuditRecord {
    pub(crate) fn new(operation: Operation, algorithm: Algorithm) -> Self {
        let none = Cost::default();
        Self {
            operation,
            class: None,
            algorithm,
            v1: none,
            v2: none,
            agreed: None,
        }
    }
}

/// The last records.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditLog(VecDeque<AuditRecord>);

impl AuditLog {
    pub fn push(&mut self, record: AuditRecord) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(record);
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AuditRecord> {
        self.0.iter()
    }
}
