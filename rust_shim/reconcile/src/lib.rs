//! A replicated store whose state two languages must agree on, byte for byte.
//!
//! The contract is `docs/reference/reconcile.md`. A [`Replica`] holds a state on a [`Storage`]; its steps are
//! all or nothing, and a step that is refused says why by a [`Rejection`]. Time is an argument, other replicas
//! are [`Peer`]s, and what may go wrong on the way is asked of [`Hooks`].
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
//! The layers, of which none knows those behind it, are: bytes (`error`, `hash`, `map`, `cbor`), terms (`schema`,
//! `origin`, `clock`, `vector`, `entry`, `migration`, `policy`), the state and its messages (`tree`, `state`,
//! `limits`, `body`), what steps do to a state (`keys`, `checks`, `merge`), reconciling (`hooks`, `audit`,
//! `answer`, `pull`, `walk`), and the replica with its log (`storage`, `log`, `recover`, `replica`). So merges and
//! digests know of no storage, and only the last layer knows which steps there are.
//!
//! A declaration names the rules that it keeps by number; `docs/reference/reconcile-rules.md` lists them all.

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
mod keys;
mod limits;
mod log;
mod map;
mod merge;
mod migration;
mod origin;
mod policy;
mod pull;
mod recover;
mod replica;
mod schema;
mod state;
mod storage;
mod tree;
mod vector;
mod walk;

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
