//! Section 5: merges, tested by imports.

use reconcile::{Class, Clock, Origin};

use crate::support::*;

fn import(a: &mut Engine, document: &Doc) -> reconcile::Merge {
    a.import(&document.encode(), 1000).unwrap()
}

fn counters(a: &Engine, key: &str) -> Vec<u64> {
    a.state()
        .shared
        .get(key.as_bytes())
        .iter()
        .map(|entry| entry.dot.counter)
        .collect()
}

/// R5.2: an entry that one side lacks was replaced if the vector of that side covers its dot.
#[test]
fn r5_2_replaced_or_unseen() {
    let mut a = open("a");
    import(
        &mut a,
        &doc(&[("m", &[put("b", 2, 5, &[1]), put("c", 1, 5, &[1])])]),
    );

    let mut document = doc(&[("m", &[put("b", 1, 4, &[1])])]);
    document.vector.push((origin("c", 0), 1));
    let merge = import(&mut a, &document);

    assert_eq!(counters(&a, "m"), [2]);
    assert_eq!((merge.changed, merge.taken, merge.dropped), (true, 0, 1));
}

/// R5.4: `last` keeps the entry with the greatest clock, then origin, then counter.
#[test]
fn r5_4_last() {
    let winner = |one: Write, other: Write| {
        let mut a = open("a");
        import(&mut a, &doc(&[("k", &[one])]));
        import(
            &mut a,
            &Doc {
                writer: "c",
                ..doc(&[("k", &[other])])
            },
        );
        let entry = &a.state().shared.get(b"k")[0];
        (entry.dot.origin.as_bytes()[0], entry.dot.counter)
    };
    for (one, other, kept) in [
        (put("b", 1, 6, &[1]), put("c", 1, 5, &[9]), (b'b', 1)),
        (put("b", 1, 5, &[9]), put("c", 1, 5, &[1]), (b'c', 1)),
        (put("b", 1, 5, &[9]), tombstone("c", 1, 6), (b'c', 1)),
    ] {
        assert_eq!(winner(one.clone(), other.clone()), kept);
        assert_eq!(winner(other, one), kept);
    }
}

/// R5.4, R4.5: `counter` keeps all entries, and the greatest number is read; a tombstone has no number.
#[test]
fn r5_4_counter() {
    let read = |one: Write, other: Write| {
        let mut a = open("a");
        import(&mut a, &doc(&[("c", &[one])]));
        import(
            &mut a,
            &Doc {
                writer: "c",
                ..doc(&[("c", &[other])])
            },
        );
        assert_eq!(a.state().shared.get(b"c").len(), 2);
        let values = a.get(b"c").unwrap().values;
        assert_eq!(a.scan(b"c", 1).unwrap()[0].1, values);
        assert_eq!(values.len(), 1);
        let increased = a.increase(b"c", 1, 1000).unwrap();
        assert_eq!(a.state().shared.get(b"c").len(), 1, "R4.4");
        increased - 1
    };
    for (one, other, greatest) in [
        (put("b", 1, 5, &[0x18, 0xff]), put("c", 1, 6, &[2]), 255),
        (
            put("b", 1, 5, &[0x18, 0xff]),
            put("c", 1, 6, &[0x19, 1, 0]),
            256,
        ),
        (put("b", 1, 5, &[3]), tombstone("c", 1, 6), 3),
        (put("b", 1, 5, &[7]), put("c", 1, 6, &[7]), 7),
    ] {
        assert_eq!(read(one.clone(), other.clone()), greatest);
        assert_eq!(read(other, one), greatest);
    }
}

/// I3: the result of a merge does not depend on its order, also after a write lowered a counter.
#[test]
fn i3_counters_that_are_lowered() {
    let documents = || {
        let (one, other) = (
            doc(&[("c", &[put("b", 1, 5, &[10])])]),
            doc(&[("c", &[put("c", 1, 5, &[7])])]),
        );
        let mut lowered = doc(&[("c", &[put("c", 3, 9, &[3])])]);
        lowered.vector = vec![(origin("b", 0), 1)];
        lowered.keys[0].1[0].origin = origin("b", 1);
        lowered.vector.push((origin("b", 1), 3));
        [
            one,
            Doc {
                writer: "c",
                ..other
            },
            lowered,
        ]
    };
    let merged = |order: [usize; 3]| {
        let mut a = open("a");
        order
            .iter()
            .for_each(|&at| assert!(a.import(&documents()[at].encode(), 1000).is_ok()));
        (
            a.digest(),
            a.get(b"c").unwrap().values[0].as_bytes().to_vec(),
        )
    };
    let expected = merged([0, 1, 2]);
    assert_eq!(expected.1, [7]);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(merged(order), expected);
    }
}

/// R5.4: `multi` keeps all entries, also tombstones.
#[test]
fn r5_4_multi() {
    let mut a = open("a");
    import(&mut a, &doc(&[("m", &[put("b", 3, 5, &[1])])]));
    import(
        &mut a,
        &Doc {
            writer: "c",
            ..doc(&[("m", &[tombstone("c", 1, 6)])])
        },
    );

    assert_eq!(counters(&a, "m"), [3, 1]);
    assert_eq!(a.get(b"m").unwrap().values.len(), 1);
}

/// R5.5: tombstones that the joined watermark covers are removed, and keys without entries with them.
#[test]
fn r5_5_watermark() {
    let mut a = open("a");
    import(
        &mut a,
        &doc(&[
            ("k", &[tombstone("b", 1, 5)]),
            ("m", &[tombstone("b", 2, 5), put("c", 1, 5, &[1])]),
        ]),
    );

    let mut document = Doc {
        writer: "c",
        ..doc(&[("m", &[put("c", 1, 5, &[1])])])
    };
    document.vector.insert(0, (origin("b", 0), 2));
    document.watermark = vec![(origin("b", 0), 2)];
    document.clock = (7, 0);
    let merge = import(&mut a, &document);

    assert_eq!((merge.taken, merge.dropped), (0, 2));
    assert_eq!(
        a.state()
            .shared
            .iter()
            .map(|(key, _)| key.as_bytes().to_vec())
            .collect::<Vec<_>>(),
        [b"m"]
    );
    assert_eq!(
        a.state()
            .shared
            .watermark()
            .get(&Origin::from_bytes(&origin("b", 0)).unwrap()),
        2
    );
    assert_eq!(a.digest().state, document.digest());
}

/// R5.2, I7: a collected key does not come back with an old document.
#[test]
fn r5_2_collected_keys_do_not_come_back() {
    let mut a = open("a");
    let old = doc(&[("k", &[put("b", 1, 5, &[1])])]);
    import(&mut a, &old);
    let mut collected = doc(&[]);
    collected.vector = vec![(origin("b", 0), 2)];
    collected.watermark = collected.vector.clone();
    import(&mut a, &collected);

    assert_eq!(import(&mut a, &old).taken, 0);
    assert_eq!(a.state().shared.iter().count(), 0);
}

/// R5.6, I1: a merge receives the clock; a repeated merge changes neither the clock nor the state.
#[test]
fn r5_6_clock_and_repetition() {
    let mut a = open("a");
    let document = doc(&[("k", &[put("b", 1, 2000, &[1])])]);
    let first = import(&mut a, &document);
    assert_eq!(
        (first.changed, first.taken, first.digest),
        (true, 1, document.digest())
    );
    assert_eq!(a.state().local.clock, Clock::new(2000, 1));
    let (export, local, log) = whole(&a);

    let second = import(&mut a, &document);

    assert_eq!(
        (second.changed, second.taken, second.dropped),
        (false, 0, 0)
    );
    assert_eq!((whole(&a).0, whole(&a).1), (export, local));
    assert!(
        whole(&a).2.len() > log.len(),
        "R8.1: a step without a change is logged"
    );
}

/// R5.7: the part of another member is acknowledged, also if it changes nothing; the own part is not.
#[test]
fn r5_7_acknowledgement() {
    let mut a = open("a");
    let document = doc(&[("k", &[put("b", 4, 5, &[1])])]);
    import(&mut a, &document);
    import(
        &mut a,
        &Doc {
            writer: "c",
            ..document.clone()
        },
    );
    let own = a.export();
    a.import(&own, 1000).unwrap();

    let acknowledged = &a.state().local.acknowledgements;
    let names: Vec<_> = acknowledged
        .keys()
        .map(|writer| writer.as_bytes().to_vec())
        .collect();
    assert_eq!(names, [b"b", b"c"]);
    assert!(
        acknowledged
            .values()
            .all(|vector| vector == a.state().shared.vector())
    );
}

/// R5.8: the counts of a merge are numbers of entries.
#[test]
fn r5_8_counts() {
    let mut a = open("a");
    import(
        &mut a,
        &doc(&[
            ("k", &[put("b", 1, 5, &[1])]),
            ("m", &[put("b", 2, 5, &[1])]),
        ]),
    );
    let mut document = doc(&[
        ("k", &[put("b", 3, 6, &[1])]),
        ("l", &[put("b", 4, 6, &[1])]),
    ]);
    document.keys.push((
        b"m".to_vec(),
        vec![put("b", 2, 5, &[1]), put("c", 1, 6, &[1])],
    ));
    document.vector.push((origin("c", 0), 1));

    let merge = import(&mut a, &document);

    assert_eq!(
        (merge.taken, merge.dropped, merge.digest),
        (3, 1, a.digest().state)
    );
}

/// R5.9: a step to a state over the limits is rejected, and changes nothing.
#[test]
fn r5_9_limits() {
    let epochs = |writer: &'static str, count: u32| {
        let write = |epoch| Write {
            origin: origin(writer, epoch),
            ..put(writer, 1, 5, &[1])
        };
        let writes: Vec<_> = (0..count).map(write).collect();
        Doc {
            writer,
            ..doc(&[("m", &writes)])
        }
    };
    let mut a = open("a");
    import(&mut a, &epochs("b", 200));
    import(&mut a, &epochs("c", 56));
    let before = whole(&a);
    let detail = ("6d", 0, "at most 256", "257", "check the limits");
    assert_rejected(
        a.import(&epochs("c", 57).encode(), 1000),
        Class::TooLarge,
        detail,
    );
    assert_eq!(whole(&a), before);

    let mut a = open("a");
    let mut full = doc(&[]);
    full.vector = (0..4096).map(|epoch| (origin("b", epoch), 1)).collect();
    import(&mut a, &full);
    let before = whole(&a);
    let detail = ("vector", 0, "at most 4096", "4097", "check the limits");
    assert_rejected(a.put(b"k", &[1], None, 1000), Class::TooLarge, detail);
    assert_eq!(whole(&a), before);
}
