//! The Rust subject of the contract `semver`: the crate semver.

mod contract_gen;

use std::cmp::Ordering;
use std::str::FromStr;

use contract_gen::{Order, Parsed, Subject, Version, contract};
use driftcheck::{Outcome, library};
use semver::{BuildMetadata, Prerelease, VersionReq};

struct Semver;

/// Parses text with the library. The library takes text only, so bytes that are not UTF-8 fail in std.
fn read<T: FromStr<Err = semver::Error>>(text: &[u8]) -> Outcome<T> {
    str::from_utf8(text)
        .map_err(library)?
        .parse()
        .map_err(library)
}

fn version(v: &Version) -> Outcome<semver::Version> {
    Ok(semver::Version {
        major: v.major,
        minor: v.minor,
        patch: v.patch,
        pre: Prerelease::new(&v.pre).map_err(library)?,
        build: BuildMetadata::new(&v.build).map_err(library)?,
    })
}

impl Subject for Semver {
    fn parse(&mut self, text: &[u8]) -> Outcome<Parsed> {
        let v: semver::Version = read(text)?;
        Ok(Parsed {
            major: v.major.to_string(),
            minor: v.minor.to_string(),
            patch: v.patch.to_string(),
            pre: v.pre.to_string(),
            build: v.build.to_string(),
        })
    }

    fn show(&mut self, v: Version) -> Outcome<Vec<u8>> {
        Ok(version(&v)?.to_string().into_bytes())
    }

    fn compare(&mut self, a: &[u8], b: &[u8]) -> Outcome<Order> {
        let (a, b): (semver::Version, semver::Version) = (read(a)?, read(b)?);
        Ok(match a.cmp_precedence(&b) {
            Ordering::Less => Order::Less,
            Ordering::Equal => Order::Equal,
            Ordering::Greater => Order::Greater,
        })
    }

    fn matches(&mut self, requirement: &[u8], v: Version) -> Outcome<bool> {
        let requirement: VersionReq = read(requirement)?;
        Ok(requirement.matches(&version(&v)?))
    }
}

driftcheck::extension!(contract(|| Ok(Semver)));
