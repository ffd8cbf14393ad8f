//! The audit log: the outcome and the cost of each reconcile and import (R9.10).

use std::collections::VecDeque;

use crate::error::Class;

const MAX_RECORDS: usize = 64;

/// The operation of an audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// A pull from a peer.
    Reconcile,
    /// An import of a document.
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

/// The algorithm that fetched the part of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// The whole document is fetched.
    V1,
    /// A walk over the digest tree.
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

/// The number and the size of messages: requests and replies, with their headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cost {
    /// The number of messages.
    pub messages: u64,
    /// The number of bytes of all messages.
    pub bytes: u64,
}

impl Cost {
    pub(crate) fn add(&mut self, message: &[u8]) {
        self.messages += 1;
        self.bytes += message.len() as u64;
    }
}

/// The outcome of one reconcile or import (R9.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// The operation.
    pub operation: Operation,
    /// The class of the rejection, or `None` if the operation was accepted.
    pub class: Option<Class>,
    /// The algorithm whose result was used.
    pub algorithm: Algorithm,
    /// The cost of the first algorithm; zero if it did not run.
    pub v1: Cost,
    /// The cost of the second algorithm; zero if it did not run.
    pub v2: Cost,
    /// Whether both algorithms had the same outcome; `None` if they were not compared.
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

/// The most recent audit records.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditLog(VecDeque<AuditRecord>);

impl AuditLog {
    pub fn push(&mut self, record: AuditRecord) {
        if self.0.len() == MAX_RECORDS {
            self.0.pop_front();
        }
        self.0.push_back(record);
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AuditRecord> {
        self.0.iter()
    }
}
