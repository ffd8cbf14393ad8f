//! serde_json, as a subject of the contract `json`.

mod contract_gen;

use contract_gen::{Item, Subject, contract};
use driftcheck::{Outcome, library};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Document {
    id: i64,
    name: String,
    score: f64,
    note: Option<String>,
    tags: Vec<String>,
}

struct SerdeJson;

impl Subject for SerdeJson {
    fn decode(&mut self, document: &[u8]) -> Outcome<Item> {
        let Document {
            id,
            name,
            score,
            note,
            tags,
        } = serde_json::from_slice(document).map_err(library)?;
        Ok(Item {
            id,
            name,
            score,
            note,
            tags,
        })
    }

    fn encode(
        &mut self,
        Item {
            id,
            name,
            score,
            note,
            tags,
        }: Item,
    ) -> Outcome<Vec<u8>> {
        serde_json::to_vec(&Document {
            id,
            name,
            score,
            note,
            tags,
        })
        .map_err(library)
    }
}

driftcheck::extension!(contract(|| Ok(SerdeJson)));
