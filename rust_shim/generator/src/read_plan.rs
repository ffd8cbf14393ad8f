//! Reads a plan from its bytes, and refuses one that names something that it does not have.

use crate::cbor::{Malformed, Reader};
use crate::plan::{Alphabet, ENDLESS, FloatSlot, Operation, Part, Plan, Roster, Sizes};

type Read<T> = Result<T, Malformed>;

pub(crate) const VERSION: u64 = 1;

/// Reads a plan with its pools.
pub(crate) fn read(data: &[u8]) -> Read<Plan> {
    let mut r = Reader::new(data);
    r.array_of(12)?;
    if r.uint()? != VERSION {
        return r.fault("plan of this version");
    }
    let plan = Plan {
        is_stateless: r.bool()?,
        max_steps: r.uint()?,
        stop: r.uint()?,
        octave: r.list(Reader::uint)?,
        alphabets: r.list(alphabet)?,
        rosters: r.list(roster)?,
        opening: r.list(part)?,
        instances: r.list(|r| r.list(index))?,
        kinds: index(&mut r)?,
        operations: r.list(operation)?,
        pools: r.list(encoded)?,
    };
    r.end()?;
    match fault_of(&plan) {
        Some(wanted) => r.fault(wanted),
        None => Ok(plan),
    }
}

fn index(r: &mut Reader<'_>) -> Read<usize> {
    let number = r.uint()?;
    usize::try_from(number).or_else(|_| r.fault("small number"))
}

fn encoded(r: &mut Reader<'_>) -> Read<Vec<Vec<u8>>> {
    r.list(|r| r.bytes().map(<[u8]>::to_vec))
}

fn length(r: &mut Reader<'_>) -> Read<u64> {
    Ok(r.optional(Reader::uint)?.unwrap_or(ENDLESS))
}

fn alphabet(r: &mut Reader<'_>) -> Read<Alphabet> {
    r.array_of(2)?;
    let characters: Vec<char> = r.text()?.chars().collect();
    if characters.len() != 256 {
        return r.fault("alphabet of 256 characters");
    }
    Ok(Alphabet {
        characters,
        has_all: r.bool()?,
    })
}

fn roster(r: &mut Reader<'_>) -> Read<Roster> {
    r.array_of(4)?;
    Ok(Roster {
        count: index(r)?,
        part: part(r)?,
        must_differ: r.bool()?,
        simplest: encoded(r)?,
    })
}

fn operation(r: &mut Reader<'_>) -> Read<Operation> {
    r.array_of(6)?;
    Ok(Operation {
        index: r.uint()?,
        slots: r.uint()?,
        parts: r.list(part)?,
        needs: r.list(|r| {
            r.array_of(2)?;
            Ok((index(r)?, index(r)?))
        })?,
        makes: r.optional(index)?,
        faults: r.list(|r| r.optional(Reader::uint))?,
    })
}

fn sizes(r: &mut Reader<'_>) -> Read<Sizes> {
    r.array_of(3)?;
    Ok(Sizes {
        min: index(r)?,
        max: r.optional(index)?.unwrap_or(usize::MAX),
        slots: r.list(Reader::uint)?,
    })
}

fn part(r: &mut Reader<'_>) -> Read<Part> {
    let count = r.array()?;
    let kind = r.text()?;
    let wanted = match kind {
        "bool" => 1,
        "text" | "bytes" | "listed" | "record" | "union" | "distinct" | "peer" | "pool" => 2,
        "optional" | "name" | "handle" => 3,
        "int" | "sequence" | "mapping" => 4,
        "float" => 6,
        _ => return r.fault("known kind of part"),
    };
    if count != wanted {
        return r.fault("part of that many items");
    }
    Ok(match kind {
        "bool" => Part::Bool,
        "int" => Part::Int {
            lo: r.int()?,
            hi: r.int()?,
            slots: r.list(|r| {
                r.array_of(2)?;
                Ok((r.int()?, r.int()?))
            })?,
        },
        "float" => Part::Float {
            lo: r.float()?,
            hi: r.float()?,
            nan: r.bool()?,
            nan_equal: r.bool()?,
            slots: r.list(float_slot)?,
        },
        "text" => Part::Text {
            slots: r.list(|r| {
                r.array_of(3)?;
                Ok((index(r)?, r.uint()?, length(r)?))
            })?,
        },
        "bytes" => Part::Bytes {
            slots: r.list(|r| {
                r.array_of(2)?;
                Ok((r.uint()?, length(r)?))
            })?,
        },
        "listed" => Part::Listed {
            values: encoded(r)?,
        },
        "record" => Part::Record {
            parts: r.list(part)?,
        },
        "union" => Part::Union {
            parts: r.list(part)?,
        },
        "optional" => Part::Optional {
            p: r.uint()?,
            part: Box::new(part(r)?),
        },
        "sequence" => Part::Sequence {
            part: Box::new(part(r)?),
            sizes: sizes(r)?,
            unordered: r.bool()?,
        },
        "mapping" => Part::Mapping {
            key: Box::new(part(r)?),
            value: Box::new(part(r)?),
            sizes: sizes(r)?,
        },
        "name" => Part::Name {
            roster: index(r)?,
            count: index(r)?,
        },
        "distinct" => Part::DistinctName { roster: index(r)? },
        "handle" => Part::Handle {
            kind: index(r)?,
            closing: r.bool()?,
        },
        "peer" => Part::Peer { count: index(r)? },
        _ => Part::Pool { pool: index(r)? },
    })
}

fn float_slot(r: &mut Reader<'_>) -> Read<FloatSlot> {
    if r.is_null() {
        return Ok(FloatSlot::Any);
    }
    match r.array()? {
        1 => Ok(FloatSlot::Pinned(r.float()?)),
        3 => Ok(FloatSlot::Decimal {
            lo: r.int()?,
            hi: r.int()?,
            divisor: r.uint()? as f64,
        }),
        _ => r.fault("slot of a float"),
    }
}

/// Names what a plan lacks, so that drawing need not look; None where it is whole.
fn fault_of(plan: &Plan) -> Option<&'static str> {
    let parts = plan.opening.iter();
    let parts = parts.chain(plan.operations.iter().flat_map(|o| &o.parts));
    let parts = parts.chain(plan.rosters.iter().map(|roster| &roster.part));
    let has_kind = |kind: usize| kind < plan.kinds;
    let is_operation = |o: &Operation| {
        o.slots > 0
            && o.needs.iter().all(|&(kind, _)| has_kind(kind))
            && o.makes.is_none_or(has_kind)
    };
    if plan.octave.len() != 257 {
        return Some("octave of 257 numbers");
    }
    if plan.instances.is_empty() {
        return Some("instance");
    }
    if plan
        .instances
        .iter()
        .flatten()
        .any(|&at| at >= plan.opening.len())
    {
        return Some("argument of the opening at that place");
    }
    if !plan.operations.first().is_some_and(|o| o.needs.is_empty()) {
        return Some("operation that needs no handle");
    }
    if !plan.operations.iter().all(is_operation) {
        return Some("operation with slots and known handles");
    }
    if !parts.clone().all(|part| is_whole(part, plan)) {
        return Some("part whose slots, names, handles and pools exist");
    }
    None
}

fn is_whole(part: &Part, plan: &Plan) -> bool {
    let all = |parts: &[Part]| parts.iter().all(|part| is_whole(part, plan));
    match part {
        Part::Bool => true,
        Part::Int { lo, hi, slots } => lo <= hi && slots.iter().all(|(lo, hi)| lo <= hi),
        Part::Float { slots, .. } => !slots.is_empty(),
        Part::Text { slots } => {
            let fits = |&(alphabet, lo, hi): &(usize, u64, u64)| {
                alphabet < plan.alphabets.len() && lo <= hi
            };
            !slots.is_empty() && slots.iter().all(fits)
        }
        Part::Bytes { slots } => !slots.is_empty() && slots.iter().all(|(lo, hi)| lo <= hi),
        Part::Listed { values } => !values.is_empty(),
        Part::Record { parts } => all(parts),
        Part::Union { parts } => !parts.is_empty() && all(parts),
        Part::Optional { part, .. } => is_whole(part, plan),
        Part::Sequence { part, sizes, .. } => !sizes.slots.is_empty() && is_whole(part, plan),
        Part::Mapping { key, value, sizes } => {
            !sizes.slots.is_empty() && is_whole(key, plan) && is_whole(value, plan)
        }
        Part::Name { roster, count } => {
            *count > 0 && plan.rosters.get(*roster).is_some_and(|r| r.count >= *count)
        }
        Part::DistinctName { roster } => plan
            .rosters
            .get(*roster)
            .is_some_and(|r| r.count >= plan.instances.len()),
        Part::Handle { kind, .. } => *kind < plan.kinds,
        Part::Peer { count } => *count > 0 && *count < plan.instances.len(),
        Part::Pool { pool } => plan.pools.get(*pool).is_some_and(|pool| !pool.is_empty()),
    }
}
