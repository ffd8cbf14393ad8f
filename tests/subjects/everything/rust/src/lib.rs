//! The Rust subject of the contract `everything`: it returns its arguments.

mod contract_gen;

use std::collections::BTreeMap;
use std::string::String as Text;

use contract_gen::{CircleOrNothing, Colour, Drawing, Place, Rejection, Subject, contract};
use driftcheck::{Outcome, library};

struct Echo(BTreeMap<Text, u64>);

impl Subject for Echo {
    /// How often a step took it as `other`.
    type Mark = u64;
    type Page = ();

    fn open(name: &str, number: Option<i64>) -> Outcome<Self> {
        if let Some(number) = number.filter(|n| *n < 0) {
            return Err(library(number));
        }
        let kept = [("zz", 1), ("b", Colour::DarkGreen as u64), (name, 2)];
        Ok(Echo(kept.map(|(k, v)| (k.to_owned(), v)).into()))
    }

    fn state(&mut self) -> BTreeMap<Text, u64> {
        self.0.clone()
    }

    fn boolean(&mut self, v: bool) -> Outcome<bool> {
        Ok(v)
    }

    fn signed(&mut self, v: i64) -> Outcome<i64> {
        Ok(v)
    }

    fn unsigned(&mut self, v: u64) -> Outcome<u64> {
        Ok(v)
    }

    fn real(&mut self, v: f64) -> Outcome<f64> {
        Ok(v)
    }

    fn real_nan_equal(&mut self, v: f64) -> Outcome<f64> {
        Ok(v)
    }

    fn text(&mut self, v: &str) -> Outcome<Text> {
        Ok(v.to_owned())
    }

    fn raw(&mut self, v: &[u8]) -> Outcome<Vec<u8>> {
        Ok(v.to_owned())
    }

    fn colour(&mut self, v: Colour) -> Outcome<Colour> {
        Ok(v)
    }

    fn record(&mut self, v: Drawing) -> Outcome<Drawing> {
        Ok(v)
    }

    fn union(&mut self, v: CircleOrNothing) -> Outcome<CircleOrNothing> {
        Ok(v)
    }

    fn optional(&mut self, v: Option<Vec<u8>>) -> Outcome<Option<Vec<u8>>> {
        Ok(v)
    }

    fn sequence(&mut self, v: Vec<Vec<Text>>) -> Outcome<Vec<Vec<Text>>> {
        Ok(v)
    }

    fn unordered(&mut self, v: Vec<Text>) -> Outcome<Vec<Text>> {
        Ok(v)
    }

    fn nested(
        &mut self,
        v: BTreeMap<Text, Option<Vec<f64>>>,
    ) -> Outcome<BTreeMap<Text, Option<Vec<f64>>>> {
        Ok(v)
    }

    fn by_text(
        &mut self,
        v: BTreeMap<Text, BTreeMap<bool, i64>>,
    ) -> Outcome<BTreeMap<Text, BTreeMap<bool, i64>>> {
        Ok(v)
    }

    fn by_bytes(
        &mut self,
        v: BTreeMap<Vec<u8>, Option<Text>>,
    ) -> Outcome<BTreeMap<Vec<u8>, Option<Text>>> {
        Ok(v)
    }

    fn by_int(&mut self, v: BTreeMap<i64, u64>) -> Outcome<BTreeMap<i64, u64>> {
        Ok(v)
    }

    fn payload(&mut self, v: &[u8]) -> Outcome<Vec<u8>> {
        Ok(v.to_owned())
    }

    #[allow(clippy::too_many_arguments)]
    fn many(
        &mut self,
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
        f: u64,
        g: u64,
        h: u64,
        i: u64,
        j: u64,
    ) -> Outcome<Vec<u64>> {
        Ok(vec![a, b, c, d, e, f, g, h, i, j])
    }

    fn import_(&mut self, subject: u64, _b: i64) -> Outcome<()> {
        if subject > 1 {
            return Err(Rejection::TooMuch.into());
        }
        Ok(())
    }

    fn refuse(&mut self, place: Place, counts: Option<BTreeMap<Text, u64>>) -> Outcome<()> {
        Err(match counts {
            Some(counts) => Rejection::Counted(counts).into(),
            None => Rejection::Elsewhere(place).into(),
        })
    }

    fn keep(&mut self, key: &str, length: u64) -> Outcome<Option<u64>> {
        Ok(self
            .0
            .insert(key.to_owned() + &"x".repeat(length as usize), length))
    }

    fn begin(&mut self) -> Outcome<u64> {
        Ok(0)
    }

    fn turn(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn end(&mut self, _mark: u64, other: &mut u64) -> Outcome<u64> {
        *other += 1;
        Ok(*other)
    }

    fn both(&mut self, _page: &mut (), _mark: &mut u64) -> Outcome<()> {
        Ok(())
    }
}

driftcheck::extension!(contract::<Echo>());
