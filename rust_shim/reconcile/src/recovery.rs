//! Recovery: the state after the last record of a log (R8.6, R10.5).

use std::sync::Arc;

use crate::body::Record;
use crate::error::Result;
use crate::log::{Frame, Frames};
use crate::migration::schema_after;
use crate::origin::Writer;
use crate::schema::Schema;
use crate::state::{Local, Shared, State};

/// Reads the frames of the log of a writer (R8.6); returns `None` if the log has no frame.
pub(crate) fn recover(frames: &mut Frames<'_>, writer: Writer) -> Result<Option<State>> {
    let mut state: Option<State> = None;
    let mut first_schema = None;
    for frame in frames {
        let frame = frame?;
        let record = Record::read(frame.record)
            .map_err(|rejection| frame.corrupt("record").caused_by(rejection))?;
        if record.head.writer != writer {
            return Err(frame.corrupt("record"));
        }
        let first = *first_schema.get_or_insert(record.schema);
        state = Some(apply(state.take(), record, first, &frame)?);
    }
    Ok(state)
}

/// Applies a record to a state. The migrations of the record must continue the chain (R10.5).
fn apply(before: Option<State>, record: Record, first: Schema, frame: &Frame<'_>) -> Result<State> {
    let (mut shared, chain) = match before {
        Some(before) => (before.shared, before.local.chain),
        None => (Shared::default(), Arc::default()),
    };
    let chain = record
        .migrations
        .into_iter()
        .try_fold(chain, |mut chain, migration| {
            if !migration.continues(&chain, first) {
                return Err(frame.corrupt("chain"));
            }
            Arc::make_mut(&mut chain).push(migration);
            Ok(chain)
        })?;
    if schema_after(&chain, first) != record.schema {
        return Err(frame.corrupt("chain"));
    }
    for (key, entries) in record.keys {
        shared.set(&key, entries);
    }
    shared.vector = record.head.vector;
    shared.watermark = record.head.watermark;
    let local = Local {
        writer: record.head.writer,
        epoch: record.head.epoch,
        clock: record.head.clock,
        flag: record.flag,
        schema: record.schema,
        acknowledgements: record.acknowledgements,
        chain,
    };
    Ok(State { shared, local })
}
