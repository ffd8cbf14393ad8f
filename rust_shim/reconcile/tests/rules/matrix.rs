//! R8.2, R8.7: the outcome of each operation with each fault, compared with a file. Its head describes the scene.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use reconcile::{Fault, Flag, Injected, Memory, Replica, Result, Schema, Snapshot, Stage, Storage};
use sha2::{Digest as _, Sha256};

use crate::support::*;

const FAULTS: [(&str, Option<Fault>); 12] = [
    ("none", None),
    ("lost", Some(Fault::Lost)),
    ("repeated", Some(Fault::Repeated)),
    ("reordered", Some(Fault::Reordered)),
    ("damaged", Some(Fault::Damaged)),
    ("stepped", Some(Fault::Stepped)),
    ("halted at received", Some(Fault::Halted(Stage::Received))),
    ("halted at checked", Some(Fault::Halted(Stage::Checked))),
    ("halted at staged", Some(Fault::Halted(Stage::Staged))),
    ("torn", Some(Fault::Torn)),
    ("halted at appended", Some(Fault::Halted(Stage::Appended))),
    ("killed", Some(Fault::Killed)),
];

/// The fault with a name.
pub fn fault_named(name: &str) -> Option<Fault> {
    FAULTS
        .iter()
        .find(|(other, _)| *other == name)
        .expect("a fault")
        .1
}

const OPERATIONS: [(&str, Flag); 12] = [
    ("put", Flag::Off),
    ("delete", Flag::Off),
    ("increase", Flag::Off),
    ("tick", Flag::Off),
    ("rollback", Flag::Off),
    ("reconcile by v1", Flag::Off),
    ("reconcile by v2", Flag::On),
    ("reconcile in shadow", Flag::Shadow),
    ("import", Flag::Off),
    ("gc", Flag::Off),
    ("migrate", Flag::Off),
    ("set_flag", Flag::Off),
];

/// A storage in memory, and the number of all bytes that were appended to it.
struct Counting(Memory, usize);

impl Storage for Counting {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.0.read()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.1 += bytes.len();
        self.0.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.truncate(length)
    }
}

/// The log of `a`, an empty snapshot of it, and `b`.
type Scene = (Memory, Snapshot, Engine);

fn begin(flag: Flag) -> Scene {
    const NOW: u64 = 4_000_000;
    let config_of_a = reconcile::Config {
        flag,
        ..config("a", Schema::Three)
    };
    let mut a = Replica::open(Memory::default(), config_of_a).unwrap();
    let (mut b, mut c) = (open("b"), open("c"));
    let snapshot = a.snapshot();
    a.put(b"k", &[1], None, NOW).unwrap();
    a.increase(b"c", 1, NOW).unwrap();
    a.put(b"l", &[1], None, NOW).unwrap();
    a.delete(b"l", NOW).unwrap();
    for other in [&mut b, &mut c] {
        other.reconcile(&a, NOW).unwrap();
        a.reconcile(other, NOW).unwrap();
    }
    for number in 0..400 {
        let key = format!("n{number:03}");
        b.put(key.as_bytes(), &[1], None, NOW).unwrap();
    }
    (a.into_storage(), snapshot, b)
}

fn run(
    operation: &str,
    a: &mut Replica<Counting, Injected>,
    snapshot: &Snapshot,
    b: &Engine,
) -> Result<()> {
    const NOW: u64 = 4_500_000;
    match operation {
        "put" => a.put(b"k", &[9], None, NOW).map(drop),
        "delete" => a.delete(b"k", NOW).map(drop),
        "increase" => a.increase(b"c", 2, NOW).map(drop),
        "tick" => a.tick(NOW).map(drop),
        "rollback" => a.rollback(snapshot).map(drop),
        "import" => a.import(&b.export(), NOW).map(drop),
        "gc" => a.gc(None).map(drop),
        "migrate" => a.migrate(2, "r", "a").map(drop),
        "set_flag" => a.set_flag(Flag::On),
        _ => a.reconcile(b, NOW).map(drop),
    }
}

/// The line of an operation with a fault. Asserts that a rejected operation changed neither the log nor the state.
fn line(fault: (&str, Option<Fault>), operation: &str, scene: &Scene) -> String {
    let (log, snapshot, b) = scene;
    let storage = Counting(log.clone(), 0);
    let hooks = Injected(fault.1);
    let mut a = Replica::open_with(storage, config("a", Schema::Three), hooks).unwrap();
    let before = a.state().clone();

    let outcome = run(operation, &mut a, snapshot, b);

    let (now, kept) = (a.state(), a.storage().0.bytes());
    if outcome.is_err() {
        assert_eq!(kept, log.bytes(), "{fault:?}, {operation}");
        assert_eq!(now.shared.digest(), before.shared.digest());
        assert_eq!(now.local, before.local);
    }
    let again = open_on(Memory::new(kept.to_vec()), "a", Schema::Three);
    assert_eq!(again.state().shared.digest(), now.shared.digest());
    assert_eq!(again.state().local, now.local);
    format!(
        "{} | {operation} | {} | appended {} | kept {} | shared {} | local {} | log {}",
        fault.0,
        summary(&outcome),
        a.storage().1,
        kept.len() - log.bytes().len(),
        hex(&now.shared.digest()[..8]),
        if now.local == before.local {
            "same"
        } else {
            "changed"
        },
        hex(&Sha256::digest(kept)[..8]),
    )
}

/// R8.2, R8.7: the table equals that of the file. If `REGENERATE` is set, the table is written below the head.
#[test]
fn r8_7_each_fault_in_each_operation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden/stages.txt");
    let [off, shadow, on] = [Flag::Off, Flag::Shadow, Flag::On].map(begin);
    let mut table = String::new();
    for fault in FAULTS {
        for (operation, flag) in OPERATIONS {
            let scene = match flag {
                Flag::Off => &off,
                Flag::Shadow => &shadow,
                _ => &on,
            };
            writeln!(table, "{}", line(fault, operation, scene)).unwrap();
        }
    }
    let held = fs::read_to_string(&path).unwrap();
    let (head, lines) = held.split_once("\n\n").unwrap();
    if std::env::var_os("REGENERATE").is_some() {
        return fs::write(&path, format!("{head}\n\n{table}")).unwrap();
    }
    assert_eq!(table, lines);
}
