//! Traces: from a seed to the bytes of a trace, and to a description from which Python makes a `Trace`.

use crate::cbor::{ARRAY, Malformed, NULL, TEXT, UINT, bytes, head};
use crate::fnv::fnv1a;
use crate::plan::{Operation, Part, Plan, Roster};
use crate::random::Random;
use crate::read_plan;
use crate::state::{State, TRIES, Undrawable};
use crate::values::draw;

const PROTOCOL: u64 = 1;
const DISTINCT_TRIES: u32 = 4; // tries to draw a name that its roster does not have
const NO_FLAGS: [u8; 3] = [0x82, 0x01, 0x80]; // [1, []]

/// The arguments of a trace one by one, each with its index among names or in a pool.
#[derive(Default)]
struct Notes {
    opening: Vec<u8>,
    steps: Vec<u8>,
}

/// Draws the traces of one plan.
pub struct Generator {
    plan: Plan,
    digest: u64,
    bound_slots: bool, // some operations need handles
    free: Vec<u32>,    // operations that need no handle, one entry for each slot
}

impl Generator {
    /// Reads a plan and its pools.
    pub fn from_bytes(data: &[u8]) -> Result<Self, Malformed> {
        let plan = read_plan::read(data)?;
        let is_free = |o: &&Operation| o.needs.is_empty();
        let free = plan.operations.iter().take_while(is_free).enumerate();
        let free: Vec<u32> = free
            .flat_map(|(number, o)| std::iter::repeat_n(number as u32, o.slots as usize))
            .collect();
        let bound_slots = plan.operations.iter().any(|o| !o.needs.is_empty());
        Ok(Self {
            plan,
            digest: fnv1a(data),
            bound_slots,
            free,
        })
    }

    /// Returns the hash of the plan's bytes.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Returns a request with the trace of each seed.
    pub fn request(&self, mode: u64, seeds: &[u64]) -> Result<Vec<u8>, Undrawable> {
        let mut out = Vec::with_capacity(64 + 1024 * seeds.len());
        head(&mut out, ARRAY, 3);
        head(&mut out, UINT, PROTOCOL);
        head(&mut out, UINT, mode);
        head(&mut out, ARRAY, seeds.len() as u64);
        let (mut state, mut steps, mut trace) = (State::new(&self.plan), Vec::new(), Vec::new());
        for &seed in seeds {
            self.trace(seed, &mut state, &mut steps, &mut trace, None)?;
            bytes(&mut out, &trace);
        }
        Ok(out)
    }

    /// Returns the bytes of a seed's trace.
    pub fn one(&self, seed: u64) -> Result<Vec<u8>, Undrawable> {
        let mut trace = Vec::new();
        self.trace(
            seed,
            &mut State::new(&self.plan),
            &mut Vec::new(),
            &mut trace,
            None,
        )?;
        Ok(trace)
    }

    /// Returns a seed's trace argument by argument: names in play, opening, steps.
    pub fn describe(&self, seed: u64) -> Result<Vec<u8>, Undrawable> {
        let mut state = State::new(&self.plan);
        let mut notes = Notes::default();
        let (mut steps, mut trace) = (Vec::new(), Vec::new());
        let count = self.trace(seed, &mut state, &mut steps, &mut trace, Some(&mut notes))?;
        let mut out = Vec::with_capacity(2 * trace.len());
        head(&mut out, ARRAY, 3);
        head(&mut out, ARRAY, state.names.len() as u64);
        for names in &state.names {
            head(&mut out, ARRAY, names.len() as u64);
            names.iter().for_each(|name| bytes(&mut out, name));
        }
        head(&mut out, ARRAY, self.plan.opening.len() as u64);
        out.extend(notes.opening);
        head(&mut out, ARRAY, count);
        out.extend(notes.steps);
        Ok(out)
    }

    /// Draws the trace of a seed into `trace`, and returns how many steps it has.
    fn trace(
        &self,
        seed: u64,
        state: &mut State,
        steps: &mut Vec<u8>,
        trace: &mut Vec<u8>,
        mut notes: Option<&mut Notes>,
    ) -> Result<u64, Undrawable> {
        let mut random = Random::new(seed);
        for _ in 0..TRIES {
            state.clear();
            steps.clear();
            trace.clear();
            if let Some(notes) = notes.as_deref_mut() {
                *notes = Notes::default();
            }
            if let Ok(count) = self.attempt(&mut random, state, steps, trace, notes.as_deref_mut())
            {
                return Ok(count);
            }
        }
        Err(Undrawable)
    }

    fn attempt(
        &self,
        random: &mut Random,
        state: &mut State,
        steps: &mut Vec<u8>,
        trace: &mut Vec<u8>,
        mut notes: Option<&mut Notes>,
    ) -> Result<u64, Undrawable> {
        let plan = &self.plan;
        for (number, roster) in plan.rosters.iter().enumerate() {
            self.names(number, roster, random, state)?;
        }
        let mut opening = Vec::with_capacity(plan.opening.len());
        for part in &plan.opening {
            let mut value = Vec::new();
            self.argument(
                part,
                random,
                state,
                &mut value,
                notes.as_deref_mut().map(|n| &mut n.opening),
            )?;
            opening.push(value);
        }
        let count = self.steps(random, state, steps, notes)?;
        head(trace, ARRAY, 4);
        head(trace, TEXT, 0); // the correlation id
        head(trace, ARRAY, plan.instances.len() as u64);
        for _ in &plan.instances {
            trace.extend_from_slice(&NO_FLAGS);
        }
        head(trace, ARRAY, plan.instances.len() as u64);
        for places in &plan.instances {
            head(trace, ARRAY, places.len() as u64);
            places
                .iter()
                .for_each(|&place| trace.extend_from_slice(&opening[place]));
        }
        head(trace, ARRAY, count);
        trace.extend_from_slice(steps);
        Ok(count)
    }

    fn names(
        &self,
        number: usize,
        roster: &Roster,
        random: &mut Random,
        state: &mut State,
    ) -> Result<(), Undrawable> {
        for _ in 0..roster.count {
            let mut name = Vec::new();
            let mut is_new = false;
            for _ in 0..DISTINCT_TRIES {
                name.clear();
                draw(&self.plan, &roster.part, random, state, &mut name)?;
                is_new = !state.names[number].contains(&name);
                if is_new {
                    break;
                }
            }
            if !is_new && roster.must_differ {
                let known = &state.names[number];
                let other = roster.simplest.iter().find(|name| !known.contains(name));
                name = other.ok_or(Undrawable)?.clone();
            }
            state.names[number].push(name);
        }
        Ok(())
    }

    fn steps(
        &self,
        random: &mut Random,
        state: &mut State,
        out: &mut Vec<u8>,
        mut notes: Option<&mut Notes>,
    ) -> Result<u64, Undrawable> {
        let plan = &self.plan;
        let mut count = 0;
        while if plan.is_stateless {
            count == 0
        } else {
            count < plan.max_steps && !random.chance(plan.stop)
        } {
            self.step(
                random,
                state,
                count,
                out,
                notes.as_deref_mut().map(|n| &mut n.steps),
            )?;
            count += 1;
        }
        Ok(count)
    }

    fn step(
        &self,
        random: &mut Random,
        state: &mut State,
        number: u64,
        out: &mut Vec<u8>,
        mut notes: Option<&mut Vec<u8>>,
    ) -> Result<(), Undrawable> {
        let plan = &self.plan;
        if plan.instances.len() > 1 {
            state.instance = random.index(plan.instances.len());
        }
        let operation = self.operation(random, state);
        let fault = match operation.faults.len() {
            0 => None,
            count => operation.faults[random.index(count)],
        };
        let start = out.len();
        head(out, ARRAY, 4);
        head(out, UINT, operation.index);
        head(out, UINT, state.instance as u64);
        match fault {
            Some(index) => head(out, UINT, index),
            None => out.push(NULL),
        }
        head(out, ARRAY, operation.parts.len() as u64);
        if let Some(notes) = notes.as_deref_mut() {
            notes.extend_from_slice(&out[start..]);
        }
        for part in &operation.parts {
            self.argument(part, random, state, out, notes.as_deref_mut())?;
        }
        if let Some(kind) = operation.makes {
            state.live_handles(kind, plan.kinds).push(number);
        }
        Ok(())
    }

    /// Draws one of the operations that the live handles allow.
    fn operation(&self, random: &mut Random, state: &State) -> &Operation {
        let operations = &self.plan.operations;
        if !self.bound_slots {
            return &operations[self.free[random.index(self.free.len())] as usize];
        }
        // Operations that need no handle come first, so that a slot means the same with handles and without.
        let allowed = |o: &&Operation| state.allows(o, self.plan.kinds);
        let count = operations.iter().filter(allowed).map(|o| o.slots).sum();
        let mut slot = random.below(count);
        for operation in operations.iter().filter(allowed) {
            if slot < operation.slots {
                return operation;
            }
            slot -= operation.slots;
        }
        unreachable!("a slot is below the number of slots")
    }

    fn argument(
        &self,
        part: &Part,
        random: &mut Random,
        state: &mut State,
        out: &mut Vec<u8>,
        notes: Option<&mut Vec<u8>>,
    ) -> Result<(), Undrawable> {
        let start = out.len();
        draw(&self.plan, part, random, state, out)?;
        if let Some(notes) = notes {
            head(notes, ARRAY, 2);
            bytes(notes, &out[start..]);
            let is_picked = matches!(
                part,
                Part::Name { .. } | Part::DistinctName { .. } | Part::Pool { .. }
            );
            match state.pick.filter(|_| is_picked) {
                Some(index) => head(notes, UINT, index as u64),
                None => notes.push(NULL),
            }
        }
        Ok(())
    }
}
