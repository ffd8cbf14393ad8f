//! The steps that take in another replica's part, and what the audit log says of them.

use super::Replica;
use crate::answer::{Peer, answer};
use crate::audit::{Algorithm, AuditRecord, Cost, Operation};
use crate::body::Document;
use crate::error::{Class, Rejection, Result};
use crate::hooks::{Hooks, NoHooks, Stop};
use crate::merge::{Merge, receive};
use crate::pull::{Asker, check, pull};
use crate::state::{Flag, State};
use crate::storage::Storage;

impl<S: Storage, H: Hooks> Peer for Replica<S, H> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        answer(&self.state, &self.table, request)
    }
}

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Merges what a document says.
    pub fn import(&mut self, document: &[u8], now: u64) -> Result<Merge> {
        let now = self.time(now)?;
        let mut v1 = Cost::default();
        v1.add(document);
        let outcome = Document::read(document, self.state.local.schema).and_then(|document| {
            self.step(|state, table| {
                let incoming = check(Asker { state, table, now }, document)?;
                receive(state, table, &incoming, now)
            })
        });
        let (operation, algorithm) = (Operation::Import, Algorithm::V1);
        self.record(
            &outcome,
            AuditRecord {
                operation,
                class: None,
                algorithm,
                v1,
                v2: Cost::default(),
                agreed: None,
            },
        );
        outcome
    }

    /// Pulls what a peer has and merges it; the peer is asked and not changed.
    pub fn reconcile(&mut self, peer: &impl Peer, now: u64) -> Result<Merge> {
        let now = self.time(now)?;
        let before = self.state.clone();
        let algorithm = if before.local.flag == Flag::On {
            Algorithm::V2
        } else {
            Algorithm::V1
        };
        let asker = Asker {
            state: &before,
            table: &self.table,
            now,
        };
        let (pulled, cost) = pull(algorithm, asker, peer, &mut self.hooks);
        let outcome = pulled
            .and_then(|verdict| self.step(|state, table| receive(state, table, &verdict?, now)));
        let (operation, none) = (Operation::Reconcile, Cost::default());
        let (mut v1, mut v2) = if algorithm == Algorithm::V1 {
            (cost, none)
        } else {
            (none, cost)
        };
        let mut agreed = None;
        if before.local.flag == Flag::Shadow {
            let (rehearsed, cost) = self.rehearse(&before, peer, now);
            (v1, v2) = (v1, cost);
            agreed = Some(agree(&outcome, &rehearsed));
        }
        self.record(
            &outcome,
            AuditRecord {
                operation,
                class: None,
                algorithm,
                v1,
                v2,
                agreed,
            },
        );
        outcome
    }

    /// Runs the walk from a state on, without hooks and to no effect.
    fn rehearse(&self, before: &State, peer: &impl Peer, now: u64) -> (Result<Merge>, Cost) {
        let asker = Asker {
            state: before,
            table: &self.table,
            now,
        };
        let (pulled, cost) = pull(Algorithm::V2, asker, peer, &mut NoHooks);
        let merged = pulled.and_then(|verdict| receive(before, &self.table, &verdict?, now));
        (merged.map(|(_, merge)| merge), cost)
    }

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

fn is_kill(rejection: &Rejection) -> bool {
    rejection.class == Class::Interrupted && rejection.got == Stop::Killed.name()
}

/// Whether two outcomes are the same: the digest of the merged part with the result, or the class.
fn agree(one: &Result<Merge>, other: &Result<Merge>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.class == other.class,
        _ => false,
    }
}
