//! A Rust subject of the contract `json`: serde_json, or sonic-rs with the feature `sonic`.

mod contract_gen;
mod records;

use contract_gen::{Item, Order, Rejection, Subject, contract};
use driftcheck::{Outcome, library};
#[cfg(not(feature = "sonic"))]
use serde_json as json;
#[cfg(feature = "sonic")]
use sonic_rs as json;

const LATEST: u8 = 3; // the newest known version of an order

struct Adapter;

impl Subject for Adapter {
    fn decode(&mut self, document: &[u8]) -> Outcome<Item> {
        let item: records::Item = json::from_slice(document).map_err(library)?;
        Ok(item.into())
    }

    fn encode(&mut self, item: Item) -> Outcome<Vec<u8>> {
        json::to_vec(&records::Item::from(item)).map_err(library)
    }

    fn decode_order(&mut self, document: &[u8]) -> Outcome<Order> {
        let order: records::Order = json::from_slice(document).map_err(library)?;
        if !(1..=LATEST).contains(&order.version) {
            return Err(Rejection::Malformed.into());
        }
        Ok(order.into())
    }

    fn encode_order(&mut self, order: Order) -> Outcome<Vec<u8>> {
        json::to_vec(&records::Order::from(order)).map_err(library)
    }

    fn rewrite(&mut self, document: &[u8]) -> Outcome<Vec<u8>> {
        let value: json::Value = json::from_slice(document).map_err(library)?;
        json::to_vec(&value).map_err(library)
    }
}

driftcheck::extension!(contract(|| Ok(Adapter)));
