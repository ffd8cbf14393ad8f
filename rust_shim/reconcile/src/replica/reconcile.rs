//! The steps that merge the part of another replica, and their audit records.

use super::Replica;
use crate::answer::{Peer, answer};
use crate::audit::{Algorithm, AuditRecord, Cost, Operation};
use crate::body::Document;
use crate::error::{Class, Rejection, Result};
use crate::hooks::{Hooks, NoHooks, Stop};
use crate::incoming::{FetchError, Incoming, Receiver};
use crate::merge::{Merge, receive};
use crate::pull::pull;
use crate::state::{Flag, State};
use crate::storage::Storage;

impl<S: Storage, H: Hooks> Peer for Replica<S, H> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        answer(&self.state, &self.table, request)
    }
}

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Merges a document (R5.6).
    pub fn import(&mut self, document: &[u8], now: u64) -> Result<Merge> {
        let now = self.time(now)?;
        let mut record = AuditRecord::new(Operation::Import, Algorithm::V1);
        record.v1.add(document);
        let outcome = self.merge_document(document, now);
        self.record(&outcome, record);
        outcome
    }

    /// Fetches the part of a peer and merges it. The peer is not changed (R9.1).
    pub fn reconcile(&mut self, peer: &impl Peer, now: u64) -> Result<Merge> {
        let now = self.time(now)?;
        let algorithm = match self.state.local.flag {
            Flag::On => Algorithm::V2,
            Flag::Off | Flag::Shadow => Algorithm::V1,
        };
        let mut record = AuditRecord::new(Operation::Reconcile, algorithm);
        let outcome = self.merge_peer(peer, now, &mut record);
        self.record(&outcome, record);
        outcome
    }

    fn merge_document(&mut self, document: &[u8], now: u64) -> Result<Merge> {
        let document = Document::read(document, self.state.local.schema)?;
        self.step(|state, table| {
            let incoming = Incoming::from_document(document, Receiver { state, table, now })?;
            receive(state, table, &incoming, now)
        })
    }

    /// Reconciles with the algorithm of the flag, and in shadow with both (R9.4).
    fn merge_peer(
        &mut self,
        peer: &impl Peer,
        now: u64,
        record: &mut AuditRecord,
    ) -> Result<Merge> {
        let before = self.state.clone();
        let receiver = Receiver {
            state: &before,
            table: &self.table,
            now,
        };
        let pulled = pull(record.algorithm, receiver, peer, &mut self.hooks);
        match record.algorithm {
            Algorithm::V1 => record.v1 = pulled.cost,
            Algorithm::V2 => record.v2 = pulled.cost,
        }
        let outcome = match pulled.part {
            Ok(incoming) => self.step(|state, table| receive(state, table, &incoming, now)),
            Err(FetchError::Check(rejection)) => self.step(|_, _| Err(rejection)),
            Err(FetchError::Message(rejection)) => Err(rejection),
        };
        if before.local.flag == Flag::Shadow {
            let (rehearsed, cost) = self.rehearse(&before, peer, now);
            record.v2 = cost;
            let is_comparable = !pulled.is_damaged && !outcome.as_ref().is_err_and(is_interruption);
            record.agreed = is_comparable.then(|| agree(&outcome, &rehearsed));
        }
        outcome
    }

    /// Walks from a state without hooks, and changes nothing (R9.4).
    fn rehearse(&self, before: &State, peer: &impl Peer, now: u64) -> (Result<Merge>, Cost) {
        let receiver = Receiver {
            state: before,
            table: &self.table,
            now,
        };
        let pulled = pull(Algorithm::V2, receiver, peer, &mut NoHooks);
        let merged = pulled.part.map_err(Rejection::from).and_then(|incoming| {
            let (next, merge) = receive(before, &self.table, &incoming, now)?;
            next.shared.check_limits(&before.shared)?;
            Ok(merge)
        });
        (merged, pulled.cost)
    }

    /// Writes the outcome of a step to the audit log (R9.10).
    fn record(&mut self, outcome: &Result<Merge>, record: AuditRecord) {
        let rejection = outcome.as_ref().err();
        // A kill dropped the engine that would have written the record.
        if !rejection.is_some_and(is_kill) {
            self.audit.push(AuditRecord {
                class: rejection.map(|rejection| rejection.class),
                ..record
            });
        }
    }
}

fn is_interruption(rejection: &Rejection) -> bool {
    rejection.class == Class::Interrupted
}

fn is_kill(rejection: &Rejection) -> bool {
    is_interruption(rejection) && rejection.got == Stop::Killed.name()
}

/// Whether two outcomes are equal (R9.4): both have the same result with its digest, or the same class.
fn agree(one: &Result<Merge>, other: &Result<Merge>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.class == other.class,
        _ => false,
    }
}
