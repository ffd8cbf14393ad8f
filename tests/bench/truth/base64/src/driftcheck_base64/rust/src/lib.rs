//! The Rust subject of the contract base64: the crate base64.

mod contract_gen;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use contract_gen::{Subject, contract};
use driftcheck::{Outcome, library};

struct Adapter;

impl Subject for Adapter {
    fn decode(&mut self, text: &[u8]) -> Outcome<Vec<u8>> {
        STANDARD.decode(text).map_err(library)
    }

    fn decode_unpadded(&mut self, text: &[u8]) -> Outcome<Vec<u8>> {
        STANDARD_NO_PAD.decode(text).map_err(library)
    }
}

driftcheck::extension!(contract(|| Ok(Adapter)));
