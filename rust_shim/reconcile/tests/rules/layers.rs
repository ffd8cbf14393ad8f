//! The layers that the crate's documentation names: no module knows one of a layer behind its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LAYERS: [&[&str]; 6] = [
    &["error", "argument", "hash", "map", "cbor"],
    &[
        "schema",
        "origin",
        "clock",
        "vector",
        "entry",
        "migration",
        "policy",
    ],
    &["tree", "state", "limits", "body"],
    &["keys", "checks", "merge"],
    &["hooks", "audit", "answer", "pull", "walk"],
    &["storage", "log", "recover", "replica"],
];

fn layer_of(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| panic!("{module} is in no layer"))
}

/// The sources below a folder, without the tests that stand among them.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| !path.ends_with("tests.rs"))
        .collect()
}

/// For each module below the root, the modules that its sources name after `crate::`.
fn uses() -> BTreeMap<String, Vec<String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut uses = BTreeMap::<_, Vec<_>>::new();
    for path in sources(&src) {
        let place = path.strip_prefix(&src).unwrap().with_extension("");
        let module = place.iter().next().unwrap().to_str().unwrap().to_owned();
        let whole = fs::read_to_string(&path).unwrap();
        let text = whole.split("#[cfg(test)]").next().unwrap();
        let is_top = place.iter().count() == 1;
        assert!(!(is_top && text.contains("super::")), "{path:?}");
        let named = text.split("crate::").skip(1).map(|rest| {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap();
            rest[..end].to_owned()
        });
        uses.entry(module).or_default().extend(named);
    }
    uses.remove("lib").expect("the root");
    uses
}

/// A module names only modules of its own layer or of a lower one.
#[test]
fn layers_know_none_behind_them() {
    let uses = uses();
    assert_eq!(uses.len(), LAYERS.concat().len());
    for (module, used) in &uses {
        for other in used {
            assert!(layer_of(other) <= layer_of(module), "{module} uses {other}");
        }
    }
}
