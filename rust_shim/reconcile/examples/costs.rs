//! Measures the cost of a reconcile with each algorithm, and writes a line of JSON for each.
//!
//! Usage: `costs KEYS:DIFFERING[,DIFFERING...]...` or `costs -`.
//!
//! A peer has KEYS keys. The asker has the same keys; DIFFERING of them have a new value at the peer. `costs -`
//! reads documents in hex, one a line, and imports each into an empty replica.

use std::alloc::System;
use std::error::Error;
use std::time::{Duration, Instant};

use reconcile::{Config, Flag, Memory, Merge, Replica, Schema, Snapshot, Table, Writer};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The minimum time of all samples together.
const MIN_TIME: Duration = Duration::from_millis(500);
/// The minimum number of samples.
const MIN_SAMPLES: usize = 3;
/// The maximum time of all samples together, which also overrides the minimum number.
const MAX_TIME: Duration = Duration::from_secs(10);
/// The maximum number of samples, which also overrides the minimum time.
const MAX_SAMPLES: usize = 7;
/// A prime number that divides no number of keys, so that its multiples spread over all keys.
const STRIDE: u64 = 7919;
/// A time in milliseconds that is later than that of all old values.
const LATE: u64 = 1_000_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A peer, and an asker that can be reset to a state that differs from it.
struct Pair {
    asker: Replica<Memory>,
    peer: Replica<Memory>,
    keys: u64,
    now: u64,
}

/// Whether the samples are enough.
fn is_enough(seconds: &[f64]) -> bool {
    let total = seconds.iter().sum::<f64>();
    let is_settled = total >= MIN_TIME.as_secs_f64() && seconds.len() >= MIN_SAMPLES;
    is_settled || total >= MAX_TIME.as_secs_f64() || seconds.len() == MAX_SAMPLES
}

fn open(name: &[u8]) -> Outcome<Replica<Memory>> {
    let members = [Writer::new(b"a")?, Writer::new(b"b")?];
    let config = Config {
        writer: Writer::new(name)?,
        table: Table::new(members, [])?,
        schema: Schema::Three,
        flag: Flag::On,
    };
    Ok(Replica::open(Memory::default(), config)?)
}

impl Pair {
    fn new(keys: u64) -> Outcome<Self> {
        let (asker, peer) = (open(b"a")?, open(b"b")?);
        let mut pair = Self {
            asker,
            peer,
            keys,
            now: LATE,
        };
        for number in 0..keys {
            pair.put(number, b"\x63old", number / 1000)?;
        }
        pair.pull()?;
        Ok(pair)
    }

    fn put(&mut self, number: u64, value: &[u8], now: u64) -> Outcome<()> {
        self.peer
            .put(format!("key/{number:08}").as_bytes(), value, None, now)?;
        Ok(())
    }

    fn pull(&mut self) -> Outcome<Merge> {
        Ok(self.asker.reconcile(&self.peer, self.now)?)
    }

    /// Gives some keys a new value at the peer; returns the state of the asker, which has the old values.
    fn differ(&mut self, differing: u64) -> Outcome<Snapshot> {
        for number in 0..differing {
            self.now += 1;
            self.put(number * STRIDE % self.keys, b"\x63new", self.now)?;
        }
        Ok(self.asker.snapshot())
    }

    /// Reconciles with one algorithm until the samples are enough, each time from the same state of the asker.
    fn measure(&mut self, flag: Flag, behind: &Snapshot, differing: u64) -> Outcome<String> {
        self.asker.set_flag(flag)?;
        let (mut seconds, mut allocated) = (Vec::new(), 0);
        while !is_enough(&seconds) {
            self.asker.rollback(behind)?;
            let region = Region::new(ALLOCATOR);
            let start = Instant::now();
            let merge = self.pull()?;
            seconds.push(start.elapsed().as_secs_f64());
            allocated = region.change().bytes_allocated;
            assert_eq!(merge.taken, differing);
        }
        self.asker.rollback(behind)?;
        let record = self
            .asker
            .audit()
            .last()
            .expect("a record of the reconcile");
        let cost = if flag == Flag::On {
            record.v2
        } else {
            record.v1
        };
        Ok(format!(
            r#"{{"keys":{},"differing":{differing},"algorithm":"{}","messages":{},"bytes":{},"seconds":{seconds:?},"allocated":{allocated}}}"#,
            self.keys,
            record.algorithm.name(),
            cost.messages,
            cost.bytes,
        ))
    }
}

/// Writes how many bytes the import of each document allocates, accepted or not.
fn imports() -> Outcome<()> {
    for line in std::io::stdin().lines() {
        let line = line?;
        let digits = (0..line.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&line[at..at + 2], 16));
        let document = digits.collect::<Result<Vec<u8>, _>>()?;
        let mut replica = open(b"a")?;
        let region = Region::new(ALLOCATOR);
        let accepted = replica.import(&document, LATE).is_ok();
        let allocated = region.change().bytes_allocated;
        println!(r#"{{"accepted":{accepted},"allocated":{allocated}}}"#);
    }
    Ok(())
}

fn main() -> Outcome<()> {
    for argument in std::env::args().skip(1) {
        if argument == "-" {
            imports()?;
            continue;
        }
        let (keys, differences) = argument.split_once(':').ok_or("KEYS:DIFFERING,...")?;
        let mut pair = Pair::new(keys.parse()?)?;
        for differing in differences.split(',') {
            let differing = differing.parse()?;
            let behind = pair.differ(differing)?;
            // V2 is first: it would otherwise pay for freeing the memory of v1.
            for flag in [Flag::On, Flag::Off] {
                println!("{}", pair.measure(flag, &behind, differing)?);
            }
            pair.asker.set_flag(Flag::On)?;
            pair.pull()?;
        }
    }
    Ok(())
}
