//! A replicated store whose state two languages must agree on, byte for byte.
//!
//! The contract is `docs/reference/reconcile.md`. A [`Replica`] keeps its state in a [`Storage`]. Each step
//! succeeds whole or changes nothing; a [`Rejection`] says why a step failed. Time is an argument, other replicas
//! are [`Peer`]s, and [`Hooks`] inject faults.
//!
//! ```
//! use reconcile::{Config, Flag, Memory, Policy, Replica, Schema, Table, Writer};
//!
//! let (a, b) = (Writer::new(b"a")?, Writer::new(b"b")?);
//! let table = Table::new([a, b], [(b"hits/".to_vec(), Policy::Counter)])?;
//! let config = |writer| Config { writer, table: table.clone(), schema: Schema::Three, flag: Flag::On };
//! let mut ours = Replica::open(Memory::default(), config(a))?;
//! let mut theirs = Replica::open(Memory::default(), config(b))?;
//!
//! theirs.increase(b"hits/home", 3, 1_000)?;
//! ours.reconcile(&theirs, 1_001)?;
//!
//! assert_eq!(ours.digest(), theirs.digest());
//! # Ok::<(), reconcile::Rejection>(())
//! ```
//!
//! The crate has six layers. A module uses only modules that are before it in this list.
//!
//! 1. Bytes: `error`, `argument`, `limits`, `hash`, `map`, `cbor`.
//! 2. Terms: `schema`, `origin`, `clock`, `vector`, `entry`, `migration`, `policy`.
//! 3. The state and the messages: `slot`, `tree`, `state`, `body`.
//! 4. Changes of a state: `keys`, `checks`, `incoming`, `merge`.
//! 5. Reconciling: `hooks`, `audit`, `answer`, `wire`, `walk`, `pull`.
//! 6. The replica and its log: `storage`, `log`, `recovery`, `replica`.
//!
//! So merges and digests do not know the storage, and only the last layer knows the steps.
//!
//! The comment of a declaration cites the rules that it keeps; `docs/reference/reconcile-rules.md` lists them all.

#![forbid(unsafe_code)]

mod answer;
mod argument;
mod audit;
mod body;
mod cbor;
mod checks;
mod clock;
mod entry;
mod error;
mod hash;
mod hooks;
mod incoming;
mod keys;
mod limits;
mod log;
mod map;
mod merge;
mod migration;
mod origin;
mod policy;
mod pull;
mod recovery;
mod replica;
mod schema;
mod slot;
mod state;
mod storage;
mod tree;
mod vector;
mod walk;
mod wire;

pub use answer::Peer;
pub use audit::{Algorithm, AuditRecord, Cost, Operation};
pub use clock::{Clock, MAX_TIME};
pub use entry::{Entry, Key, Value};
pub use error::{Class, Rejection, Result};
pub use hash::Digest;
pub use hooks::{Fault, Hooks, Injected, NoHooks, Stage, Stop};
pub use keys::{Visible, Written};
pub use merge::Merge;
pub use migration::Migration;
pub use origin::{Dot, Origin, Writer};
pub use policy::{Policy, Table};
pub use replica::{Config, Diff, Digests, Replica};
pub use schema::Schema;
pub use state::{Flag, Local, Shared, Snapshot, State};
pub use storage::{LogFile, Memory, Storage};
pub use vector::Vector;
