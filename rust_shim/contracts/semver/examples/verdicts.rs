//! Reads a text a line and prints, as a line of JSON, whether the crate semver takes it for a version:
//! what it says itself, by which the adapter is judged.

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lines() {
        let is_version = semver::Version::parse(&line?).is_ok();
        println!("{{\"semver-rs\": {is_version}}}");
    }
    Ok(())
}
