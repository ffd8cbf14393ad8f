//! The trace loop, with a small contract that is written as generated code is.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use driftcheck::{
    Contract, Failure, Handles, Outcome, Reader, Step, Unreadable, Writer, broken, describe,
    library, run, unsupported,
};

/// The operations of a tally, by index.
const ADD: u64 = 0; // (number) -> the sum
const FAIL: u64 = 1; // (kind) -> nothing
const MARK: u64 = 2; // () -> handle
const SINCE: u64 = 3; // (handle) -> what was added since
const DROP_MARK: u64 = 4; // (closing handle) -> what was added since
const PANIC: u64 = 5; // ()
const GROW: u64 = 6; // (bytes) -> nothing

struct Tally {
    sum: u64,
    padding: Vec<u8>,
    dies: &'static str,
    marks: Handles<u64>,
}

impl Drop for Tally {
    fn drop(&mut self) {
        if self.dies == "dropped" && !std::thread::panicking() {
            panic!("cannot be dropped");
        }
    }
}

fn fail(kind: u64) -> Outcome<()> {
    match kind {
        0 => Err(Failure::rejected(1)),
        1 => Err(library("out of luck")),
        2 => Ok("seven".parse::<u64>().map(drop)?),
        3 => Err(unsupported()),
        4 => Err(broken("cannot convert")),
        _ => Ok(()),
    }
}

/// A contract with or without a state. Its subjects die in the way that `dies` names.
struct TallyContract<const HAS_STATE: bool, const HAS_CATCH_ALL: bool> {
    dies: &'static str,
}

impl<const HAS_STATE: bool, const HAS_CATCH_ALL: bool> TallyContract<HAS_STATE, HAS_CATCH_ALL> {
    fn new(dies: &'static str) -> Self {
        Self { dies }
    }
}

impl<const HAS_STATE: bool, const HAS_CATCH_ALL: bool> Contract
    for TallyContract<HAS_STATE, HAS_CATCH_ALL>
{
    type Opened = Tally;
    type Opening<'a> = (u64,);

    const NAME: &'static str = "tally";
    const FINGERPRINT: &'static str = "0123456789abcdef";
    const OPERATIONS: &'static [&'static str] =
        &["add", "fail", "mark", "since", "drop_mark", "panic", "grow"];
    const CATCH_ALL: Option<usize> = if HAS_CATCH_ALL { Some(0) } else { None };
    const HAS_STATE: bool = HAS_STATE;

    fn opening<'a>(&self, r: &mut Reader<'a>) -> Result<Self::Opening<'a>, Unreadable> {
        r.fields(1)?;
        let sum = r.get()?;
        Ok((sum,))
    }

    fn open(&self, (sum,): Self::Opening<'_>) -> Outcome<Tally> {
        match self.dies {
            "opened" => panic!("cannot be opened"),
            "refused" => Err(Failure::rejected(1)),
            dies => Ok(Tally {
                sum,
                padding: Vec::new(),
                dies,
                marks: Handles::default(),
            }),
        }
    }

    fn step(
        &self,
        tallies: &mut [Tally],
        step: &mut Step<'_>,
        r: &mut Reader<'_>,
    ) -> Result<(), Unreadable> {
        let tally = &mut tallies[step.instance];
        let operation = step.operation as u64;
        r.fields(usize::from(![MARK, PANIC].contains(&operation)))?;
        match operation {
            ADD => {
                tally.sum += r.uint()?;
                step.answer(Ok(tally.sum));
            }
            FAIL => step.answer(fail(r.uint()?)),
            MARK => {
                tally.marks.keep(step.number, tally.sum);
                step.answer(Ok(()));
            }
            SINCE | DROP_MARK => {
                let made = r.uint()?;
                let Some(mark) = tally.marks.take(made) else {
                    step.void();
                    return Ok(());
                };
                if operation == SINCE {
                    tally.marks.keep(made, mark);
                }
                step.answer(Ok(tally.sum - mark));
            }
            PANIC => panic!("out of {}", "luck"),
            GROW => {
                tally.padding = vec![0; r.uint()? as usize];
                step.answer(Ok(()));
            }
            _ => unreachable!("operation {operation}"),
        }
        Ok(())
    }

    fn state(&self, tally: &mut Tally, w: &mut Writer) {
        if tally.dies == "first state" || tally.dies == "state" && tally.sum > 100 {
            panic!("cannot be seen");
        }
        w.array(2);
        w.uint(tally.sum);
        w.bytes(&tally.padding);
    }
}

type Usual = TallyContract<true, true>;
type Stateless = TallyContract<false, true>;
type WithoutCatchAll = TallyContract<false, false>;
type Steps<'a> = &'a [(u64, &'a [u64])];

fn trace(steps: Steps) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(4);
    w.text("a-correlation-id");
    w.array(1);
    w.array(2);
    w.uint(1);
    w.array(0);
    w.array(1);
    w.array(1);
    w.uint(100);
    w.array(steps.len());
    for (operation, arguments) in steps {
        w.array(4);
        w.uint(*operation);
        w.uint(0);
        w.null();
        w.sequence(arguments, Writer::put);
    }
    w.into_data()
}

fn request(mode: u64, traces: &[Vec<u8>]) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(3);
    w.uint(1);
    w.uint(mode);
    w.sequence(traces, Writer::put);
    w.into_data()
}

/// Runs one trace and shows its reply in the style of CBOR's diagnostic notation, digests as `#`.
fn answer<C: Contract>(contract: C, mode: u64, steps: Steps) -> String {
    let reply = run(
        &contract,
        &AtomicU64::new(0),
        &request(mode, &[trace(steps)]),
    )
    .unwrap();
    let mut reader = Reader::new(&reply);
    reader.fields(1).unwrap();
    let shown = shown(&mut Reader::new(reader.bytes().unwrap()));
    reader.finish().unwrap();
    shown
}

fn shown(r: &mut Reader<'_>) -> String {
    if let Some(items) = attempt(r, |r| r.sequence(|r| Ok(shown(r)))) {
        format!("[{}]", items.join(" "))
    } else if r.null().unwrap() {
        "null".into()
    } else if let Some(number) = attempt(r, Reader::uint) {
        number.to_string()
    } else if let Some(text) = attempt(r, Reader::text) {
        format!("{text:?}")
    } else {
        match r.bytes().unwrap() {
            digest if digest.len() == 8 => "#".into(),
            [] => "''".into(),
            state => format!("<{}>", shown(&mut Reader::new(state))),
        }
    }
}

fn attempt<'a, T>(
    r: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Unreadable>,
) -> Option<T> {
    let mut ahead = r.clone();
    let value = read(&mut ahead).ok()?;
    *r = ahead;
    Some(value)
}

#[test]
fn each_kind_of_failure_has_an_outcome_of_its_own() {
    let steps: Steps = &[
        (ADD, &[7]),
        (FAIL, &[0]),
        (FAIL, &[1]),
        (FAIL, &[2]),
        (FAIL, &[3]),
        (FAIL, &[4]),
    ];

    let shown = answer(Stateless::new(""), 0, steps);

    assert_eq!(
        shown,
        "[[[0 null]] [[0 107] null [1 1 null] null [1 0 null] null \
         [2 \"invalid digit found in string\"] null [4] null [6 \"cannot convert\"] null] null null]"
    );
}

#[test]
fn mode_2_has_the_librarys_own_texts() {
    let steps: Steps = &[
        (ADD, &[7]),
        (FAIL, &[0]),
        (FAIL, &[1]),
        (FAIL, &[2]),
        (FAIL, &[4]),
    ];

    let shown = answer(Stateless::new(""), 2, steps);

    let texts = "[\"\" \"\" \"out of luck\" \"invalid digit found in string\" \"\"]]";
    assert!(shown.ends_with(texts), "{shown}");
}

#[test]
fn the_librarys_errors_are_unmapped_without_a_catch_all_class() {
    let shown = answer(WithoutCatchAll::new(""), 0, &[(FAIL, &[1])]);

    assert_eq!(shown, "[[[0 null]] [[2 \"out of luck\"] null] null null]");
}

#[test]
fn a_handle_is_void_when_it_was_never_made_or_is_closed() {
    let steps: Steps = &[
        (SINCE, &[0]),
        (MARK, &[]),
        (ADD, &[5]),
        (SINCE, &[1]),
        (SINCE, &[2]),
        (DROP_MARK, &[1]),
        (SINCE, &[1]),
        (SINCE, &[99]),
    ];

    let shown = answer(Stateless::new(""), 0, steps);

    assert_eq!(
        shown,
        "[[[0 null]] [[5] null [0 null] null [0 105] null [0 5] null [5] null [0 5] null [5] null [5] null] \
         null null]"
    );
}

#[test]
fn every_step_has_a_digest_and_mode_1_has_the_states() {
    let steps: Steps = &[(ADD, &[1]), (FAIL, &[3])];

    let digests = answer(Usual::new(""), 0, steps);
    let states = answer(Usual::new(""), 1, steps);

    assert_eq!(digests, "[[[0 null]] [[0 101] # [4] #] null null]");
    assert_eq!(
        states,
        "[[[0 null]] [[0 101] # [4] #] [[<[100 '']>] [<[101 '']>] [<[101 '']>]] null]"
    );
}

#[test]
fn a_contract_without_state_has_neither_digests_nor_states() {
    let shown = answer(Stateless::new(""), 1, &[(ADD, &[1])]);

    assert_eq!(shown, "[[[0 null]] [[0 101] null] null null]");
}

#[test]
fn a_large_state_is_digested_at_the_end_only() {
    let steps: Steps = &[
        (ADD, &[1]),
        (GROW, &[5000]),
        (ADD, &[1]),
        (GROW, &[0]),
        (ADD, &[1]),
    ];

    let shown = answer(Usual::new(""), 0, steps);

    assert_eq!(
        shown,
        "[[[0 null]] [[0 101] # [0 null] # [0 102] null [0 null] null [0 103] #] null null]"
    );
}

#[test]
fn after_a_panic_later_steps_are_not_reached_and_have_no_state() {
    let steps: Steps = &[(ADD, &[1]), (PANIC, &[]), (ADD, &[1])];
    let place = "tests/session.rs:";

    let shown = answer(Usual::new(""), 2, steps);

    let (before, after) = shown.split_once(place).unwrap();
    assert_eq!(before, "[[[0 null]] [[0 101] # [3 \"out of luck (sdk/");
    let (_line, after) = after.split_once(')').unwrap();
    assert_eq!(
        after,
        "\"] null [7] null] [[<[100 '']>] [<[101 '']>] null null] [\"\" \"\" \"\"]]"
    );
}

#[test]
fn a_panic_after_a_step_belongs_to_it() {
    for (dies, words) in [
        ("state", "cannot be seen"),
        ("dropped", "cannot be dropped"),
    ] {
        for mode in 0..3 {
            let shown = answer(Usual::new(dies), mode, &[(ADD, &[1])]);

            assert!(shown.starts_with("[[[0 null]] [[3 "), "{shown}");
            assert!(shown.contains(words), "{shown}");
        }
    }
}

#[test]
fn a_panic_in_the_state_after_open_belongs_to_the_opening() {
    for mode in 0..3 {
        let shown = answer(Usual::new("first state"), mode, &[(ADD, &[1])]);

        let states = ["null null", "[null null] null", "[null null] [\"\"]"][mode as usize];
        assert!(shown.starts_with("[[[3 \"cannot be seen ("), "{shown}");
        assert!(
            shown.ends_with(&format!("]] [[5] null] {states}]")),
            "{shown}"
        );
    }
}

#[test]
fn every_step_is_void_if_the_subject_did_not_open() {
    let steps: Steps = &[(ADD, &[1]), (PANIC, &[])];

    let refused = answer(Usual::new("refused"), 2, steps);
    let panicked = answer(Usual::new("opened"), 0, steps);

    assert_eq!(
        refused,
        "[[[1 1 null]] [[5] null [5] null] [null null null] [\"\" \"\"]]"
    );
    assert!(
        panicked.starts_with("[[[3 \"cannot be opened ("),
        "{panicked}"
    );
    assert!(
        panicked.ends_with("]] [[5] null [5] null] null null]"),
        "{panicked}"
    );
}

#[test]
fn a_trace_without_steps_opens_and_drops_its_subject() {
    assert_eq!(
        answer(Usual::new(""), 1, &[]),
        "[[[0 null]] [] [[<[100 '']>]] null]"
    );
    assert!(answer(Usual::new("dropped"), 0, &[]).starts_with("[[[3 "));
}

#[test]
fn traces_of_one_request_are_independent() {
    let traces = [
        trace(&[(ADD, &[1])]),
        trace(&[(PANIC, &[])]),
        trace(&[(ADD, &[1])]),
    ];

    let reply = run(&Usual::new(""), &AtomicU64::new(0), &request(0, &traces)).unwrap();

    let replies: Vec<Vec<u8>> = Reader::new(&reply).get().unwrap();
    assert_eq!(replies[0], replies[2]);
    assert_ne!(replies[0], replies[1]);
}

#[test]
fn the_note_names_trace_and_step_before_each_call() {
    let note = AtomicU64::new(0);
    let seen = RefCell::new(Vec::new());
    let contract = Watched(&note, &seen);

    run(
        &contract,
        &note,
        &request(0, &[trace(&[]), trace(&[(ADD, &[1]), (ADD, &[1])])]),
    )
    .unwrap();

    assert_eq!(
        *seen.borrow(),
        [
            0,
            0,
            1,
            1,
            1 | 1 << 32,
            1 | 1 << 32,
            1 | 2 << 32,
            1 | 2 << 32
        ]
    );
    assert_eq!(
        u64::from_le(note.load(Ordering::Relaxed)),
        1 | 0xffff_ffff << 32
    );
}

/// Records the note at each call.
struct Watched<'w>(&'w AtomicU64, &'w RefCell<Vec<u64>>);

impl Watched<'_> {
    fn look(&self) {
        self.1
            .borrow_mut()
            .push(u64::from_le(self.0.load(Ordering::Relaxed)));
    }
}

impl Contract for Watched<'_> {
    type Opened = ();
    type Opening<'a> = u64;

    const NAME: &'static str = "watched";
    const FINGERPRINT: &'static str = "0123456789abcdef";
    const OPERATIONS: &'static [&'static str] = &["look"];
    const CATCH_ALL: Option<usize> = None;
    const HAS_STATE: bool = true;

    fn opening<'a>(&self, r: &mut Reader<'a>) -> Result<u64, Unreadable> {
        r.fields(1)?;
        let number = r.uint()?;
        Ok(number)
    }

    fn open(&self, _: u64) -> Outcome<()> {
        self.look();
        Ok(())
    }

    fn step(
        &self,
        _: &mut [()],
        step: &mut Step<'_>,
        r: &mut Reader<'_>,
    ) -> Result<(), Unreadable> {
        self.look();
        step.answer(Ok(()));
        r.skip()
    }

    fn state(&self, (): &mut (), w: &mut Writer) {
        self.look();
        w.null();
    }
}

#[test]
fn the_error_for_an_unreadable_request_names_the_place_and_the_reason() {
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 1].to_vec();
    let mut protocol = request(0, &[]);
    protocol[1] = 2;
    let cases = [
        (
            protocol,
            "read request: byte 1: unexpected item: want protocol 1",
        ),
        (
            request(3, &[]),
            "read request: byte 2: number out of range: got 3, want less than 3",
        ),
        (
            cut(&request(0, &[])),
            "read request: byte 0: the data end too early",
        ),
        (
            request(0, &[trace(&[(99, &[1])])]),
            "read trace 0: step 0: byte 28: number out of range: got 99, want less than 7",
        ),
        (
            request(0, &[trace(&[]), trace(&[(ADD, &[])])]),
            "read trace 1: step 0: operation add: byte 31: array of the wrong length: got 0, want 1",
        ),
        (
            request(0, &[cut(&trace(&[(ADD, &[1])]))]),
            "read trace 0: step 0: operation add: byte 31: the data end too early",
        ),
        (
            request(0, &[[trace(&[]), vec![0]].concat()]),
            "read trace 0: byte 27: data after the last item",
        ),
        (
            request(0, &[cut(&trace(&[(PANIC, &[]), (ADD, &[1])]))]),
            "read trace 0: step 1: byte 36: the data end too early",
        ),
    ];
    for (request, expected) in cases {
        let unreadable = run(&Usual::new(""), &AtomicU64::new(0), &request).unwrap_err();

        assert_eq!(unreadable.to_string(), expected);
    }
}

#[test]
fn a_library_describes_itself_in_canonical_order() {
    let described = describe::<Usual>("adapter", "");

    let mut reader = Reader::new(&described);
    reader.skip().unwrap();
    reader.finish().unwrap();
    let text = String::from_utf8_lossy(&described);
    for word in ["tally", "0123456789abcdef", "rustc 1."] {
        assert!(text.contains(word), "{text}");
    }
}
