//! Golden bytes: what one scenario writes, for comparison with another implementation.

use std::fs;
use std::path::Path;

use crate::support::*;

const SCENARIO: &str = "\
# Members: 61, 62, 63. Policies: prefix 6d is multi, prefix 63 is counter.
# Replica 61 is opened on an empty log at schema 3, flag off. Then, now being 1000, 1001, ...:
#   1000 put key 6b31 (\"k1\"), value 01, no label
#   1001 put key 6b31 (\"k1\"), value 63616263, no label
#   1002 put key 6d31 (\"m1\"), value f5, label \"x\"
#   1003 increase key 6331 (\"c1\") by 7
#   1004 delete key 6b31 (\"k1\")
#   1005 increase key 6331 (\"c1\") by 5
#   1006 tick
# Then an export at schema 3; migrate to 2, rationale \"r\", approver \"a\", and an export at schema 2;
# migrate to 1, rationale \"r\", approver \"a\", and an export at schema 1.
";

/// Compares bytes with a file. If `REGENERATE` is set, writes the file first.
fn compare(name: &str, what: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/golden")
        .join(name);
    let digits = hex(bytes);
    let lines: Vec<_> = digits
        .as_bytes()
        .chunks(96)
        .map(String::from_utf8_lossy)
        .collect();
    let written = format!("# {what}, in hex.\n#\n{SCENARIO}\n{}\n", lines.join("\n"));
    if std::env::var_os("REGENERATE").is_some() {
        fs::write(&path, &written).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), written, "{name}");
}

/// I12, I17: the scenario writes the golden bytes.
#[test]
fn golden_bytes() {
    let mut a = open("a");
    a.put(b"k1", &[0x01], None, 1000).unwrap();
    a.put(b"k1", b"\x63abc", None, 1001).unwrap();
    a.put(b"m1", &[0xf5], Some("x"), 1002).unwrap();
    a.increase(b"c1", 7, 1003).unwrap();
    a.delete(b"k1", 1004).unwrap();
    a.increase(b"c1", 5, 1005).unwrap();
    a.tick(1006).unwrap();
    compare(
        "digest.txt",
        "The state digest, the same at each schema",
        &a.digest().state,
    );
    compare("document-3.txt", "The document at schema 3", &a.export());
    compare(
        "log.txt",
        "The log before the first migration",
        a.storage().synced(),
    );
    a.migrate(2, "r", "a").unwrap();
    compare("document-2.txt", "The document at schema 2", &a.export());
    a.migrate(1, "r", "a").unwrap();
    compare("document-1.txt", "The document at schema 1", &a.export());
    compare(
        "log-migrated.txt",
        "The log after both migrations",
        a.storage().synced(),
    );
}

/// R7.6: the golden documents are equal to documents that are written by hand from the text.
#[test]
fn golden_document_by_hand() {
    let write = |mut write: Write, label| {
        write.label = label;
        write
    };
    let mut document = doc(&[
        ("c1", &[put("a", 6, 1005, &[12])]),
        ("k1", &[tombstone("a", 5, 1004)]),
        ("m1", &[write(put("a", 3, 1002, &[0xf5]), Some("x"))]),
    ]);
    (document.writer, document.clock) = ("a", (1006, 0));
    for (name, schema) in [
        ("document-1.txt", 1),
        ("document-2.txt", 2),
        ("document-3.txt", 3),
    ] {
        document.schema = schema;
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/golden")
            .join(name);
        let text = fs::read_to_string(path).unwrap();
        let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(digits, hex(&document.encode()));
    }
}
