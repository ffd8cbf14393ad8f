//! What a library says of itself before it runs: contract, compiler, linked crates.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Contract;
use crate::session::PROTOCOL;
use crate::writer::Writer;

/// The version of the four calls, which `abi` exports to Python.
pub const ABI: u64 = 1;

/// Returns the encoded description of contract `C` and of its library.
///
/// `root` is the name of the adapter's crate, and `lock` the text of its Cargo.lock.
pub fn describe<C: Contract>(root: &str, lock: &str) -> Vec<u8> {
    let libraries = libraries(root, lock);
    let fields: BTreeMap<&str, Field<'_>> = BTreeMap::from([
        ("abi", Field::Number(ABI)),
        ("protocol", Field::Number(PROTOCOL)),
        ("contract", Field::Text(C::NAME)),
        ("fingerprint", Field::Text(C::FINGERPRINT)),
        ("language", Field::Text("rust")),
        ("toolchain", Field::Text(env!("DRIFTCHECK_TOOLCHAIN"))),
        ("libraries", Field::Map(&libraries)),
        ("build", Field::Text(env!("DRIFTCHECK_BUILD"))),
    ]);
    let mut w = Writer::new();
    w.mapping(
        &fields,
        |w, key| w.text(key),
        |w, value| match value {
            Field::Number(number) => w.uint(*number),
            Field::Text(text) => w.text(text),
            Field::Map(map) => w.mapping(map, |w, k| w.text(k), |w, v| w.text(v)),
        },
    );
    w.into_data()
}

enum Field<'a> {
    Number(u64),
    Text(&'a str),
    Map(&'a BTreeMap<&'a str, String>),
}

#[derive(Default)]
struct Package<'l> {
    name: &'l str,
    version: &'l str,
    dependencies: Vec<&'l str>,
}

/// Lists the crates that `root` links, name to version, without this crate and its dependencies.
///
/// Several versions of a crate are joined in one text.
fn libraries<'l>(root: &'l str, lock: &'l str) -> BTreeMap<&'l str, String> {
    let packages = packages(lock);
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    let mut seen = BTreeSet::from([root, "driftcheck"]);
    let mut waiting: Vec<_> = packages.iter().filter(|p| p.name == root).collect();
    while let Some(package) = waiting.pop() {
        for dependency in &package.dependencies {
            // "name", or "name version" if the lock file has several versions of the crate.
            let (name, version) = match dependency.split_once(' ') {
                Some((name, version)) => (name, Some(version)),
                None => (*dependency, None),
            };
            if !seen.insert(dependency) {
                continue;
            }
            let linked = packages
                .iter()
                .filter(|p| p.name == name && version.is_none_or(|v| v == p.version));
            for package in linked {
                let versions = found.entry(package.name).or_default();
                if !versions.is_empty() {
                    versions.push_str(", ");
                }
                versions.push_str(package.version);
                waiting.push(package);
            }
        }
    }
    found
}

/// Reads the packages of a Cargo.lock. Cargo writes one item on each line.
fn packages(lock: &str) -> Vec<Package<'_>> {
    let mut packages = Vec::new();
    for line in lock.lines().map(str::trim) {
        if line == "[[package]]" {
            packages.push(Package::default());
            continue;
        }
        let Some(package) = packages.last_mut() else {
            continue;
        };
        if let Some(name) = quoted(line, "name = ") {
            package.name = name;
        } else if let Some(version) = quoted(line, "version = ") {
            package.version = version;
        } else if let Some(dependency) = quoted(line.trim_end_matches(','), "") {
            package.dependencies.push(dependency);
        }
    }
    packages
}

fn quoted<'l>(line: &'l str, before: &str) -> Option<&'l str> {
    line.strip_prefix(before)?
        .strip_prefix('"')?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "adapter"
version = "0.0.0"
dependencies = [
 "driftcheck",
 "lru",
 "syn 2.0.1",
 "syn 3.0.1",
]

[[package]]
name = "driftcheck"
version = "0.1.0"
dependencies = [
 "pyo3",
]

[[package]]
name = "hashbrown"
version = "0.17.1"

[[package]]
name = "lru"
version = "0.19.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
dependencies = [
 "hashbrown",
]

[[package]]
name = "pyo3"
version = "0.30.1"

[[package]]
name = "syn"
version = "2.0.1"

[[package]]
name = "syn"
version = "3.0.1"
"#;

    #[test]
    fn libraries_are_those_of_the_adapter_and_not_of_the_sdk() {
        let found = libraries("adapter", LOCK);

        let names: Vec<_> = found.keys().copied().collect();
        assert_eq!(names, ["hashbrown", "lru", "syn"]);
        assert_eq!(found["lru"], "0.19.0");
    }

    #[test]
    fn several_versions_of_a_crate_are_all_listed() {
        assert_eq!(libraries("adapter", LOCK)["syn"], "2.0.1, 3.0.1");
    }
}
