//! The Rust subject of the contract `reconcile`: the engine of the crate `reconcile`.

mod contract_gen;

use std::collections::BTreeMap;

use contract_gen::{
    Algorithm, Audited, Cost, Diff, Digests, Entry, Fault, Kept, Merge, Migrated, Pair, Rejection,
    Replica, Subject, Visible, Watermark, Where, Written, contract,
};
use driftcheck::{Failure, Outcome, broken, unsupported};
use reconcile as engine;
use reconcile::{
    Class, Flag, Injected, Memory, Origin, Policy, Schema, Stage, Table, Vector, Writer,
};

const MEMBERS: [&[u8]; 3] = [b"a", b"bb", b"c"];

type Counters = BTreeMap<Vec<u8>, u64>;

struct Store(engine::Replica<Memory, Injected>);

/// Converts a rejection of the engine into a rejection of the contract.
fn rejected(rejection: engine::Rejection) -> Failure {
    let detail = Where {
        path: rejection.path,
        offset: rejection.offset,
        expected: rejection.expected,
        got: rejection.got,
        hint: rejection.hint.to_owned(),
    };
    match rejection.class {
        Class::Malformed => Rejection::Malformed(detail),
        Class::TooLarge => Rejection::TooLarge(detail),
        Class::TooFar => Rejection::TooFar(detail),
        Class::Inconsistent => Rejection::Inconsistent(detail),
        Class::DigestMismatch => Rejection::DigestMismatch(detail),
        Class::DotConflict => Rejection::DotConflict(detail),
        Class::ClockDrift => Rejection::ClockDrift(detail),
        Class::ClockOverflow => Rejection::ClockOverflow(detail),
        Class::Interrupted => Rejection::Interrupted(detail),
        Class::Absent => Rejection::Absent(detail),
        Class::WrongKind => Rejection::WrongKind(detail),
        Class::Overflow => Rejection::Overflow(detail),
        Class::NotAcknowledged => Rejection::NotAcknowledged(detail),
        Class::NeedsSchema => Rejection::NeedsSchema(detail),
        other => {
            // An error, and not `broken`, blames the engine and not this adapter.
            let message = format!("the engine rejected a step with the unexpected class {other}");
            return std::io::Error::other(message).into();
        }
    }
    .into()
}

fn engine_fault(fault: Fault) -> engine::Fault {
    match fault {
        Fault::Lost => engine::Fault::Lost,
        Fault::Repeated => engine::Fault::Repeated,
        Fault::Reordered => engine::Fault::Reordered,
        Fault::Damaged => engine::Fault::Damaged,
        Fault::Stepped => engine::Fault::Stepped,
        Fault::Torn => engine::Fault::Torn,
        Fault::Killed => engine::Fault::Killed,
        Fault::HaltedReceived => engine::Fault::Halted(Stage::Received),
        Fault::HaltedChecked => engine::Fault::Halted(Stage::Checked),
        Fault::HaltedStaged => engine::Fault::Halted(Stage::Staged),
        Fault::HaltedAppended => engine::Fault::Halted(Stage::Appended),
    }
}

fn flag(algorithm: Algorithm) -> Flag {
    match algorithm {
        Algorithm::Off => Flag::Off,
        Algorithm::Shadow => Flag::Shadow,
        Algorithm::On => Flag::On,
    }
}

impl Store {
    /// Runs a step with an injected fault.
    fn with_fault<T>(
        &mut self,
        fault: Option<Fault>,
        step: impl FnOnce(&mut engine::Replica<Memory, Injected>) -> engine::Result<T>,
    ) -> Outcome<T> {
        self.0.hooks_mut().0 = fault.map(engine_fault);
        let result = step(&mut self.0);
        self.0.hooks_mut().0 = None;
        result.map_err(rejected)
    }

    fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        label: Option<&str>,
        now: u64,
        fault: Option<Fault>,
    ) -> Outcome<Written> {
        self.with_fault(fault, |replica| replica.put(key, value, label, now))
            .map(written)
    }
}

fn counters(vector: &Vector) -> Counters {
    let pairs = vector.iter();
    pairs
        .map(|(origin, counter)| (origin.as_bytes().to_owned(), counter))
        .collect()
}

fn entry(entry: &engine::Entry) -> Entry {
    Entry {
        origin: entry.dot.origin.as_bytes().to_owned(),
        counter: entry.dot.counter,
        clock: entry.clock.to_bytes().to_vec(),
        value: entry
            .value
            .as_ref()
            .map(|value| value.as_bytes().to_owned()),
        schema: entry.schema.number().into(),
        label: entry.label.clone(),
        extras: entry
            .extras
            .iter()
            .map(|(field, item)| (u64::from(*field), item.clone()))
            .collect(),
    }
}

fn written(written: engine::Written) -> Written {
    Written {
        origin: written.dot.origin.as_bytes().to_owned(),
        counter: written.dot.counter,
        clock: written.clock.to_bytes().to_vec(),
    }
}

fn merged(merge: engine::Merge) -> Merge {
    Merge {
        changed: merge.changed,
        taken: merge.taken,
        dropped: merge.dropped,
        digest: merge.digest.to_vec(),
    }
}

fn values(values: &[engine::Value]) -> Vec<Vec<u8>> {
    values.iter().map(|v| v.as_bytes().to_owned()).collect()
}

fn cost(cost: engine::Cost) -> Cost {
    Cost {
        messages: cost.messages,
        bytes: cost.bytes,
    }
}

/// Encodes a number in the shortest form of CBOR.
fn encoded(number: i64) -> Vec<u8> {
    let (major, n) = match u64::try_from(number) {
        Ok(n) => (0x00, n),
        Err(_) => (0x20, !number as u64),
    };
    let bytes = n.to_be_bytes();
    match n {
        0..24 => vec![major | n as u8],
        24..=0xff => [&[major | 24], &bytes[7..]].concat(),
        0x100..=0xffff => [&[major | 25], &bytes[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[major | 26], &bytes[4..]].concat(),
        _ => [&[major | 27], &bytes[..]].concat(),
    }
}

impl Subject for Store {
    type Snapshot = engine::Snapshot;

    fn open(place: u64, schema: u64, algorithm: Algorithm) -> Outcome<Self> {
        let member = |name: &[u8]| Writer::new(name).map_err(rejected);
        let members = [
            member(MEMBERS[0])?,
            member(MEMBERS[1])?,
            member(MEMBERS[2])?,
        ];
        let policies = [
            (b"m".to_vec(), Policy::Multi),
            (b"c".to_vec(), Policy::Counter),
        ];
        let schema = u8::try_from(schema)?;
        let config = engine::Config {
            writer: members[usize::try_from(place)?],
            table: Table::new(members, policies).map_err(rejected)?,
            schema: Schema::from_number(schema)
                .ok_or_else(|| broken("open: the schema version is not from 1 to 3"))?,
            flag: flag(algorithm),
        };
        engine::Replica::open_with(Memory::default(), config, Injected(None))
            .map(Self)
            .map_err(rejected)
    }

    fn state(&mut self) -> Replica {
        let engine::State { shared, local } = self.0.state();
        let keys = shared.iter().map(|(key, entries)| Kept {
            key: key.as_bytes().to_owned(),
            entries: entries.iter().map(entry).collect(),
        });
        let chain = local.chain.iter().map(|link| Migrated {
            from_: link.from.number().into(),
            to: link.to.number().into(),
            rationale: link.rationale.clone(),
            approver: link.approver.clone(),
            rollback: link.rollback.number().into(),
            head: link.head.to_vec(),
        });
        let known = local.acknowledgements.iter();
        Replica {
            keys: keys.collect(),
            vector: counters(shared.vector()),
            watermark: counters(shared.watermark()),
            writer: local.writer.as_bytes().to_owned(),
            epoch: local.epoch.into(),
            clock: local.clock.to_bytes().to_vec(),
            schema: local.schema.number().into(),
            acknowledgements: known
                .map(|(writer, vector)| (writer.as_bytes().to_owned(), counters(vector)))
                .collect(),
            chain: chain.collect(),
        }
    }

    fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        label: Option<String>,
        now: u64,
        fault: Option<Fault>,
    ) -> Outcome<Written> {
        Store::put(self, key, value, label.as_deref(), now, fault)
    }

    fn put_number(
        &mut self,
        key: &[u8],
        number: i64,
        label: Option<String>,
        now: u64,
    ) -> Outcome<Written> {
        Store::put(self, key, &encoded(number), label.as_deref(), now, None)
    }

    fn fill(&mut self, count: u64, now: u64) -> Outcome<Vec<u8>> {
        if self.0.state().local.clock.logical() > u16::MAX - 400 {
            return Err(unsupported()); // the count would overflow before the last put
        }
        for i in 0..count {
            let filled = self
                .0
                .put(format!("f{i:02}").as_bytes(), &encoded(0), None, now);
            filled.map_err(|rejection| broken(format!("fill: {rejection:?}")))?;
        }
        Ok(self.0.digest().state.to_vec())
    }

    fn delete(&mut self, key: &[u8], now: u64, fault: Option<Fault>) -> Outcome<Written> {
        self.with_fault(fault, |replica| replica.delete(key, now))
            .map(written)
    }

    fn increase(&mut self, key: &[u8], by: u64, now: u64, fault: Option<Fault>) -> Outcome<u64> {
        self.with_fault(fault, |replica| replica.increase(key, by, now))
    }

    fn tick(&mut self, now: u64, fault: Option<Fault>) -> Outcome<Vec<u8>> {
        let clock = self.with_fault(fault, |replica| replica.tick(now))?;
        Ok(clock.to_bytes().to_vec())
    }

    fn get(&mut self, key: &[u8]) -> Outcome<Visible> {
        let visible = self.0.get(key).map_err(rejected)?;
        Ok(Visible {
            values: values(&visible.values),
            label: visible.label,
        })
    }

    fn scan(&mut self, prefix: &[u8], limit: u64) -> Outcome<Vec<Pair>> {
        let pairs = self.0.scan(prefix, limit).map_err(rejected)?.into_iter();
        Ok(pairs
            .map(|(key, found)| Pair {
                key: key.as_bytes().to_owned(),
                values: values(&found),
            })
            .collect())
    }

    fn digest(&mut self) -> Outcome<Digests> {
        let digests = self.0.digest();
        Ok(Digests {
            state: digests.state.to_vec(),
            children: digests
                .children
                .iter()
                .map(|child| child.to_vec())
                .collect(),
        })
    }

    fn diff(&mut self, peer: &mut Self) -> Outcome<Diff> {
        let diff = self.0.diff(&peer.0.digest());
        Ok(Diff {
            equal: diff.equal,
            children: diff.children.into_iter().map(u64::from).collect(),
        })
    }

    fn snapshot(&mut self) -> Outcome<engine::Snapshot> {
        Ok(self.0.snapshot())
    }

    fn rollback(&mut self, to: &mut engine::Snapshot, fault: Option<Fault>) -> Outcome<Vec<u8>> {
        self.with_fault(fault, |replica| replica.rollback(to))
            .map(|digest| digest.to_vec())
    }

    fn reconcile(&mut self, peer: &mut Self, now: u64, fault: Option<Fault>) -> Outcome<Merge> {
        self.with_fault(fault, |replica| replica.reconcile(&peer.0, now))
            .map(merged)
    }

    fn export(&mut self) -> Outcome<Vec<u8>> {
        Ok(self.0.export())
    }

    fn import_(&mut self, document: &[u8], now: u64, fault: Option<Fault>) -> Outcome<Merge> {
        self.with_fault(fault, |replica| replica.import(document, now))
            .map(merged)
    }

    fn gc(&mut self, watermark: Option<Watermark>, fault: Option<Fault>) -> Outcome<u64> {
        let Some(Watermark { a, b, c }) = watermark else {
            return self.with_fault(fault, |replica| replica.gc(None));
        };
        self.with_fault(fault, |replica| {
            let mut pairs = Vec::new();
            for (name, counter) in MEMBERS.into_iter().zip([a, b, c]) {
                if counter > 0 {
                    pairs.push((Origin::new(Writer::new(name)?, 0), counter));
                }
            }
            replica.gc(Some(&Vector::new(pairs)?))
        })
    }

    fn migrate(
        &mut self,
        to: u64,
        rationale: &str,
        approver: &str,
        fault: Option<Fault>,
    ) -> Outcome<Vec<u8>> {
        let to = u8::try_from(to)?;
        self.with_fault(fault, |replica| replica.migrate(to, rationale, approver))
            .map(|head| head.to_vec())
    }

    fn set_flag(&mut self, algorithm: Algorithm, fault: Option<Fault>) -> Outcome<()> {
        self.with_fault(fault, |replica| replica.set_flag(flag(algorithm)))
    }

    fn audit(&mut self) -> Outcome<Vec<Audited>> {
        let records = self.0.audit().map(|record| Audited {
            operation: record.operation.name().to_owned(),
            rejection: record.class.map_or("", Class::name).to_owned(),
            algorithm: record.algorithm.name().to_owned(),
            v1: cost(record.v1),
            v2: cost(record.v2),
            agreed: record.agreed,
        });
        Ok(records.collect())
    }
}

driftcheck::extension!(contract::<Store>());
