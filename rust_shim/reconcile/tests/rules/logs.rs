//! Sections 8 and 10: how logs are written, read and cut off.

use reconcile::{Class, Flag, LogFile, Memory, Replica, Schema};

use crate::kills::Disk;
use crate::support::*;

/// The body of a record, with all its fields.
pub fn fields(writer: &str, vector: &[(Vec<u8>, u64)]) -> Vec<(u64, Item)> {
    vec![
        (0, bytes(writer)),
        (1, Uint(0)),
        (2, bytes([0; 8])),
        (3, vector_item(vector)),
        (4, Map(vec![])),
        (5, Map(vec![])),
        (6, Uint(0)),
        (7, Uint(3)),
        (8, Map(vec![])),
        (9, Array(vec![])),
    ]
}

/// A record at schema 3 that has only a writer and a vector.
pub fn record(writer: &str, vector: &[(Vec<u8>, u64)]) -> Vec<u8> {
    message(4, 3, &map(fields(writer, vector)).encode())
}

/// A log of records.
pub fn log(records: &[Vec<u8>]) -> Vec<u8> {
    let (mut log, mut check) = (Vec::new(), vec![0; 8]);
    for record in records {
        check = hash("reconcile/frame", &[&check[..], record].concat())[..8].to_vec();
        log.extend([l(record), check.clone()].concat());
    }
    log
}

const HINT: &str = "restore from another replica";

/// A replica whose log has each kind of step.
fn busy() -> Engine {
    let mut b = open("b");
    b.put(b"m", &[1], None, 1000).unwrap();
    let mut a = open("a");
    let snapshot = a.snapshot();
    a.put(b"k", &[1], Some("x"), 1000).unwrap();
    a.increase(b"c", 3, 1001).unwrap();
    a.reconcile(&b, 1002).unwrap();
    a.put(b"m", &[2], None, 1003).unwrap();
    a.delete(b"k", 1003).unwrap();
    a.migrate(2, "r", "a").unwrap();
    a.tick(1004).unwrap();
    a.set_flag(Flag::On).unwrap();
    a.rollback(&snapshot).unwrap();
    a.put(b"l", &[3], None, 1005).unwrap();
    a.gc(None).unwrap();
    a
}

/// The end of each frame of a log.
fn ends(log: &[u8]) -> Vec<usize> {
    let mut ends = vec![0];
    while *ends.last().unwrap() < log.len() {
        let at = *ends.last().unwrap();
        let length = u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
        ends.push(at + 4 + length as usize + 8);
    }
    ends
}

/// R8.4, R8.5: the first frame is written when a replica is opened on an empty log.
#[test]
fn r8_4_first_frame() {
    let a = open("a");

    assert_eq!(hex(a.storage().synced()), hex(&log(&[record("a", &[])])));
}

/// R8.5: a record contains the changed keys, at the schema after the step.
#[test]
fn r8_5_records() {
    let mut a = open("a");
    a.put(b"k", &[1], None, 1000).unwrap();
    a.put(b"l", &[1], None, 1001).unwrap();
    a.migrate(2, "r", "a").unwrap();
    let at = |clock: u64| bytes(clock_bytes((clock, 0)));
    let step = |counter, clock: u64, key: &str| {
        let mut fields = fields("a", &[(origin("a", 0), counter)]);
        fields[2].1 = at(clock);
        fields[5].1 = Map(vec![(
            bytes(key),
            Array(vec![map(put("a", counter, clock, &[1]).fields(3))]),
        )]);
        message(4, 3, &map(fields).encode())
    };
    let mut migrated = fields("a", &[(origin("a", 0), 2)]);
    migrated[2].1 = at(1001);
    migrated[7].1 = Uint(2);
    let content = [&[0; 32][..], &[3, 2], &l(b"r"), &l(b"a"), &[3]].concat();
    let head = hash("reconcile/migration", &content);
    migrated[9].1 = Array(vec![Array(vec![
        Uint(3),
        Uint(2),
        Text("r"),
        Text("a"),
        Uint(3),
        bytes(head),
    ])]);
    let records = [
        record("a", &[]),
        step(1, 1000, "k"),
        step(2, 1001, "l"),
        message(4, 2, &map(migrated).encode()),
    ];

    assert_eq!(hex(a.storage().synced()), hex(&log(&records)));
}

/// R8.3, R8.6: each truncation of a log leads to the state of the last whole record.
#[test]
fn r8_6_every_truncation() {
    let bytes = busy().into_storage().synced().to_vec();
    let ends = ends(&bytes);
    let states: Vec<_> = ends[1..]
        .iter()
        .map(|&end| whole(&reopened(&bytes[..end])))
        .collect();
    let begun = whole(&open("a"));
    for length in 0..=bytes.len() {
        let a = reopened(&bytes[..length]);

        let frames = ends.iter().filter(|&&end| end <= length).count() - 1;
        let expected = if frames == 0 {
            &begun
        } else {
            &states[frames - 1]
        };
        assert_eq!(&whole(&a), expected, "{length}");
    }
}

/// R8.6: a replica that is opened on a torn log continues as without the torn tail.
#[test]
fn r8_6_continues_after_a_torn_tail() {
    let bytes = busy().into_storage().synced().to_vec();
    let mut torn = reopened(&bytes[..bytes.len() - 1]);
    let mut cut = reopened(&bytes[..ends(&bytes)[ends(&bytes).len() - 2]]);

    torn.put(b"x", &[1], None, 2000).unwrap();
    cut.put(b"x", &[1], None, 2000).unwrap();

    assert_eq!(whole(&torn), whole(&cut));
    assert_eq!(whole(&reopened(torn.storage().synced())), whole(&torn));
}

fn reopened(bytes: &[u8]) -> Engine {
    open_on(Memory::new(bytes.to_vec()), "a", Schema::Three)
}

#[track_caller]
fn assert_corrupt(bytes: Vec<u8>, frame: &str, offset: usize, got: &str) {
    let disk = Disk::new(&Memory::new(bytes.clone()));
    let opened = Replica::open(disk.clone(), config("a", Schema::Three)).map(drop);
    assert_rejected(
        opened,
        Class::CorruptLog,
        (frame, offset as u64, "a whole record", got, HINT),
    );
    assert_eq!(disk.left(0).bytes(), bytes, "a corrupt log is not changed");
}

/// R8.6: a changed byte of a record or of its check is detected, in every frame.
#[test]
fn r8_6_check() {
    let bytes = busy().into_storage().synced().to_vec();
    let ends = ends(&bytes);
    for (index, pair) in ends.windows(2).enumerate() {
        for at in [pair[0] + 4, pair[1] - 9, pair[1] - 8, pair[1] - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_corrupt(changed, &format!("frame {index}"), pair[0], "check");
        }
    }
}

/// R8.6: a missing frame is detected.
#[test]
fn r8_6_check_is_chained() {
    let bytes = busy().into_storage().synced().to_vec();
    let ends = ends(&bytes);
    assert_corrupt(
        [&bytes[..ends[2]], &bytes[ends[3]..]].concat(),
        "frame 2",
        ends[2],
        "check",
    );
    assert_corrupt(bytes[ends[1]..].to_vec(), "frame 0", 0, "check");
}

/// R8.6: a malformed record, or a record of another writer, is corrupt.
#[test]
fn r8_6_record() {
    let good = || record("a", &[]);
    let end = log(&[good()]).len();
    assert_corrupt(log(&[record("b", &[])]), "frame 0", 0, "record");
    assert_corrupt(log(&[good(), vec![]]), "frame 1", end, "record");
    assert_corrupt(
        log(&[good(), [good(), vec![0]].concat()]),
        "frame 1",
        end,
        "record",
    );
    for field in 0..10 {
        let left = fields("a", &[])
            .into_iter()
            .filter(|(other, _)| *other != field);
        assert_corrupt(
            log(&[good(), message(4, 3, &map(left).encode())]),
            "frame 1",
            end,
            "record",
        );
    }
    let mut of_two_schemas = fields("a", &[]);
    of_two_schemas[7].1 = Uint(2);
    assert_corrupt(
        log(&[message(4, 3, &map(of_two_schemas).encode())]),
        "frame 0",
        0,
        "record",
    );
    assert_corrupt(
        log(&[message(1, 3, &map(fields("a", &[])).encode())]),
        "frame 0",
        0,
        "record",
    );
}

/// R10.5: the chain of migrations is computed again, and must lead to the present schema.
#[test]
fn r10_5_chain() {
    let migrated = |from: u8, to: u8, rollback: u8, head_from: u8| {
        let content = [
            &[0; 32][..],
            &[head_from, to],
            &l(b"r"),
            &l(b"a"),
            &[rollback],
        ]
        .concat();
        let head = hash("reconcile/migration", &content);
        let link = [
            Uint(from.into()),
            Uint(to.into()),
            Text("r"),
            Text("a"),
            Uint(rollback.into()),
            bytes(head),
        ];
        let mut fields = fields("a", &[]);
        fields[7].1 = Uint(2);
        fields[9].1 = Array(vec![Array(link.to_vec())]);
        log(&[record("a", &[]), message(4, 2, &map(fields).encode())])
    };
    let end = log(&[record("a", &[])]).len();

    let opened = reopened(&migrated(3, 2, 3, 3));
    assert_eq!(opened.state().local.chain.len(), 1);
    assert_corrupt(migrated(3, 2, 3, 2), "frame 1", end, "chain");
    assert_corrupt(migrated(1, 2, 1, 1), "frame 1", end, "chain");
    assert_corrupt(migrated(3, 1, 3, 3), "frame 1", end, "chain");
    assert_corrupt(migrated(3, 2, 2, 3), "frame 1", end, "chain");
    let mut silent = fields("a", &[]);
    silent[7].1 = Uint(2);
    assert_corrupt(
        log(&[record("a", &[]), message(4, 2, &map(silent).encode())]),
        "frame 1",
        end,
        "chain",
    );
}

/// A log in a file has the same bytes as a log in memory.
#[test]
fn log_files() {
    let path = std::env::temp_dir().join(format!("reconcile-log-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let run = |open: &dyn Fn() -> Replica<LogFile>| {
        let mut a = open();
        a.put(b"k", &[1], None, 1000).unwrap();
        a.put(b"l", &[2], None, 1000).unwrap();
    };
    let on_file =
        || Replica::open(LogFile::open(&path).unwrap(), config("a", Schema::Three)).unwrap();
    let mut in_memory = open("a");
    in_memory.put(b"k", &[1], None, 1000).unwrap();
    in_memory.put(b"l", &[2], None, 1000).unwrap();

    run(&on_file);
    let written = std::fs::read(&path).unwrap();
    std::fs::write(&path, &written[..written.len() - 1]).unwrap();
    let reopened = on_file();

    assert_eq!(written, in_memory.storage().bytes());
    assert!(reopened.get(b"k").is_ok() && reopened.get(b"l").is_err());
    drop(reopened);
    let cut = std::fs::read(&path).unwrap();
    assert_eq!(cut, written[..ends(&written)[2]]);
    std::fs::remove_file(&path).unwrap();
}
