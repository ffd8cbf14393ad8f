//! R7.4 with R2: documents are read strictly, and an accepted document is written back unchanged.

use reconcile::{Class, Schema};

use crate::support::*;

const LAYOUT: &str = "check the layout of this schema";
const LIMITS: &str = "check the limits";

/// Asserts that `a` at schema 2, which accepts all three schemas, rejects a document.
#[track_caller]
fn assert_malformed(message: &[u8], detail: (&str, u64, &str, &str, &str)) {
    let mut a = open_at("a", Schema::Two);
    let before = whole(&a);

    assert_rejected(a.import(message, 1000), Class::Malformed, detail);

    assert_eq!(whole(&a), before);
}

/// A document whose only entry has the given fields, and the offset of that entry.
fn with_entry(schema: u8, fields: Vec<(u64, Item)>) -> (Vec<u8>, u64) {
    let mut document = doc(&[("k", &[put("b", 1, 5, &[1])])]);
    document.schema = schema;
    let mut body = document.fields();
    let before = message(1, schema, &map(body[..5].to_vec()).encode());
    body[5].1 = Map(vec![(bytes("k"), Array(vec![map(fields)]))]);
    // Field 5, the head of the map, the key and the head of the array are before the entry.
    (
        message(1, schema, &map(body).encode()),
        before.len() as u64 + 1 + 1 + 2 + 1,
    )
}

fn fields(schema: u8) -> Vec<(u64, Item)> {
    put("b", 1, 5, &[1]).fields(schema)
}

fn replaced(schema: u8, field: u64, content: Item) -> (Vec<u8>, u64) {
    let mut fields = fields(schema);
    let place = fields
        .iter()
        .position(|(other, _)| *other == field)
        .expect("the field");
    fields[place].1 = content;
    with_entry(schema, fields)
}

fn without(schema: u8, field: u64) -> (Vec<u8>, u64) {
    with_entry(
        schema,
        fields(schema)
            .into_iter()
            .filter(|(other, _)| *other != field)
            .collect(),
    )
}

fn with(schema: u8, field: u64, content: Item) -> (Vec<u8>, u64) {
    let mut fields = fields(schema);
    fields.push((field, content));
    fields.sort_by_key(|(field, _)| *field);
    with_entry(schema, fields)
}

/// R7.4: the documents that the tests below change are accepted at each schema.
#[test]
fn r7_4_accepted() {
    for schema in 1..=3 {
        let (message, _) = with_entry(schema, fields(schema));
        assert!(
            open_at("a", Schema::Two)
                .import(&message, 1000)
                .unwrap()
                .changed
        );
    }
}

/// R2.5: the lowest missing field of a document is reported, at the map.
#[test]
fn r2_5_missing_fields_of_a_document() {
    let fields = doc(&[]).fields();
    for field in 0..7 {
        let left = fields.iter().filter(|(other, _)| *other != field).cloned();
        let expected = format!("field {field}");
        assert_malformed(
            &message(1, 3, &map(left).encode()),
            ("", 8, &expected, "no such field", LAYOUT),
        );
    }
    assert_malformed(
        &message(1, 3, &[0xa0]),
        ("", 8, "field 0", "no such field", LAYOUT),
    );
}

/// R2.5, R7.4: a document has no other field.
#[test]
fn r2_5_unknown_field_of_a_document() {
    let mut fields = doc(&[]).fields();
    fields.push((7, Uint(0)));
    let body = map(fields).encode();
    let at = 8 + body.len() as u64 - 2;
    assert_malformed(
        &message(1, 3, &body),
        ("", at, "a field of this layout", "field 7", LAYOUT),
    );
}

/// R2.7: nothing follows a body.
#[test]
fn r2_7_trailing() {
    let mut document = doc(&[]).encode();
    let at = document.len() as u64;
    document.extend([0, 0, 0]);
    assert_malformed(
        &document,
        (
            "",
            at,
            "the end",
            "3 more bytes",
            "one message holds one body",
        ),
    );
}

/// R2.4: a body that is cut short anywhere is rejected at the item that is not whole.
#[test]
fn r2_4_every_truncation_is_malformed() {
    let writes = [
        put("b", 1, 5, &[0x82, 0x01, 0x61, 0x61]),
        tombstone("c", 1, 6),
    ];
    let document = doc(&[("m", &writes), ("k", &[put("b", 2, 7, &[1])])]).encode();
    for length in 0..document.len() {
        let rejection = open("a").import(&document[..length], 1000).unwrap_err();
        assert_eq!(rejection.class, Class::Malformed, "{length}");
        assert!(rejection.offset <= length as u64);
    }
}

/// R2.5: *duplicate* and *order* of fields are checked before *field*, at the second field, with the path of the map.
#[test]
fn r2_5_duplicate_and_order_of_fields() {
    let head = [0xa2, 0x00, 0x41, b'b'];
    let body = |second: &[u8]| message(1, 3, &[&head, second].concat());
    let duplicate = ("", 12, "distinct items", "an equal item", "write each once");
    assert_malformed(&body(&[0x00, 0x41, b'b']), duplicate);
    let body = message(1, 3, &[0xa2, 0x01, 0x00, 0x00, 0x41, b'b']);
    assert_malformed(
        &body,
        (
            "",
            11,
            "ascending order",
            "a smaller item",
            "sort by encoded bytes",
        ),
    );
}

/// R7.4: the bounds of the fields 0 to 6 of a document.
#[test]
fn r7_4_limits_of_the_head() {
    // The offset is relative to the content of the field.
    let cases = [
        (0, bytes(""), "/0", 0, "1 to 16", "0", LIMITS),
        (0, bytes([7; 17]), "/0", 0, "1 to 16", "17", LIMITS),
        (
            1,
            Uint(1 << 32),
            "/1",
            0,
            "0 to 4294967295",
            "4294967296",
            LAYOUT,
        ),
        (2, bytes([0; 7]), "/2", 0, "8 to 8", "7", LIMITS),
        (
            3,
            Map(vec![(bytes([0; 4]), Uint(1))]),
            "/3",
            1,
            "5 to 20",
            "4",
            LIMITS,
        ),
        (
            4,
            Map(vec![(bytes([0; 21]), Uint(1))]),
            "/4",
            1,
            "5 to 20",
            "21",
            LIMITS,
        ),
        (6, bytes([0; 31]), "/6", 0, "32 to 32", "31", LIMITS),
        (5, Uint(0), "/5", 0, "map", "unsigned integer", LAYOUT),
        (
            5,
            Map(vec![(bytes(""), Array(vec![]))]),
            "/5",
            1,
            "1 to 64",
            "0",
            LIMITS,
        ),
        (
            5,
            Map(vec![(bytes("k"), Array(vec![]))]),
            "/5/6b",
            3,
            "1 to 256",
            "0",
            LIMITS,
        ),
        (
            5,
            Raw(head(5, (1 << 20) + 1)),
            "/5",
            0,
            "at most 1048576",
            "1048577",
            LIMITS,
        ),
        (
            3,
            Raw(head(5, 4097)),
            "/3",
            0,
            "at most 4096",
            "4097",
            LIMITS,
        ),
    ];
    for (field, content, path, further, expected, got, hint) in cases {
        let mut fields = doc(&[]).fields();
        fields[field].1 = content;
        let before = message(1, 3, &map(fields[..field].to_vec()).encode());
        let at = before.len() as u64 + 1 + further;
        assert_malformed(
            &message(1, 3, &map(fields).encode()),
            (path, at, expected, got, hint),
        );
    }
}

/// R7.4: the required fields of an entry, at each schema.
#[test]
fn r7_4_missing_fields_of_an_entry() {
    for (schema, must) in [
        (1, &[0, 1, 2, 3, 4, 5][..]),
        (2, &[0, 1, 2, 3, 4, 5]),
        (3, &[0, 1, 3, 4, 5, 7, 8]),
    ] {
        for &field in must {
            let (message, at) = without(schema, field);
            let expected = format!("field {field}");
            assert_malformed(
                &message,
                ("/5/6b/0", at, &expected, "no such field", LAYOUT),
            );
        }
    }
}

/// R7.4: the fields that are not allowed in an entry, at each schema.
#[test]
fn r7_4_unknown_fields_of_an_entry() {
    let clock = || bytes([0; 8]);
    let cases = [
        (3, 2, clock()),
        (1, 7, Uint(5)),
        (2, 7, Uint(5)),
        (1, 8, Uint(5)),
        (2, 8, Uint(5)),
        (3, 9, Uint(5)),
        (3, 15, Uint(5)),
        (3, 64, Uint(5)),
    ];
    for (schema, field, content) in cases {
        let (message, at) = with(schema, field, content);
        let before: usize = fields(schema)
            .iter()
            .filter(|(other, _)| *other < field)
            .map(|(field, content)| Uint(*field).encode().len() + content.encode().len())
            .sum();
        let got = format!("field {field}");
        let at = at + 1 + before as u64;
        assert_malformed(
            &message,
            ("/5/6b/0", at, "a field of this layout", &got, LAYOUT),
        );
    }
}

/// R7.4: tombstones have neither value nor label; at schema 1, their value is `null`.
#[test]
fn r7_4_tombstones() {
    let bare = |schema| tombstone("b", 1, 5).fields(schema);
    let and = |schema, field, content: Item| {
        let mut fields = bare(schema);
        fields.retain(|(other, _)| *other != field);
        fields.push((field, content));
        fields.sort_by_key(|(field, _)| *field);
        with_entry(schema, fields).0
    };
    let rejection = |message: Vec<u8>| {
        open_at("a", Schema::Two)
            .import(&message, 1000)
            .unwrap_err()
    };

    for schema in 1..=3 {
        assert!(
            open_at("a", Schema::Two)
                .import(&with_tombstone(schema), 1000)
                .is_ok()
        );
        let fault = rejection(and(schema, 6, Text("x")));
        assert_eq!(
            (fault.path.as_str(), fault.got.as_str()),
            ("/5/6b/0", "field 6")
        );
    }
    for schema in 2..=3 {
        let fault = rejection(and(schema, 4, Raw(vec![0xf6])));
        assert_eq!(
            (fault.path.as_str(), fault.got.as_str()),
            ("/5/6b/0", "field 4")
        );
    }
    let fault = rejection(and(1, 4, Uint(1)));
    let found = (
        fault.path.as_str(),
        fault.expected.as_str(),
        fault.got.as_str(),
    );
    assert_eq!(found, ("/5/6b/0/4", "null", "unsigned integer"));
    let fault = rejection(
        with_entry(
            1,
            bare(1)
                .into_iter()
                .filter(|(field, _)| *field != 4)
                .collect(),
        )
        .0,
    );
    assert_eq!(
        (fault.expected.as_str(), fault.got.as_str()),
        ("field 4", "no such field")
    );
}

fn with_tombstone(schema: u8) -> Vec<u8> {
    let mut document = doc(&[("k", &[tombstone("b", 1, 5)])]);
    document.schema = schema;
    document.encode()
}

/// R2.2, R7.4: a put has a value.
#[test]
fn r7_4_values() {
    let kinds = "unsigned integer or negative integer or byte string or text string or array or map \
                 or false or true";
    for (value, got) in [
        (0xf6, "null"),
        (0xf7, "simple value"),
        (0xe0, "simple value"),
    ] {
        let (message, at) = replaced(3, 4, Raw(vec![value]));
        // The head of the map, the origin, the counter and the kind are before the value.
        let at = at + 1 + 1 + 6 + 2 + 2 + 1;
        assert_malformed(&message, ("/5/6b/0/4", at, kinds, got, LAYOUT));
    }
}

/// R2.7: the length of a value is checked after the value is read, that of extras after the entry is read.
#[test]
fn r2_7_limits_of_values_and_extras() {
    let string = |length: usize| Raw([head(2, length as u64), vec![0; length]].concat());
    let (message, at) = replaced(3, 4, string(1022));
    assert_malformed(
        &message,
        ("/5/6b/0/4", at + 13, "at most 1024", "1025", LIMITS),
    );

    let mut fields = fields(3);
    fields.extend([(16, string(200)), (63, string(53))]);
    let (message, at) = with_entry(3, fields.clone());
    assert_malformed(&message, ("/5/6b/0", at, "at most 256", "257", LIMITS));
    fields[8].1 = string(52);
    let (message, _) = with_entry(3, fields);
    assert_eq!(
        open("a").import(&message, 1000).unwrap_err().class,
        Class::DigestMismatch
    );
}

/// R2.3, R2.7: the deepest value has twelve levels, and sixteen in a document.
#[test]
fn r2_3_depth_in_a_document() {
    let nested = |levels: usize| Raw([vec![0x81; levels - 1], vec![0x80]].concat());
    let (message, at) = replaced(3, 4, nested(13));
    let path = format!("/5/6b/0/4{}", "/0".repeat(12));
    assert_malformed(
        &message,
        (
            &path,
            at + 13 + 12,
            "at most 16 levels",
            "17 levels",
            "nest less deeply",
        ),
    );
    let (message, _) = replaced(3, 4, nested(12));
    assert_eq!(
        open("a").import(&message, 1000).unwrap_err().class,
        Class::DigestMismatch
    );
    let (message, _) = with(3, 16, nested(13));
    assert_eq!(
        open("a").import(&message, 1000).unwrap_err().expected,
        "at most 16 levels"
    );
}

/// R7.4: the bounds of the fields of an entry.
#[test]
fn r7_4_bounds_of_an_entry() {
    let cases = [
        (3, 0, bytes([0; 4]), "5 to 20", "4"),
        (3, 0, bytes([0; 21]), "5 to 20", "21"),
        (3, 1, Uint(0), "1 to 9223372036854775807", "0"),
        (
            3,
            1,
            Uint(1 << 63),
            "1 to 9223372036854775807",
            "9223372036854775808",
        ),
        (1, 2, bytes([0; 9]), "8 to 8", "9"),
        (3, 3, Uint(2), "0 to 1", "2"),
        (3, 5, Uint(0), "1 to 3", "0"),
        (3, 5, Uint(4), "1 to 3", "4"),
        (
            3,
            7,
            Uint(1 << 48),
            "0 to 281474976710655",
            "281474976710656",
        ),
        (3, 8, Uint(65536), "0 to 65535", "65536"),
    ];
    for (schema, field, content, expected, got) in cases {
        let (message, _) = replaced(schema, field, content);
        let fault = open_at("a", Schema::Two)
            .import(&message, 1000)
            .unwrap_err();
        let found = (fault.path, fault.expected.as_str(), fault.got.as_str());
        assert_eq!(found, (format!("/5/6b/0/{field}"), expected, got));
    }
    let (message, _) = with(3, 6, Text("123456789012345678901234567890123"));
    let fault = open("a").import(&message, 1000).unwrap_err();
    assert_eq!(
        (fault.path.as_str(), fault.expected.as_str()),
        ("/5/6b/0/6", "at most 32")
    );
}

/// R2.6: entries are ascending by dot; each is compared with the one before.
#[test]
fn r2_6_order_of_entries() {
    let import = |writes: &[Write]| {
        open("a")
            .import(&doc(&[("m", writes)]).encode(), 1000)
            .unwrap_err()
    };
    let (b, c) = (put("b", 300, 5, &[1]), put("c", 1, 5, &[1]));

    let fault = import(&[c.clone(), b.clone()]);
    assert_eq!(
        (fault.path.as_str(), fault.expected.as_str()),
        ("/5/6d/1", "ascending order")
    );
    let fault = import(&[b.clone(), b.clone()]);
    assert_eq!(
        (fault.path.as_str(), fault.expected.as_str()),
        ("/5/6d/1", "distinct items")
    );
    let fault = import(&[b.clone(), put("b", 4, 5, &[1])]);
    assert_eq!(
        (fault.path.as_str(), fault.expected.as_str()),
        ("/5/6d/1", "ascending order")
    );
}

/// R1.6, R6.1, R7.4: extras are kept, hashed and written back, at every schema.
#[test]
fn r1_6_extras_are_kept() {
    let extras = vec![
        (16, vec![0xf6]),
        (
            24,
            vec![0xa1, 0x01, 0x1b, 255, 255, 255, 255, 255, 255, 255, 255],
        ),
    ];
    let write = Write {
        extras,
        label: Some("x"),
        ..put("b", 1, 5, &[1])
    };
    for schema in 1..=3 {
        let mut document = doc(&[("k", std::slice::from_ref(&write))]);
        document.schema = schema;
        let mut a = open_at("a", Schema::Two);
        a.import(&document.encode(), 1000).unwrap();

        assert_eq!(a.digest().state, document.digest());
        let entry = &a.state().shared.get(b"k")[0];
        assert_eq!((entry.extras.len(), entry.label.as_deref()), (2, Some("x")));
        let mut c = open_at("c", Schema::Two);
        c.import(&a.export(), 1000).unwrap();
        assert_eq!(c.digest(), a.digest());
    }
}

/// R7.6, I11: an export equals a document that is written by hand, at each schema.
#[test]
fn r7_6_export() {
    for &schema in Schema::ALL {
        let mut a = open_at("a", schema);
        a.put(b"kk", &[1], None, 1000).unwrap();
        a.put(b"l", &[0x61, 0x61], None, 1000).unwrap();
        a.delete(b"l", 1001).unwrap();
        let at = |mut write: Write, clock| {
            write.clock = clock;
            write.schema = schema.number();
            write
        };
        let (k, l) = (
            at(put("a", 1, 0, &[1]), (1000, 0)),
            at(tombstone("a", 3, 0), (1001, 0)),
        );
        let mut document = doc(&[("kk", &[k]), ("l", &[l])]);
        (document.schema, document.writer) = (schema.number(), "a");

        assert_eq!(hex(&a.export()), hex(&document.encode()));
    }
}

/// R7.2, R10.2: a document whose schema is not a neighbour is rejected.
#[test]
fn r10_2_too_far() {
    let mut document = doc(&[]);
    document.schema = 1;
    let detail = (
        "schema",
        5,
        "schema 2 to 3",
        "schema 1",
        "migrate one of the two step by step",
    );
    assert_rejected(
        open("a").import(&document.encode(), 1),
        Class::TooFar,
        detail,
    );
    document.schema = 3;
    let detail = (
        "schema",
        5,
        "schema 1 to 2",
        "schema 3",
        "migrate one of the two step by step",
    );
    assert_rejected(
        open_at("a", Schema::One).import(&document.encode(), 1),
        Class::TooFar,
        detail,
    );
}
