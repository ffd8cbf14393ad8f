//! ciborium: serde for typed documents, its `Value` for untyped ones, its `CanonicalValue` for the order of keys.

use ciborium::value::{CanonicalValue, Value};
use driftcheck::{Outcome, library};
use serde::{Serialize, de::DeserializeOwned};

pub fn read<T: DeserializeOwned>(document: &[u8]) -> Outcome<T> {
    ciborium::from_reader(document).map_err(library)
}

pub fn write<T: Serialize>(value: &T) -> Outcome<Vec<u8>> {
    let mut document = Vec::new();
    ciborium::into_writer(value, &mut document).map_err(library)?;
    Ok(document)
}

pub fn write_deterministic<T: Serialize>(value: &T) -> Outcome<Vec<u8>> {
    let mut value = Value::serialized(value).map_err(library)?;
    sort(&mut value);
    write(&value)
}

pub fn rewrite(document: &[u8]) -> Outcome<Vec<u8>> {
    write(&read::<Value>(document)?)
}

/// Sorts the keys of every map in the canonical order of the crate.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort),
        Value::Map(entries) => {
            entries.iter_mut().for_each(|(_, value)| sort(value));
            entries.sort_by_cached_key(|(key, _)| CanonicalValue::from(key.clone()));
        }
        _ => {}
    }
}
