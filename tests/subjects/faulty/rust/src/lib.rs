//! The Rust subject of the contract `faulty`: a store that is correct except for the planted fault, which
//! `DRIFTCHECK_FAULT` names.

mod contract_gen;
mod faults;
mod note;

use std::collections::{BTreeMap, HashMap, HashSet};

use contract_gen::{Entry, Note, Rejection, Store, Subject, contract};
use driftcheck::{Outcome, library};
use faults::{Past, planted};

const LONGEST: usize = 16; // bytes of a value

struct Kept {
    shown: Entry,
    past: Past,
}

struct Faulty {
    capacity: usize,
    balance: i64,
    entries: Vec<Kept>, // in the order in which their keys were added
    note: Note,
    // For faults only.
    ghosts: HashMap<String, Vec<u8>>, // removed entries
    credits: usize,
    misses: u64, // gets of absent keys
}

/// Walks over the keys that existed when it was made.
struct Cursor {
    keys: Vec<String>,
    next: usize,
    unpinned: HashSet<String>, // for a fault only
}

impl Faulty {
    fn position(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|e| e.shown.key == key)
    }

    fn find(&mut self, key: &str) -> Result<&mut Kept, Rejection> {
        let found = self.entries.iter_mut().find(|e| e.shown.key == key);
        found.ok_or(Rejection::Absent)
    }

    /// Returns the keys, oldest first.
    fn listed(&self) -> Vec<String> {
        self.entries.iter().map(|e| e.shown.key.clone()).collect()
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }
}

impl Subject for Faulty {
    type Cursor = Cursor;

    fn open(capacity: u64) -> Outcome<Self> {
        Ok(Self {
            capacity: usize::try_from(capacity)?,
            balance: 0,
            entries: Vec::new(),
            note: Note {
                title: String::new(),
                stars: 0,
                done: false,
            },
            ghosts: HashMap::new(),
            credits: 0,
            misses: 0,
        })
    }

    fn state(&mut self) -> Store {
        Store {
            capacity: self.capacity as u64,
            balance: self.balance,
            entries: self.entries.iter().map(|e| e.shown.clone()).collect(),
            note: self.note.clone(),
        }
    }

    fn put(&mut self, key: &str, value: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let cut = if planted("put_cuts_long") && value.len() >= 9 {
            &value[..8]
        } else {
            value
        };
        let Some(at) = self.position(key) else {
            if self.is_full() && !planted("put_overfills") {
                return Err(Rejection::Full.into());
            }
            let shown = Entry {
                key: key.to_owned(),
                value: cut.to_owned(),
                pinned: false,
            };
            let past = Past::default();
            self.entries.push(Kept { shown, past });
            self.ghosts.remove(key);
            return Ok(None);
        };
        let entry = &mut self.entries[at].shown;
        if entry.pinned {
            return Err(Rejection::Pinned.into());
        }
        if planted("put_keeps_old") && value.is_empty() {
            return Ok(Some(entry.value.clone()));
        }
        Ok(Some(std::mem::replace(&mut entry.value, cut.to_owned())))
    }

    fn get(&mut self, key: &str) -> Outcome<Vec<u8>> {
        let Some(at) = self.position(key) else {
            if planted("get_undeclared") {
                return Err(Rejection::Pinned.into());
            }
            self.misses += 1;
            let ghost = self.ghosts.get(key).filter(|_| planted("removed_haunts"));
            return Ok(ghost.ok_or(Rejection::Absent)?.clone());
        };
        let value = self.entries[at].shown.value.clone();
        if planted("get_moves") {
            self.entries[at..].rotate_left(1);
        }
        Ok(value)
    }

    fn remove(&mut self, key: &str) -> Outcome<Vec<u8>> {
        let entry = &self.find(key)?.shown;
        if entry.pinned {
            let wrong = planted("remove_says_absent");
            let class = if wrong {
                Rejection::Absent
            } else {
                Rejection::Pinned
            };
            return Err(class.into());
        }
        let value = entry.value.clone();
        if planted("remove_aborts") && value.len() >= 9 {
            std::process::abort();
        }
        self.entries.retain(|e| e.shown.key != key);
        self.ghosts.insert(key.to_owned(), value.clone());
        Ok(value)
    }

    fn pin(&mut self, key: &str) -> Outcome<()> {
        let has_room = !self.is_full();
        let entry = self.find(key)?;
        let toggles = planted("pin_toggles") && entry.shown.pinned;
        entry.shown.pinned = !toggles;
        entry.past.pinned = true;
        if planted("pin_doubles") && has_room {
            let (shown, past) = (entry.shown.clone(), entry.past);
            self.entries.push(Kept { shown, past });
        }
        Ok(())
    }

    fn rename(&mut self, old: &str, new: &str) -> Outcome<()> {
        let is_pinned = self.find(old)?.shown.pinned;
        if planted("rename_loops") && old == new && is_pinned {
            faults::endless();
        }
        let ignores = match faults::name() {
            "rename_ignores_taken" => old != new,
            "rename_onto_itself" => old == new,
            _ => false,
        };
        if self.position(new).is_some() && !ignores {
            return Err(Rejection::Taken.into());
        }
        let entry = self.find(old)?;
        entry.shown.key = new.to_owned();
        entry.past.renamed_while_pinned |= entry.past.pinned;
        Ok(())
    }

    fn append(&mut self, key: &str, tail: &[u8]) -> Outcome<u64> {
        let entry = &mut self.find(key)?.shown;
        if planted("append_refuses_pinned") && entry.pinned {
            return Err(Rejection::Pinned.into());
        }
        if planted("append_hoards") && tail.is_empty() {
            faults::hoard();
        }
        if entry.value.len() + tail.len() > LONGEST {
            let lacks_one = planted("append_says_less") && tail.len() == LONGEST;
            let excess = (entry.value.len() + tail.len() - LONGEST) as u64;
            let excess = excess - u64::from(lacks_one && excess > 1);
            if planted("append_fills") && tail.len() == LONGEST {
                entry.value.extend_from_slice(tail);
                entry.value.truncate(LONGEST);
            }
            return Err(Rejection::TooLong(excess).into());
        }
        entry.value.extend_from_slice(tail);
        if planted("append_pins") && tail.is_empty() {
            entry.pinned = true;
        }
        if planted("append_counts_too_far") && tail.len() >= 9 {
            return Ok(LONGEST as u64 + 1);
        }
        Ok(entry.value.len() as u64)
    }

    fn credit(&mut self, amount: i64) -> Outcome<i64> {
        let sum = match faults::name() {
            "credit_wraps" if amount > 0 => Some(self.balance.wrapping_add(amount)),
            "credit_panics" if amount > 0 => Some(
                self.balance
                    .checked_add(amount)
                    .expect("a balance of 64 bits"),
            ),
            _ => self.balance.checked_add(amount),
        };
        let mut balance = sum.ok_or(Rejection::Overflow)?;
        if planted("credit_narrows") {
            i32::try_from(amount)?;
        }
        self.credits += 1;
        if planted("credits_drift") && self.credits > 1 && amount >= 10 {
            balance -= 1;
        }
        self.balance = balance;
        Ok(balance)
    }

    fn count(&mut self) -> Outcome<u64> {
        let count = self.entries.len() as u64;
        if planted("count_remembers") {
            return Ok(count + faults::counted());
        }
        if planted("count_adds_misses") {
            return Ok(count + self.misses);
        }
        if planted("count_outlives") {
            return Ok(faults::most(count));
        }
        Ok(count)
    }

    fn keys(&mut self) -> Outcome<Vec<String>> {
        if planted("keys_sorts_entries") {
            self.entries.sort_by(|a, b| a.shown.key.cmp(&b.shown.key));
        }
        let mut keys = self.listed();
        keys.sort();
        if planted("keys_by_length") {
            keys.sort_by_key(String::len);
        }
        Ok(keys)
    }

    fn sizes(&mut self) -> Outcome<BTreeMap<String, u64>> {
        if planted("sizes_recurses") && self.entries.iter().any(|e| e.shown.pinned) {
            faults::recurse(0);
        }
        let entries = self.entries.iter().map(|e| &e.shown);
        Ok(entries
            .map(|e| (e.key.clone(), e.value.len() as u64))
            .collect())
    }

    fn weigh(
        &mut self,
        w1: u64,
        w2: u64,
        w3: u64,
        w4: u64,
        w5: bool,
        w6: u64,
        w7: u64,
        w8: u64,
        w9: u64,
        w10: &str,
        w11: u64,
        w12: u64,
        w13: u64,
        w14: u64,
        w15: u64,
        w16: u64,
        w17: u64,
        w18: u64,
        w19: u64,
        w20: Option<u64>,
        w21: u64,
        w22: u64,
        w23: u64,
        w24: u64,
        w25: &[u8],
        w26: u64,
        w27: u64,
        w28: u64,
        w29: u64,
        w30: u64,
    ) -> Outcome<u64> {
        let characters = w10.chars().count() as u64;
        let weights = [
            w1,
            w2,
            w3,
            w4,
            u64::from(w5),
            w6,
            w7,
            w8,
            w9,
            characters,
            w11,
            w12,
            w13,
            w14,
            w15,
            w16,
            w17,
            w18,
            w19,
            w20.unwrap_or(0),
            w21,
            w22,
            w23,
            w24,
            w25.len() as u64,
            w26,
            w27,
            w28,
            w29,
            w30,
        ];
        Ok((1..)
            .zip(weights)
            .map(|(number, weight)| number * weight)
            .sum())
    }

    fn walk(&mut self) -> Outcome<Cursor> {
        let keys = self.listed();
        let renamed = self.entries.iter().filter(|e| e.past.renamed_while_pinned);
        Ok(Cursor {
            keys,
            next: 0,
            unpinned: renamed.map(|e| e.shown.key.clone()).collect(),
        })
    }

    fn advance(&mut self, cursor: &mut Cursor) -> Outcome<Option<Entry>> {
        while let Some(key) = cursor.keys.get(cursor.next) {
            cursor.next += 1;
            if let Some(at) = self.position(key) {
                let mut entry = self.entries[at].shown.clone();
                if planted("advance_unpins_renamed") && cursor.unpinned.contains(key) {
                    entry.pinned = false;
                }
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn finish(&mut self, cursor: Cursor) -> Outcome<u64> {
        let mut left = cursor.keys.len() - cursor.next;
        if cursor.next > 0 {
            match faults::name() {
                "finish_miscounts" => left += 1,
                "finish_reads_nowhere" => faults::read_nowhere(),
                _ => {}
            }
        }
        Ok(left as u64)
    }

    fn export(&mut self) -> Outcome<Vec<u8>> {
        let mut document = note::write(&self.note);
        if planted("export_comments") && self.balance != 0 {
            document.push_str("\n# end");
        }
        if planted("export_unpins") {
            self.entries.iter_mut().for_each(|e| e.shown.pinned = false);
        }
        Ok(document.into_bytes())
    }

    fn import_(&mut self, document: &[u8]) -> Outcome<()> {
        let tolerant = planted("import_takes_bom");
        let bom = if tolerant { "\u{feff}".as_bytes() } else { b"" };
        let text = document.strip_prefix(bom).unwrap_or(document);
        self.note = note::read(text).map_err(library)?;
        Ok(())
    }

    fn show(&mut self, mut note: Note) -> Outcome<Vec<u8>> {
        if planted("show_loses_done") {
            note.done = false;
        }
        Ok(note::write(&note).into_bytes())
    }

    fn read(&mut self, document: &[u8]) -> Outcome<Note> {
        if planted("read_refuses") {
            return Err(library("on request"));
        }
        let note = note::read(document).map_err(library)?;
        if planted("read_is_broken") && note.stars == 9 {
            return Err(driftcheck::broken("on request"));
        }
        Ok(note)
    }
}

driftcheck::extension!(contract::<Faulty>());
