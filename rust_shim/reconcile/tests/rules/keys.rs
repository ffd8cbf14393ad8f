//! Section 4: operations on keys.

use reconcile::{Class, Clock, Memory, Origin, Schema};

use crate::support::*;

/// R4.1, R4.4, R1.3: a put returns the next dot of the present origin, and a later clock.
#[test]
fn r4_4_a_write() {
    let mut a = open("a");

    let first = a.put(b"k", &[1], None, 1000).unwrap();
    let second = a.put(b"k", &[2], Some("x"), 1000).unwrap();

    assert_eq!(first.dot.origin, Origin::from_bytes(b"a\0\0\0\0").unwrap());
    assert_eq!((first.dot.counter, first.clock), (1, Clock::new(1000, 0)));
    assert_eq!((second.dot.counter, second.clock), (2, Clock::new(1000, 1)));
    assert_eq!(a.state().shared.get(b"k").len(), 1);
    assert_eq!(a.get(b"k").unwrap().values[0].as_bytes(), [2]);
    assert_eq!(a.get(b"k").unwrap().label.as_deref(), Some("x"));
}

/// R4.1: a value over 1,024 bytes is rejected before it is read.
#[test]
fn r4_1_too_large() {
    let mut a = open("a");
    let detail = |got| ("value", 0, "at most 1024", got, "check the limits");

    assert_rejected(
        a.put(b"k", &[0xff; 1025], None, 1),
        Class::TooLarge,
        detail("1025"),
    );

    let longest = [&[0x59, 0x03, 0xfd][..], &[0; 1021]].concat();
    assert!(a.put(b"k", &longest, None, 1).is_ok());
}

/// R4.1, R11.3: a value is a body of its own: its paths and its offsets begin at the value.
#[test]
fn r4_1_malformed_value() {
    let mut a = open("a");
    let cut = ("", 0, "a whole item", "the end", "the bytes were cut short");
    let trailing = (
        "",
        1,
        "the end",
        "1 more bytes",
        "one message holds one body",
    );
    let inner = (
        "/6162/0",
        5,
        "at most 0",
        "1",
        "the length is larger than what follows",
    );

    assert_rejected(a.put(b"k", &[], None, 1), Class::Malformed, cut);
    assert_rejected(a.put(b"k", &[0, 0], None, 1), Class::Malformed, trailing);
    assert_rejected(
        a.put(b"k", &[0xa1, 0x62, 0x61, 0x62, 0x81, 0x41], None, 1),
        Class::Malformed,
        inner,
    );
}

/// R4.1: a counter accepts integers that are not negative, and nothing else.
#[test]
fn r4_1_wrong_kind() {
    let mut a = open("a");
    for (value, got) in [
        (&[0x20][..], "negative integer"),
        (&[0xf5], "true"),
        (&[0x60], "text string"),
    ] {
        let detail = (
            "value",
            0,
            "unsigned integer",
            got,
            "this prefix holds counters",
        );
        assert_rejected(a.put(b"c", value, None, 1), Class::WrongKind, detail);
    }
    assert!(a.put(b"c", &[0], None, 1).is_ok());
}

/// R4.1: labels are rejected at schema 1, after the check of the kind of a counter.
#[test]
fn r4_1_needs_schema() {
    let mut a = open_at("a", Schema::One);
    let detail = (
        "label",
        0,
        "schema 2 or later",
        "schema 1",
        "migrate before using labels",
    );

    assert_rejected(a.put(b"k", &[0], Some("x"), 1), Class::NeedsSchema, detail);
    assert_eq!(
        a.put(b"c", &[0x20], Some("x"), 1).unwrap_err().class,
        Class::WrongKind
    );
    assert!(
        open_at("a", Schema::Two)
            .put(b"k", &[0], Some("x"), 1)
            .is_ok()
    );
}

/// R4.2: only a key with a visible value can be deleted.
#[test]
fn r4_2_delete() {
    let mut a = open("a");
    let absent = ("6b", 0, "a visible value", "none", "");
    assert_rejected(a.delete(b"k", 1), Class::Absent, absent);
    a.put(b"k", &[1], None, 1).unwrap();

    assert_eq!(a.delete(b"k", 1).unwrap().dot.counter, 2);

    assert_rejected(a.delete(b"k", 1), Class::Absent, absent);
    assert_rejected(a.get(b"k"), Class::Absent, absent);
    let entries = a.state().shared.get(b"k");
    assert_eq!((entries.len(), entries[0].is_tombstone()), (1, true));
}

/// R4.3: a counter starts at 0, also after it was deleted.
#[test]
fn r4_3_increase() {
    let mut a = open("a");

    assert_eq!(a.increase(b"c", 7, 1), Ok(7));
    assert_eq!(a.increase(b"c", 300, 1), Ok(307));
    assert_eq!(
        a.get(b"c").unwrap().values[0].as_bytes(),
        [0x19, 0x01, 0x33]
    );
    a.delete(b"c", 1).unwrap();
    assert_eq!(a.increase(b"c", 2, 1), Ok(2));
}

/// R4.3: counters do not wrap, and other keys cannot be increased.
#[test]
fn r4_3_rejected() {
    let mut a = open("a");
    for (key, path, policy) in [(b"k", "6b", "last"), (b"m", "6d", "multi")] {
        let detail = (
            path,
            0,
            "a counter",
            policy,
            "this prefix does not hold counters",
        );
        assert_rejected(a.increase(key, 1, 1), Class::WrongKind, detail);
    }
    let most = i64::MAX as u64;
    assert_eq!(a.increase(b"c", most, 1), Ok(most));
    let detail = |got| {
        (
            "63",
            0,
            "at most 9223372036854775807",
            got,
            "counters do not wrap",
        )
    };
    assert_rejected(
        a.increase(b"c", 1, 1),
        Class::Overflow,
        detail("9223372036854775808"),
    );
    assert_rejected(
        a.increase(b"c", most, 1),
        Class::Overflow,
        detail("18446744073709551614"),
    );
}

/// R4.4: an origin that has used its last dot is exhausted; a rollback begins another origin.
#[test]
fn r4_4_exhausted() {
    let record = crate::logs::record("a", &[(origin("a", 0), i64::MAX as u64)]);
    let mut a = open_on(Memory::new(crate::logs::log(&[record])), "a", Schema::Three);
    let hint = "roll back to begin a new epoch";
    let detail = (
        "6100000000",
        0,
        "at most 9223372036854775807",
        "9223372036854775808",
        hint,
    );

    assert_rejected(a.put(b"k", &[1], None, 1), Class::Exhausted, detail);

    let snapshot = a.snapshot();
    a.rollback(&snapshot).unwrap();
    assert_eq!(a.put(b"k", &[1], None, 1).unwrap().dot.counter, 1);
}

/// R4.5: visible values are ordered by their bytes, with duplicates; the label is that of the last put.
#[test]
fn r4_5_visible_values() {
    let label = |label, write| Write {
        label: Some(label),
        ..write
    };
    let late = Write {
        origin: origin("b", 1),
        ..put("b", 1, 5, &[0x02])
    };
    let siblings = [
        label("early", put("b", 1, 4, &[0x02])),
        label("late", late),
        put("c", 1, 3, &[0x01]),
        tombstone("c", 2, 9),
    ];
    let mut a = open("a");
    a.import(&doc(&[("m", &siblings)]).encode(), 1).unwrap();

    let visible = a.get(b"m").unwrap();

    assert_eq!(
        visible
            .values
            .iter()
            .map(|value| value.as_bytes())
            .collect::<Vec<_>>(),
        [[1], [2], [2]]
    );
    assert_eq!(visible.label.as_deref(), Some("late"));
}

/// R4.5: at schema 1, labels are kept and not visible.
#[test]
fn r4_5_no_label_at_schema_1() {
    let mut a = open_at("a", Schema::Two);
    a.put(b"k", &[1], Some("x"), 1).unwrap();
    a.migrate(1, "r", "a").unwrap();
    assert_eq!(a.get(b"k").unwrap().label, None);
    a.migrate(2, "r", "a").unwrap();
    assert_eq!(a.get(b"k").unwrap().label.as_deref(), Some("x"));
}

/// R4.6: a scan returns visible keys with a prefix, in byte order, up to a limit.
#[test]
fn r4_6_scan() {
    let mut a = open("a");
    for key in ["l", "ka", "k", "kb", "j", "k\0z"] {
        a.put(key.as_bytes(), &[1], None, 1).unwrap();
    }
    a.delete(b"ka", 1).unwrap();
    let keys = |prefix: &[u8], limit| -> Vec<Vec<u8>> {
        a.scan(prefix, limit)
            .unwrap()
            .into_iter()
            .map(|(key, _)| key.as_bytes().to_vec())
            .collect()
    };

    assert_eq!(keys(b"k", 64), [&b"k"[..], b"k\0z", b"kb"]);
    assert_eq!(keys(b"k", 2), [&b"k"[..], b"k\0z"]);
    assert_eq!(keys(b"", 1), [b"j"]);
    assert_eq!(keys(b"x", 1), [[]; 0]);
}

/// R4.7, R3.3: a tick moves the clock and nothing else.
#[test]
fn r4_7_tick() {
    let mut a = open("a");
    let before = a.digest();

    assert_eq!(a.tick(5), Ok(Clock::new(5, 0)));
    assert_eq!(a.tick(4), Ok(Clock::new(5, 1)));
    assert_eq!(a.digest(), before);
}

/// R4.8, R6.5: a diff returns the children that differ.
#[test]
fn r4_8_diff() {
    let (mut a, b) = (open("a"), open("b"));
    assert!(a.diff(&b.digest()).equal);
    assert_eq!(a.diff(&b.digest()).children, [0; 0]);
    a.put(b"k", &[1], None, 1).unwrap();

    let diff = a.diff(&b.digest());

    assert!(!diff.equal);
    assert_eq!(diff.children, [hash("reconcile/path", b"k")[0] >> 4]);
}

/// R3.5: a write is rejected when the count of the millisecond is full, and accepted in the next millisecond.
#[test]
fn r3_5_clock_overflow() {
    let mut document = doc(&[("k", &[put("b", 1, 50, &[1])])]);
    document.clock = (50, 65534);
    let mut a = open("a");
    a.import(&document.encode(), 50).unwrap();
    assert_eq!(a.state().local.clock, Clock::new(50, 65535));
    let detail = (
        "clock",
        0,
        "0 to 65535",
        "65536",
        "wait for the next millisecond",
    );

    assert_rejected(a.put(b"k", &[1], None, 50), Class::ClockOverflow, detail);
    assert_rejected(a.tick(50), Class::ClockOverflow, detail);
    assert!(a.put(b"k", &[1], None, 51).is_ok());
}

/// Section 4: arguments outside their bounds are rejected and change nothing.
#[test]
fn arguments_are_bounded() {
    let mut a = open("a");
    let before = whole(&a);
    let long = [b'k'; 65];
    let classes = [
        a.put(b"", &[1], None, 1).map(drop),
        a.put(&long, &[1], None, 1).map(drop),
        a.put(b"k", &[1], Some(&"x".repeat(33)), 1).map(drop),
        a.put(b"k", &[1], None, 1 << 48).map(drop),
        a.increase(b"c", 0, 1).map(drop),
        a.increase(b"c", 1 << 63, 1).map(drop),
        a.scan(&long, 1).map(drop),
        a.scan(b"", 0).map(drop),
        a.scan(b"", 65).map(drop),
        a.migrate(2, "", "a").map(drop),
        a.migrate(2, &"r".repeat(129), "a").map(drop),
        a.migrate(2, "r", &"a".repeat(33)).map(drop),
    ]
    .map(|result| result.unwrap_err().class);

    assert_eq!(classes, [Class::Malformed; 12]);
    assert_eq!(whole(&a), before);
}

/// Section 4: bounds are checked before the content of arguments, and their rejections are not in the audit log.
#[test]
fn bounds_come_first() {
    let mut a = open("a");
    let long = "x".repeat(33);
    let path = |result: reconcile::Result<reconcile::Written>| result.unwrap_err().path;

    assert_eq!(path(a.put(b"", &[0xff; 1025], Some(&long), 1 << 48)), "key");
    assert_eq!(
        path(a.put(b"k", &[0xff; 1025], Some(&long), 1 << 48)),
        "label"
    );
    assert_eq!(path(a.put(b"k", &[0xff; 1025], None, 1 << 48)), "now");
    let detail = (
        "now",
        0,
        "0 to 281474976710655",
        "281474976710656",
        "check the limits",
    );
    assert_rejected(a.import(b"", 1 << 48), Class::Malformed, detail);
    assert_rejected(a.reconcile(&open("b"), 1 << 48), Class::Malformed, detail);
    assert_eq!(a.audit().len(), 0);
}
