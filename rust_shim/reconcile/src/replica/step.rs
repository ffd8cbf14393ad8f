//! One step: through all stages, or not at all (R8.1, R8.2).

use super::{Replica, storage_failed};
use crate::body::Record;
use crate::error::{Rejection, Result};
use crate::hooks::{Hooks, Stage, Stop};
use crate::limits;
use crate::log::Staged;
use crate::policy::Table;
use crate::pull::interrupted;
use crate::state::State;
use crate::storage::Storage;

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Takes a step whose arguments and messages are read; `decide` asks all that could reject (R8.1).
    pub(super) fn step<T>(
        &mut self,
        decide: impl FnOnce(&State, &Table) -> Result<(State, T)>,
    ) -> Result<T> {
        self.reach(Stage::Received)?;
        let (next, result) = decide(&self.state, &self.table)?;
        limits::check(&self.state.shared, &next.shared)?;
        self.reach(Stage::Checked)?;
        let staged = self.log.stage(&Record::write(Some(&self.state), &next));
        self.reach(Stage::Staged)?;
        self.append(&staged)?;
        self.reach(Stage::Appended)?;
        self.log
            .sync(&staged)
            .map_err(|_| self.cut(storage_failed("appended")))?;
        self.state = next;
        Ok(result)
    }

    /// Appends the frame, or a half of it (R8.7).
    fn append(&mut self, staged: &Staged) -> Result<()> {
        if self.hooks.tears() {
            // Appending fails whether or not its first half does.
            let _ = self.log.append(&staged.frame[..staged.frame.len() / 2]);
            return Err(self.cut(interrupted("staged", "torn")));
        }
        self.log
            .append(&staged.frame)
            .map_err(|_| self.cut(storage_failed("staged")))
    }

    fn reach(&mut self, stage: Stage) -> Result<()> {
        let Some(stop) = self.hooks.at(stage) else {
            return Ok(());
        };
        if stop == Stop::Killed {
            self.reopen()?;
        }
        Err(self.cut(interrupted(stage.name(), stop.name())))
    }

    /// Cuts off what the step appended (R8.2); where that fails, the next step tries again before it appends.
    fn cut(&mut self, rejection: Rejection) -> Rejection {
        let _ = self.log.cut();
        rejection
    }
}
