//! cbor4ii: serde for typed documents, its `Value` for untyped ones. It has no deterministic form.

use cbor4ii::core::{Value, utils::SliceReader};
use cbor4ii::core::{dec::Decode, enc::Encode, utils::BufWriter};
use driftcheck::{Outcome, library, unsupported};
use serde::{Serialize, de::DeserializeOwned};

pub fn read<T: DeserializeOwned>(document: &[u8]) -> Outcome<T> {
    cbor4ii::serde::from_slice(document).map_err(library)
}

pub fn write<T: Serialize>(value: &T) -> Outcome<Vec<u8>> {
    cbor4ii::serde::to_vec(Vec::new(), value).map_err(library)
}

pub fn write_deterministic<T: Serialize>(_: &T) -> Outcome<Vec<u8>> {
    Err(unsupported())
}

pub fn rewrite(document: &[u8]) -> Outcome<Vec<u8>> {
    let value = Value::decode(&mut SliceReader::new(document)).map_err(library)?;
    let mut writer = BufWriter::new(Vec::new());
    value.encode(&mut writer).map_err(library)?;
    Ok(writer.into_inner())
}
