//! The Rust subject of the contract `lru`: the crate lru.

mod contract_gen;

use std::num::{NonZeroUsize, TryFromIntError};

use contract_gen::{Entry, Rejection, Subject, contract};
use driftcheck::Outcome;
use lru::LruCache;

struct Cache(LruCache<String, Vec<u8>>);

impl Subject for Cache {
    /// The keys that a walk has not visited yet.
    type Cursor = std::vec::IntoIter<String>;

    fn open(capacity: u64) -> Outcome<Self> {
        Ok(Cache(LruCache::new(size(capacity)?)))
    }

    fn state(&mut self) -> Vec<Entry> {
        let oldest_first = self.0.iter().rev();
        oldest_first
            .map(|(key, value)| Entry {
                key: key.clone(),
                value: value.clone(),
            })
            .collect()
    }

    fn put(&mut self, key: &str, value: &[u8]) -> Outcome<Option<Entry>> {
        let pushed = self.0.push(key.to_owned(), value.to_owned());
        // `push` also returns the old entry of the same key.
        let out = pushed.filter(|(pushed, _)| pushed != key);
        Ok(out.map(|(key, value)| Entry { key, value }))
    }

    fn get(&mut self, key: &str) -> Outcome<Vec<u8>> {
        Ok(self.0.get(key).ok_or(Rejection::Absent)?.clone())
    }

    fn peek(&mut self, key: &str) -> Outcome<Vec<u8>> {
        Ok(self.0.peek(key).ok_or(Rejection::Absent)?.clone())
    }

    fn remove(&mut self, key: &str) -> Outcome<bool> {
        Ok(self.0.pop(key).is_some())
    }

    fn resize(&mut self, capacity: u64) -> Outcome<u64> {
        let before = self.0.len();
        self.0.resize(size(capacity)?);
        Ok((before - self.0.len()) as u64)
    }

    fn walk(&mut self) -> Outcome<Self::Cursor> {
        let keys: Vec<_> = self.0.iter().rev().map(|(key, _)| key.clone()).collect();
        Ok(keys.into_iter())
    }

    fn advance(&mut self, cursor: &mut Self::Cursor) -> Outcome<Option<Entry>> {
        Ok(cursor.find_map(|key| {
            let value = self.0.peek(&key)?.clone();
            Some(Entry { key, value })
        }))
    }

    fn finish(&mut self, cursor: Self::Cursor) -> Outcome<u64> {
        Ok(cursor.len() as u64)
    }
}

fn size(capacity: u64) -> Result<NonZeroUsize, TryFromIntError> {
    NonZeroUsize::try_from(usize::try_from(capacity)?)
}

driftcheck::extension!(contract::<Cache>());
