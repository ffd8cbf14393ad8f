//! Sections 7, 10 and 11: rollback, collection, migration and flags.

use reconcile::{Class, Flag, Memory, Origin, Schema, Vector};

use crate::support::*;

fn vector(counters: &[(&str, u64)]) -> Vector {
    let pairs = counters
        .iter()
        .map(|(name, counter)| (Origin::from_bytes(&origin(name, 0)).unwrap(), *counter));
    Vector::new(pairs).unwrap()
}

/// R7.7: later steps do not change a snapshot.
#[test]
fn r7_7_a_snapshot_is_a_value() {
    let mut a = open("a");
    a.put(b"k", &[1], None, 1).unwrap();
    let (snapshot, digest) = (a.snapshot(), a.digest().state);
    for number in 0..40 {
        a.put(&[number], &[2], None, 1).unwrap();
    }

    assert_eq!(snapshot.shared().digest(), digest);
    assert_eq!(snapshot.shared().iter().count(), 1);
    assert_eq!(a.digest().children.len(), 16);
}

/// R7.8, I9: a rollback restores the shared part exactly, raises the epoch and leaves the rest.
#[test]
fn r7_8_rollback() {
    let mut a = open("a");
    for number in 0..40 {
        a.put(&[number], &[1], None, 1000).unwrap();
    }
    let (early, early_digest) = (a.snapshot(), a.digest());
    a.put(b"k", &[1], None, 1001).unwrap();
    let (late, late_digest) = (a.snapshot(), a.digest());
    let clock = a.state().local.clock;

    assert_eq!(a.rollback(&early), Ok(early_digest.state));

    assert_eq!(a.digest(), early_digest);
    assert_eq!((a.state().local.epoch, a.state().local.clock), (1, clock));
    let written = a.put(b"k", &[2], None, 1001).unwrap();
    assert_eq!((written.dot.origin.epoch(), written.dot.counter), (1, 1));
    assert_eq!(a.rollback(&late), Ok(late_digest.state));
    assert_eq!((a.digest(), a.state().local.epoch), (late_digest, 2));
    let reopened = open_on(a.storage().clone(), "a", Schema::Three);
    assert_eq!(whole(&reopened), whole(&a));
}

/// R7.8: a snapshot of another replica is rejected.
#[test]
fn r7_8_foreign_snapshot() {
    let mut a = open("a");
    let detail = (
        "writer",
        0,
        "61",
        "62",
        "roll back to a snapshot of this replica",
    );
    assert_rejected(
        a.rollback(&open("b").snapshot()),
        Class::ForeignSnapshot,
        detail,
    );
}

/// R7.8: the last epoch cannot be rolled back.
#[test]
fn r7_8_exhausted() {
    let mut fields = crate::logs::fields("a", &[]);
    fields[1].1 = Uint(u32::MAX.into());
    let record = message(4, 3, &map(fields).encode());
    let mut a = open_on(Memory::new(crate::logs::log(&[record])), "a", Schema::Three);
    let detail = ("epoch", 0, "at most 4294967295", "4294967296", "");
    let snapshot = a.snapshot();
    assert_rejected(a.rollback(&snapshot), Class::Exhausted, detail);
}

/// R11.4: only tombstones that all members have seen are collected.
#[test]
fn r11_4_gc() {
    let (mut a, mut b, mut c) = (open("a"), open("b"), open("c"));
    a.put(b"k", &[1], None, 1000).unwrap();
    a.delete(b"k", 1000).unwrap();
    a.put(b"l", &[1], None, 1000).unwrap();
    assert_eq!(a.gc(None), Ok(0));
    b.reconcile(&a, 1000).unwrap();
    a.reconcile(&b, 1000).unwrap();
    assert_eq!(a.gc(None), Ok(0), "`c` has acknowledged nothing");
    c.reconcile(&b, 1000).unwrap();
    a.reconcile(&c, 1000).unwrap();

    assert_eq!(a.gc(None), Ok(1));

    assert_eq!(a.state().shared.watermark(), &vector(&[("a", 3)]));
    assert_eq!(a.state().shared.iter().count(), 1);
    assert!(!a.reconcile(&b, 1000).unwrap().changed, "I7");
    b.reconcile(&a, 1000).unwrap();
    assert_eq!(b.digest(), a.digest());
}

/// R11.4: a given watermark is compared with the vector and all acknowledgements.
#[test]
fn r11_4_not_acknowledged() {
    let (mut a, mut b, mut c) = (open("a"), open("b"), open("c"));
    a.put(b"k", &[1], None, 1000).unwrap();
    a.delete(b"k", 1000).unwrap();
    b.reconcile(&a, 1000).unwrap();
    a.reconcile(&b, 1000).unwrap();
    a.put(b"l", &[1], None, 1000).unwrap();
    c.reconcile(&a, 1000).unwrap();
    a.reconcile(&c, 1000).unwrap();
    let hint = "reconcile with all members first";

    assert_rejected(
        a.gc(Some(&vector(&[("a", 3)]))),
        Class::NotAcknowledged,
        ("6100000000", 0, "at most 2", "3", hint),
    );
    let both = vector(&[("b", 1), ("c", 1)]);
    assert_rejected(
        a.gc(Some(&both)),
        Class::NotAcknowledged,
        ("6200000000", 0, "at most 0", "1", hint),
    );
    assert_eq!(a.gc(Some(&vector(&[("a", 1)]))), Ok(0));
    assert_eq!(a.gc(Some(&vector(&[("a", 2)]))), Ok(1));
    assert_eq!(a.gc(Some(&Vector::default())), Ok(0));
    assert_eq!(a.state().shared.watermark(), &vector(&[("a", 2)]));
}

/// R10.3: a replica migrates only to neighbouring schemas.
#[test]
fn r10_3_too_far() {
    let assert_too_far = |schema, to, expected: &str, got: &str| {
        let detail = ("schema", 0, expected, got, "migrate step by step");
        assert_rejected(
            open_at("a", schema).migrate(to, "r", "a"),
            Class::TooFar,
            detail,
        );
    };
    assert_too_far(Schema::One, 3, "schema 1 to 2", "schema 3");
    assert_too_far(Schema::Two, 2, "schema 1 to 3", "schema 2");
    assert_too_far(Schema::Three, 1, "schema 2 to 3", "schema 1");
    assert_too_far(Schema::Three, 4, "schema 2 to 3", "schema 4");
    assert_too_far(Schema::One, 0, "schema 1 to 2", "schema 0");
}

/// R10.3, R10.4: a migration down and up again does not change the export; the chain contains both.
#[test]
fn r10_3_migrations() {
    let mut a = open("a");
    a.put(b"k", &[1], Some("x"), 1000).unwrap();
    a.put(b"l", &[1], None, 1000).unwrap();
    a.delete(b"l", 1000).unwrap();
    let (export, digest) = (a.export(), a.digest());
    let head = |before: [u8; 32], from, to| {
        let content = [&before[..], &[from, to], &l(b"why"), &l(b"who"), &[from]].concat();
        hash("reconcile/migration", &content)
    };

    let first = head([0; 32], 3, 2);
    assert_eq!(a.migrate(2, "why", "who"), Ok(first));
    assert_eq!(a.digest(), digest, "R6.7");
    assert_ne!(a.export(), export);
    assert_eq!(a.migrate(3, "why", "who"), Ok(head(first, 2, 3)));

    assert_eq!(a.export(), export);
    let chain: Vec<_> = a
        .state()
        .local
        .chain
        .iter()
        .map(|link| (link.from, link.to, link.rollback))
        .collect();
    let (two, three) = (Schema::Two, Schema::Three);
    assert_eq!(chain, [(three, two, three), (two, three, two)]);
    let reopened = open_on(a.storage().clone(), "a", Schema::One);
    assert_eq!(whole(&reopened), whole(&a));
}

/// R4.9, R8.4: the flag is kept in the log.
#[test]
fn r4_9_set_flag() {
    let mut a = open("a");
    let digest = a.digest();
    for flag in [Flag::On, Flag::Shadow, Flag::Off] {
        a.set_flag(flag).unwrap();
        assert_eq!(a.state().local.flag, flag);
        let reopened = open_on(a.storage().clone(), "a", Schema::Three);
        assert_eq!(reopened.state().local, a.state().local);
    }
    assert_eq!(a.digest(), digest);
}
