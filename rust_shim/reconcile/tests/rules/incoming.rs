//! R7.5 and R5.3: the checks of an incoming part.

use reconcile::{Algorithm, Class, Operation};

use crate::support::*;

#[track_caller]
fn assert_import_rejected(document: &Doc, class: Class, detail: (&str, u64, &str, &str, &str)) {
    let mut a = open("a");
    a.put(b"own", &[1], None, 1000).unwrap();
    let before = whole(&a);

    assert_rejected(a.import(&document.encode(), 1000), class, detail);

    assert_eq!(whole(&a), before);
    let record = a.audit().last().unwrap();
    assert_eq!(
        (record.operation, record.class),
        (Operation::Import, Some(class))
    );
    assert_eq!((record.algorithm, record.v1.messages), (Algorithm::V1, 1));
    assert_eq!(record.v1.bytes, document.encode().len() as u64);
}

fn one() -> Doc {
    doc(&[("k", &[put("b", 1, 5, &[1])])])
}

/// R7.5 (1), R3.6: a clock that is a minute and a millisecond ahead is rejected.
#[test]
fn r7_5_1_drift() {
    let mut document = one();
    document.clock = (61_001, 0);
    let detail = (
        "clock",
        0,
        "at most 61000",
        "61001",
        "compare the clocks of the two machines",
    );

    assert_import_rejected(&document, Class::ClockDrift, detail);

    document.clock = (61_000, 65534);
    assert!(open("a").import(&document.encode(), 1000).is_ok());
}

/// R7.5 (2): the writers in the vector and in the watermark, and the writer of the document, are members.
#[test]
fn r7_5_2_members() {
    let detail = |path, got| (path, 0, "a member", got, "the members are fixed");
    let mut document = one();
    document
        .vector
        .extend([(origin("d", 0), 1), (origin("e", 0), 1)]);
    assert_import_rejected(&document, Class::Inconsistent, detail("vector", "64"));
    let mut document = one();
    document.watermark = vec![(origin("dd", 7), 1)];
    assert_import_rejected(&document, Class::Inconsistent, detail("watermark", "6464"));
    let mut document = one();
    document.writer = "d";
    assert_import_rejected(&document, Class::Inconsistent, detail("writer", "64"));
}

/// R7.5 (3): the watermark is a part of the vector.
#[test]
fn r7_5_3_watermark() {
    let hint = "a watermark is a part of the vector";
    let mut document = one();
    document.watermark = vec![(origin("b", 0), 2)];
    assert_import_rejected(
        &document,
        Class::Inconsistent,
        ("watermark", 0, "at most 1", "2", hint),
    );
    document.watermark = vec![(origin("c", 0), 1)];
    assert_import_rejected(
        &document,
        Class::Inconsistent,
        ("watermark", 0, "at most 0", "1", hint),
    );
}

/// R7.5 (6): the vector covers each dot, checked in the bytewise order of keys.
#[test]
fn r7_5_6_covered() {
    let mut document = doc(&[
        ("kk", &[put("b", 7, 5, &[1])]),
        ("l", &[put("b", 8, 5, &[1])]),
    ]);
    document.vector = vec![(origin("b", 0), 6)];
    let detail = (
        "/5/6b6b/0",
        0,
        "a dot that the vector covers",
        "6200000000:7",
        "the vector holds every write",
    );
    assert_import_rejected(&document, Class::Inconsistent, detail);
}

/// R7.5 (7): no entry has a later clock than the part.
#[test]
fn r7_5_7_clocks() {
    let mut document = doc(&[("m", &[put("b", 1, 5, &[1]), put("c", 1, 6, &[1])])]);
    document.clock = (5, 7);
    let (expected, got) = ("at most 0000000000050007", "0000000000060000");
    assert_import_rejected(
        &document,
        Class::Inconsistent,
        ("/5/6d/1", 0, expected, got, "a clock holds every write"),
    );
}

/// R7.5 (8), R1.7: the watermark covers no tombstone.
#[test]
fn r7_5_8_collected() {
    let mut document = doc(&[("k", &[tombstone("b", 3, 5)])]);
    document.watermark = vec![(origin("b", 0), 3)];
    let detail = (
        "/5/6b/0",
        0,
        "no collected tombstone",
        "6200000000:3",
        "collect before writing",
    );
    assert_import_rejected(&document, Class::Inconsistent, detail);
    document.watermark[0].1 = 2;
    assert!(open("a").import(&document.encode(), 1000).is_ok());
}

/// R7.5 (9): each key is in the normal form of its policy.
#[test]
fn r7_5_9_normal_form() {
    let hint = "policies must agree";
    let siblings = [put("b", 1, 5, &[1]), put("c", 1, 5, &[1])];
    assert_import_rejected(
        &doc(&[("k", &siblings)]),
        Class::Inconsistent,
        ("/5/6b", 0, "one entry", "2", hint),
    );
    let text = doc(&[("c", &[put("b", 1, 5, &[0x60])])]);
    assert_import_rejected(
        &text,
        Class::Inconsistent,
        ("/5/63/0", 0, "unsigned integer", "text string", hint),
    );
    assert!(
        open("a")
            .import(&doc(&[("m", &siblings)]).encode(), 1000)
            .is_ok()
    );
    assert!(
        open("a")
            .import(&doc(&[("c", &[tombstone("b", 1, 5)])]).encode(), 1000)
            .is_ok()
    );
}

/// R7.5 (4): no other replica writes under the name of the reader; writes of its earlier epochs may come back.
#[test]
fn r7_5_4_own_writes() {
    let hint = "another replica writes under this name";
    let mut document = one();
    document.vector = vec![(origin("a", 0), 2), (origin("b", 0), 1)];
    assert_import_rejected(
        &document,
        Class::Inconsistent,
        ("vector", 0, "at most 1", "2", hint),
    );
    document.vector[0] = (origin("a", 1), 1);
    assert_import_rejected(
        &document,
        Class::Inconsistent,
        ("vector", 0, "at most 0", "1", hint),
    );
    document.vector[0] = (origin("a", 0), 1);
    assert!(
        open("a")
            .import(&document.encode(), 1000)
            .is_err_and(|r| r.class == Class::Inconsistent)
    );

    let mut a = open("a");
    let snapshot = a.snapshot();
    a.put(b"k", &[1], None, 1000).unwrap();
    let before = a.export();
    a.rollback(&snapshot).unwrap();
    assert!(a.import(&before, 1000).unwrap().changed);
    assert_eq!(a.get(b"k").unwrap().values[0].as_bytes(), [1]);
}

/// R7.5 (5): the announced digest equals the computed one.
#[test]
fn r7_5_5_digest() {
    let document = one();
    let mut message = document.encode();
    *message.last_mut().unwrap() ^= 0xff;
    let mut announced = document.digest();
    announced[31] ^= 0xff;
    let (expected, got) = (hex(&announced), hex(&document.digest()));
    let mut a = open("a");

    assert_rejected(
        a.import(&message, 1000),
        Class::DigestMismatch,
        ("digest", 0, &expected, &got, "ask again"),
    );

    assert_eq!(a.audit().last().unwrap().class, Some(Class::DigestMismatch));
}

/// R7.5: of several faults, the first check reports; each check covers all keys before the next check begins.
#[test]
fn r7_5_order_of_checks() {
    let mut document = doc(&[
        ("k", &[put("b", 1, 6, &[1])]),
        ("l", &[put("b", 9, 5, &[1])]),
    ]);
    document.vector = vec![(origin("a", 0), 9), (origin("b", 0), 8)];
    document.clock = (5, 0);
    let path = |message: &[u8]| open("a").import(message, 1).unwrap_err().path;
    let damaged = |document: &Doc| {
        let mut message = document.encode();
        *message.last_mut().unwrap() ^= 1;
        message
    };

    assert_eq!(path(&damaged(&document)), "vector");
    document.vector.remove(0);
    assert_eq!(path(&damaged(&document)), "digest");
    assert_eq!(path(&document.encode()), "/5/6c/0");
    document.vector[0].1 = 9;
    assert_eq!(path(&document.encode()), "/5/6b/0");
}

/// R5.3, R7.5 (10): a dot that identifies two writes is a conflict, under one key or under two.
#[test]
fn r5_3_dot_conflict() {
    let mut a = open("a");
    a.import(
        &doc(&[
            ("l", &[put("b", 1, 5, &[1])]),
            ("z", &[put("b", 2, 5, &[1])]),
        ])
        .encode(),
        1000,
    )
    .unwrap();
    let before = whole(&a);
    let hint = "two replicas wrote as one";
    let mut conflict = |document: &Doc, path: &str, dot: &str| {
        let detail = (path, 0, "one write for each dot", dot, hint);
        assert_rejected(
            a.import(&document.encode(), 1000),
            Class::DotConflict,
            detail,
        );
        assert_eq!(whole(&a), before);
    };

    conflict(
        &doc(&[("l", &[put("b", 1, 5, &[2])])]),
        "6c",
        "6200000000:1",
    );
    conflict(
        &doc(&[("k", &[put("b", 1, 5, &[1])])]),
        "6b",
        "6200000000:1",
    );
    let both = doc(&[
        ("k", &[put("b", 2, 5, &[1])]),
        ("l", &[put("b", 1, 5, &[2])]),
    ]);
    conflict(&both, "6b", "6200000000:2");
    let twice = doc(&[
        ("x", &[put("c", 1, 5, &[1])]),
        ("y", &[put("c", 1, 5, &[1])]),
    ]);
    conflict(&twice, "79", "6300000000:1");
}

/// R5.3: a dot whose entry was replaced conflicts with nothing.
#[test]
fn r5_3_replaced_dots_do_not_conflict() {
    let mut a = open("a");
    a.import(&doc(&[("l", &[put("b", 1, 5, &[1])])]).encode(), 1000)
        .unwrap();
    a.import(&doc(&[("l", &[put("b", 2, 6, &[1])])]).encode(), 1000)
        .unwrap();

    let merge = a
        .import(&doc(&[("k", &[put("b", 1, 5, &[1])])]).encode(), 1000)
        .unwrap();

    assert!(!merge.changed);
}
