//! The plan: what to draw, as data.
//!
//! Its parts mean what those of `harness/driftcheck/generate/plan.py` mean. Values that only Python can draw
//! are in pools.

/// A probability, out of 2^32.
pub(crate) type Chance = u64;

/// A length without bound, as Python has it.
pub(crate) const ENDLESS: u64 = 10_000_000_000;

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Bool,
    Int {
        lo: i128,
        hi: i128,
        slots: Vec<(i128, i128)>,
    },
    Float {
        lo: f64,
        hi: f64,
        nan: bool,
        nan_equal: bool,
        slots: Vec<FloatSlot>,
    },
    Text {
        slots: Vec<(usize, u64, u64)>, // alphabet, shortest, longest
    },
    Bytes {
        slots: Vec<(u64, u64)>,
    },
    Listed {
        values: Vec<Vec<u8>>, // encoded
    },
    Record {
        parts: Vec<Part>,
    },
    Union {
        parts: Vec<Part>,
    },
    Optional {
        p: Chance,
        part: Box<Part>,
    },
    Sequence {
        part: Box<Part>,
        sizes: Sizes,
        unordered: bool,
    },
    Mapping {
        key: Box<Part>,
        value: Box<Part>,
        sizes: Sizes,
    },
    Name {
        roster: usize,
        count: usize,
    },
    DistinctName {
        roster: usize,
    },
    Handle {
        kind: usize,
        closing: bool,
    },
    Peer {
        count: usize,
    },
    Pool {
        pool: usize,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum FloatSlot {
    Any,
    Pinned(f64),
    Decimal { lo: i128, hi: i128, divisor: f64 },
}

/// How many items a sequence or a mapping has; a slot is the probability of one more.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) slots: Vec<Chance>,
}

/// Text of one alphabet: each of 256 bytes stands for a character.
#[derive(Clone, Debug)]
pub(crate) struct Alphabet {
    pub(crate) characters: Vec<char>,
    pub(crate) has_all: bool, // any character may replace one of a text
}

/// Names in play, drawn once for each trace.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    pub(crate) count: usize,
    pub(crate) part: Part,
    pub(crate) must_differ: bool,
    pub(crate) simplest: Vec<Vec<u8>>, // encoded, for names that must differ and do not
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) index: u64, // on the wire
    pub(crate) slots: u64,
    pub(crate) parts: Vec<Part>,
    pub(crate) needs: Vec<(usize, usize)>, // kinds of handles, and how many must be live
    pub(crate) makes: Option<usize>,
    pub(crate) faults: Vec<Option<u64>>, // slots; empty where it has no faults
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) is_stateless: bool,
    pub(crate) max_steps: u64,
    pub(crate) stop: Chance,
    pub(crate) octave: Vec<u64>, // 2^32 times 2 to the power of n/256, for n up to 256
    pub(crate) alphabets: Vec<Alphabet>,
    pub(crate) rosters: Vec<Roster>,
    pub(crate) opening: Vec<Part>,
    pub(crate) instances: Vec<Vec<usize>>, // the places in the opening of each instance's arguments
    pub(crate) kinds: usize,               // of handles
    pub(crate) operations: Vec<Operation>,
    pub(crate) pools: Vec<Vec<Vec<u8>>>, // encoded values
}
