//! R8.3, I6, I8: killed processes, and machines that lose their power.
//!
//! A killed process loses only its memory: the kernel keeps what the process wrote, synced or not. So the tests
//! with processes do not test syncs; the tests with a disk that loses unsynced bytes do. `RECONCILE_KILLS` sets
//! the number of random kills.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

use reconcile::{
    Flag, Hooks, LogFile, Memory, Replica, Result, Schema, Stage, State, Stop, Storage,
};

use crate::support::*;

/// The moments of a step at which a process waits to be killed: a stage, or half of a frame written.
const MOMENTS: [&str; 7] = [
    "none", "received", "checked", "staged", "torn", "appended", "synced",
];

/// The variables that give the killed process its log, its steps, and the moment or the turn where it waits or starts.
const VICTIM: [&str; 3] = ["RECONCILE_LOG", "RECONCILE_STEP", "RECONCILE_AT"];

/// Prints that the moment is reached, and waits for the kill.
fn stand_still() -> ! {
    eprintln!("here");
    loop {
        thread::park();
    }
}

/// Hooks and a storage that wait at a moment.
struct Until<T>(String, T);

impl Hooks for Until<()> {
    fn stop_at(&mut self, stage: Stage) -> Option<Stop> {
        if stage.name() == self.0 {
            stand_still();
        }
        None
    }
}

impl Storage for Until<LogFile> {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.1.read()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.0 == "torn" {
            self.1.append(&bytes[..bytes.len() / 2])?;
            stand_still();
        }
        self.1.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.1.sync()?;
        if self.0 == "synced" {
            stand_still();
        }
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.1.truncate(length)
    }
}

/// The process that other tests start and kill. Without its variables, it does nothing.
#[test]
fn victim() {
    let [Ok(log), Ok(step), Ok(at)] = VICTIM.map(env::var) else {
        return;
    };
    let log = LogFile::open(log).unwrap();
    if step == "all" {
        work(log, at.parse().unwrap());
    }
    let (_, b, snapshot) = scene();
    let storage = Until(at.clone(), log);
    let mut a =
        Replica::open_with(storage, config("a", Schema::Three), Until(at.clone(), ())).unwrap();
    if at == "none" {
        stand_still();
    }
    panic!("alive: {:?}", take(&step, &mut a, &b, &snapshot));
}

/// Takes one turn after the other on a log, and prints the number of each.
fn work(log: LogFile, from: u64) -> ! {
    let (mut a, mut b) = (open("a"), open("b"));
    for turn in 0..from {
        let _ = take_turn(turn, &mut a, &mut b);
    }
    let mut a = Replica::open(log, config("a", Schema::Three)).unwrap();
    for turn in from.. {
        let _ = take_turn(turn, &mut a, &mut b);
        eprintln!("{turn}");
    }
    unreachable!("the turns do not end")
}

/// Takes the step of a turn, which is the same in each process; some are rejected.
fn take_turn<S: Storage, H: Hooks>(turn: u64, a: &mut Replica<S, H>, b: &mut Engine) -> Result<()> {
    let key = [b"kmc"[turn as usize % 3], b'0' + (turn / 5 % 7) as u8];
    let now = 1000 + turn;
    match turn * 5 % 13 {
        0..=2 => a.put(&key, &[turn as u8 % 24], Some("x"), now).map(drop),
        3 => a.delete(&key, now).map(drop),
        4 | 5 => a.increase(&[b'c', key[1]], turn + 1, now).map(drop),
        6 => a.tick(now).map(drop),
        7 => a.gc(None).map(drop),
        8 => a.migrate(2 + (turn / 13 % 2) as u8, "r", "a").map(drop),
        9 => a.set_flag([Flag::Off, Flag::Shadow, Flag::On][(turn / 13 % 3) as usize]),
        10 => a.rollback(&a.snapshot()).map(drop),
        step => {
            b.put(&key, &[turn as u8 % 24], None, now)?;
            if step == 11 {
                a.reconcile(b, now).map(drop)
            } else {
                a.import(&b.export(), now).map(drop)
            }
        }
    }
}

/// Starts a victim on a log; returns it with its standard error.
fn start(log: &Path, step: &str, at: &str) -> (Child, BufReader<ChildStderr>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["kills::victim", "--exact", "--nocapture"])
        .envs(VICTIM.iter().zip([log.to_str().unwrap(), step, at]))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stderr.take().unwrap());
    (child, said)
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

/// A path for the log of a test.
fn place(name: &str) -> PathBuf {
    let name = format!("{name}-{}", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn open_file(log: &Path) -> Replica<LogFile> {
    Replica::open(LogFile::open(log).unwrap(), config("a", Schema::Three)).unwrap()
}

/// Both parts of a state.
fn parts(state: &State) -> (reconcile::Digest, String) {
    (state.shared.digest(), format!("{:?}", state.local))
}

/// R8.3, I8: when a process is killed in a step, its log contains the whole step or nothing of it. A replica that is
/// opened on the log has that state, and continues.
#[test]
fn r8_3_killed_in_a_step() {
    let log = place("killed-in-a-step");
    for step in STEPS {
        let (mut a, b, snapshot) = scene();
        let (before, old) = (a.storage().bytes().to_vec(), parts(a.state()));
        take(step, &mut a, &b, &snapshot).unwrap();
        let (after, new) = (a.storage().bytes(), parts(a.state()));
        assert_ne!(old, new);
        let half = &after[..(before.len() + after.len()) / 2];
        for moment in MOMENTS {
            fs::write(&log, &before).unwrap();
            let (child, mut said) = start(&log, step, moment);
            let mut line = String::new();
            said.read_line(&mut line).unwrap();
            assert_eq!(line, "here\n", "{step} {moment}");
            kill(child);
            let (left, whole, state) = match moment {
                "torn" => (half, &before[..], &old),
                "appended" | "synced" => (after, after, &new),
                _ => (&before[..], &before[..], &old),
            };

            assert_eq!(hex(&fs::read(&log).unwrap()), hex(left), "{step} {moment}");
            let mut a = open_file(&log);
            assert_eq!(&parts(a.state()), state, "{step} {moment}");
            assert_eq!(hex(&fs::read(&log).unwrap()), hex(whole), "{step} {moment}");
            a.put(b"n", &[1], None, 3000).unwrap();
            assert_eq!(parts(open_file(&log).state()), parts(a.state()));
        }
    }
    fs::remove_file(log).unwrap();
}

/// I6, R8.3: processes that take turns on one log are killed at random moments. Each leaves the bytes of the turns
/// that it printed, or of these and the next turn.
#[test]
fn i6_killed_at_any_moment() {
    let kills = env::var("RECONCILE_KILLS").map_or(12, |kills| kills.parse().unwrap());
    let log = place("killed-at-any-moment");
    let (mut a, mut b) = (open("a"), open("b"));
    let mut turns = 0;
    for _ in 0..kills {
        if turns > 400 {
            // Each process begins with all turns before its own.
            (a, b, turns) = (open("a"), open("b"), 0);
            fs::remove_file(&log).unwrap();
        }
        let (child, said) = start(&log, "all", &turns.to_string());
        let mut lines = said.lines();
        let chance = SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
        let mut printed = turns;
        let mut hear = |lines: &mut dyn Iterator<Item = io::Result<String>>| {
            for line in lines {
                assert_eq!(line.unwrap(), printed.to_string());
                printed += 1;
            }
        };
        hear(&mut lines.by_ref().take(1 + (chance % 29) as usize));
        thread::sleep(Duration::from_nanos((chance % 3_000_001).into()));
        kill(child);
        hear(&mut lines);
        while turns < printed {
            let _ = take_turn(turns, &mut a, &mut b);
            turns += 1;
        }

        let left = open_file(&log);
        let bytes = fs::read(&log).unwrap();
        if bytes != a.storage().bytes() {
            let _ = take_turn(turns, &mut a, &mut b);
            turns += 1;
        }
        assert_eq!(
            hex(&bytes),
            hex(a.storage().bytes()),
            "after {printed} turns"
        );
        assert_eq!(parts(left.state()), parts(a.state()));
    }
    fs::remove_file(log).unwrap();
}

/// A disk that keeps only its synced bytes when the power is lost.
#[derive(Clone)]
pub struct Disk {
    memory: Rc<RefCell<Memory>>,
    has_power: Rc<Cell<bool>>,
}

impl Disk {
    pub fn new(memory: &Memory) -> Self {
        Self {
            memory: Rc::new(RefCell::new(memory.clone())),
            has_power: Rc::new(Cell::new(true)),
        }
    }

    fn check_power(&self) -> io::Result<()> {
        match self.has_power.get() {
            true => Ok(()),
            false => Err(io::Error::other("no power")),
        }
    }

    fn unsynced(&self) -> usize {
        let memory = self.memory.borrow();
        memory.bytes().len() - memory.synced().len()
    }

    /// The bytes after a loss of power: the synced ones, and some of the others.
    pub fn left(&self, of_unsynced: usize) -> Memory {
        let memory = self.memory.borrow();
        Memory::new(memory.bytes()[..memory.synced().len() + of_unsynced].to_vec())
    }

    fn open(&self) -> Replica<Self> {
        Replica::open(self.clone(), config("a", Schema::Three)).unwrap()
    }
}

impl Storage for Disk {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.memory.borrow().bytes().to_vec())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.memory.borrow_mut().append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.check_power()?;
        self.memory.borrow_mut().sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.check_power()?;
        self.memory.borrow_mut().truncate(length)
    }
}

/// R8.3: when the power is lost before a step is synced, the step is lost, unless its whole frame reached the disk. A
/// synced step is kept.
#[test]
fn r8_3_power_is_lost() {
    for step in STEPS {
        let (mut a, b, snapshot) = scene();
        let (disk, lasting) = (Disk::new(a.storage()), Disk::new(a.storage()));
        let old = parts(a.state());
        take(step, &mut a, &b, &snapshot).unwrap();
        let new = parts(a.state());
        let mut unlucky = disk.open();
        disk.has_power.set(false);
        assert!(take(step, &mut unlucky, &b, &snapshot).is_err());
        take(step, &mut lasting.open(), &b, &snapshot).unwrap();

        let frame = disk.unsynced();
        assert!(frame > 0);
        for reached in 0..=frame {
            let again = open_on(disk.left(reached), "a", Schema::Three);
            let state = if reached < frame { &old } else { &new };
            assert_eq!(&parts(again.state()), state, "{step}: {reached} of {frame}");
        }
        let again = open_on(lasting.left(0), "a", Schema::Three);
        assert_eq!(parts(again.state()), new, "{step}");
    }
}

/// R8.3, R8.6: a process is killed between the append and the sync of a record. The record is durable as soon as
/// another process shows it.
#[test]
fn r8_6_visible_records_are_durable() {
    for step in STEPS {
        let (a, b, snapshot) = scene();
        let disk = Disk::new(a.storage());
        let mut killed = disk.open();
        disk.has_power.set(false);
        let _ = take(step, &mut killed, &b, &snapshot);
        disk.has_power.set(true);

        let shown = parts(disk.open().state());

        assert_ne!(shown, parts(a.state()), "{step}");
        let again = open_on(disk.left(0), "a", Schema::Three);
        assert_eq!(parts(again.state()), shown, "{step}");
    }
}
