//! A Rust subject of the contract `cbor`: ciborium, or cbor4ii with the feature of that name.

mod contract_gen;
#[cfg_attr(feature = "cbor4ii", path = "cbor4ii.rs")]
#[cfg_attr(not(feature = "cbor4ii"), path = "ciborium.rs")]
mod library;

use std::collections::BTreeMap;

use contract_gen::{Level, Point, Reading, Subject, contract};
use driftcheck::Outcome;
use serde::{Deserialize, Serialize};

/// The record as a Rust programmer would write it for serde.
#[derive(Deserialize, Serialize)]
struct WireReading {
    id: u64,
    delta: i64,
    value: f64,
    ok: bool,
    name: String,
    #[serde(with = "serde_bytes")]
    blob: Vec<u8>,
    note: Option<String>,
    at: Option<WirePoint>,
    tags: Vec<String>,
    codes: BTreeMap<i64, bool>,
    level: WireLevel,
}

#[derive(Deserialize, Serialize)]
struct WirePoint {
    x: f64,
    y: i64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum WireLevel {
    Low,
    High,
}

impl From<Reading> for WireReading {
    fn from(v: Reading) -> Self {
        WireReading {
            id: v.id,
            delta: v.delta,
            value: v.value,
            ok: v.ok,
            name: v.name,
            blob: v.blob,
            note: v.note,
            at: v.at.map(|Point { x, y }| WirePoint { x, y }),
            tags: v.tags,
            codes: v.codes,
            level: match v.level {
                Level::Low => WireLevel::Low,
                Level::High => WireLevel::High,
            },
        }
    }
}

impl From<WireReading> for Reading {
    fn from(v: WireReading) -> Self {
        Reading {
            id: v.id,
            delta: v.delta,
            value: v.value,
            ok: v.ok,
            name: v.name,
            blob: v.blob,
            note: v.note,
            at: v.at.map(|WirePoint { x, y }| Point { x, y }),
            tags: v.tags,
            codes: v.codes,
            level: match v.level {
                WireLevel::Low => Level::Low,
                WireLevel::High => Level::High,
            },
        }
    }
}

struct Adapter;

impl Subject for Adapter {
    fn decode(&mut self, document: &[u8]) -> Outcome<Reading> {
        library::read::<WireReading>(document).map(Reading::from)
    }

    fn encode(&mut self, reading: Reading) -> Outcome<Vec<u8>> {
        library::write(&WireReading::from(reading))
    }

    fn encode_deterministic(&mut self, reading: Reading) -> Outcome<Vec<u8>> {
        library::write_deterministic(&WireReading::from(reading))
    }

    fn rewrite(&mut self, document: &[u8]) -> Outcome<Vec<u8>> {
        library::rewrite(document)
    }
}

driftcheck::extension!(contract(|| Ok(Adapter)));
