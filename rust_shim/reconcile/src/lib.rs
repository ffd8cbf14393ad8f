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
//! # Where each rule is kept
//!
//! | rule | file | what |
//! |---|---|---|
//! | R1.1 to R1.3 | `origin.rs` | `Writer`, `Origin`, `Dot` |
//! | R1.4 | `vector.rs` | `Vector` |
//! | R1.5, R1.6 | `entry.rs` | `Key`, `Entry`, `Value` |
//! | R1.7, R1.8 | `state.rs` | `Shared`, `Local` |
//! | R2.1, R2.9 | `cbor/kind.rs` | `Kind`, `Kinds` |
//! | R2.2 | `cbor/reader.rs`, `entry.rs` | `Grammar::Value`, `Value::read` |
//! | R2.3 to R2.7 | `cbor/reader.rs` | `Reader` |
//! | R2.8 | `cbor/faults.rs` | `Reader::fault` and those around it |
//! | R3.1 to R3.6 | `clock.rs` | `Clock::tick`, `receive`, `check_drift` |
//! | R4.1 to R4.7 | `keys.rs` | `put`, `delete`, `increase`, `write`, `get`, `scan`, `tick` |
//! | R4.8 | `replica/queries.rs` | `diff` |
//! | R4.9 | `replica/steps.rs` | `set_flag` |
//! | R5.1, R5.4 | `policy.rs` | `Table::policy`, `Policy::normalise` |
//! | R5.2, R5.5 | `merge.rs` | `merge` |
//! | R5.3 | `merge.rs` | `find_conflict` |
//! | R5.6 to R5.8 | `merge.rs` | `receive` |
//! | R5.9 | `limits.rs` | `check` |
//! | R6.1 | `entry.rs` | `Entry::hash` |
//! | R6.2 to R6.5 | `tree.rs` | `Slot::new`, `Node::hash`, `Tree::children` |
//! | R6.6 | `state.rs` | `digest` |
//! | R7.1, R7.2 | `body/header.rs` | `begin`, `check` |
//! | R7.3 | `body/vector.rs` | `read`, `write` |
//! | R7.4 | `body/document.rs`, `body/entries.rs` | `Document`, `Draft` |
//! | R7.5 | `checks.rs`, `pull.rs` | `head`, `entries`, `own_writes`, `digest`; `check` keeps the order |
//! | R7.6 | `body/document.rs` | `Document::write` |
//! | R7.7, R7.8 | `state.rs`, `replica/steps.rs` | `Snapshot`, `roll_back` |
//! | R8.1, R8.2 | `replica/step.rs` | `step` |
//! | R8.3, R8.4 | `log.rs` | `Log`, `check_after` |
//! | R8.5 | `body/record.rs` | `Record` |
//! | R8.6 | `log.rs`, `recover.rs` | `Frames`, `recover` |
//! | R8.7 | `hooks.rs` | `Fault`, `Injected` |
//! | R9.1 to R9.3, R9.8 | `pull.rs` | `pull`, `Wire` |
//! | R9.4, R9.10 | `replica/reconcile.rs`, `audit.rs` | `reconcile`, `rehearse`, `AuditRecord` |
//! | R9.5 | `body/request.rs`, `policy.rs`, `answer.rs` | `Request`, `Table::id`, `answer` |
//! | R9.6 | `body/reply.rs`, `answer.rs` | `Reply`, `answer` |
//! | R9.7, R9.9 | `walk.rs` | `walk`, `Received` |
//! | R10.1, R10.2 | `schema.rs` | `Schema::accepted` |
//! | R10.3 | `replica/steps.rs` | `migrate` |
//! | R10.4, R10.5 | `migration.rs`, `recover.rs` | `Migration`, `apply` |
//! | R11.1, R11.2 | `error.rs` | `Class`, `Rejection` |
//! | R11.3 | `cbor/faults.rs`, `checks.rs` | `Step`, `path` |
//! | R11.4 | `replica/steps.rs`, `merge.rs` | `gc`, `Shared::collect` |

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
