//! The Rust subject of the contract `unruly`: it misbehaves as its arguments say.

mod contract_gen;

use contract_gen::{How, Rejection, Subject, When, contract};
use driftcheck::{Outcome, broken, library, unsupported};

const TEXT: &str = "on request";
const ILL_FORMED: &str = "not \u{fffd} UTF-8"; // as the Go SDK sends its ill-formed text
const TOO_LARGE: u64 = 1 << 40;

struct Unruly {
    when: When,
    length: u64,
    states: u64,
    spoilt: bool,
}

impl Drop for Unruly {
    fn drop(&mut self) {
        if self.when == When::Drop && !std::thread::panicking() {
            panic!("{TEXT}");
        }
    }
}

impl Subject for Unruly {
    type Token = ();

    fn open(when: When, length: u64) -> Outcome<Self> {
        match when {
            When::Open => panic!("{TEXT}"),
            When::Refused => Err(Rejection::Refused.into()),
            When::Library => Err(library(TEXT)),
            _ => Ok(Unruly {
                when,
                length,
                states: 0,
                spoilt: false,
            }),
        }
    }

    fn state(&mut self) -> Vec<u8> {
        self.states += 1;
        let is_due = match self.when {
            When::FirstState => self.states == 1,
            When::SecondState => self.states == 2,
            _ => false,
        };
        assert!(!self.spoilt && !is_due, "{TEXT}");
        if self.length == TOO_LARGE {
            return vec![0; 9 << 20];
        }
        vec![0; (self.length % 6000) as usize]
    }

    fn r#do(&mut self, how: How) -> Outcome<()> {
        end(how)
    }

    fn grow(&mut self, length: u64) -> Outcome<()> {
        self.length = length;
        Ok(())
    }

    fn spoil(&mut self) -> Outcome<()> {
        self.spoilt = true;
        Ok(())
    }

    fn text(&mut self) -> Outcome<String> {
        Ok(ILL_FORMED.to_owned())
    }

    fn make(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn r#use(&mut self, _token: &mut ()) -> Outcome<()> {
        Ok(())
    }

    fn close(&mut self, _token: (), how: How) -> Outcome<()> {
        end(how)
    }

    fn close_both(&mut self, _one: (), _other: (), how: How) -> Outcome<()> {
        end(how)
    }
}

fn end(how: How) -> Outcome<()> {
    match how {
        How::Accepted => Ok(()),
        How::Refused => Err(Rejection::Refused.into()),
        How::Undeclared => Err(Rejection::Undeclared.into()),
        How::Library => Err(library(TEXT)),
        How::Unmapped => Err(std::io::Error::other(TEXT).into()),
        How::Unsupported => Err(unsupported()),
        How::Broken => Err(broken(TEXT)),
        How::Panic => panic!("{TEXT}"),
        How::LibraryIllFormed => Err(library(ILL_FORMED)),
        How::UnmappedIllFormed => Err(std::io::Error::other(ILL_FORMED).into()),
        How::BrokenIllFormed => Err(broken(ILL_FORMED)),
        How::PanicIllFormed => panic!("{TEXT}{ILL_FORMED}"),
        How::LibraryLong => Err(library(long())),
        How::UnmappedLong => Err(std::io::Error::other(long()).into()),
        How::BrokenLong => Err(broken(long())),
        How::PanicLong => panic!("{}", long()),
    }
}

fn long() -> String {
    TEXT.repeat(400_000)
}

driftcheck::extension!(contract::<Unruly>());
