//! The table of suites: what runs, in which order, and how its checks are counted.

/// Where a suite's number of checks comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Count {
    /// The `test result:` lines of `cargo test`.
    Tests,
    /// The `checks:` line of our own commands.
    Tally,
    /// One check: the exit code.
    ExitCode,
}

/// A row of the table. A suite passes when every command exits with 0.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) count: Count,
    /// A tool that the suite needs; where this command fails, the suite is unproven.
    pub(crate) needs: Option<&'static [&'static str]>,
    /// Each begins with `cargo` or `xtask`.
    pub(crate) commands: Vec<Vec<String>>,
}

/// Every suite, for crates given as folder and package in the order of the planes.
pub(crate) fn suites(crates: &[(String, String)]) -> Vec<Suite> {
    let mut suites = vec![
        ours("planes", &["planes"]),
        ours("planes-negative", &["planes", "--self-test"]),
        ours("tidy", &["tidy"]),
        tool("fmt", &["cargo", "fmt", "--version"], &["cargo", "fmt", "--all", "--check"]),
        tool(
            "clippy",
            &["cargo", "clippy", "--version"],
            &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        ),
    ];
    for (name, package) in crates {
        // The integration tests of nmk run the whole program; they are the suite `e2e`.
        let parts: &[&[&str]] = if name == "nmk" { &[&["--lib", "--bins"], &["--doc"]] } else { &[&[]] };
        suites.push(tests(name, package, parts));
    }
    suites.push(tests("e2e", "nmk", &[&["--test", "*"]]));
    suites.push(ours("sim", &["sim", "--seeds", "20000"]));
    suites.push(ours("tamper", &["tamper", "--edits", "20000"]));
    suites.push(ours("battery-cpu", &["battery", "--backend", "cpu", "--quick"]));
    suites.push(ours("full_disk", &["full-disk"]));
    suites.push(ours("no_std", &["no-std"]));
    for name in ["neon", "wasm"] {
        suites.push(Suite { count: Count::Tests, ..ours(name, &["targets", name]) });
    }
    suites.push(ours("aarch64", &["targets", "aarch64"]));
    suites.push(ours("standalone", &["standalone"]));
    suites.push(ours("readme", &["readme"]));
    let deny = &["cargo", "deny", "--offline", "check", "bans", "licenses", "sources"];
    suites.push(tool("deny", &["cargo", "deny", "--version"], deny));
    suites
}

/// What to build before the clock of the first test runs.
pub(crate) fn builds(crates: &[(String, String)]) -> Vec<Vec<String>> {
    let one = |package: &String| owned(&["cargo", "test", "--release", "--no-run", "--package", package]);
    let mut builds: Vec<_> = crates.iter().map(|(_, package)| one(package)).collect();
    builds.push(owned(&["cargo", "build", "--release", "--package", "nmk"]));
    builds
}

fn ours(name: &str, verb: &[&str]) -> Suite {
    let mut command = owned(&["xtask"]);
    command.extend(owned(verb));
    Suite { name: name.to_owned(), count: Count::Tally, needs: None, commands: vec![command] }
}

fn tool(name: &str, needs: &'static [&'static str], command: &[&str]) -> Suite {
    let commands = vec![owned(command)];
    Suite { name: name.to_owned(), count: Count::ExitCode, needs: Some(needs), commands }
}

fn tests(name: &str, package: &str, parts: &[&[&str]]) -> Suite {
    let command = |part: &&[&str]| {
        let mut command = owned(&["cargo", "test", "--release", "--no-fail-fast", "--package", package]);
        command.extend(owned(part));
        command
    };
    let commands = parts.iter().map(command).collect();
    Suite { name: name.to_owned(), count: Count::Tests, needs: None, commands }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
