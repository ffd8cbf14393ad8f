//! The Rust subject of the contract glob: the crate globset.

mod contract_gen;

use contract_gen::{Subject, contract};
use driftcheck::{Outcome, library};
use globset::GlobBuilder;

struct Adapter;

impl Subject for Adapter {
    fn match_path(&mut self, pattern: &[u8], path: &str) -> Outcome<bool> {
        matches(pattern, path, true)
    }

    fn match_text(&mut self, pattern: &[u8], text: &str) -> Outcome<bool> {
        matches(pattern, text, false)
    }
}

fn matches(pattern: &[u8], text: &str, literal_separator: bool) -> Outcome<bool> {
    let pattern = std::str::from_utf8(pattern).map_err(library)?;
    let mut builder = GlobBuilder::new(pattern);
    let glob = builder.literal_separator(literal_separator).build();
    Ok(glob.map_err(library)?.compile_matcher().is_match(text))
}

driftcheck::extension!(contract(|| Ok(Adapter)));
