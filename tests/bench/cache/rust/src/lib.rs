//! The crate `lru` as a Python class, for the state machine that the benches compare driftcheck with.

use std::num::NonZeroUsize;

use lru::LruCache;
use pyo3::prelude::*;

type Entry = (String, Vec<u8>);

#[pyclass]
struct Cache(LruCache<String, Vec<u8>>);

#[pyclass]
struct Walk(std::vec::IntoIter<String>);

#[pymethods]
impl Cache {
    #[new]
    fn new(capacity: NonZeroUsize) -> Self {
        Cache(LruCache::new(capacity))
    }

    fn state(&self) -> Vec<(&str, &[u8])> {
        let oldest_first = self.0.iter().rev();
        oldest_first
            .map(|(key, value)| (key.as_str(), value.as_slice()))
            .collect()
    }

    fn put(&mut self, key: String, value: Vec<u8>) -> Option<Entry> {
        let pushed = self.0.push(key.clone(), value);
        // `push` also returns the old entry of the same key.
        pushed.filter(|(pushed, _)| *pushed != key)
    }

    fn get(&mut self, key: &str) -> Option<&[u8]> {
        self.0.get(key).map(Vec::as_slice)
    }

    fn peek(&self, key: &str) -> Option<&[u8]> {
        self.0.peek(key).map(Vec::as_slice)
    }

    fn remove(&mut self, key: &str) -> bool {
        self.0.pop(key).is_some()
    }

    fn resize(&mut self, capacity: NonZeroUsize) -> usize {
        let before = self.0.len();
        self.0.resize(capacity);
        before - self.0.len()
    }

    fn walk(&self) -> Walk {
        let keys: Vec<_> = self.0.iter().rev().map(|(key, _)| key.clone()).collect();
        Walk(keys.into_iter())
    }

    fn advance(&self, walk: &mut Walk) -> Option<Entry> {
        walk.0.find_map(|key| {
            let value = self.0.peek(&key)?.clone();
            Some((key, value))
        })
    }

    fn finish(&self, walk: &Walk) -> usize {
        walk.0.len()
    }
}

#[pymodule]
fn cache(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Cache>()?;
    module.add_class::<Walk>()
}
