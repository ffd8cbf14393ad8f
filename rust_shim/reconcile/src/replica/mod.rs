//! A replica: one state, one log, and the steps from each state to the next (sections 4 and 8).

mod queries;
mod reconcile;
mod step;
mod steps;

pub use queries::{Diff, Digests};

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
use crate::pull::interrupted;
use crate::recover::recover;
use crate::schema::Schema;
use crate::state::{Flag, Local, Shared, State};
use crate::storage::Storage;

/// What a replica is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The replica's own name, one of the members.
    pub writer: Writer,
    /// Members and policies, the same for all replicas.
    pub table: Table,
    /// The schema at which a new log begins.
    pub schema: Schema,
    /// The flag with which a new log begins.
    pub flag: Flag,
}

/// A replica on a storage.
pub struct Replica<S, H = NoHooks> {
    table: Table,
    state: State,
    log: Log<S>,
    hooks: H,
    audit: AuditLog,
}

impl<S: Storage> Replica<S> {
    /// Opens a replica on a log, or begins one where the storage is empty (R8.4, R8.6).
    pub fn open(storage: S, config: Config) -> Result<Self> {
        Self::open_with(storage, config, NoHooks)
    }
}

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Opens a replica whose steps ask the hooks; opening itself does not.
    pub fn open_with(storage: S, config: Config, hooks: H) -> Result<Self> {
        let Config {
            writer,
            table,
            schema,
            flag,
        } = config;
        if !table.has_member(&writer) {
            let (expected, got, hint) =
                ("a member", hex(writer.as_bytes()), "the members are fixed");
            return Err(Rejection::new(
                Class::Malformed,
                "writer",
                expected,
                got,
                hint,
            ));
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

    /// All that the replica holds.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Members and policies.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Where the log lies.
    pub fn storage(&self) -> &S {
        self.log.storage()
    }

    /// Closes the replica.
    pub fn into_storage(self) -> S {
        self.log.into_storage()
    }

    /// What the replica's steps ask.
    pub fn hooks_mut(&mut self) -> &mut H {
        &mut self.hooks
    }

    /// Drops what was not synced and goes on from the log, as after a kill (R8.7).
    fn reopen(&mut self) -> Result<()> {
        self.log.cut().map_err(|_| storage_failed("none"))?;
        self.audit = AuditLog::default();
        if let Some(state) = resume(&mut self.log, self.state.local.writer)? {
            self.state = state;
        }
        Ok(())
    }

    /// The time of a step (R3.2), as the hooks have it (R8.7).
    fn time(&mut self, now: u64) -> Result<u64> {
        argument::range("now", now, 0, MAX_TIME)?;
        Ok(self.hooks.now(now).min(MAX_TIME))
    }
}

/// Reads the state that a log leads to, and cuts off its torn tail (R8.3, R8.6).
fn resume<S: Storage>(log: &mut Log<S>, writer: Writer) -> Result<Option<State>> {
    let bytes = log.read().map_err(|_| storage_failed("none"))?;
    let mut frames = Frames::new(&bytes);
    let state = recover(&mut frames, writer)?;
    log.resume(&frames).map_err(|_| storage_failed("none"))?;
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
        .map_err(|_| storage_failed("none"))?;
    log.sync(&staged).map_err(|_| storage_failed("none"))?;
    Ok(state)
}

/// The rejection of a step whose storage failed.
fn storage_failed(stage: &str) -> Rejection {
    interrupted(stage, "storage")
}
