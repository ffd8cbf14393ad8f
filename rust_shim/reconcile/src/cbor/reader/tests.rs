//! What a reader accepts and what it rejects, rule by rule.

use super::*;
use crate::error::Class;

fn value(bytes: &[u8]) -> Result<&[u8]> {
    let mut reader = Reader::argument(bytes);
    let item = reader.item(Grammar::Value)?;
    reader.finish()?;
    Ok(item)
}

fn any(bytes: &[u8]) -> Result<&[u8]> {
    Reader::body(bytes, 0).item(Grammar::Any)
}

#[track_caller]
fn assert_malformed(result: Result<&[u8]>, path: &str, offset: u64, expected: &str, got: &str) {
    let fault = result.expect_err("the bytes are malformed");
    let found = (
        fault.path.as_str(),
        fault.offset,
        fault.expected.as_str(),
        fault.got.as_str(),
    );
    assert_eq!(found, (path, offset, expected, got));
    assert_eq!(fault.class, Class::Malformed);
}

/// R2.2: all kinds of values are read whole.
#[test]
fn r2_2_values_are_read() {
    let values: [&[u8]; 9] = [
        &[0x00],
        &[0x1b, 0x7f, 255, 255, 255, 255, 255, 255, 255],
        &[0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255],
        &[0xf4],
        &[0xf5],
        &[0x41, 0xff],
        &[0x63, 0xe2, 0x82, 0xac],
        &[0x82, 0x01, 0x80],
        &[0xa2, 0x60, 0x01, 0x61, 0x61, 0xa0],
    ];

    for bytes in values {
        assert_eq!(value(bytes).as_deref(), Ok(bytes));
    }
}

/// R2.4: *end* is the first check of a head, and covers the further bytes of the head.
#[test]
fn r2_4_end() {
    assert_malformed(value(&[]), "", 0, "a whole item", "the end");
    assert_malformed(value(&[0x19, 1]), "", 0, "a whole item", "the end");
    assert_malformed(
        value(&[0x82, 0x01, 0x18]),
        "/1",
        2,
        "a whole item",
        "the end",
    );
    assert_malformed(any(&[0xf9, 0]), "", 0, "a whole item", "the end");
}

/// R2.4: additional information 28 to 30 of any major type is *reserved*, 31 *indefinite*.
#[test]
fn r2_4_reserved_and_indefinite() {
    for major in 0..8 {
        for info in 28..31 {
            let expected = "additional information 0 to 27";
            assert_malformed(
                any(&[major << 5 | info]),
                "",
                0,
                expected,
                &info.to_string(),
            );
        }
        assert_malformed(
            any(&[major << 5 | 31]),
            "",
            0,
            "a definite length",
            "an indefinite length",
        );
    }
}

/// R2.4: *wide* is checked before *type*; a simple value with one further byte is wide below 32; a float never is.
#[test]
fn r2_4_wide() {
    let wide: [&[u8]; 6] = [
        &[0x18, 23],
        &[0x39, 0, 255],
        &[0x1a, 0, 0, 255, 255],
        &[0x5b, 0, 0, 0, 0, 255, 255, 255, 255],
        &[0xd8, 1],
        &[0xf8, 31],
    ];
    for bytes in wide {
        assert_malformed(any(bytes), "", 0, "the shortest form", "a longer form");
    }
    let kinds = "unsigned integer or negative integer or byte string or text string or array or map \
                 or false or true or null";
    assert_malformed(any(&[0xf8, 32]), "", 0, kinds, "simple value");
    assert_malformed(any(&[0xf9, 0, 0]), "", 0, kinds, "float");
    assert_malformed(any(&[0xf7]), "", 0, kinds, "simple value");
    assert_malformed(any(&[0xe0]), "", 0, kinds, "simple value");
    assert_malformed(any(&[0xc1, 0]), "", 0, kinds, "tag");
}

/// R2.2, R2.4: integers of a value have 64 bits with a sign; integers of extras may be any.
#[test]
fn r2_4_range() {
    let range = "-9223372036854775808 to 9223372036854775807";
    let above = [0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0];
    let below = [0x3b, 255, 255, 255, 255, 255, 255, 255, 255];

    assert_malformed(value(&above), "", 0, range, "9223372036854775808");
    assert_malformed(value(&below), "", 0, range, "-18446744073709551616");
    assert!(any(&above).is_ok());
    assert!(any(&below).is_ok());
}

/// R2.4, R2.8: a length is compared with what remains, halved for a map; a string that is cut short is *length*.
#[test]
fn r2_4_length() {
    assert_malformed(value(&[0x42, 1]), "", 0, "at most 1", "2");
    assert_malformed(value(&[0x83, 1, 2]), "", 0, "at most 2", "3");
    assert_malformed(value(&[0xa2, 0x60, 1, 0]), "", 0, "at most 1", "2");
    assert_malformed(
        value(&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255]),
        "",
        0,
        "at most 0",
        "18446744073709551615",
    );
    assert_malformed(
        value(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]),
        "",
        0,
        "at most 0",
        "18446744073709551615",
    );
}

/// R2.2, R2.3: twelve levels in an argument, sixteen in a body.
#[test]
fn r2_3_depth() {
    let nested = |levels: usize| [vec![0x81; levels], vec![0x80]].concat();
    let (eleven, twelve) = (nested(11), nested(12));
    assert!(value(&eleven).is_ok());
    let path = "/0".repeat(12);
    assert_malformed(value(&twelve), &path, 12, "at most 12 levels", "13 levels");
    assert!(any(&nested(15)).is_ok());
    assert_malformed(
        any(&nested(16)),
        &"/0".repeat(16),
        16,
        "at most 16 levels",
        "17 levels",
    );
}

/// R2.4: *length* is checked before *depth*.
#[test]
fn r2_4_length_comes_before_depth() {
    let nested = [vec![0x81; 12], vec![0x81]].concat();
    assert_malformed(value(&nested), &"/0".repeat(12), 12, "at most 0", "1");
}

/// R2.8: *utf8* reports the first byte of the first maximal ill-formed part.
#[test]
fn r2_8_utf8() {
    let cases: [(&[u8], u64, &str); 6] = [
        (&[0x62, 0x61, 0xff], 2, "byte ff"),
        (&[0x63, 0xed, 0xa0, 0x80], 1, "byte ed"),
        (&[0x62, 0xc0, 0x80], 1, "byte c0"),
        (&[0x63, 0x61, 0xe2, 0x82], 2, "byte e2"),
        (&[0x64, 0xf4, 0x90, 0x80, 0x80], 1, "byte f4"),
        (&[0x63, 0xe2, 0x82, 0x41], 1, "byte e2"),
    ];
    for (bytes, offset, got) in cases {
        assert_malformed(value(bytes), "", offset, "UTF-8", got);
    }
}

/// R2.5: *duplicate* and *order* are checked in this order, after the key is read; both have the offset of the second
/// key and the path of the map.
#[test]
fn r2_5_duplicate_and_order() {
    assert_malformed(
        value(&[0xa2, 0x60, 1, 0x60, 2]),
        "",
        3,
        "distinct items",
        "an equal item",
    );
    assert_malformed(
        value(&[0xa2, 0x61, 0x62, 1, 0x61, 0x61, 2]),
        "",
        4,
        "ascending order",
        "a smaller item",
    );
    assert_malformed(
        value(&[0x81, 0xa2, 0x61, 0x62, 1, 0x60, 2]),
        "/0",
        5,
        "ascending order",
        "a smaller item",
    );
}

/// R2.2: the keys of maps in a value are texts; the keys of maps in extras may be any items.
#[test]
fn r2_2_keys_of_maps() {
    assert_malformed(
        value(&[0xa1, 0x01, 0x02]),
        "",
        1,
        "text string",
        "unsigned integer",
    );
    assert!(any(&[0xa1, 0x01, 0x02]).is_ok());
}

/// R11.3: a path contains the content of keys that are strings, and the encoding of other keys.
#[test]
fn r11_3_paths_in_items() {
    assert_malformed(
        value(&[0xa1, 0x62, 0x61, 0x62, 0x81, 0x42]),
        "/6162/0",
        5,
        "at most 0",
        "2",
    );
    assert_malformed(any(&[0xa1, 0x41, 0x61, 0x42]), "/61", 3, "at most 0", "2");
    assert_malformed(any(&[0xa1, 0x20, 0x42]), "/20", 2, "at most 0", "2");
}

/// R2.7: nothing follows a body.
#[test]
fn r2_7_trailing() {
    assert_malformed(value(&[0x01, 0x02, 0x03]), "", 1, "the end", "2 more bytes");
}

/// R2.1: `null` is an item, and not a value.
#[test]
fn r2_1_null_is_not_a_value() {
    assert_malformed(value(&[0xf6]), "", 0, &VALUES.to_string(), "null");
    assert!(any(&[0xf6]).is_ok());
}

/// R11.3: a fault anywhere in a key of a map has the path of the map.
#[test]
fn r11_3_paths_in_keys() {
    assert_malformed(
        any(&[0x81, 0xa1, 0x82, 0x01, 0x42]),
        "/0",
        4,
        "at most 0",
        "2",
    );
}
