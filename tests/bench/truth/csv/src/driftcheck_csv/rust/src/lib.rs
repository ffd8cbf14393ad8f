//! The Rust subject of the contract csv: the crate csv.

mod contract_gen;

use contract_gen::{Subject, contract};
use csv::{Reader, ReaderBuilder, Writer};
use driftcheck::{Outcome, library};

struct Adapter;

impl Subject for Adapter {
    fn read(&mut self, document: &[u8]) -> Outcome<Vec<Vec<String>>> {
        let mut builder = ReaderBuilder::new();
        records(builder.has_headers(false).from_reader(document)).map_err(library)
    }

    fn read_default(&mut self, document: &[u8]) -> Outcome<Vec<Vec<String>>> {
        records(Reader::from_reader(document)).map_err(library)
    }

    fn write(&mut self, record: Vec<String>) -> Outcome<String> {
        let mut writer = Writer::from_writer(Vec::new());
        writer.write_record(record).map_err(library)?;
        Ok(String::from_utf8(writer.into_inner()?)?)
    }
}

fn records(mut reader: Reader<&[u8]>) -> csv::Result<Vec<Vec<String>>> {
    reader
        .records()
        .map(|record| Ok(record?.iter().map(String::from).collect()))
        .collect()
}

driftcheck::extension!(contract(|| Ok(Adapter)));
