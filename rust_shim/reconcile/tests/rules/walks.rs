//! Section 9: two algorithms with one result, and what an asker does with wrong messages.

use std::cell::RefCell;

use reconcile::{
    Algorithm, Class, Config, Fault, Flag, Hooks, Injected, Memory, Operation, Peer, Replica,
    Result, Schema, Stage, Table, Writer,
};

use crate::support::*;

fn filled(name: &str, keys: u16, now: u64) -> Engine {
    let mut replica = open(name);
    for key in 0..keys {
        replica.put(&key.to_be_bytes(), &[1], None, now).unwrap();
    }
    replica
}

/// `a` and `b` with `common` equal keys, and with some keys that differ.
fn pair(common: u16, own: u16) -> (Engine, Engine) {
    let (mut a, mut b) = (open("a"), filled("b", common, 1000));
    a.reconcile(&b, 1000).unwrap();
    for key in 0..own {
        a.put(&[b"a", &key.to_be_bytes()[..]].concat(), &[2], None, 1001)
            .unwrap();
        b.put(&[b"b", &key.to_be_bytes()[..]].concat(), &[3], None, 1001)
            .unwrap();
        b.put(&(key * 7 % common.max(1)).to_be_bytes(), &[4], None, 1001)
            .unwrap();
    }
    b.delete(&[0, 0], 1002).ok();
    (a, b)
}

fn with_flag(a: &Engine, flag: Flag) -> Engine {
    let mut a = open_on(a.storage().clone(), "a", Schema::Three);
    a.set_flag(flag).unwrap();
    a
}

/// R9.1 to R9.4, I15: with each flag, a reconcile has the same effect as an import of the export of the peer.
#[test]
fn r9_1_one_result() {
    for (common, own) in [
        (0, 0),
        (0, 1),
        (3, 1),
        (16, 0),
        (17, 1),
        (40, 40),
        (300, 1),
        (300, 20),
        (2000, 3),
    ] {
        let (a, b) = pair(common, own);
        let before = whole(&b);
        let mut imported = with_flag(&a, Flag::Off);
        let expected = imported.import(&b.export(), 1003).unwrap();
        for flag in [Flag::Off, Flag::Shadow, Flag::On] {
            let mut a = with_flag(&a, flag);

            assert_eq!(a.reconcile(&b, 1003).unwrap(), expected);

            assert_eq!(a.export(), imported.export());
            assert_eq!(
                a.state().local.acknowledgements,
                imported.state().local.acknowledgements
            );
            let record = *a.audit().last().unwrap();
            assert_eq!(
                (record.operation, record.class),
                (Operation::Reconcile, None)
            );
            assert_eq!(record.agreed, (flag == Flag::Shadow).then_some(true));
            let algorithm = if flag == Flag::On {
                Algorithm::V2
            } else {
                Algorithm::V1
            };
            assert_eq!(record.algorithm, algorithm);
            assert_eq!(record.v1.messages, if flag == Flag::On { 0 } else { 2 });
            assert_eq!(record.v2.messages > 0, flag != Flag::Off);
        }
        assert_eq!(whole(&b), before, "the peer is never changed");
    }
}

/// R9.6: if the digests are equal, the walk is one request and one part without nodes.
#[test]
fn r9_6_equal_digests() {
    let (mut a, b) = pair(300, 0);
    a.reconcile(&b, 1003).unwrap();
    a.set_flag(Flag::On).unwrap();

    assert!(!a.reconcile(&b, 1003).unwrap().changed);

    let cost = a.audit().last().unwrap().v2;
    assert_eq!(cost.messages, 2);
    assert!(cost.bytes < 300);
}

/// I16: the cost of a walk grows with the difference, and not with the state.
#[test]
fn i16_the_cost_of_a_walk_is_bounded() {
    let bytes = |keys| {
        let mut a = with_flag(&pair(keys, 2).0, Flag::On);
        a.reconcile(&pair(keys, 2).1, 1003).unwrap();
        a.audit().last().unwrap().v2.bytes
    };

    assert!(bytes(4000) < 3 * bytes(250));
}

/// A peer that records the requests, and changes the replies.
struct Tampering<'a> {
    peer: &'a Engine,
    asked: RefCell<Vec<Vec<u8>>>,
    tamper: &'a dyn Fn(usize, Vec<Vec<u8>>) -> Vec<Vec<u8>>,
}

impl<'a> Tampering<'a> {
    fn new(peer: &'a Engine, tamper: &'a dyn Fn(usize, Vec<Vec<u8>>) -> Vec<Vec<u8>>) -> Self {
        Self {
            peer,
            asked: RefCell::default(),
            tamper,
        }
    }
}

impl Peer for Tampering<'_> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        self.asked.borrow_mut().push(request.to_vec());
        let round = self.asked.borrow().len() - 1;
        self.peer
            .answer(request)
            .map(|replies| (self.tamper)(round, replies))
    }
}

/// R9.5, R9.10: requests have the bytes of the text, and all messages are counted.
#[test]
fn r9_5_requests() {
    let (a, b) = pair(300, 1);
    let counted = RefCell::new(0);
    let count = |_, replies: Vec<Vec<u8>>| {
        *counted.borrow_mut() += replies.iter().map(Vec::len).sum::<usize>();
        replies
    };
    let peer = Tampering::new(&b, &count);
    let mut a = with_flag(&a, Flag::On);
    let digest = a.digest().state;
    a.reconcile(&peer, 1003).unwrap();

    let table = [
        &[0, 0, 0, 2][..],
        &l(b"c"),
        &[2],
        &l(b"m"),
        &[1],
        &[0, 0, 0, 3],
        &l(b"a"),
        &l(b"b"),
        &l(b"c"),
    ]
    .concat();
    let table = hash("reconcile/table", &table)[..8].to_vec();
    let first = map([
        (0, bytes(&table)),
        (1, Uint(1)),
        (2, Uint(0)),
        (3, Array(vec![bytes("")])),
        (4, bytes(digest)),
    ]);
    let asked = peer.asked.borrow();
    assert_eq!(hex(&asked[0]), hex(&message(2, 3, &first.encode())));
    assert_eq!(
        a.audit().last().unwrap().v2.bytes as usize,
        asked.iter().map(Vec::len).sum::<usize>() + *counted.borrow()
    );
    let whole = map([
        (0, bytes(&table)),
        (1, Uint(0)),
        (2, Uint(0)),
        (3, Array(vec![])),
    ]);
    drop(asked);
    a.set_flag(Flag::Off).unwrap();
    a.reconcile(&peer, 1003).unwrap();
    assert_eq!(
        hex(peer.asked.borrow().last().unwrap()),
        hex(&message(2, 3, &whole.encode()))
    );
}

/// R9.5: a peer with another table rejects the step.
#[test]
fn r9_5_other_table() {
    let members = ["a", "b", "c"].map(|name| Writer::new(name.as_bytes()).unwrap());
    let other = Table::new(members, []).unwrap();
    let (expected, got) = (hex(&other.id()), hex(&table().id()));
    let config = Config {
        table: other,
        ..config("b", Schema::Three)
    };
    let b = Replica::open_with(Memory::default(), config, Injected(None)).unwrap();
    let detail = ("table", 0, &*expected, &*got, "give all replicas one table");
    for flag in [Flag::Off, Flag::On, Flag::Shadow] {
        let mut a = with_flag(&open("a"), flag);
        assert_rejected(a.reconcile(&b, 1), Class::OtherTable, detail);
        let record = a.audit().last().unwrap();
        assert_eq!(
            (record.class, record.v1.messages + record.v2.messages),
            (
                Some(Class::OtherTable),
                if flag == Flag::Shadow { 2 } else { 1 },
            )
        );
        assert_eq!(record.agreed, (flag == Flag::Shadow).then_some(true));
    }
}

/// R9.5, R10.2: a peer that does not accept the schema of the asker rejects the step.
#[test]
fn r10_2_too_far() {
    let b = open_at("b", Schema::One);
    let detail = (
        "schema",
        5,
        "schema 1 to 2",
        "schema 3",
        "migrate one of the two step by step",
    );
    for flag in [Flag::Off, Flag::On] {
        assert_rejected(
            with_flag(&open("a"), flag).reconcile(&b, 1),
            Class::TooFar,
            detail,
        );
    }
}

/// I14: replicas at neighbouring schemas reconcile with both algorithms, and lose nothing.
#[test]
fn i14_neighbours() {
    for (ours, theirs) in [(1, 2), (2, 1), (2, 3), (3, 2)] {
        for flag in [Flag::Off, Flag::On] {
            let schema = |number| Schema::from_number(number).unwrap();
            let (mut a, mut b) = (open_at("a", schema(ours)), open_at("b", schema(theirs)));
            for key in 0..40u8 {
                b.put(&[b'm', key], &[1], (theirs > 1).then_some("x"), 1000)
                    .unwrap();
            }
            b.delete(&[b'm', 0], 1000).unwrap();
            a.put(b"mine", &[1], None, 1000).unwrap();
            a.set_flag(flag).unwrap();
            a.reconcile(&b, 1000).unwrap();
            b.reconcile(&a, 1000).unwrap();
            assert_eq!(a.digest(), b.digest());
        }
    }
}

/// R2.3, R9.6: a walk accepts the deepest value and the deepest extras that a document may contain.
#[test]
fn r9_6_the_deepest_value_is_accepted() {
    let nested = [vec![0x81; 11], vec![0x80]].concat();
    let extras = vec![(16, nested.clone())];
    let document = doc(&[(
        "k",
        &[Write {
            extras,
            ..put("b", 1, 5, &nested)
        }],
    )]);
    let mut b = open("c");
    b.import(&document.encode(), 1000).unwrap();
    for flag in [Flag::Off, Flag::On, Flag::Shadow] {
        let mut a = with_flag(&open("a"), flag);
        assert_eq!(a.reconcile(&b, 1000).unwrap().digest, document.digest());
        assert_ne!(a.audit().last().unwrap().agreed, Some(false));
    }
}

/// R8.7: a lost message interrupts the step before any stage.
#[test]
fn r8_7_lost() {
    let (a, b) = pair(300, 1);
    for flag in [Flag::Off, Flag::On, Flag::Shadow] {
        let mut a = with_flag(&a, flag);
        let before = whole(&a);
        a.hooks_mut().0 = Some(Fault::Lost);
        assert_rejected(
            a.reconcile(&b, 1003),
            Class::Interrupted,
            ("none", 0, "synced", "lost", "try again"),
        );
        assert_eq!(whole(&a), before);
        let record = a.audit().last().unwrap();
        let used = if flag == Flag::On {
            record.v2
        } else {
            record.v1
        };
        assert_eq!((record.class, used.messages), (Some(Class::Interrupted), 1));
        assert_eq!(record.agreed, None, "R9.4");
    }
}

/// R8.7, R9.8: repeated and reordered messages change nothing, and are counted once.
#[test]
fn r9_8_repeated_and_reordered() {
    let (a, b) = pair(2000, 200);
    for flag in [Flag::Off, Flag::On, Flag::Shadow] {
        let mut expected = with_flag(&a, flag);
        let merge = expected.reconcile(&b, 1003).unwrap();
        for fault in [Fault::Repeated, Fault::Reordered] {
            let mut a = with_flag(&a, flag);
            a.hooks_mut().0 = Some(fault);
            assert_eq!(a.reconcile(&b, 1003).as_ref(), Ok(&merge));
            assert_eq!(whole(&a), whole(&expected));
            assert_eq!(a.audit().last(), expected.audit().last());
        }
    }
    assert!(with_flag(&a, Flag::On).audit().len() == 0);
}

/// R8.7, R9.9: a damaged digest is `digest_mismatch` with both algorithms, with the same detail.
#[test]
fn r9_9_damaged() {
    for (common, own) in [(0, 0), (5, 1), (300, 3)] {
        let (a, b) = pair(common, own);
        let mut digest = b.digest().state;
        let computed = hex(&digest);
        digest[31] = !digest[31];
        let announced = hex(&digest);
        for flag in [Flag::Off, Flag::On, Flag::Shadow] {
            let mut a = with_flag(&a, flag);
            let before = whole(&a);
            a.hooks_mut().0 = Some(Fault::Damaged);
            let detail = ("digest", 0, &*announced, &*computed, "ask again");
            assert_rejected(a.reconcile(&b, 1003), Class::DigestMismatch, detail);
            assert_eq!(whole(&a), before);
            assert_eq!(a.audit().last().unwrap().class, Some(Class::DigestMismatch));
            assert_eq!(a.audit().last().unwrap().agreed, None, "R9.4");
        }
    }
}

/// R9.1, R8.1: a halt at *received* precedes a rejection by a check, with both algorithms.
#[test]
fn r9_1_checks_reject_after_received() {
    let b = filled("b", 40, 100_000);
    for flag in [Flag::Off, Flag::On] {
        let mut a = with_flag(&open("a"), flag);
        let detail = (
            "clock",
            0,
            "at most 61000",
            "100000",
            "compare the clocks of the two machines",
        );
        assert_rejected(a.reconcile(&b, 1000), Class::ClockDrift, detail);
        a.hooks_mut().0 = Some(Fault::Halted(Stage::Received));
        assert_eq!(a.reconcile(&b, 1000).unwrap_err().class, Class::Interrupted);
        a.hooks_mut().0 = Some(Fault::Halted(Stage::Checked));
        assert_eq!(a.reconcile(&b, 1000).unwrap_err().class, Class::ClockDrift);
    }
}

/// R7.5 (4), R5.3: both algorithms detect two replicas that write under one name, with the same detail.
#[test]
fn r9_1_rejections_are_the_same() {
    let twin = |value: u8| {
        let mut b = filled("b", 60, 1000);
        b.put(b"k", &[value], None, 1001).unwrap();
        b
    };
    let rejections = |first: &dyn Fn(&mut Engine), peer: &Engine| {
        [Flag::Off, Flag::On].map(|flag| {
            let mut a = with_flag(&open("a"), flag);
            first(&mut a);
            a.reconcile(peer, 1002).unwrap_err()
        })
    };

    let [v1, v2] = rejections(&|a| assert!(a.reconcile(&twin(1), 1001).is_ok()), &twin(2));
    assert_eq!((v1.class, &v1), (Class::DotConflict, &v2));

    let mut b = open("b");
    b.reconcile(&filled("a", 40, 1000), 1000).unwrap();
    let [v1, v2] = rejections(&|_| (), &b);
    assert_eq!((v1.class, &v1), (Class::Inconsistent, &v2));
    assert_eq!(v1.hint, "another replica writes under this name");
}

/// R9.8: a round without one of its parts is `lost`; parts of earlier rounds are ignored.
#[test]
fn r9_8_parts() {
    let (a, b) = pair(2000, 200);
    let a = with_flag(&a, Flag::On);
    let outcome = |tamper: &dyn Fn(usize, Vec<Vec<u8>>) -> Vec<Vec<u8>>| {
        with_flag(&a, Flag::On).reconcile(&Tampering::new(&b, tamper), 1003)
    };
    let expected = outcome(&|_, replies| replies);
    let lost = |round, mut replies: Vec<Vec<u8>>| {
        if round == 2 {
            replies.pop();
        }
        replies
    };
    assert_rejected(
        outcome(&lost),
        Class::Interrupted,
        ("none", 0, "synced", "lost", "try again"),
    );
    let first = RefCell::new(Vec::new());
    let stale = |round, mut replies: Vec<Vec<u8>>| {
        if round == 1 {
            *first.borrow_mut() = replies.clone();
        } else if round > 1 {
            replies.splice(0..0, first.borrow().iter().cloned());
        }
        replies
    };
    assert_eq!(outcome(&stale), expected);
    assert!(expected.is_ok());
}

/// R9.9: a node with another hash than its parent announced is `digest_mismatch`, and changes nothing.
#[test]
fn r9_9_a_changed_node() {
    let (a, b) = pair(2000, 20);
    let announced = hex(&b.digest().state);
    for round in 0..3 {
        // The last byte of the last part is in a hash, or in the clock of an entry.
        let tamper = |at, mut replies: Vec<Vec<u8>>| {
            if at == round {
                *replies.last_mut().unwrap().last_mut().unwrap() ^= 1;
            }
            replies
        };
        let mut a = with_flag(&a, Flag::On);
        let before = whole(&a);
        let rejection = a.reconcile(&Tampering::new(&b, &tamper), 1003).unwrap_err();
        assert_eq!(
            (rejection.class, &rejection.expected),
            (Class::DigestMismatch, &announced)
        );
        assert_ne!(rejection.got, announced);
        assert_eq!(whole(&a), before);
    }
}

/// R2.4, I13: replies that are cut short or changed at random never panic, and change nothing.
#[test]
fn i13_wrong_replies_are_rejected() {
    let (a, b) = pair(300, 5);
    arbtest::arbtest(|choices| {
        let (round, flag) = (
            choices.int_in_range(0..=3)?,
            *choices.choose(&[Flag::Off, Flag::On])?,
        );
        let (at, change): (usize, u8) = (choices.arbitrary()?, choices.arbitrary()?);
        let tamper = |asked, mut replies: Vec<Vec<u8>>| {
            if asked == round {
                let place = at % 7 % replies.len();
                let reply = &mut replies[place];
                let at = at % reply.len();
                if change == 0 {
                    reply.truncate(at)
                } else {
                    reply[at] ^= change
                }
            }
            replies
        };
        let mut a = with_flag(&a, flag);
        let before = whole(&a);
        let outcome = a.reconcile(&Tampering::new(&b, &tamper), 1003);
        if outcome.is_err() {
            assert_eq!(whole(&a), before);
        }
        Ok(())
    })
    .budget_ms(2000);
}

/// R9.10: the log keeps the last 64 records and begins empty.
#[test]
fn r9_10_audit() {
    let (mut a, b) = pair(20, 1);
    a.import(b"", 1000).unwrap_err();
    assert_eq!(a.audit().last().unwrap().v1.bytes, 0);
    for _ in 0..70 {
        a.reconcile(&b, 1003).unwrap();
    }
    assert_eq!(a.audit().len(), 64);
    assert!(
        a.audit()
            .all(|record| record.operation == Operation::Reconcile && record.class.is_none())
    );
    assert_eq!(
        open_on(a.storage().clone(), "a", Schema::Three)
            .audit()
            .len(),
        0
    );
    let mut hooks = Injected(None);
    assert_eq!(hooks.now(5), 5);
}

/// R9.8: of two parts of one place the first counts; a part that claims another round is ignored.
#[test]
fn r9_8_the_first_part_counts() {
    let (a, b) = pair(2000, 200);
    let run = |tamper: &dyn Fn(usize, Vec<Vec<u8>>) -> Vec<Vec<u8>>| {
        with_flag(&a, Flag::On).reconcile(&Tampering::new(&b, tamper), 1003)
    };
    let changed_copies = |_, mut replies: Vec<Vec<u8>>| {
        let mut copies = replies.clone();
        copies
            .iter_mut()
            .for_each(|copy| *copy.last_mut().unwrap() ^= 1);
        replies.append(&mut copies);
        replies
    };
    assert_eq!(run(&changed_copies), run(&|_, replies| replies));
    let other_round = |round, mut replies: Vec<Vec<u8>>| {
        if round == 1 {
            // The header, the head of the map and the number of the field are before the round.
            assert_eq!(replies[0][8..11], [0xa4, 6, 1]);
            replies[0][10] = 2;
        }
        replies
    };
    assert_eq!(run(&other_round).unwrap_err().got, "lost");
}

/// A peer with given answers: a document for v1, one node for v2.
struct Scripted {
    document: Doc,
    root: Item,
    digest: [u8; 32],
}

impl Scripted {
    /// A peer whose root is a leaf.
    fn leaf(document: Doc) -> Self {
        let keys = document.fields()[5].1.clone();
        Self {
            digest: document.digest(),
            root: Array(vec![bytes(""), Uint(1), keys]),
            document,
        }
    }
}

impl Peer for Scripted {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        // The header, the head of the map and the field of the table are before the mode.
        if request[20] == 0 {
            return Ok(vec![self.document.encode()]);
        }
        let mut fields = self.document.fields()[..5].to_vec();
        fields.extend([
            (5, bytes(self.digest)),
            (6, Uint(0)),
            (7, Uint(0)),
            (8, Uint(1)),
        ]);
        fields.push((9, Array(vec![self.root.clone()])));
        Ok(vec![message(
            3,
            self.document.schema,
            &map(fields).encode(),
        )])
    }
}

/// R9.1: the checks of R7.5 reject a walk as they reject a document, with the same detail.
#[test]
fn r9_1_the_same_checks() {
    let change = |keys: &[(&str, &[Write])], change: fn(&mut Doc)| {
        let mut document = doc(keys);
        change(&mut document);
        document
    };
    let (one, two) = (
        [put("b", 1, 5, &[1])],
        [put("b", 1, 5, &[1]), put("c", 1, 6, &[1])],
    );
    let documents = [
        change(&[("k", &one)], |document| document.clock = (61_001, 0)),
        change(&[("k", &one)], |document| {
            document.vector.push((origin("d", 0), 1))
        }),
        change(&[("k", &one)], |document| document.writer = "d"),
        change(&[("k", &one)], |document| {
            document.watermark = vec![(origin("b", 0), 2)]
        }),
        change(&[("k", &one)], |document| document.vector = vec![]),
        change(&[("m", &two)], |document| document.clock = (5, 0)),
        change(&[("k", &[tombstone("b", 1, 5)])], |document| {
            document.watermark = document.vector.clone()
        }),
        change(&[("k", &two)], |_| ()),
        change(&[("c", &[put("b", 1, 5, &[0x20])])], |_| ()),
        change(&[("k", &one)], |document| {
            document.vector.insert(0, (origin("a", 0), 1))
        }),
        change(&[("k", &[put("c", 7, 5, &[2])])], |_| ()),
        change(&[("z", &[put("c", 7, 5, &[1])])], |_| ()),
    ];
    for document in documents {
        let peer = Scripted::leaf(document.clone());
        let [imported, v1, v2] = [None, Some(Flag::Off), Some(Flag::On)].map(|flag| {
            let mut a = with_flag(&open("a"), flag.unwrap_or_default());
            a.import(&doc(&[("k", &[put("c", 7, 5, &[1])])]).encode(), 1000)
                .unwrap();
            let before = whole(&a);
            let outcome = match flag {
                None => a.import(&document.encode(), 1000),
                Some(_) => a.reconcile(&peer, 1000),
            };
            assert_eq!(whole(&a), before);
            outcome.unwrap_err()
        });
        assert_eq!(v1, imported);
        assert_eq!(v2, imported);
    }
}

/// R9.9: nodes with the announced hashes that form no valid tree are `digest_mismatch`.
#[test]
fn r9_9_no_canonical_tree() {
    let document = doc(&[]);
    let empty = node(&[], 0);
    let branch = hash("reconcile/branch", &[empty; 16].concat());
    let vector = vector_item(&document.vector).encode();
    let digest = hash(
        "reconcile/state",
        &[&branch, &l(&vector)[..], &l(&vector)].concat(),
    );
    let children = Array(vec![bytes(empty); 16]);
    let root = Array(vec![bytes(""), Uint(0), children]);
    let (announced, computed) = (hex(&digest), hex(&document.digest()));
    let mut a = with_flag(&open("a"), Flag::On);

    let outcome = a.reconcile(
        &Scripted {
            document,
            root,
            digest,
        },
        1000,
    );

    assert_rejected(
        outcome,
        Class::DigestMismatch,
        ("digest", 0, &*announced, &*computed, "ask again"),
    );
}
