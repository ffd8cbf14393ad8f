//! The codec, against the examples of RFC 8949, appendix A, and against bytes that it must refuse.

use std::collections::BTreeMap;
use std::fmt::Debug;

use driftcheck::{MAX_DEPTH, Reader, Reason, Unreadable, Value, Writer};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.bytes().filter(|b| *b != b' ').collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.into_data()
}

fn read<T: Value>(encoded: &[u8]) -> Result<T, Unreadable> {
    let mut reader = Reader::new(encoded);
    let value = reader.get()?;
    reader.finish()?;
    Ok(value)
}

fn skip(encoded: &[u8]) -> Result<(), Unreadable> {
    let mut reader = Reader::new(encoded);
    reader.skip()?;
    reader.finish()
}

/// Says why bytes are refused, and at which byte.
fn refused<T>(result: Result<T, Unreadable>) -> (Reason, usize) {
    let Err(unreadable) = result else {
        panic!("accepted");
    };
    (unreadable.reason(), unreadable.byte())
}

#[track_caller]
fn same<T: Value + PartialEq + Debug>(hex: &str, value: T) {
    let encoded = bytes(hex);

    assert_eq!(written(|w| w.put(&value)), encoded, "{value:?} written");
    assert_eq!(read::<T>(&encoded), Ok(value), "{hex} read");
    assert_eq!(skip(&encoded), Ok(()), "{hex} skipped");
}

#[test]
fn examples_of_the_rfc_that_the_codec_covers_are_read_and_written() {
    same("00", 0_u64);
    same("01", 1_u64);
    same("0a", 10_u64);
    same("17", 23_u64);
    same("1818", 24_u64);
    same("1819", 25_i64);
    same("1864", 100_i64);
    same("1903e8", 1000_u64);
    same("1a000f4240", 1_000_000_u64);
    same("1b000000e8d4a51000", 1_000_000_000_000_u64);
    same("1bffffffffffffffff", u64::MAX);
    same("20", -1_i64);
    same("29", -10_i64);
    same("3863", -100_i64);
    same("3903e7", -1000_i64);
    same("fb3ff199999999999a", 1.1_f64);
    same("fb7e37e43c8800759c", 1.0e300_f64);
    same("fbc010666666666666", -4.1_f64);
    same("fb7ff0000000000000", f64::INFINITY);
    same("fbfff0000000000000", f64::NEG_INFINITY);
    same("f4", false);
    same("f5", true);
    same("f6", None::<u64>);
    same("40", Vec::<u8>::new());
    same("4401020304", vec![1_u8, 2, 3, 4]);
    same("60", String::new());
    same("6161", "a".to_owned());
    same("6449455446", "IETF".to_owned());
    same("62225c", "\"\\".to_owned());
    same("62c3bc", "\u{fc}".to_owned());
    same("63e6b0b4", "\u{6c34}".to_owned());
    same("64f0908591", "\u{10151}".to_owned());
    same("80", Vec::<u64>::new());
    same("83010203", vec![1_u64, 2, 3]);
    same(
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
        (1..=25).collect::<Vec<u64>>(),
    );
    same("a0", BTreeMap::<u64, u64>::new());
    same("a201020304", BTreeMap::from([(1_u64, 2_u64), (3, 4)]));
    let letters = |(k, v): (&str, &str)| (k.to_owned(), v.to_owned());
    same(
        "a56161614161626142616361436164614461656145",
        BTreeMap::from([("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")].map(letters)),
    );
}

#[test]
fn examples_of_the_rfc_with_mixed_items_are_read() {
    for hex in ["8301820203820405", "a26161016162820203", "826161a161626163"] {
        assert_eq!(skip(&bytes(hex)), Ok(()), "{hex}");
    }
}

#[test]
fn examples_of_the_rfc_that_the_codec_does_not_cover_are_refused() {
    let beyond = [
        "f7",
        "f0",
        "f8ff", // undefined, simple values
        "f90000",
        "f93c00",
        "f97e00",
        "fa47c35000",
        "fa7f800000", // shorter floats
        "c249010000000000000000",
        "c349010000000000000000",
        "c11a514b67b0", // tags
        "c074323031332d30332d32315432303a30343a30305a",
        "d74401020304",
        "d818456449455446",
        "5f42010243030405ff",
        "7f657374726561646d696e67ff",
        "9fff", // indefinite lengths
        "9f018202039f0405ffff",
        "83018202039f0405ff",
        "bf61610161629f0203ffff",
    ];
    for hex in beyond {
        assert!(skip(&bytes(hex)).is_err(), "{hex}");
    }
}

#[test]
fn the_least_integer_is_read_and_a_smaller_one_is_refused() {
    same("3b7fffffffffffffff", i64::MIN);
    same("1b7fffffffffffffff", i64::MAX);

    assert!(read::<i64>(&bytes("3b8000000000000000")).is_err());
    assert!(read::<i64>(&bytes("1b8000000000000000")).is_err());
    assert!(read::<u64>(&bytes("20")).is_err());
    let below = 1 << 63;
    let got = u64::MAX;
    assert_eq!(
        refused(skip(&bytes("3bffffffffffffffff"))),
        (Reason::OutOfRange { got, below }, 0)
    );
}

#[test]
fn heads_longer_than_needed_are_refused() {
    for hex in [
        "1817",
        "1900ff",
        "1a0000ffff",
        "1b00000000ffffffff",
        "3817",
        "5800",
        "7801 61",
        "9801 00",
        "b801 0000",
        "1c",
        "1f",
    ] {
        assert_eq!(
            refused(skip(&bytes(hex))),
            (Reason::NotCanonical, 0),
            "{hex}"
        );
    }
}

#[test]
fn map_keys_must_ascend_in_the_order_of_their_encodings() {
    assert_eq!(
        refused(skip(&bytes("a2 02 00 01 00"))),
        (Reason::NotSorted, 3)
    );
    assert_eq!(
        refused(skip(&bytes("a2 01 00 01 00"))),
        (Reason::NotSorted, 3)
    );
    assert_eq!(
        refused(skip(&bytes("a2 626161 00 6162 00"))),
        (Reason::NotSorted, 5)
    );
    assert_eq!(
        refused(skip(&bytes("a2 20 00 01 00"))),
        (Reason::NotSorted, 3)
    );
}

#[test]
fn data_that_end_early_or_continue_are_refused() {
    let encoded = bytes("83 19 03e8 a1 6161 4101 fb3ff199999999999a");
    for length in 0..encoded.len() {
        assert_eq!(
            refused(skip(&encoded[..length])).0,
            Reason::CutShort,
            "{length}"
        );
    }

    assert_eq!(
        refused(skip(&[encoded.as_slice(), &[0]].concat())),
        (Reason::Trailing, encoded.len())
    );
}

#[test]
fn a_length_beyond_the_bytes_is_refused_before_anything_is_allocated() {
    for hex in [
        "5bffffffffffffffff",
        "7b7fffffffffffffff",
        "9b0fffffffffffffff",
        "bb0fffffffffffffff",
    ] {
        assert_eq!(refused(skip(&bytes(hex))), (Reason::CutShort, 0), "{hex}");
    }
    assert_eq!(refused(skip(&bytes("a2 00 00"))), (Reason::CutShort, 0));
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    for hex in ["61ff", "62c080", "63eda080", "64f4908080", "62c328"] {
        assert_eq!(refused(skip(&bytes(hex))), (Reason::NotUtf8, 0), "{hex}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth| [vec![0x81; depth], vec![0]].concat();

    assert_eq!(skip(&nested(MAX_DEPTH)), Ok(()));
    assert_eq!(
        refused(skip(&nested(MAX_DEPTH + 1))),
        (Reason::TooDeep, MAX_DEPTH)
    );
}

#[test]
fn an_item_of_another_type_is_refused() {
    assert_eq!(
        refused(read::<bool>(&bytes("00"))),
        (Reason::Unexpected("a boolean"), 0)
    );
    assert_eq!(
        refused(read::<u64>(&bytes("f4"))),
        (Reason::Unexpected("an unsigned integer"), 0)
    );
    assert_eq!(
        refused(read::<i64>(&bytes("60"))),
        (Reason::Unexpected("an integer"), 0)
    );
    assert_eq!(
        refused(read::<f64>(&bytes("00"))),
        (Reason::Unexpected("a float of 8 bytes"), 0)
    );
    assert_eq!(
        refused(read::<String>(&bytes("40"))),
        (Reason::Unexpected("a text"), 0)
    );
    assert_eq!(
        refused(read::<Vec<u8>>(&bytes("80"))),
        (Reason::Unexpected("a byte string"), 0)
    );
    assert_eq!(
        refused(read::<Vec<u64>>(&bytes("a0"))),
        (Reason::Unexpected("an array"), 0)
    );
    assert_eq!(
        refused(read::<()>(&bytes("00"))),
        (Reason::Unexpected("null"), 0)
    );
}

#[test]
fn floats_keep_their_bits_unless_every_nan_is_equal() {
    let odd = f64::from_bits(0xfff8_0000_0000_0001);

    assert_eq!(written(|w| w.float(odd)), bytes("fb fff8000000000001"));
    assert_eq!(
        written(|w| w.float_nan_equal(&odd)),
        bytes("fb 7ff8000000000000")
    );
    assert_eq!(
        written(|w| w.float_nan_equal(&-0.0)),
        bytes("fb 8000000000000000")
    );
}

#[test]
fn maps_are_written_in_the_order_of_their_keys_encodings() {
    let numbers = BTreeMap::from([(-1_i64, true), (5, true), (300, true)]);
    let texts = BTreeMap::from([("aa".to_owned(), true), ("b".to_owned(), true)]);

    assert_eq!(written(|w| w.put(&numbers)), bytes("a3 05f5 19012cf5 20f5"));
    assert_eq!(written(|w| w.put(&texts)), bytes("a2 6162f5 626161f5"));
}

#[test]
fn unordered_items_are_written_in_the_order_of_their_encodings() {
    let nested = [vec![2_u64, 1], vec![], vec![1, 3]];

    let encoded = written(|w| w.unordered(&nested, |w, item| w.unordered(item, Writer::put)));

    assert_eq!(encoded, bytes("83 80 82 01 02 82 01 03"));
}
