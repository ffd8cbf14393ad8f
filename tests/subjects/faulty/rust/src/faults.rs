//! Which fault is planted, and what the faults need.

use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static FAULT: LazyLock<String> =
    LazyLock::new(|| std::env::var("DRIFTCHECK_FAULT").unwrap_or_default());

/// Returns the name of the planted fault, or "".
pub fn name() -> &'static str {
    &FAULT
}

/// Says whether the fault of that name is planted.
pub fn planted(fault: &str) -> bool {
    name() == fault
}

/// What happened to an entry.
#[derive(Clone, Copy, Default)]
pub struct Past {
    pub pinned: bool,
    pub renamed_while_pinned: bool,
}

/// Counts its calls in this process.
pub fn counted() -> u64 {
    static COUNTED: AtomicU64 = AtomicU64::new(0);
    COUNTED.fetch_add(1, Ordering::Relaxed) + 1
}

/// Returns the greatest count of all its calls in this process.
pub fn most(count: u64) -> u64 {
    static MOST: AtomicU64 = AtomicU64::new(0);
    MOST.fetch_max(count, Ordering::Relaxed).max(count)
}

pub fn endless() -> ! {
    loop {
        black_box(());
    }
}

#[allow(unconditional_recursion)]
pub fn recurse(depth: u64) -> u64 {
    black_box(recurse(black_box(depth + 1))) + 1
}

pub fn hoard() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

pub fn read_nowhere() {
    let nowhere = std::ptr::without_provenance::<u8>(0xdead_0000);
    // SAFETY: this is unsound. The test asks for the fault.
    black_box(unsafe { nowhere.read_volatile() });
}
