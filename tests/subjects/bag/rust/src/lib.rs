//! The Rust subject of the contract `bag`: it returns the oldest thing first.

mod contract_gen;

use std::collections::BTreeMap;

use contract_gen::{Held, LabelledOrNumbered, Rejection, Subject, contract};
use driftcheck::Outcome;

struct Bag {
    things: Vec<LabelledOrNumbered>,
}

impl Bag {
    fn held(&self) -> Vec<LabelledOrNumbered> {
        let forgets = std::env::var("DRIFTCHECK_BAG").is_ok_and(|fault| fault == "forgets");
        self.things
            .iter()
            .skip(usize::from(forgets))
            .cloned()
            .collect()
    }
}

impl Subject for Bag {
    fn state(&mut self) -> Held {
        Held {
            last: self.things.last().cloned(),
            by_place: BTreeMap::from([("bag".to_owned(), self.held())]),
        }
    }

    fn put(&mut self, thing: LabelledOrNumbered) -> Outcome<Vec<LabelledOrNumbered>> {
        if self.things.len() == 3 {
            return Err(Rejection::Full(self.held()).into());
        }
        self.things.push(thing);
        Ok(self.held())
    }

    fn oldest(&mut self) -> Outcome<Option<LabelledOrNumbered>> {
        Ok(self.things.first().cloned())
    }
}

driftcheck::extension!(contract(|| Ok(Bag { things: Vec::new() })));
