"""
The parts that an exported Rust test brings along: what stands in for driftcheck, and how values are shown.

Text alone; `rust_file` chooses the parts that a test uses.
"""

from __future__ import annotations

CHILD = "DRIFTCHECK_CHILD"  # the variable that makes a test binary perform the steps

SDK = """/// What stands in for driftcheck's own crate.
mod driftcheck {
    /// Why a step has no value.
    #[derive(Debug)]
    pub enum Failure {
        /// A rejection of the contract, with its detail as text.
        Rejected(&'static str, String),
        /// The library's own error.
        Library,
        Unmapped(String),
        Unsupported,
        Broken(String),
    }

    pub type Outcome<T> = Result<T, Failure>;

    impl<E: std::error::Error> From<E> for Failure {
        fn from(error: E) -> Self {
            Self::Unmapped(error.to_string())
        }
    }

    pub fn library(_error: impl std::fmt::Display + 'static) -> Failure {
        Failure::Library
    }

    pub fn broken(reason: impl std::fmt::Display) -> Failure {
        Failure::Broken(reason.to_string())
    }

    pub fn unsupported() -> Failure {
        Failure::Unsupported
    }
}
"""

SHOW = """/// Shows a value in one line. Bytes that are no readable text are in hexadecimal.
pub trait Show {
    fn shown(&self) -> String;
}

impl Show for () {
    fn shown(&self) -> String {
        String::new()
    }
}

macro_rules! shown_as_debug {
    ($($type:ty),*) => {
        $(impl Show for $type {
            fn shown(&self) -> String {
                format!("{self:?}")
            }
        })*
    };
}

shown_as_debug!(bool, i64, u64, String);

impl Show for f64 {
    fn shown(&self) -> String {
        if self.is_nan() { "NaN".to_owned() } else { format!("{self:?}") }
    }
}

impl Show for Vec<u8> {
    fn shown(&self) -> String {
        match std::str::from_utf8(self) {
            Ok(text) if !text.chars().any(char::is_control) => format!("b{text:?}"),
            _ => {
                let digits: Vec<String> = self.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("[{}]", digits.join(" "))
            }
        }
    }
}

impl<T: Show> Show for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "null".to_owned(), Show::shown)
    }
}

impl<T: Show> Show for Vec<T> {
    fn shown(&self) -> String {
        let items: Vec<String> = self.iter().map(Show::shown).collect();
        format!("[{}]", items.join(", "))
    }
}

impl<K: Show, V: Show> Show for std::collections::BTreeMap<K, V> {
    fn shown(&self) -> String {
        let pairs: Vec<String> = self.iter().map(|(k, v)| format!("{}: {}", k.shown(), v.shown())).collect();
        format!("{{{}}}", pairs.join(", "))
    }
}
"""

ANSWER = """/// Says in one line what a step ended with.
fn answer_of<T: Show>(outcome: Outcome<T>) -> String {
    match outcome {
        Ok(value) => accepted_with(&value),
        Err(Failure::Rejected(class, detail)) => rejected_with(class, &detail),
        Err(Failure::Library) => CATCH_ALL,
        Err(Failure::Unmapped(text)) => format!("unmapped: {text}"),
        Err(Failure::Unsupported) => "unsupported".to_owned(),
        Err(Failure::Broken(reason)) => format!("broken: {reason}"),
    }
}
"""

ACCEPTED = """fn accepted_with<T: Show>(value: &T) -> String {
    format!("accepted: {}", value.shown())
}
"""

REJECTED = """fn rejected_with(class: &str, detail: &str) -> String {
    format!("rejected: {class}, {detail}")
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
