//! The cost of a reconcile with each algorithm: bytes first, then time.
//!
//! A peer has 10^2 to 10^5 keys. The asker has the same keys; 1 to 1000 of them have a new value at the peer.

use std::cell::RefCell;
use std::fmt;

use divan::{Bencher, black_box};
use reconcile::{Config, Flag, Memory, Replica, Schema, Snapshot, Table, Writer};

/// A time later than that of all old values. Those have several times, since a millisecond allows only 65,536 events.
const NOW: u64 = 1_000;

#[derive(Clone, Copy)]
struct Size {
    keys: u32,
    differing: u32,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys, {} differing", self.keys, self.differing)
    }
}

const SIZES: [Size; 10] = [
    Size {
        keys: 100,
        differing: 1,
    },
    Size {
        keys: 100,
        differing: 100,
    },
    Size {
        keys: 1_000,
        differing: 1,
    },
    Size {
        keys: 1_000,
        differing: 100,
    },
    Size {
        keys: 10_000,
        differing: 1,
    },
    Size {
        keys: 10_000,
        differing: 100,
    },
    Size {
        keys: 10_000,
        differing: 1_000,
    },
    Size {
        keys: 100_000,
        differing: 1,
    },
    Size {
        keys: 100_000,
        differing: 100,
    },
    Size {
        keys: 100_000,
        differing: 1_000,
    },
];

fn open(name: &[u8], flag: Flag) -> Replica<Memory> {
    let members = [b"a", b"b"].map(|name| Writer::new(name).expect("a writer"));
    let table = Table::new(members, []).expect("a table");
    let writer = Writer::new(name).expect("a writer");
    let config = Config {
        writer,
        table,
        schema: Schema::Three,
        flag,
    };
    Replica::open(Memory::default(), config).expect("the replica opens")
}

fn key(number: u32) -> Vec<u8> {
    format!("key/{number:08}").into_bytes()
}

fn filled(keys: u32) -> Replica<Memory> {
    let mut replica = open(b"b", Flag::Off);
    for number in 0..keys {
        let (key, now) = (key(number), u64::from(number / 1000));
        replica
            .put(&key, b"\x6can old value", None, now)
            .expect("the put is accepted");
    }
    replica
}

/// A peer, and an asker that can be reset to a state that differs from it.
struct Pair {
    asker: Replica<Memory>,
    behind: Snapshot,
    peer: Replica<Memory>,
}

impl Pair {
    fn new(size: Size, flag: Flag) -> Self {
        let (mut asker, mut peer) = (open(b"a", flag), filled(size.keys));
        asker
            .reconcile(&peer, NOW)
            .expect("the reconcile is accepted");
        // 7919 is a prime number that divides no size, so its multiples spread over all keys.
        for number in 0..size.differing {
            peer.put(
                &key(number * 7919 % size.keys),
                b"\x6ba new value",
                None,
                NOW + 1,
            )
            .expect("the put is accepted");
        }
        let behind = asker.snapshot();
        Self {
            asker,
            behind,
            peer,
        }
    }

    fn reset(&mut self) {
        self.asker
            .rollback(&self.behind)
            .expect("the rollback is accepted");
    }

    fn reconcile(&mut self) {
        black_box(self.asker.reconcile(&self.peer, NOW)).expect("the reconcile is accepted");
    }
}

fn bench(bencher: Bencher<'_, '_>, size: Size, flag: Flag) {
    let pair = RefCell::new(Pair::new(size, flag));
    bencher
        .with_inputs(|| pair.borrow_mut().reset())
        .bench_local_values(|()| pair.borrow_mut().reconcile());
}

#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn v1(bencher: Bencher<'_, '_>, size: &Size) {
    bench(bencher, *size, Flag::Off);
}

#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn v2(bencher: Bencher<'_, '_>, size: &Size) {
    bench(bencher, *size, Flag::On);
}

/// The cost of a put depends on the path to its key, and barely on the size of the state.
#[divan::bench(args = [100, 10_000, 100_000], sample_count = 100)]
fn put(bencher: Bencher<'_, '_>, keys: u32) {
    let mut replica = filled(keys);
    let (mut number, mut now) = (0, NOW);
    bencher.bench_local(|| {
        number = (number + 7919) % keys;
        now += 1;
        let (key, value) = (key(number), b"\x6ba new value");
        replica
            .put(&key, value, None, now)
            .expect("the put is accepted")
    });
}

/// The cost of a collection depends on the tombstones that it removes, and barely on the size of the state.
#[divan::bench(args = [100, 10_000, 100_000], sample_count = 20, sample_size = 1)]
fn gc(bencher: Bencher<'_, '_>, keys: u32) {
    let (mut asker, mut peer) = (open(b"a", Flag::Off), filled(keys));
    for number in 0..10 {
        peer.delete(&key(number * (keys / 10)), NOW)
            .expect("the delete is accepted");
    }
    asker
        .reconcile(&peer, NOW)
        .expect("the reconcile is accepted");
    let (before, asker) = (asker.snapshot(), RefCell::new(asker));
    bencher
        .with_inputs(|| {
            asker
                .borrow_mut()
                .rollback(&before)
                .expect("the rollback is accepted")
        })
        .bench_local_values(|_| assert_eq!(asker.borrow_mut().gc(None), Ok(10)));
}

fn main() {
    println!(
        "{:>28} {:>12} {:>12} {:>10} {:>10}",
        "bytes", "v1", "v2", "v2/v1", "messages"
    );
    for size in SIZES {
        let mut pair = Pair::new(size, Flag::Shadow);
        pair.reconcile();
        let record = pair.asker.audit().last().expect("a record");
        let ratio = record.v2.bytes as f64 / record.v1.bytes as f64;
        let (v1, v2) = (record.v1.bytes, record.v2);
        println!(
            "{:>28} {v1:>12} {:>12} {ratio:>10.4} {:>10}",
            size.to_string(),
            v2.bytes,
            v2.messages
        );
    }
    divan::main();
}
