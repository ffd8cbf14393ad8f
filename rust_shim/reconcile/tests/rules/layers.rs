//! The layers of the crate documentation, and the imports between modules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// All modules, a line for each layer. A module uses only modules before it.
const MODULES: &str = "
    error argument limits hash map cbor
    schema origin clock vector entry migration policy
    slot tree state body
    keys checks incoming merge
    hooks audit answer wire walk pull
    storage log recovery replica
";

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The source files below a folder, without files of tests.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .filter(|path| !path.ends_with("tests.rs"))
        .collect()
}

/// The names that follow a prefix in a source file before its tests, such as `super::`.
fn names(file: &Path, prefix: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    let after = |rest: &str| match rest.strip_prefix('{') {
        Some(list) => list[..list.find("};").unwrap()]
            .split(',')
            .map(first_name)
            .collect(),
        None => vec![first_name(rest)],
    };
    code.split(prefix).skip(1).flat_map(after).collect()
}

fn first_name(path: &str) -> String {
    path.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// A module of the root uses only modules before it in the list.
#[test]
fn modules_use_only_modules_before_them() {
    let modules: Vec<&str> = MODULES.split_whitespace().collect();
    let position = |name: &str| {
        let found = modules.iter().position(|module| *module == name);
        found.unwrap_or_else(|| panic!("{name} is not in the list"))
    };
    let mut found = BTreeSet::new();
    for file in files(&src()) {
        let place = file.strip_prefix(src()).unwrap().with_extension("");
        let module = place.iter().next().unwrap().to_str().unwrap();
        if module == "lib" {
            continue;
        }
        let is_top = place.iter().count() == 1;
        assert!(!is_top || names(&file, "super::").is_empty(), "{file:?}");
        for used in names(&file, "crate::") {
            assert!(
                position(&used) < position(module),
                "{module} uses {used}, which is after it"
            );
        }
        found.insert(module.to_owned());
    }

    assert_eq!(found.len(), modules.len());
}

/// In each folder, no two files use each other, directly or through other files.
#[test]
fn files_of_a_module_use_no_cycle() {
    let mut uses = BTreeMap::<PathBuf, Vec<PathBuf>>::new();
    for file in files(&src()) {
        let siblings = names(&file, "super::").into_iter();
        let used = siblings.map(|name| file.with_file_name(name).with_extension("rs"));
        uses.insert(file.clone(), used.collect());
    }

    // A file that uses no remaining file can be removed; the files of a cycle remain.
    loop {
        let left: BTreeSet<_> = uses.keys().cloned().collect();
        uses.retain(|_, used| used.iter().any(|file| left.contains(file)));
        if uses.len() == left.len() {
            break;
        }
    }
    assert_eq!(uses.keys().collect::<Vec<_>>(), [] as [&PathBuf; 0]);
}
