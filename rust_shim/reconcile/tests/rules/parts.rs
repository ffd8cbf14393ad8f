//! R9.6 to R9.9: which parts of a reply an asker accepts, and how it checks them.

use std::cell::Cell;

use reconcile::{Class, Fault, Flag, Peer, Result, Schema};

use crate::support::*;

/// A part of a reply: its bytes before the numbers, its numbers, and its nodes.
#[derive(Clone)]
struct Part {
    before: Vec<u8>,
    numbers: [u64; 3],
    nodes: Vec<u8>,
}

/// The encoding of an empty list of nodes.
const NO_NODES: [u8; 1] = [0x80];

impl Part {
    fn read(message: &[u8], round: u8, part: u8, parts: u8) -> Self {
        let numbers = [6, round, 7, part, 8, parts, 9];
        let at = message
            .windows(7)
            .position(|window| window == numbers)
            .expect("numbers of one byte");
        Self {
            before: message[..at].to_vec(),
            numbers: [round, part, parts].map(u64::from),
            nodes: message[at + 7..].to_vec(),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut message = self.before.clone();
        for (field, number) in (6..).zip(self.numbers) {
            message.push(field);
            message.extend(head(0, number));
        }
        message.push(9);
        [message, self.nodes.clone()].concat()
    }

    fn with(&self, part: u64, parts: u64) -> Self {
        let numbers = [self.numbers[0], part, parts];
        // Only part 0 of round 0 has a head.
        let before = match (self.numbers[0], part) {
            (0, 1..) => message(3, 3, &[0xa4]),
            _ => self.before.clone(),
        };
        Self {
            before,
            numbers,
            ..self.clone()
        }
    }

    fn without_nodes(&self) -> Self {
        Self {
            nodes: NO_NODES.to_vec(),
            ..self.clone()
        }
    }
}

type Change<'a> = &'a dyn Fn(Vec<Part>) -> Vec<Part>;

/// A peer that changes the parts of one round.
struct Changing<'a> {
    peer: &'a Engine,
    asked: Cell<u8>,
    round: u8,
    change: Change<'a>,
}

impl Peer for Changing<'_> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        let replies = self.peer.answer(request)?;
        let round = self.asked.replace(self.asked.get() + 1);
        if round != self.round {
            return Ok(replies);
        }
        let parts = replies.len() as u8;
        let read = |(reply, part): (&Vec<u8>, u8)| Part::read(reply, round, part, parts);
        let changed = (self.change)(replies.iter().zip(0..).map(read).collect());
        Ok(changed.iter().map(Part::encode).collect())
    }
}

/// `a`, which walks, and `b`, which has many more keys. The reply of round 1 has one part, that of round 2 has several.
fn pair() -> (Engine, Engine) {
    let (mut a, mut b) = (open("a"), open("b"));
    for key in 0..600u16 {
        if key == 300 {
            a.reconcile(&b, 1000).unwrap();
        }
        b.put(&key.to_be_bytes(), &[1], None, 1000).unwrap();
    }
    a.set_flag(Flag::On).unwrap();
    (a, b)
}

fn again(a: &Engine) -> Engine {
    open_on(a.storage().clone(), "a", Schema::Three)
}

fn changing<'a>(peer: &'a Engine, round: u8, change: Change<'a>) -> Changing<'a> {
    Changing {
        peer,
        asked: Cell::new(0),
        round,
        change,
    }
}

fn claiming(parts: &[Part], number: u64) -> Vec<Part> {
    parts
        .iter()
        .map(|part| part.with(part.numbers[1], number))
        .collect()
}

/// The parts and one more without nodes, with the number of all of them.
fn one_more(parts: &[Part]) -> Vec<Part> {
    let number = parts.len() as u64;
    let mut more = claiming(parts, number + 1);
    more.push(parts[0].with(number, number + 1).without_nodes());
    more
}

const LOST: (&str, u64, &str, &str, &str) = ("none", 0, "synced", "lost", "try again");

/// R9.8: a reply without one of its parts is lost, whatever number of parts it claims.
#[test]
fn r9_8_a_part_is_lost() {
    let (a, b) = pair();
    let cases: [(&str, u8, Change<'_>); 10] = [
        ("one too many", 2, &|all| one_more(&all)),
        ("one too many, of one", 1, &|all| one_more(&all)),
        ("one too many, at the root", 0, &|all| one_more(&all)),
        ("one too few", 2, &|mut all| {
            all.pop();
            claiming(&all, all.len() as u64)
        }),
        ("one too few, and all are there", 2, &|all| {
            claiming(&all, all.len() as u64 - 1)
        }),
        ("one", 2, &|all| claiming(&all, 1)),
        ("65,536 of them", 2, &|all| claiming(&all, 1 << 16)),
        ("a place without its nodes", 2, &|mut all| {
            all[3] = all[3].without_nodes();
            all
        }),
        ("two places changed", 2, &|mut all| {
            (all[3].numbers[1], all[4].numbers[1]) = (4, 3);
            all
        }),
        ("one place twice, another never", 2, &|mut all| {
            all[3] = all[4].clone();
            all
        }),
    ];
    for (name, round, change) in cases {
        for fault in [None, Some(Fault::Reordered), Some(Fault::Repeated)] {
            let mut a = again(&a);
            a.hooks_mut().0 = fault;
            let before = whole(&a);
            println!("{name}, {fault:?}");

            let outcome = a.reconcile(&changing(&b, round, change), 1000);

            assert_rejected(outcome, Class::Interrupted, LOST);
            assert_eq!(whole(&a), before);
        }
    }
}

/// R9.8: a part that does not answer the request is ignored, before and after the other parts.
#[test]
fn r9_8_a_part_is_ignored() {
    let (a, b) = pair();
    let root = Cell::new(None);
    let _ = again(&a).reconcile(
        &changing(&b, 0, &|all| {
            root.set(Some(all[0].clone()));
            all
        }),
        1000,
    );
    let root = root.take().unwrap();
    fn then(mut first: Vec<Part>, all: Vec<Part>) -> Vec<Part> {
        first.extend(all);
        first
    }
    let cases: [(&str, u8, Change<'_>); 12] = [
        ("another number", 2, &|all| then(one_more(&all), all)),
        ("another number of one", 2, &|all| {
            then(claiming(&all[..1], 1), all)
        }),
        ("another number in between", 2, &|mut all| {
            all.insert(7, claiming(&all, 1 << 16)[7].clone());
            all
        }),
        ("the greatest place", 2, &|all| {
            then(vec![all[0].with(65_535, 65_536).without_nodes()], all)
        }),
        ("beyond the parts", 2, &|all| {
            let number = all.len() as u64;
            let beyond = [number, 65_535].map(|at| all[0].with(at, number).without_nodes());
            then(beyond.to_vec(), all)
        }),
        ("the nodes of the place before", 2, &|all| {
            then(vec![all[0].with(1, all.len() as u64)], all)
        }),
        ("another round's", 1, &|all| {
            let mut other = all[0].clone();
            other.numbers[0] = 2;
            then(vec![other], all)
        }),
        ("the root again", 1, &|all| then(vec![root.clone()], all)),
        ("the root, and then none", 0, &|all| {
            let none = all[0].without_nodes();
            then(all, vec![none])
        }),
        ("no nodes of two", 0, &|all| {
            then(vec![all[0].with(0, 2).without_nodes()], all)
        }),
        ("the second of the root", 0, &|all| {
            then(vec![all[0].with(1, 2).without_nodes()], all)
        }),
        ("the root of two", 0, &|all| {
            then(vec![all[0].with(0, 2)], all)
        }),
    ];
    for (name, round, change) in cases {
        for fault in [None, Some(Fault::Reordered), Some(Fault::Repeated)] {
            if round == 0 && fault == Some(Fault::Reordered) {
                continue; // of two parts that answer, the first is accepted
            }
            let mut a = again(&a);
            a.hooks_mut().0 = fault;
            println!("{name}, {fault:?}");

            a.reconcile(&changing(&b, round, change), 1000).unwrap();

            assert_eq!(a.digest(), b.digest());
        }
    }
}

/// R9.8: of two parts of one place, the first is accepted.
#[test]
fn r9_8_the_first_part_of_a_place_is_accepted() {
    let (a, b) = pair();
    for round in 0..3 {
        for is_first in [false, true] {
            let change = |mut all: Vec<Part>| {
                let mut other = all[0].clone();
                // The last byte is in a hash, or in the clock of an entry.
                *other.nodes.last_mut().unwrap() ^= 1;
                all.insert(if is_first { 0 } else { all.len() }, other);
                all
            };

            let outcome = again(&a).reconcile(&changing(&b, round, &change), 1000);

            let class = outcome.err().map(|rejection| rejection.class);
            assert_eq!(class, is_first.then_some(Class::DigestMismatch));
        }
    }
}

/// R9.8: a malformed message rejects the step, also if it answers nothing.
#[test]
fn r9_8_each_message_is_read() {
    let (a, b) = pair();
    let cut = |mut all: Vec<Part>| {
        let mut other = all[0].clone();
        (other.numbers[0], other.nodes) = (9, vec![]);
        all.push(other);
        all
    };

    let outcome = again(&a).reconcile(&changing(&b, 1, &cut), 1000);

    assert_eq!(outcome.unwrap_err().class, Class::Malformed);
}

/// A peer that always answers with the same messages.
struct Constant(Vec<Vec<u8>>);

impl Peer for Constant {
    fn answer(&self, _: &[u8]) -> Result<Vec<Vec<u8>>> {
        Ok(self.0.clone())
    }
}

/// A peer that answers with a function.
struct Answering<'a>(&'a dyn Fn(&[u8]) -> Vec<Vec<u8>>);

impl Peer for Answering<'_> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        Ok((self.0)(request))
    }
}

/// R9.2: the first message is the document, and others are ignored; no message is a loss.
#[test]
fn r9_2_the_first_message() {
    let (mut a, document) = (open("a"), doc(&[("k", &[put("b", 1, 5, &[1])])]));
    assert_rejected(
        a.reconcile(&Constant(vec![]), 1000),
        Class::Interrupted,
        LOST,
    );

    a.reconcile(&Constant(vec![document.encode(), b"DCR1".to_vec()]), 1000)
        .unwrap();

    assert_eq!(a.digest().state, document.digest());
    assert_eq!(a.audit().last().unwrap().v1.messages, 3);
}

/// Part 0 of round 0 of a document, with nodes.
fn first_part(document: &Doc, nodes: Vec<Item>) -> Vec<u8> {
    first_part_with(document, document.digest(), nodes)
}

fn first_part_with(document: &Doc, digest: [u8; 32], nodes: Vec<Item>) -> Vec<u8> {
    let mut fields = document.fields()[..5].to_vec();
    fields.extend([
        (5, bytes(digest)),
        (6, Uint(0)),
        (7, Uint(0)),
        (8, Uint(1)),
        (9, Array(nodes)),
    ]);
    message(3, document.schema, &map(fields).encode())
}

/// R9.8: a part without nodes says that the peer has the tree of the asker. The digest must agree; vector and
/// watermark may differ.
#[test]
fn r9_8_no_nodes() {
    let known = doc(&[("k", &[put("b", 1, 5, &[1])])]);
    let mut a = open("a");
    a.set_flag(Flag::On).unwrap();
    a.import(&known.encode(), 1000).unwrap();

    let mut further = known.clone();
    further.vector = vec![(origin("b", 0), 9)];
    further.watermark = vec![(origin("b", 0), 7)];
    let merge = again(&a)
        .reconcile(&Constant(vec![first_part(&further, vec![])]), 1000)
        .unwrap();
    assert_eq!((merge.changed, merge.digest), (true, further.digest()));

    let other = doc(&[("k", &[put("b", 2, 5, &[1])])]);
    let computed = Doc {
        vector: other.vector.clone(),
        ..known
    };
    let (announced, computed) = (hex(&other.digest()), hex(&computed.digest()));
    let detail = ("digest", 0, &*announced, &*computed, "ask again");
    assert_rejected(
        again(&a).reconcile(&Constant(vec![first_part(&other, vec![])]), 1000),
        Class::DigestMismatch,
        detail,
    );
}

/// R9.8: a peer may send its root although the digests are equal.
#[test]
fn r9_8_the_root_of_equal_digests() {
    for document in [doc(&[]), doc(&[("k", &[put("b", 1, 5, &[1])])])] {
        let mut a = open("a");
        a.set_flag(Flag::On).unwrap();
        a.import(&document.encode(), 1000).unwrap();
        let root = Array(vec![bytes(""), Uint(1), document.fields()[5].1.clone()]);

        let peer = Constant(vec![first_part(&document, vec![root])]);

        assert!(!a.reconcile(&peer, 1000).unwrap().changed);
        assert_eq!(a.audit().last().unwrap().v2.messages, 2);
    }
}

/// R9.6: a peer answers any request, also one that no walk makes.
#[test]
fn r9_6_odd_requests() {
    let keys = |document: &Doc| document.fields()[5].1.clone();
    let (empty, full) = (doc(&[]), doc(&[("k", &[put("b", 1, 5, &[1])])]));
    let path: Vec<_> = hash("reconcile/path", b"k")
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .collect();
    let elsewhere = vec![path[0] ^ 1];
    let mut b = open("b");
    b.put(b"k", &[1], None, 5).unwrap();
    let ask = |mode, round, paths: &[&[u8]], digest: Option<[u8; 32]>| {
        let mut fields = vec![
            (0, bytes(table().id())),
            (1, Uint(mode)),
            (2, Uint(round)),
            (3, Array(paths.iter().map(bytes).collect())),
        ];
        fields.extend(digest.map(|digest| (4, bytes(digest))));
        b.answer(&message(2, 3, &map(fields).encode())).unwrap()
    };
    let leaf = |path: &[u8], document| Array(vec![bytes(path), Uint(1), keys(document)]);
    let part = |round, part, parts, nodes| {
        let numbers = [(6, Uint(round)), (7, Uint(part)), (8, Uint(parts))];
        let fields = numbers.into_iter().chain([(9, Array(nodes))]);
        message(3, 3, &map(fields).encode())
    };
    let none = [first_part(&full, vec![])];

    assert_eq!(ask(1, 0, &[], Some([0; 32])), none);
    assert_eq!(ask(1, 0, &[b"\0", b"\x01"], Some(full.digest())), none);
    assert_eq!(ask(1, 5, &[], None), [part(5, 0, 1, vec![])]);
    assert_eq!(
        ask(1, 64, &[b"", &path[..1], &path], None),
        [part(
            64,
            0,
            1,
            vec![
                leaf(b"", &full),
                leaf(&path[..1], &full),
                leaf(&path, &full)
            ]
        )]
    );
    assert_eq!(
        ask(1, 0, &[&elsewhere], Some([0; 32])),
        [first_part(&full, vec![leaf(&elsewhere, &empty)])]
    );
    let halves: Vec<_> = (0..16u8)
        .map(|half| vec![half])
        .chain([vec![15, 15]])
        .collect();
    let asked: Vec<_> = halves.iter().map(Vec::as_slice).collect();
    let nodes = halves.iter().map(|half| {
        let document = if path.starts_with(half) {
            &full
        } else {
            &empty
        };
        leaf(half, document)
    });
    let mut nodes: Vec<_> = nodes.collect();
    let last = nodes.split_off(16);
    assert_eq!(
        ask(1, 1, &asked, None),
        [part(1, 0, 2, nodes), part(1, 1, 2, last)]
    );
    assert_eq!(ask(0, 64, &[], None), [b.export()]);
}

type Keys<'a> = &'a [(&'a str, &'a [Write])];

/// R9.9: for nodes with the announced hashes that form no valid tree, the computed digest is that of the keys at the
/// places where their paths lead.
#[test]
fn r9_9_keys_elsewhere() {
    let half = |key: &str| hash("reconcile/path", key.as_bytes())[0] >> 4;
    for number in 0..8u8 {
        let key = format!("key{number}");
        let mate = (0..)
            .map(|other| format!("mate{other}"))
            .find(|mate| half(mate) == half(&key))
            .unwrap();
        let (one, two, three) = (
            [put("b", 1, 5, &[1])],
            [put("b", 2, 5, &[2])],
            [put("b", 3, 5, &[3])],
        );
        let elsewhere = half(&key) ^ 1;
        let cases: [(Keys<'_>, Keys<'_>); 3] = [
            (&[], &[(&key, &one)]),
            (&[(&key, &one)], &[(&key, &two)]),
            (&[(&mate, &three)], &[(&key, &one)]),
        ];
        for (placed, misplaced) in cases {
            let (placed, misplaced) = (doc(placed), doc(misplaced));
            let mut head = doc(&[]);
            head.vector = vec![(origin("b", 0), 3)];
            let leaf_of = |document: &Doc| {
                let hash =
                    |(key, writes): &(Vec<u8>, Vec<Write>)| (key.clone(), key_hash(key, writes));
                node(&document.keys.iter().map(hash).collect::<Vec<_>>(), 0)
            };
            let mut children = [leaf_of(&doc(&[])); 16];
            children[usize::from(half(&key))] = leaf_of(&placed);
            children[usize::from(elsewhere)] = leaf_of(&misplaced);
            let vector = vector_item(&head.vector).encode();
            let root = hash("reconcile/branch", children.as_flattened());
            let content = [&root, &l(&vector)[..], &l(&[0xa0])].concat();
            let announced = hash("reconcile/state", &content);
            let rounds = |request: &[u8]| {
                let leaf = |half: u8, document: &Doc| {
                    Array(vec![bytes([half]), Uint(1), document.fields()[5].1.clone()])
                };
                if request[22] == 0 {
                    let hashes = children.iter().map(bytes).collect();
                    let nodes = vec![Array(vec![bytes(""), Uint(0), Array(hashes)])];
                    return vec![first_part_with(&head, announced, nodes)];
                }
                let mut nodes = vec![(elsewhere, leaf(elsewhere, &misplaced))];
                if !placed.keys.is_empty() {
                    nodes.push((half(&key), leaf(half(&key), &placed)));
                }
                nodes.sort_by_key(|(half, _)| *half);
                let nodes = nodes.into_iter().map(|(_, node)| node).collect();
                let fields = [(6, Uint(1)), (7, Uint(0)), (8, Uint(1)), (9, Array(nodes))];
                vec![message(3, 3, &map(fields).encode())]
            };
            let computed = Doc {
                vector: head.vector.clone(),
                ..placed.clone()
            };
            for own in [&key, &mate] {
                let mut a = open("a");
                a.set_flag(Flag::On).unwrap();
                a.put(own.as_bytes(), &[7], None, 5).unwrap();
                let before = whole(&a);

                let outcome = a.reconcile(&Answering(&rounds), 1000);

                let (announced, computed) = (hex(&announced), hex(&computed.digest()));
                let detail = ("digest", 0, &*announced, &*computed, "ask again");
                assert_rejected(outcome, Class::DigestMismatch, detail);
                assert_eq!(whole(&a), before);
            }
        }
    }
}

/// R9.9: of the keys that peer and asker share and that were not fetched, only R7.5 (8) is checked. A tombstone that
/// the peer claims to have collected would stay for ever; other faults change nothing.
#[test]
fn r9_9_checks_of_what_is_shared() {
    let honest = doc(&[
        ("h", &[tombstone("b", 4, 5)]),
        ("i", &[tombstone("b", 3, 5)]),
        ("k", &[put("b", 1, 5, &[1])]),
    ]);
    let lying = |watermark, vector| {
        let mut lying = honest.clone();
        lying.watermark = vec![(origin("b", 0), watermark)];
        lying.vector = vec![(origin("b", 0), vector)];
        lying
    };
    let outcomes = |document: &Doc| {
        let root = Array(vec![bytes(""), Uint(1), document.fields()[5].1.clone()]);
        let replies = [
            (Flag::Off, document.encode()),
            (Flag::On, first_part(document, vec![root])),
            (Flag::On, first_part(document, vec![])),
        ];
        replies.map(|(flag, reply)| {
            let mut a = open("a");
            a.import(&honest.encode(), 1000).unwrap();
            a.set_flag(flag).unwrap();
            let before = whole(&a);
            let outcome = a.reconcile(&Constant(vec![reply]), 1000);
            assert!(outcome.is_ok() || whole(&a) == before);
            outcome
        })
    };
    let rejection = |path, dot| {
        (
            "no collected tombstone",
            path,
            dot,
            "collect before writing",
        )
    };
    for (document, (expected, path, got, hint)) in [
        (lying(3, 4), rejection("/5/69/0", "6200000000:3")),
        (lying(4, 4), rejection("/5/68/0", "6200000000:4")),
    ] {
        for outcome in outcomes(&document) {
            assert_rejected(outcome, Class::Inconsistent, (path, 0, expected, got, hint));
        }
    }
    assert!(outcomes(&lying(2, 4)).iter().all(Result::is_ok));
    let [v1, received, shared] = outcomes(&lying(1, 2));
    assert_eq!(v1, received);
    assert_eq!(v1.unwrap_err().expected, "a dot that the vector covers");
    assert!(shared.is_ok());
}

/// R9.7: a walk that would ask for more paths than a request may contain is rejected: here those of 16^4 + 1 branches.
#[test]
fn r9_7_too_many_paths() {
    let empty = node(&[], 0);
    let full = [[1; 32]; 16];
    let mut chains = vec![(full, full)];
    for _ in 0..5 {
        let (full, thin) = chains[0];
        let below = [full, thin].map(|children| hash("reconcile/branch", children.as_flattened()));
        let mut thin = [empty; 16];
        thin[0] = below[1];
        chains.insert(0, ([below[0]; 16], thin));
    }
    let (full, thin) = chains[0];
    let mut root = [empty; 16];
    (root[0], root[1]) = (full[0], thin[0]);
    let vector = [0xa0];
    let digest = hash("reconcile/branch", root.as_flattened());
    let content = [&digest, &l(&vector)[..], &l(&vector)].concat();
    let digest = hash("reconcile/state", &content);
    let branch = |path: &[u8], children: &[[u8; 32]; 16]| {
        let mut node = [&[0x83, 0x40 + path.len() as u8][..], path, &[0, 0x90]].concat();
        for child in children {
            node.extend([0x58, 32]);
            node.extend(child);
        }
        Raw(node)
    };
    let asked = Cell::new(0);
    let rounds = |request: &[u8]| {
        asked.set(asked.get() + 1);
        let round = request[22];
        if round == 0 {
            return vec![first_part_with(&doc(&[]), digest, vec![branch(b"", &root)])];
        }
        // A path has one more byte than half bytes; the head of the array is before all of them.
        let length = usize::from(round) + 1;
        let start = 24 + (request.len() - 24) % length;
        let paths: Vec<_> = request[start..].chunks(length).collect();
        let (full, thin) = &chains[usize::from(round)];
        let parts = paths.len().div_ceil(16);
        let part = |(part, paths): (usize, &[&[u8]])| {
            let nodes = paths
                .iter()
                .map(|path| branch(&path[1..], if path[1] == 0 { full } else { thin }));
            let fields = [
                (6, Uint(round.into())),
                (7, Uint(part as u64)),
                (8, Uint(parts as u64)),
                (9, Array(nodes.collect())),
            ];
            message(3, 3, &map(fields).encode())
        };
        paths.chunks(16).enumerate().map(part).collect()
    };
    let mut a = open("a");
    a.set_flag(Flag::On).unwrap();

    let outcome = a.reconcile(&Answering(&rounds), 1000);

    let detail = ("paths", 0, "at most 1048576", "1048592", "check the limits");
    assert_rejected(outcome, Class::TooLarge, detail);
    assert_eq!(asked.get(), 6);
}
