//! The Rust subject of the contract url: the crates url, form_urlencoded and percent-encoding.

mod contract_gen;

use std::collections::BTreeMap;
use std::str;

use contract_gen::{Parsed, Subject, contract};
use driftcheck::{Outcome, library};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
use url::{Url, form_urlencoded};

struct Adapter;

impl Subject for Adapter {
    fn parse(&mut self, text: &[u8]) -> Outcome<Parsed> {
        let read = parsed(text)?;
        Ok(Parsed {
            scheme: read.scheme().to_owned(),
            host: read.host_str().unwrap_or_default().to_owned(),
            port: read.port().map(|port| port.to_string()).unwrap_or_default(),
            path: read.path().to_owned(),
            query: read.query().unwrap_or_default().to_owned(),
            fragment: read.fragment().unwrap_or_default().to_owned(),
            text: read.to_string(),
        })
    }

    fn join(&mut self, base: &[u8], reference: &[u8]) -> Outcome<String> {
        let reference = str::from_utf8(reference).map_err(library)?;
        let joined = parsed(base)?.join(reference).map_err(library)?;
        Ok(joined.to_string())
    }

    fn query(&mut self, text: &[u8]) -> Outcome<BTreeMap<String, Vec<String>>> {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, value) in form_urlencoded::parse(text).into_owned() {
            values.entry(key).or_default().push(value);
        }
        Ok(values)
    }

    fn escape_query(&mut self, text: &str) -> Outcome<String> {
        Ok(form_urlencoded::byte_serialize(text.as_bytes()).collect())
    }

    fn escape_path(&mut self, text: &str) -> Outcome<String> {
        Ok(utf8_percent_encode(text, NON_ALPHANUMERIC).to_string())
    }

    fn unescape_path(&mut self, text: &[u8]) -> Outcome<String> {
        let plain = percent_decode(text).decode_utf8().map_err(library)?;
        Ok(plain.into_owned())
    }
}

fn parsed(text: &[u8]) -> Outcome<Url> {
    let text = str::from_utf8(text).map_err(library)?;
    Url::parse(text).map_err(library)
}

driftcheck::extension!(contract(|| Ok(Adapter)));
