//! Sections 8 and 10: logs, what is read of them, and what is cut off.

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

/// A record at schema 3 with nothing but a writer and a vector.
pub fn record(writer: &str, vector: &[(Vec<u8>, u64)]) -> Vec<u8> {
    message(4, 3, &map(fields(writer, vector)).encode())
}

/// The log of these records.
pub fn log(records: &[Vec<u8>]) -> Vec<u8> {
    let (mut log, mut check) = (Vec::new(), vec![0; 8]);
    for record in records {
        check = hash("reconcile/frame", &[&check[..], record].concat())[..8].to_vec();
        log.extend([l(record), check.clone()].concat());
    }
    log
}
