//! The steps that take in another replica's part, and what the audit log says of them.

use super::Replica;
use crate::answer::{Peer, answer};
use crate::audit::{Algorithm, AuditRecord, Cost, Operation};
use crate::body::Document;
use crate::error::{Class, Rejection, Result};
use crate::hooks::{Hooks, NoHooks, Stop};
use crate::limits;
use crate::merge::{Merge, receive};
use crate::pull::{Asker, Verdict, check, pull};
use crate::state::{Flag, State};
use crate::storage::Storage;

impl<S: Storage, H: Hooks> Peer for Replica<S, H> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        answer(&self.state, &self.table, request)
    }
}

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Merges what a document says (R5.6).
    pub fn import(&mut self, document: &[u8], now: u64) -> Result<Merge> {
        let now = self.time(now)?;
        let mut record = AuditRecord::new(Operation::Import, Algorithm::V1);
        record.v1.add(document);
        let outcome = self.take_in(document, now);
        self.record(&outcome, record);
        outcome
    }

    /// Pulls what a peer has and merges it; the peer is asked and not changed (R9.1).
    pub fn reconcile(&mut self, peer: &impl Peer, now: u64) -> Result<Merge> {
        let now = self.time(now)?;
        let algorithm = match self.state.local.flag {
            Flag::On => Algorithm::V2,
            Flag::Off | Flag::Shadow => Algorithm::V1,
        };
        let mut record = AuditRecord::new(Operation::Reconcile, algorithm);
        let outcome = self.take_from(peer, now, &mut record);
        self.record(&outcome, record);
        outcome
    }

    fn take_in(&mut self, document: &[u8], now: u64) -> Result<Merge> {
        let document = Document::read(document, self.state.local.schema)?;
        self.step(|state, table| {
            let incoming = check(Asker { state, table, now }, document)?;
            receive(state, table, &incoming, now)
        })
    }

    /// Reconciles by the algorithm of the flag, and in shadow by both (R9.4).
    fn take_from(&mut self, peer: &impl Peer, now: u64, record: &mut AuditRecord) -> Result<Merge> {
        let before = self.state.clone();
        let asker = Asker {
            state: &before,
            table: &self.table,
            now,
        };
        let pulled = pull(record.algorithm, asker, peer, &mut self.hooks);
        match record.algorithm {
            Algorithm::V1 => record.v1 = pulled.cost,
            Algorithm::V2 => record.v2 = pulled.cost,
        }
        let merge =
            |verdict: Verdict| self.step(|state, table| receive(state, table, &verdict?, now));
        let outcome = pulled.verdict.and_then(merge);
        if before.local.flag == Flag::Shadow {
            let (rehearsed, cost) = self.rehearse(&before, peer, now);
            record.v2 = cost;
            let is_comparable = !pulled.is_damaged && !outcome.as_ref().is_err_and(is_interruption);
            record.agreed = is_comparable.then(|| agree(&outcome, &rehearsed));
        }
        outcome
    }

    /// Runs the walk from a state on, without hooks and to no effect (R9.4).
    fn rehearse(&self, before: &State, peer: &impl Peer, now: u64) -> (Result<Merge>, Cost) {
        let asker = Asker {
            state: before,
            table: &self.table,
            now,
        };
        let pulled = pull(Algorithm::V2, asker, peer, &mut NoHooks);
        let merged = pulled.verdict.and_then(|verdict| {
            let (next, merge) = receive(before, &self.table, &verdict?, now)?;
            limits::check(&before.shared, &next.shared)?;
            Ok(merge)
        });
        (merged, pulled.cost)
    }

    /// Writes to the audit log how a step ended (R9.10).
    fn record(&mut self, outcome: &Result<Merge>, record: AuditRecord) {
        let rejection = outcome.as_ref().err();
        // The engine that would have written the record was dropped with the step.
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

/// Whether two outcomes are the same (R9.4): the digest of the merged part with the result, or the class.
fn agree(one: &Result<Merge>, other: &Result<Merge>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.class == other.class,
        _ => false,
    }
}
