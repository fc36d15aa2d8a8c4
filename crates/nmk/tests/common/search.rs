//! A search for a function with a scripted model, in a home of its own.

use std::fs;
use std::path::{Path, PathBuf};

use synthetic::stub::{Seen, Stub, says};

use super::home::{Ended, Home};

/// The specification of the searched function.
pub const SPEC: &str = r#"
entry = "third"
description = "Return three times n, and one more if n is odd."
args = [{ name = "n", type = "int", min = 0, max = 100000 }]
returns = "int"

[[samples]]
args = [4]
returns = 12

[[samples]]
args = [3]
returns = 10

[exam]
n = 300

[oracle]
python = '''
def oracle(n):
    return n + n + n + (n & 1)
'''
"#;

/// A right solution.
pub const RIGHT: &str = "def third(n):\n    return 3 * n + n % 2";
/// A home with the specification, and an endpoint that answers by `script`, given the number of the request.
pub struct Scene {
    pub home: Home,
    pub stub: Stub,
    pub spec: String,
}

impl Scene {
    pub fn new(name: &str, script: impl Fn(usize, &Seen) -> String + Send + 'static) -> Self {
        let home = Home::new(name);
        let spec = home.write("work/spec.toml", SPEC).display().to_string();
        let count = std::sync::atomic::AtomicUsize::new(0);
        let stub = Stub::start(move |seen| {
            says(&script(count.fetch_add(1, std::sync::atomic::Ordering::Relaxed), seen))
        });
        Self { home, stub, spec }
    }

    /// Runs the search, with further flags.
    pub fn solve(&self, more: &[&str]) -> Ended {
        let base = self.stub.base();
        let words = ["solve", &self.spec, "--model", &base, "--model-name", "m", "--json"];
        self.home.run([&words[..], more].concat())
    }

    /// Returns false, and says so, on a machine that cannot isolate a program.
    pub fn can_be_shown(&self) -> bool {
        let ended = self.solve(&["--no-ledger", "--k", "0"]);
        if ended.code == 3 {
            println!("UNPROVEN solve: {}", ended.out);
        }
        ended.code != 3
    }
}

/// Returns the path of the file with this name below `folder`.
pub fn find(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if entry.file_name() == name {
                return entry.path();
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    panic!("no file {name}");
}
