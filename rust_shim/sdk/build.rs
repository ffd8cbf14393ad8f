//! Passes the version of the compiler, the profile and the target to the crate, for `describe`.

use std::env;
use std::process::Command;

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    let setting = |name| env::var(name).unwrap_or_default();
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=DRIFTCHECK_TOOLCHAIN={version}");
    println!(
        "cargo:rustc-env=DRIFTCHECK_BUILD={} for {}",
        setting("PROFILE"),
        setting("TARGET")
    );
}
