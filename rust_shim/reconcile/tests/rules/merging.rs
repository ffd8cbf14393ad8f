//! Section 5: merging, seen through imports.

use reconcile::{Clock, Origin};

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

/// R5.2: of an entry that one side lacks, its vector says whether it was replaced.
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

/// R5.4: `last` is told by the clock, then the origin, then the counter.
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

/// R5.4: `counter` is told by the number first; a tombstone is less than 0.
#[test]
fn r5_4_counter() {
    let winner = |one: Write, other: Write| {
        let mut a = open("a");
        import(&mut a, &doc(&[("c", &[one])]));
        import(
            &mut a,
            &Doc {
                writer: "c",
                ..doc(&[("c", &[other])])
            },
        );
        a.state().shared.get(b"c")[0].dot.origin.as_bytes()[0]
    };
    for (one, other, kept) in [
        (put("b", 1, 5, &[0x18, 0xff]), put("c", 1, 6, &[2]), b'b'),
        (
            put("b", 1, 5, &[0x19, 1, 0]),
            put("c", 1, 6, &[0x18, 0xff]),
            b'b',
        ),
        (put("b", 1, 5, &[0]), tombstone("c", 1, 6), b'b'),
        (put("b", 1, 5, &[7]), put("c", 1, 6, &[7]), b'c'),
    ] {
        assert_eq!(winner(one.clone(), other.clone()), kept);
        assert_eq!(winner(other, one), kept);
    }
}

/// R5.4: `multi` keeps all, tombstones among them.
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

/// R5.5: tombstones that the joined watermark covers go, and keys without entries with them.
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

/// R5.2, I7: what was collected does not come back with an old document.
#[test]
fn r5_2_collected_stays_away() {
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

/// R5.6, I1: a merge receives the clock; a repeated one leaves it, and the state, as they are.
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
        "R8.1: the step is logged all the same"
    );
}

/// R5.7: what another member's part has seen is acknowledged, also where nothing changed; one's own is not.
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

/// R5.8: what is taken and what is dropped are counted by entries.
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
