//! Prints whether ciborium accepts each document, without the adapter and the SDK. With the feature `cbor4ii`
//! it asks cbor4ii. It reads one document from each line, as hexadecimal.

use std::io::stdin;

#[cfg(not(feature = "cbor4ii"))]
fn accepts(document: &[u8]) -> bool {
    ciborium::from_reader::<ciborium::Value, _>(document).is_ok()
}

#[cfg(feature = "cbor4ii")]
fn accepts(document: &[u8]) -> bool {
    use cbor4ii::core::{Value, dec::Decode, utils::SliceReader};
    Value::decode(&mut SliceReader::new(document)).is_ok()
}

fn main() {
    for line in stdin().lines() {
        let line = line.expect("standard input can be read");
        let digits = line.as_bytes().chunks(2);
        let document: Vec<u8> = digits
            .map(|pair| {
                str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect::<Option<_>>()
            .expect("a line is hex");
        println!(
            "{}",
            if accepts(&document) {
                "accepted"
            } else {
                "rejected"
            }
        );
    }
}
