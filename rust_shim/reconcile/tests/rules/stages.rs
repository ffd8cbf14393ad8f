//! R8.1, R8.2, R8.7: a step that stops anywhere changes nothing.

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::rc::Rc;

use reconcile::{Class, Config, Fault, Injected, Memory, NoHooks, Replica, Schema, Stage, Storage};

use crate::support::*;

/// R8.2: a step that is halted after any stage changes neither the state nor the log; its repetition succeeds.
#[test]
fn r8_2_halted() {
    for step in STEPS {
        for &stage in Stage::ALL {
            let (mut a, b, snapshot) = scene();
            let before = whole(&a);
            a.hooks_mut().0 = Some(Fault::Halted(stage));
            let detail = (stage.name(), 0, "synced", "halted", "try again");
            assert_rejected(
                take(step, &mut a, &b, &snapshot),
                Class::Interrupted,
                detail,
            );
            assert_eq!(whole(&a), before, "{step} after {}", stage.name());
            a.hooks_mut().0 = None;

            take(step, &mut a, &b, &snapshot).unwrap();

            assert_ne!(whole(&a), before);
            assert_eq!(
                whole(&open_on(a.storage().clone(), "a", Schema::Three)),
                whole(&a),
                "{step}"
            );
        }
    }
}

/// R8.7: a torn frame is cut off.
#[test]
fn r8_7_torn() {
    for step in STEPS {
        let (mut a, b, snapshot) = scene();
        let before = whole(&a);
        a.hooks_mut().0 = Some(Fault::Torn);
        assert_rejected(
            take(step, &mut a, &b, &snapshot),
            Class::Interrupted,
            ("staged", 0, "synced", "torn", "try again"),
        );
        assert_eq!(whole(&a), before, "{step}");
        a.hooks_mut().0 = None;
        take(step, &mut a, &b, &snapshot).unwrap();
        assert_eq!(
            whole(&open_on(a.storage().clone(), "a", Schema::Three)),
            whole(&a),
            "{step}"
        );
    }
}

/// R8.7: a killed engine is opened again on the synced log, with an empty audit log.
#[test]
fn r8_7_killed() {
    for step in STEPS {
        let (mut a, b, snapshot) = scene();
        a.import(&b.export(), 1000).unwrap();
        let before = whole(&a);
        a.hooks_mut().0 = Some(Fault::Killed);
        assert_rejected(
            take(step, &mut a, &b, &snapshot),
            Class::Interrupted,
            ("appended", 0, "synced", "killed", "try again"),
        );
        assert_eq!(whole(&a), before, "{step}");
        assert_eq!(a.audit().len(), 0);
        a.hooks_mut().0 = None;
        take(step, &mut a, &b, &snapshot).unwrap();
        assert_eq!(
            whole(&open_on(a.storage().clone(), "a", Schema::Three)),
            whole(&a),
            "{step}"
        );
    }
}

/// R8.7: a time that is an hour earlier does not lead to an earlier clock.
#[test]
fn r8_7_stepped() {
    let mut a = open("a");
    a.tick(4_000_000).unwrap();
    a.hooks_mut().0 = Some(Fault::Stepped);

    assert_eq!(a.tick(4_000_001), Ok(reconcile::Clock::new(4_000_000, 1)));
    assert_eq!(a.tick(7_600_001), Ok(reconcile::Clock::new(4_000_001, 0)));
    assert_eq!(
        open_stepped().tick(3_599_999),
        Ok(reconcile::Clock::new(0, 1))
    );
}

fn open_stepped() -> Engine {
    let mut a = open("a");
    a.hooks_mut().0 = Some(Fault::Stepped);
    a
}

/// R8.1: checks reject between *received* and *checked*; malformed arguments are rejected before both.
#[test]
fn r8_1_order_of_stages() {
    let mut a = open("a");
    let class = |a: &mut Engine, stage, value: &[u8]| {
        a.hooks_mut().0 = Some(Fault::Halted(stage));
        a.put(b"c", value, None, 1).unwrap_err().class
    };

    assert_eq!(class(&mut a, Stage::Received, &[0xff]), Class::Malformed);
    assert_eq!(class(&mut a, Stage::Received, &[0x20]), Class::Interrupted);
    assert_eq!(class(&mut a, Stage::Checked, &[0x20]), Class::WrongKind);
}

/// R8.1: a step that changes nothing is logged like any other.
#[test]
fn r8_1_no_change_is_a_step() {
    let mut a = open("a");
    let before = a.storage().bytes().len();
    assert_eq!(a.gc(None), Ok(0));
    assert!(a.storage().bytes().len() > before);
}

/// A storage whose operations can be made to fail.
struct Failing {
    memory: Memory,
    fails: Rc<Cell<&'static str>>,
}

impl Failing {
    fn check(&self, operation: &str) -> io::Result<()> {
        if self.fails.get().contains(operation) {
            Err(io::Error::other(format!("cannot {operation}")))
        } else {
            Ok(())
        }
    }
}

impl Storage for Failing {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.check("read")?;
        self.memory.read()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.check("append").is_err() {
            self.memory.append(&bytes[..bytes.len() / 3])?;
        }
        self.check("append")?;
        self.memory.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.check("sync")?;
        self.memory.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.check("truncate")?;
        self.memory.truncate(length)
    }
}

/// R8.2: if an append or a sync fails, state and log do not change, also if the cut fails. The rejection has the error
/// of the storage as its source.
#[test]
fn r8_2_storage_fails() {
    for (fault, stage) in [
        ("append", "staged"),
        ("sync", "appended"),
        ("append, truncate", "staged"),
    ] {
        let fails = Rc::new(Cell::new(""));
        let storage = Failing {
            memory: Memory::default(),
            fails: Rc::clone(&fails),
        };
        let mut a: Replica<_, NoHooks> =
            Replica::open(storage, config("a", Schema::Three)).unwrap();
        a.put(b"k", &[1], None, 1000).unwrap();
        let (before, export) = (a.storage().memory.clone(), a.export());
        fails.set(fault);
        let detail = (stage, 0, "synced", "storage", "try again");

        let outcome = a.put(b"k", &[2], None, 1000);

        assert_eq!(
            source(&outcome),
            format!("cannot {}", fault.split(',').next().unwrap())
        );
        assert_rejected(outcome, Class::Interrupted, detail);
        assert_eq!(a.export(), export);
        assert_eq!(a.storage().memory.synced(), before.synced());
        fails.set("");
        a.put(b"k", &[3], None, 1000).unwrap();
        let reopened =
            Replica::open(a.storage().memory.clone(), config("a", Schema::Three)).unwrap();
        assert_eq!(reopened.export(), a.export());
        assert_eq!(reopened.storage(), &a.storage().memory);
    }
}

/// What the `io::Error` says that a rejection has as its source.
fn source<T>(outcome: &reconcile::Result<T>) -> String {
    let rejection = outcome.as_ref().err().expect("a rejection");
    let source = rejection.source().expect("a source");
    source
        .downcast_ref::<io::Error>()
        .expect("an `io::Error`")
        .to_string()
}

/// R8.2: a storage that fails while a replica is opened rejects the step before any stage, with its error as source.
#[test]
fn r8_2_storage_fails_while_opening() {
    for fault in ["read", "append", "sync", "truncate"] {
        let storage = Failing {
            memory: Memory::default(),
            fails: Rc::new(Cell::new(fault)),
        };

        let outcome = Replica::open(storage, config("a", Schema::Three));

        assert_eq!(source(&outcome), format!("cannot {fault}"));
        let detail = ("none", 0, "synced", "storage", "try again");
        assert_rejected(outcome, Class::Interrupted, detail);
    }
}

/// R8.2: a storage that fails after a kill rejects the step before any stage, with its error as source.
#[test]
fn r8_2_storage_fails_after_a_kill() {
    for fault in ["read", "truncate"] {
        let fails = Rc::new(Cell::new(""));
        let storage = Failing {
            memory: Memory::default(),
            fails: Rc::clone(&fails),
        };
        let hooks = Injected(Some(Fault::Killed));
        let mut a = Replica::open_with(storage, config("a", Schema::Three), hooks).unwrap();
        fails.set(fault);

        let outcome = a.tick(1000);

        assert_eq!(source(&outcome), format!("cannot {fault}"));
        let detail = ("none", 0, "synced", "storage", "try again");
        assert_rejected(outcome, Class::Interrupted, detail);
    }
}

/// R1.1: the writer of a replica is a member.
#[test]
fn r1_1_own_writer() {
    let config = Config {
        writer: reconcile::Writer::new(b"d").unwrap(),
        ..config("a", Schema::Three)
    };
    assert_eq!(
        Replica::open(Memory::default(), config)
            .map(drop)
            .unwrap_err()
            .class,
        Class::Malformed
    );
}
