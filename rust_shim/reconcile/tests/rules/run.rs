//! I12, I17: a long run of three replicas, with their logs after each step, compared with a file.

use reconcile::{Flag, Result, Schema, Snapshot};
use sha2::{Digest as _, Sha256};

use crate::matrix::fault_named;
use crate::support::*;

const RUN: &str = include_str!("../../testdata/golden/run.txt");

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex"))
        .collect()
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}

/// Takes a step of a replica whose peers have names.
fn run<'a>(
    a: &mut Engine,
    peer: impl Fn(&str) -> &'a Engine,
    snapshots: &mut Vec<Snapshot>,
    words: &[&str],
    now: u64,
) -> Result<()> {
    match *words {
        ["put", key, value, label] => {
            let label = label.strip_prefix('=').map(unhex);
            let label = label.map(|label| String::from_utf8(label).expect("text"));
            a.put(&unhex(key), &unhex(value), label.as_deref(), now)
                .map(drop)
        }
        ["delete", key] => a.delete(&unhex(key), now).map(drop),
        ["increase", key, by] => a.increase(&unhex(key), number(by), now).map(drop),
        ["tick"] => a.tick(now).map(drop),
        ["snapshot"] => {
            snapshots.push(a.snapshot());
            Ok(())
        }
        ["rollback", n] => a.rollback(&snapshots[number(n) as usize]).map(drop),
        ["reconcile", name] => a.reconcile(peer(name), now).map(drop),
        ["import", name] => a.import(&peer(name).export(), now).map(drop),
        ["gc"] => a.gc(None).map(drop),
        ["migrate", to] => a.migrate(number(to) as u8, "r", "a").map(drop),
        ["set_flag", n] => a.set_flag([Flag::Off, Flag::Shadow, Flag::On][number(n) as usize]),
        _ => panic!("{words:?} is no step"),
    }
}

/// The steps of the file have the outcomes and the logs of the file.
#[test]
fn golden_run() {
    let mut replicas = ["a", "b", "c"].map(|name| (open_at(name, Schema::Two), Vec::new()));
    let (_, lines) = RUN.split_once("\n\n").expect("a head");
    for line in lines.lines() {
        let (step, left) = line.split_once(" | ").expect("a step");
        let words: Vec<_> = step.split(' ').collect();
        let [who, now, fault, ..] = words[..] else {
            panic!("{step} is no step")
        };
        let at = |name: &str| "abc".find(name).expect("a member");
        // The replica is removed for its step, since the others are its peers.
        let spare = (open("a"), Vec::new());
        let (mut a, mut snapshots) = std::mem::replace(&mut replicas[at(who)], spare);
        a.hooks_mut().0 = fault_named(&fault.replace('-', " "));
        let outcome = run(
            &mut a,
            |name| &replicas[at(name)].0,
            &mut snapshots,
            &words[3..],
            number(now),
        );
        a.hooks_mut().0 = None;
        let log = a.storage().bytes();
        let sum = hex(&Sha256::digest(log)[..8]);

        assert_eq!(
            format!("{} | {} {sum}", summary(&outcome), log.len()),
            left,
            "{step}"
        );
        replicas[at(who)] = (a, snapshots);
    }
}
