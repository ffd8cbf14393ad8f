//! Runs of many random steps: replicas converge, logs recover, and random bytes never panic.

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use reconcile::{Class, Fault, Flag, Memory, Peer, Replica, Schema, Stage};

use crate::support::*;

const NAMES: [&str; 3] = ["a", "b", "c"];
const KEYS: [&[u8]; 7] = [b"k", b"l", b"la", b"m", b"mx", b"c", b"cx"];

/// One step of one replica.
fn step(replicas: &mut [Engine; 3], choices: &mut Unstructured<'_>, now: u64) -> Result<()> {
    let at = choices.choose_index(3)?;
    let peer = (at + 1 + choices.choose_index(2)?) % 3;
    let key = *choices.choose(&KEYS)?;
    let fault = match choices.int_in_range(0..=15)? {
        0 => Some(Fault::Lost),
        1 => Some(Fault::Halted(*choices.choose(Stage::ALL)?)),
        2 => Some(Fault::Torn),
        3 => Some(Fault::Killed),
        4 => Some(Fault::Repeated),
        5 => Some(Fault::Reordered),
        6 => Some(Fault::Stepped),
        7 => Some(Fault::Damaged),
        _ => None,
    };
    replicas[at].hooks_mut().0 = fault;
    let before = whole(&replicas[at]);
    let other = open_on(replicas[peer].storage().clone(), NAMES[peer], Schema::Three);
    let replica = &mut replicas[at];
    let outcome = match choices.int_in_range(0..=9)? {
        0 if key[0] == b'c' => replica
            .increase(key, choices.int_in_range(1..=300)?, now)
            .map(drop),
        0..=2 => replica
            .put(key, &[choices.int_in_range(0..=23)?], None, now)
            .map(drop),
        3 => replica.delete(key, now).map(drop),
        4 => replica.gc(None).map(drop),
        5 => replica.set_flag(*choices.choose(&[Flag::Off, Flag::Shadow, Flag::On])?),
        6 => replica.import(&other.export(), now).map(drop),
        7 => replica.tick(now).map(drop),
        _ => replica.reconcile(&other, now).map(drop),
    };
    replicas[at].hooks_mut().0 = None;
    if let Err(rejection) = outcome {
        let expected = [
            Class::Interrupted,
            Class::DigestMismatch,
            Class::Absent,
            Class::ClockDrift,
        ];
        assert!(expected.contains(&rejection.class), "{rejection}");
        assert_eq!(whole(&replicas[at]), before, "I8");
    }
    let reopened = open_on(replicas[at].storage().clone(), NAMES[at], Schema::Three);
    assert_eq!(whole(&reopened), whole(&replicas[at]), "R8.3");
    Ok(())
}

/// I4, I15: after any steps and faults, two rounds of all pairs make all replicas equal, by each algorithm.
#[test]
fn i4_three_replicas_converge() {
    arbtest(|choices| {
        let mut replicas = NAMES.map(open);
        let mut now = 1000;
        while !choices.is_empty() {
            step(&mut replicas, choices, now)?;
            now += choices.int_in_range(0..=2)?;
        }
        // The time is later than any clock, so that no reconcile is rejected because of drift.
        now += 4_000_000;
        let finals = [Flag::Off, Flag::Shadow, Flag::On].map(|flag| {
            let mut replicas: Vec<_> = (0..3)
                .map(|at| open_on(replicas[at].storage().clone(), NAMES[at], Schema::Three))
                .collect();
            replicas
                .iter_mut()
                .for_each(|replica| replica.set_flag(flag).unwrap());
            for _ in 0..2 {
                for (at, peer) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
                    let other =
                        open_on(replicas[peer].storage().clone(), NAMES[peer], Schema::Three);
                    replicas[at].reconcile(&other, now).unwrap();
                    let agreed = replicas[at].audit().last().unwrap().agreed;
                    assert_eq!(agreed, (flag == Flag::Shadow).then_some(true));
                }
            }
            let exports: Vec<_> = replicas.iter().map(|replica| replica.export()).collect();
            assert_eq!(replicas[0].digest(), replicas[1].digest());
            assert_eq!(replicas[0].digest(), replicas[2].digest());
            for replica in &mut replicas {
                let own = replica.export();
                assert!(!replica.import(&own, now).unwrap().changed, "I1, I11");
            }
            exports
        });
        assert_eq!(finals[0], finals[1]);
        assert_eq!(finals[0], finals[2]);
        Ok(())
    })
    .size_max(4096)
    .budget_ms(4000);
}

/// I13: random and almost valid bytes never panic; rejected bytes change nothing.
#[test]
fn i13_bytes_never_panic() {
    let mut b = open("b");
    for key in 0..20u8 {
        b.put(&[b'm', key], &[0x82, key % 24, 0x61, 0x61], Some("x"), 1000)
            .unwrap();
    }
    b.delete(b"m\x03", 1000).unwrap();
    let seeds = [
        b.export(),
        b.storage().synced().to_vec(),
        doc(&[("k", &[put("b", 1, 5, &[0xa0])])]).encode(),
    ];
    let a = open("a");
    arbtest(|choices| {
        let mut bytes = choices.choose(&seeds)?.clone();
        for _ in 0..choices.int_in_range(1..=4)? {
            let at = choices.choose_index(bytes.len().max(1))?;
            match choices.int_in_range(0..=4)? {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), choices.arbitrary()?),
                2 => drop(bytes.splice(at.min(bytes.len()).., choices.arbitrary::<Vec<u8>>()?)),
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = choices.arbitrary()?;
                    }
                }
            }
        }
        let mut a = open_on(a.storage().clone(), "a", Schema::Three);
        let before = whole(&a);
        if a.import(&bytes, 1000).is_err() {
            assert_eq!(whole(&a), before);
        }
        if let Ok(written) = a.put(b"k", &bytes, None, 1000) {
            assert_eq!(a.get(b"k").unwrap().values[0].as_bytes(), bytes);
            assert!(written.dot.counter > 0);
        }
        let _ = a.answer(&bytes);
        let _ = Replica::open(Memory::new(bytes), config("b", Schema::Three)).map(drop);
        Ok(())
    })
    .budget_ms(4000);
}

/// I11: a document that is accepted is written back unchanged.
#[test]
fn i11_accepted_documents_are_written_unchanged() {
    let writes = [
        put("b", 1, 5, &[0x82, 0x01, 0x61, 0x61]),
        Write {
            label: Some("x"),
            ..put("c", 1, 6, &[0xf4])
        },
    ];
    let seed = doc(&[
        ("m", &writes),
        ("k", &[tombstone("b", 2, 7)]),
        ("c", &[put("c", 2, 7, &[0x18, 0x20])]),
    ]);
    arbtest(|choices| {
        let mut document = seed.clone();
        document.schema = choices.int_in_range(1..=3)?;
        for (_, writes) in &mut document.keys {
            for write in writes {
                write.schema = choices.int_in_range(1..=3)?;
                write.clock = (choices.int_in_range(0..=9)?, choices.arbitrary()?);
                for field in 0..choices.int_in_range(0..=3u8)? {
                    write.extras.push((16 + field * 15, vec![0x81, 0xf6]));
                }
            }
        }
        document.clock = (9, u16::MAX);
        let schema = Schema::from_number(document.schema).unwrap();
        // A replica that imports the document has its shared part, and writes the same bytes under the same name.
        let mut c = open_at("c", schema);
        let mut renamed = document.clone();
        renamed.vector.retain(|(origin, _)| origin[0] != b'c');
        renamed
            .keys
            .iter_mut()
            .for_each(|(_, writes)| writes.retain(|write| write.origin[0] != b'c'));
        renamed.keys.retain(|(_, writes)| !writes.is_empty());
        c.import(&renamed.encode(), 1_000_000).unwrap();
        renamed.writer = "c";
        renamed.clock = (1_000_000, 0);

        assert_eq!(hex(&c.export()), hex(&renamed.encode()));
        Ok(())
    })
    .budget_ms(1000);
}
