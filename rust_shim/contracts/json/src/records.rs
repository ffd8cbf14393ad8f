//! The records of the contract, as a Rust programmer would write them for serde.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract_gen as contract;

#[derive(Deserialize, Serialize)]
pub struct Item {
    id: i64,
    name: String,
    score: f64,
    note: Option<String>,
    tags: Vec<String>,
}

#[derive(Deserialize, Serialize)]
pub struct Order {
    pub version: u8,
    status: Status,
    gift: bool,
    number: u64,
    #[serde(with = "base64_text")]
    token: Vec<u8>,
    home: Place,
    office: Option<Place>,
    stops: Vec<Place>,
    labels: BTreeMap<String, String>,
    stock: BTreeMap<i32, u8>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Open,
    Paid,
    Sent,
}

#[derive(Deserialize, Serialize)]
struct Place {
    street: String,
    floor: i8,
}

/// Bytes as base64. serde itself would write them as an array of numbers.
mod base64_text {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map_err(D::Error::custom)
    }
}

impl From<Item> for contract::Item {
    fn from(item: Item) -> Self {
        Self {
            id: item.id,
            name: item.name,
            score: item.score,
            note: item.note,
            tags: item.tags,
        }
    }
}

impl From<contract::Item> for Item {
    fn from(item: contract::Item) -> Self {
        Self {
            id: item.id,
            name: item.name,
            score: item.score,
            note: item.note,
            tags: item.tags,
        }
    }
}

impl From<Order> for contract::Order {
    fn from(order: Order) -> Self {
        Self {
            version: order.version.into(),
            status: order.status.into(),
            gift: order.gift,
            number: order.number,
            token: order.token,
            home: order.home.into(),
            office: order.office.map(Into::into),
            stops: order.stops.into_iter().map(Into::into).collect(),
            labels: order.labels,
            stock: order
                .stock
                .into_iter()
                .map(|(number, count)| (number.into(), count.into()))
                .collect(),
        }
    }
}

/// An order of the contract. All its numbers fit, so the casts lose nothing.
impl From<contract::Order> for Order {
    fn from(order: contract::Order) -> Self {
        Self {
            version: order.version as u8,
            status: order.status.into(),
            gift: order.gift,
            number: order.number,
            token: order.token,
            home: order.home.into(),
            office: order.office.map(Into::into),
            stops: order.stops.into_iter().map(Into::into).collect(),
            labels: order.labels,
            stock: order
                .stock
                .into_iter()
                .map(|(number, count)| (number as i32, count as u8))
                .collect(),
        }
    }
}

impl From<Place> for contract::Place {
    fn from(place: Place) -> Self {
        Self {
            street: place.street,
            floor: place.floor.into(),
        }
    }
}

impl From<contract::Place> for Place {
    fn from(place: contract::Place) -> Self {
        Self {
            street: place.street,
            floor: place.floor as i8,
        }
    }
}

impl From<Status> for contract::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Open => Self::Open,
            Status::Paid => Self::Paid,
            Status::Sent => Self::Sent,
        }
    }
}

impl From<contract::Status> for Status {
    fn from(status: contract::Status) -> Self {
        match status {
            contract::Status::Open => Self::Open,
            contract::Status::Paid => Self::Paid,
            contract::Status::Sent => Self::Sent,
        }
    }
}
