//! Prints whether the crate semver accepts a text as a version, without the adapter and the SDK. It reads one
//! text from each line, and prints a line of JSON. Tests compare the adapter with it.

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lines() {
        let is_version = semver::Version::parse(&line?).is_ok();
        println!("{{\"semver-rs\": {is_version}}}");
    }
    Ok(())
}
