//! A step, which goes through all stages or changes nothing (R8.1, R8.2).

use super::{Replica, storage_failed};
use crate::body::Record;
use crate::error::{Rejection, Result};
use crate::hooks::{Hooks, Stage, Stop};
use crate::log::Staged;
use crate::policy::Table;
use crate::state::State;
use crate::storage::Storage;

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Takes a step whose arguments and messages were read. `decide` makes all checks and the new state (R8.1).
    pub(super) fn step<T>(
        &mut self,
        decide: impl FnOnce(&State, &Table) -> Result<(State, T)>,
    ) -> Result<T> {
        self.reach(Stage::Received)?;
        let (next, result) = decide(&self.state, &self.table)?;
        next.shared.check_limits(&self.state.shared)?;
        self.reach(Stage::Checked)?;
        let staged = self.log.stage(&Record::write(Some(&self.state), &next));
        self.reach(Stage::Staged)?;
        self.append(&staged)?;
        self.reach(Stage::Appended)?;
        self.log
            .sync(&staged)
            .map_err(|error| self.cut(storage_failed("appended", error)))?;
        self.state = next;
        Ok(result)
    }

    /// Appends the frame, or half of it if the hooks say so (R8.7).
    fn append(&mut self, staged: &Staged) -> Result<()> {
        if self.hooks.is_torn() {
            // The step fails in any case, so the result of this append does not matter.
            let _ = self.log.append(&staged.frame[..staged.frame.len() / 2]);
            return Err(self.cut(Rejection::interrupted("staged", "torn")));
        }
        self.log
            .append(&staged.frame)
            .map_err(|error| self.cut(storage_failed("staged", error)))
    }

    fn reach(&mut self, stage: Stage) -> Result<()> {
        let Some(stop) = self.hooks.stop_at(stage) else {
            return Ok(());
        };
        if stop == Stop::Killed {
            self.reopen()?;
        }
        Err(self.cut(Rejection::interrupted(stage.name(), stop.name())))
    }

    /// Cuts off what a rejected step appended (R8.2).
    fn cut(&mut self, rejection: Rejection) -> Rejection {
        // If the cut fails, the log cuts again before its next append.
        let _ = self.log.cut();
        rejection
    }
}
