"""
The parts that an exported Rust test brings along: what stands in for driftcheck, and how values are shown.

Text alone; `rust_file` chooses the parts that a test uses.
"""

from __future__ import annotations

CHILD = "DRIFTCHECK_CHILD"  # the variable that makes a test binary perform the steps

ACCEPTED = """fn accepted_with<T: std::fmt::Debug>(value: &T) -> String {
    format!("accepted: {value:?}")
}
"""

READABLE = """/// Bytes that a reader can read.
struct Readable(Vec<u8>);

impl std::fmt::Debug for Readable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\\"{}\\"", self.0.escape_ascii())
    }
}
"""

OPENED = """fn opened<S>(open: impl Fn() -> Outcome<S>) -> S {
    open().expect("open")
}
"""

PATTERN = """/// Returns the number of each text: equal ones have the number of the first.
fn pattern_of(texts: &[String]) -> String {
    let mut known: Vec<&String> = Vec::new();
    let mut pattern = Vec::new();
    for text in texts {
        let number = known.iter().position(|one| *one == text).unwrap_or_else(|| {
            known.push(text);
            known.len() - 1
        });
        pattern.push(number.to_string());
    }
    pattern.join(" ")
}
"""

BYTES = """/// Returns the bytes that hexadecimal digits stand for.
fn bytes_of(digits: &str) -> Vec<u8> {
    digits.split(' ').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
"""

ENDS_WELL = """/// Performs the steps in a process of its own, and fails where it does not end well.
fn ends_well(test: &str, why: &str) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("DRIFTCHECK_CHILD", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(Duration::from_secs(SECONDS)) else {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        panic!("the steps did not end within SECONDS seconds; {why}");
    };
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let ended = output.status.success() && said.contains("all steps ended");
    assert!(ended, "the process of the steps ended early ({}); {why}\\n{said}", output.status);
}
"""

LARGE_STACK = """/// Performs steps with nested input. A debug build needs more stack for it than tests have.
fn with_large_stack(steps: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(steps).unwrap();
    if let Err(panicked) = thread.join() {
        std::panic::resume_unwind(panicked);
    }
}
"""
