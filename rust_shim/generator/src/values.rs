//! Values: draws one of a part, and writes it as it stands in a trace.

use crate::cbor::{ARRAY, BYTES, FALSE, MAP, NULL, TEXT, TRUE, UINT, float, head, int};
use crate::lengths::length;
use crate::plan::{FloatSlot, Part, Plan, Sizes};
use crate::random::Random;
use crate::state::{State, Undrawable};

const REPEATED: u32 = 32; // keys that a mapping may draw again before it is given up
const HALF: u64 = 1 << 31;
const QUARTER: u64 = 1 << 30;
const KINDS_OF_BYTES: u64 = 10; // six in ten are random, two are zeros, two repeat one byte
const TWO_BYTES: u64 = 0x800; // code points that take at most two bytes of UTF-8
const SURROGATES: u64 = 0xd800;
const SURROGATE_COUNT: u64 = 0x800;
const ALL: u64 = 0x11_0000;
const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

/// Draws a value of `part` and appends it to `out`.
pub(crate) fn draw(
    plan: &Plan,
    part: &Part,
    random: &mut Random,
    state: &mut State,
    out: &mut Vec<u8>,
) -> Result<(), Undrawable> {
    match part {
        Part::Bool => out.push(if random.chance(HALF) { TRUE } else { FALSE }),
        Part::Int { lo, hi, slots } => {
            let (lo, hi) = if slots.is_empty() {
                (*lo, *hi)
            } else {
                slots[random.index(slots.len())]
            };
            int(out, random.integer(lo, hi));
        }
        Part::Float {
            lo,
            hi,
            nan,
            nan_equal,
            slots,
        } => {
            let value = match slots[random.index(slots.len())] {
                FloatSlot::Any => any_float(random, *lo, *hi, *nan),
                FloatSlot::Pinned(value) => value,
                FloatSlot::Decimal { lo, hi, divisor } => random.integer(lo, hi) as f64 / divisor,
            };
            let is_canonical = *nan_equal && value.is_nan();
            float(
                out,
                if is_canonical {
                    f64::from_bits(CANONICAL_NAN)
                } else {
                    value
                },
            );
        }
        Part::Text { slots } => {
            let (alphabet, lo, hi) = slots[random.index(slots.len())];
            text(plan, random, alphabet, lo, hi, out);
        }
        Part::Bytes { slots } => {
            let (lo, hi) = slots[random.index(slots.len())];
            byte_string(plan, random, lo, hi, out);
        }
        Part::Listed { values } => out.extend_from_slice(&values[random.index(values.len())]),
        Part::Record { parts } => {
            head(out, ARRAY, parts.len() as u64);
            for part in parts {
                draw(plan, part, random, state, out)?;
            }
        }
        Part::Union { parts } => {
            let index = random.index(parts.len());
            head(out, ARRAY, 2);
            head(out, UINT, index as u64);
            draw(plan, &parts[index], random, state, out)?;
        }
        Part::Optional { p, part } => {
            if random.chance(*p) {
                draw(plan, part, random, state, out)?;
            } else {
                out.push(NULL);
            }
        }
        Part::Sequence {
            part,
            sizes,
            unordered,
        } => sequence(plan, part, sizes, *unordered, random, state, out)?,
        Part::Mapping { key, value, sizes } => {
            mapping(plan, key, value, sizes, random, state, out)?
        }
        Part::Name { roster, count } => {
            let index = random.index(*count);
            state.write_name(*roster, index, out);
            state.pick = Some(index);
        }
        Part::DistinctName { roster } => {
            let taken = &mut state.taken[*roster];
            let free: Vec<usize> = (0..plan.rosters[*roster].count)
                .filter(|index| !taken.contains(index))
                .collect();
            let index = free[random.index(free.len())];
            taken.push(index);
            state.write_name(*roster, index, out);
            state.pick = Some(index);
        }
        Part::Handle { kind, closing } => {
            let live = state.live_handles(*kind, plan.kinds);
            if live.is_empty() {
                return Err(Undrawable);
            }
            let index = random.index(live.len());
            let step = if *closing {
                live.remove(index)
            } else {
                live[index]
            };
            head(out, UINT, step);
        }
        Part::Peer { count } => {
            let index = random.index(*count);
            head(
                out,
                UINT,
                (index + usize::from(index >= state.instance)) as u64,
            );
        }
        Part::Pool { pool } => {
            let pool = &plan.pools[*pool];
            let index = random.index(pool.len());
            out.extend_from_slice(&pool[index]);
            state.pick = Some(index);
        }
    }
    Ok(())
}

fn any_float(random: &mut Random, lo: f64, hi: f64, nan: bool) -> f64 {
    if lo == hi {
        return lo;
    }
    if nan {
        let bits = random.bits();
        let is_nan = bits & 15 == 0;
        return f64::from_bits(if is_nan {
            bits | 0x7ff0_0000_0000_0001
        } else {
            bits
        });
    }
    let (lo, hi) = (lo.max(f64::MIN), hi.min(f64::MAX));
    let share = (random.bits() >> 11) as f64 / (1u64 << 53) as f64;
    let half = lo / 2.0 + (hi / 2.0 - lo / 2.0) * share; // a range may be wider than the largest float
    (2.0 * half).max(lo).min(hi)
}

fn text(plan: &Plan, random: &mut Random, alphabet: usize, lo: u64, hi: u64, out: &mut Vec<u8>) {
    let alphabet = &plan.alphabets[alphabet];
    let size = length(random, &plan.octave, lo, hi) as usize;
    let mut indexes = Vec::with_capacity(size);
    random.bytes(size, &mut indexes);
    let mut drawn = String::with_capacity(size);
    drawn.extend(
        indexes
            .iter()
            .map(|&index| alphabet.characters[usize::from(index)]),
    );
    if alphabet.has_all && size > 0 && random.chance(QUARTER) {
        let at = random.index(size);
        let any = any_character(random);
        drawn = drawn
            .chars()
            .enumerate()
            .map(|(number, character)| if number == at { any } else { character })
            .collect();
    }
    head(out, TEXT, drawn.len() as u64);
    out.extend_from_slice(drawn.as_bytes());
}

fn any_character(random: &mut Random) -> char {
    let point = if random.chance(HALF) {
        random.below(TWO_BYTES)
    } else {
        let point = random.below(ALL - SURROGATE_COUNT);
        if point >= SURROGATES {
            point + SURROGATE_COUNT
        } else {
            point
        }
    };
    char::from_u32(point as u32).unwrap_or_default()
}

fn byte_string(plan: &Plan, random: &mut Random, lo: u64, hi: u64, out: &mut Vec<u8>) {
    let size = length(random, &plan.octave, lo, hi) as usize;
    head(out, BYTES, size as u64);
    let byte = match random.below(KINDS_OF_BYTES) {
        0..6 => return random.bytes(size, out),
        6..8 => 0,
        _ => random.below(256) as u8,
    };
    out.resize(out.len() + size, byte);
}

fn has_more(random: &mut Random, sizes: &Sizes, more: u64, count: usize) -> bool {
    count < sizes.min || (count < sizes.max && random.chance(more))
}

fn sequence(
    plan: &Plan,
    part: &Part,
    sizes: &Sizes,
    unordered: bool,
    random: &mut Random,
    state: &mut State,
    out: &mut Vec<u8>,
) -> Result<(), Undrawable> {
    let more = sizes.slots[random.index(sizes.slots.len())];
    let mut items: Vec<Vec<u8>> = Vec::new();
    while has_more(random, sizes, more, items.len()) {
        let mut item = Vec::new();
        draw(plan, part, random, state, &mut item)?;
        items.push(item);
    }
    if unordered {
        items.sort();
    }
    head(out, ARRAY, items.len() as u64);
    out.extend(items.into_iter().flatten());
    Ok(())
}

fn mapping(
    plan: &Plan,
    key: &Part,
    value: &Part,
    sizes: &Sizes,
    random: &mut Random,
    state: &mut State,
    out: &mut Vec<u8>,
) -> Result<(), Undrawable> {
    let more = sizes.slots[random.index(sizes.slots.len())];
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut repeated = 0;
    while has_more(random, sizes, more, pairs.len()) {
        let (mut new_key, mut new_value) = (Vec::new(), Vec::new());
        draw(plan, key, random, state, &mut new_key)?;
        draw(plan, value, random, state, &mut new_value)?;
        match pairs.iter_mut().find(|(key, _)| *key == new_key) {
            Some(known) => {
                known.1 = new_value;
                repeated += 1;
            }
            None => pairs.push((new_key, new_value)),
        }
        if repeated > REPEATED && pairs.len() < sizes.min {
            return Err(Undrawable);
        }
    }
    pairs.sort();
    head(out, MAP, pairs.len() as u64);
    for (key, value) in pairs {
        out.extend(key);
        out.extend(value);
    }
    Ok(())
}
