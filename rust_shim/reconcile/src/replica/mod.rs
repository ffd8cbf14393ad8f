//! Replicas: one state, one log, and the steps from each state to the next (sections 4 and 8).

mod queries;
mod reconcile;
mod step;
mod steps;

pub use queries::{Diff, Digests};

use std::io;
use std::sync::Arc;

use crate::argument;
use crate::audit::AuditLog;
use crate::body::Record;
use crate::clock::{Clock, MAX_TIME};
use crate::error::{Class, Rejection, Result};
use crate::hash::hex;
use crate::hooks::{Hooks, NoHooks};
use crate::log::{Frames, Log};
use crate::origin::Writer;
use crate::policy::Table;
use crate::recovery::recover;
use crate::schema::Schema;
use crate::state::{Flag, Local, Shared, State};
use crate::storage::Storage;

/// The configuration of a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name of the replica, which is one of the members.
    pub writer: Writer,
    /// Members and policies, the same for all replicas.
    pub table: Table,
    /// The schema of a new log.
    pub schema: Schema,
    /// The flag of a new log.
    pub flag: Flag,
}

/// A replica whose log is in a storage.
pub struct Replica<S, H = NoHooks> {
    table: Table,
    state: State,
    log: Log<S>,
    hooks: H,
    audit: AuditLog,
}

impl<S: Storage> Replica<S> {
    /// Opens a replica on a log; begins a log if the storage is empty (R8.4, R8.6).
    pub fn open(storage: S, config: Config) -> Result<Self> {
        Self::open_with(storage, config, NoHooks)
    }
}

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Opens a replica whose steps call hooks. `open_with` itself does not call them.
    pub fn open_with(storage: S, config: Config, hooks: H) -> Result<Self> {
        let Config {
            writer,
            table,
            schema,
            flag,
        } = config;
        if !table.has_member(&writer) {
            return Err(Rejection::new(Class::Malformed)
                .path("writer")
                .expected("a member")
                .got(hex(writer.as_bytes()))
                .hint("the members are fixed"));
        }
        let mut log = Log::new(storage);
        let state = match resume(&mut log, writer)? {
            Some(state) => state,
            None => begin(&mut log, writer, schema, flag)?,
        };
        Ok(Self {
            table,
            state,
            log,
            hooks,
            audit: AuditLog::default(),
        })
    }

    /// The state of the replica.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The members and the policies.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The storage of the log.
    pub fn storage(&self) -> &S {
        self.log.storage()
    }

    /// Closes the replica, and returns the storage of its log.
    pub fn into_storage(self) -> S {
        self.log.into_storage()
    }

    /// The hooks of the replica.
    pub fn hooks_mut(&mut self) -> &mut H {
        &mut self.hooks
    }

    /// Drops what was not synced, and reads the state from the log, as after a kill (R8.7).
    fn reopen(&mut self) -> Result<()> {
        self.log
            .cut()
            .map_err(|error| storage_failed("none", error))?;
        self.audit = AuditLog::default();
        if let Some(state) = resume(&mut self.log, self.state.local.writer)? {
            self.state = state;
        }
        Ok(())
    }

    /// Checks the time of a step (R3.2), and lets the hooks change it (R8.7).
    fn time(&mut self, now: u64) -> Result<u64> {
        argument::range("now", now, 0, MAX_TIME)?;
        Ok(self.hooks.now(now).min(MAX_TIME))
    }
}

/// Reads the state from a log, and cuts off a torn tail (R8.3, R8.6).
fn resume<S: Storage>(log: &mut Log<S>, writer: Writer) -> Result<Option<State>> {
    let bytes = log.read().map_err(|error| storage_failed("none", error))?;
    let mut frames = Frames::new(&bytes);
    let state = recover(&mut frames, writer)?;
    log.resume(&frames)
        .map_err(|error| storage_failed("none", error))?;
    Ok(state)
}

/// Writes the first record of a log (R8.4).
fn begin<S: Storage>(
    log: &mut Log<S>,
    writer: Writer,
    schema: Schema,
    flag: Flag,
) -> Result<State> {
    let local = Local {
        writer,
        epoch: 0,
        clock: Clock::default(),
        flag,
        schema,
        acknowledgements: Default::default(),
        chain: Arc::default(),
    };
    let state = State {
        shared: Shared::default(),
        local,
    };
    let staged = log.stage(&Record::write(None, &state));
    log.append(&staged.frame)
        .and_then(|()| log.sync(&staged))
        .map_err(|error| storage_failed("none", error))?;
    Ok(state)
}

/// The rejection of a step whose storage failed.
fn storage_failed(stage: &'static str, error: io::Error) -> Rejection {
    Rejection::interrupted(stage, "storage").caused_by(error)
}
