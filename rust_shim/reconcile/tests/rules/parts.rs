//! R9.8: which parts of a reply an asker takes, whatever arrives.

use std::cell::Cell;

use reconcile::{Class, Fault, Flag, Peer, Result, Schema};

use crate::support::*;

/// A part of a reply: what stands before its numbers, these, and its nodes.
#[derive(Clone)]
struct Part {
    before: Vec<u8>,
    numbers: [u64; 3],
    nodes: Vec<u8>,
}

/// A part's nodes, where it has none.
const NONE: [u8; 1] = [0x80];

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
        // The head belongs to part 0 of round 0 alone.
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
            nodes: NONE.to_vec(),
            ..self.clone()
        }
    }
}

type Change<'a> = &'a dyn Fn(Vec<Part>) -> Vec<Part>;

/// A peer whose parts of one round are said otherwise.
struct Retelling<'a> {
    peer: &'a Engine,
    asked: Cell<u8>,
    round: u8,
    change: Change<'a>,
}

impl Peer for Retelling<'_> {
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        let replies = self.peer.answer(request)?;
        let round = self.asked.replace(self.asked.get() + 1);
        if round != self.round {
            return Ok(replies);
        }
        let parts = replies.len() as u8;
        let read = |(reply, part): (&Vec<u8>, u8)| Part::read(reply, round, part, parts);
        let told = (self.change)(replies.iter().zip(0..).map(read).collect());
        Ok(told.iter().map(Part::encode).collect())
    }
}

/// `a`, which walks, and `b` with many keys more: the second round has one part, the third has several.
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

fn retelling<'a>(peer: &'a Engine, round: u8, change: Change<'a>) -> Retelling<'a> {
    Retelling {
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

/// The parts, and one more that has no nodes, all of which say so.
fn one_more(parts: &[Part]) -> Vec<Part> {
    let number = parts.len() as u64;
    let mut more = claiming(parts, number + 1);
    more.push(parts[0].with(number, number + 1).without_nodes());
    more
}

const LOST: (&str, u64, &str, &str, &str) = ("none", 0, "synced", "lost", "try again");

/// A reply without one of the promised parts is lost, whatever number of them it claims.
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

            let outcome = a.reconcile(&retelling(&b, round, change), 1000);

            refused(outcome, Class::Interrupted, LOST);
            assert_eq!(whole(&a), before);
        }
    }
}

/// A part that answers nothing is ignored: what else is taken does not depend on it, nor on which came first.
#[test]
fn r9_8_a_part_is_ignored() {
    let (a, b) = pair();
    let root = Cell::new(None);
    let _ = again(&a).reconcile(
        &retelling(&b, 0, &|all| {
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
                continue; // of two that answer the first counts
            }
            let mut a = again(&a);
            a.hooks_mut().0 = fault;
            println!("{name}, {fault:?}");

            a.reconcile(&retelling(&b, round, change), 1000).unwrap();

            assert_eq!(a.digest(), b.digest());
        }
    }
}

/// Of two parts of one place the first counts, whatever is in them.
#[test]
fn r9_8_the_first_of_a_place_counts() {
    let (a, b) = pair();
    for round in 0..3 {
        for is_first in [false, true] {
            let change = |mut all: Vec<Part>| {
                let mut other = all[0].clone();
                // The last byte lies in a hash, or in the clock of an entry.
                *other.nodes.last_mut().unwrap() ^= 1;
                all.insert(if is_first { 0 } else { all.len() }, other);
                all
            };

            let outcome = again(&a).reconcile(&retelling(&b, round, &change), 1000);

            let class = outcome.err().map(|rejection| rejection.class);
            assert_eq!(class, is_first.then_some(Class::DigestMismatch));
        }
    }
}

/// A message that does not read rejects the step, though nothing waits for it.
#[test]
fn r9_8_each_message_is_read() {
    let (a, b) = pair();
    let cut = |mut all: Vec<Part>| {
        let mut other = all[0].clone();
        (other.numbers[0], other.nodes) = (9, vec![]);
        all.push(other);
        all
    };

    let outcome = again(&a).reconcile(&retelling(&b, 1, &cut), 1000);

    assert_eq!(outcome.unwrap_err().class, Class::Malformed);
}

/// A peer that answers with these messages.
struct Saying(Vec<Vec<u8>>);

impl Peer for Saying {
    fn answer(&self, _: &[u8]) -> Result<Vec<Vec<u8>>> {
        Ok(self.0.clone())
    }
}

/// R9.2: the first message is the document, and others are not looked at; none is a loss.
#[test]
fn r9_2_the_first_message() {
    let (mut a, document) = (open("a"), doc(&[("k", &[put("b", 1, 5, &[1])])]));
    refused(a.reconcile(&Saying(vec![]), 1000), Class::Interrupted, LOST);

    a.reconcile(&Saying(vec![document.encode(), b"DCR1".to_vec()]), 1000)
        .unwrap();

    assert_eq!(a.digest().state, document.digest());
    assert_eq!(a.audit().last().unwrap().v1.messages, 3);
}

/// Part 0 of round 0, of this document, with these nodes.
fn first_part(document: &Doc, nodes: Vec<Item>) -> Vec<u8> {
    let mut fields = document.fields()[..5].to_vec();
    fields.extend([
        (5, bytes(document.digest())),
        (6, Uint(0)),
        (7, Uint(0)),
        (8, Uint(1)),
        (9, Array(nodes)),
    ]);
    message(3, document.schema, &map(fields).encode())
}

/// A part without nodes says that the tree is the asker's, which the digest must bear out; where vector or
/// watermark are not the asker's too, they are taken.
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
        .reconcile(&Saying(vec![first_part(&further, vec![])]), 1000)
        .unwrap();
    assert_eq!((merge.changed, merge.digest), (true, further.digest()));

    let other = doc(&[("k", &[put("b", 2, 5, &[1])])]);
    let computed = Doc {
        vector: other.vector.clone(),
        ..known
    };
    let (announced, computed) = (hex(&other.digest()), hex(&computed.digest()));
    let detail = ("digest", 0, &*announced, &*computed, "ask again");
    refused(
        again(&a).reconcile(&Saying(vec![first_part(&other, vec![])]), 1000),
        Class::DigestMismatch,
        detail,
    );
}

/// A peer that tells its root to one who has it already does no harm.
#[test]
fn r9_8_the_root_of_equal_digests() {
    for document in [doc(&[]), doc(&[("k", &[put("b", 1, 5, &[1])])])] {
        let mut a = open("a");
        a.set_flag(Flag::On).unwrap();
        a.import(&document.encode(), 1000).unwrap();
        let root = Array(vec![bytes(""), Uint(1), document.fields()[5].1.clone()]);

        let peer = Saying(vec![first_part(&document, vec![root])]);

        assert!(!a.reconcile(&peer, 1000).unwrap().changed);
        assert_eq!(a.audit().last().unwrap().v2.messages, 2);
    }
}

/// R9.6: a peer answers what it is asked, whatever its own walk would ask.
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
