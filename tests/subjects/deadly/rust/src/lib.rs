//! The Rust subject of the contract `deadly`: it dies in the way that `DRIFTCHECK_DEADLY` names.

mod contract_gen;

use std::hint::black_box;
use std::process;

use contract_gen::{Subject, contract};
use driftcheck::Outcome;

struct Deadly {
    lived: u64,
}

impl Subject for Deadly {
    fn state(&mut self) -> u64 {
        self.lived
    }

    fn live(&mut self) -> Outcome<u64> {
        self.lived += 1;
        Ok(self.lived)
    }

    fn die(&mut self) -> Outcome<()> {
        let asked = std::env::var("DRIFTCHECK_DEADLY").unwrap_or_default();
        match asked.strip_prefix("rust-") {
            Some("panic") => panic!("on request"),
            Some("abort") => process::abort(),
            Some("stack_overflow") => {
                black_box(deeper(0));
            }
            Some("exit") => process::exit(3),
            Some("endless_loop") => loop {
                black_box(());
            },
            Some("memory") => memory(),
            Some("segv") => segv(),
            _ => {}
        }
        Ok(())
    }
}

#[allow(unconditional_recursion)]
fn deeper(n: u64) -> u64 {
    black_box(deeper(black_box(n + 1))) + 1
}

fn memory() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

fn segv() {
    let nowhere = std::ptr::without_provenance_mut::<u8>(0xdead_0000);
    // SAFETY: this is unsound. The test asks for the fault.
    unsafe { nowhere.write_volatile(1) }
}

driftcheck::extension!(contract(|| Ok(Deadly { lived: 0 })));
