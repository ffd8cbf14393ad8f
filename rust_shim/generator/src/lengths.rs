//! Lengths of text and of byte strings.

use crate::plan::ENDLESS;
use crate::random::Random;

const NARROW: u64 = 24; // widths up to this are drawn evenly
const SHORT: u64 = 17;
const EVEN: u64 = 256; // up to this, what is not short is drawn evenly

/// Draws a length: any of a narrow range, otherwise short or any; short where there is no bound.
pub(crate) fn length(random: &mut Random, octave: &[u64], lo: u64, hi: u64) -> u64 {
    let width = hi - lo;
    if width <= NARROW {
        return lo + random.below(width + 1);
    }
    if random.chance(1 << 31) {
        return lo + random.below(SHORT);
    }
    if width <= EVEN {
        return lo + random.below(width + 1);
    }
    let longest = if lo > 0 && width < ENDLESS / 2 { 12 } else { 6 };
    lo + width.min(power_of_two(random, octave, longest) - 1)
}

/// Returns 2 to the power of a random number from 0 to `longest`, rounded down.
///
/// It interpolates between the numbers of the plan, since powers of floats differ between machines.
fn power_of_two(random: &mut Random, octave: &[u64], longest: u64) -> u64 {
    let exponent = random.below(longest);
    let fraction = random.below(1 << 24);
    let at = (fraction >> 16) as usize;
    let (before, after) = (octave[at], octave[at + 1]);
    let between = before + (((after - before) * (fraction & 0xffff)) >> 16);
    between >> (32 - exponent)
}
