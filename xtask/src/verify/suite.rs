//! The table of suites: the work of each, their order, and the source of their counts.

use crate::build::Kind;
use crate::programs::DEVICES;

/// The source from which the number of a suite's checks is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Count {
    /// The lines `test result:` of a test program.
    Tests,
    /// The line `checks:` of the project's own commands.
    Tally,
    /// The exit code alone, which is one check.
    ExitCode,
}

/// A row of the table of suites. A suite passes if every command or test program of it exits with code 0.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) count: Count,
    /// A command that shows a tool to be there; if it fails, the suite is unproven. `None` if no tool is
    /// needed.
    pub(crate) needs: Option<&'static [&'static str]>,
    pub(crate) work: Work,
    pub(crate) share: Share,
}

/// The way in which a suite shares the machine with other suites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Share {
    /// The suite runs alone: it keeps all processors busy, or it is over in a moment.
    Alone,
    /// The suite runs beside another, but compiles in the workspace's target folder, which cargo locks. So
    /// two such suites follow each other.
    Compiles,
    /// The suite runs beside any other.
    Free,
}

impl Suite {
    fn sharing(self, share: Share) -> Suite {
        Suite { share, ..self }
    }
}

/// The work of a suite.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// Commands, each of which begins with `cargo` or `xtask`.
    Commands(Vec<Vec<String>>),
    /// Commands that start programs of the workspace, and so wait for the build.
    AfterBuild(Vec<Vec<String>>),
    /// The one build of the workspace, in which each test program is a check.
    Build,
    /// The test programs of some packages.
    Tests(Vec<TestsOf>),
}

/// Test programs of one package.
#[derive(Clone, Debug)]
pub(crate) struct TestsOf {
    pub(crate) package: String,
    pub(crate) kinds: &'static [Kind],
    /// The names of the programs. None stands for all of these kinds.
    pub(crate) names: Option<&'static [&'static str]>,
}

impl TestsOf {
    /// Returns the same selection with only the integration tests of these names.
    pub(crate) fn only(self, names: &'static [&'static str]) -> TestsOf {
        TestsOf { kinds: &[Kind::Integration], names: Some(names), ..self }
    }
}

impl Work {
    /// Returns true if the work starts programs that the build makes.
    pub(crate) fn follows_build(&self) -> bool {
        !matches!(self, Work::Commands(_))
    }
}

/// Returns every suite, for crates given as folder and package in the order of the planes.
pub(crate) fn suites(crates: &[(String, String)]) -> Vec<Suite> {
    let mut suites = vec![
        ours("planes", &["planes"]),
        ours("planes-negative", &["planes", "--self-test"]),
        ours("tidy", &["tidy"]),
        ours("map", &["map"]),
        ours("manifest", &["manifest"]),
        ours("unsafe-impls", &["unsafe-impls"]),
        tool("fmt", &["cargo", "fmt", "--version"], &["cargo", "fmt", "--all", "--check"]),
        Suite {
            name: "build".to_owned(),
            count: Count::Tests,
            needs: None,
            work: Work::Build,
            share: Share::Alone,
        },
        // In release, build scripts and procedural macros are those of the build.
        tool(
            "clippy",
            &["cargo", "clippy", "--version"],
            &[
                "cargo",
                "clippy",
                "--release",
                "--workspace",
                "--features",
                DEVICES,
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        ),
    ];
    for (name, package) in crates {
        // The integration tests of nmk run the whole program; they are the suite `e2e`.
        let kinds: &[Kind] = if name == "nmk" { &[Kind::Library, Kind::Binary] } else { &Kind::ALL };
        suites.push(tests(name, package, kinds));
    }
    suites.push(tests("e2e", "nmk", &[Kind::Integration]));
    // The features of the build, because another choice would compile the libraries again.
    let doc =
        &["cargo", "test", "--release", "--workspace", "--features", DEVICES, "--doc", "--no-fail-fast"];
    let work = Work::AfterBuild(vec![owned(doc)]);
    let share = Share::Compiles;
    suites.push(Suite { name: "doc".to_owned(), count: Count::Tests, needs: None, work, share });
    suites.push(programs("sim", &["sim", "--seeds", "20000"]));
    suites.push(programs("tamper", &["tamper", "--edits", "20000"]));
    suites.push(programs("battery-cpu", &["battery", "--backend", "cpu", "--quick"]));
    let gpu_host = &["battery", "--backend", "gpu-host", "--quick", "--model", "fixtures"];
    suites.push(programs("battery-gpu-host", gpu_host));
    suites.push(programs("battery-cuda", &["battery", "--backend", "cuda", "--quick"]));
    suites.push(programs("cuda-kernels", &["cuda-kernels"]));
    suites.push(programs("full_disk", &["full-disk"]));
    suites.push(programs("kill", &["kill"]));
    suites.push(programs("memory_store", &["memory"]));
    suites.push(ours("no_std", &["no-std"]).sharing(Share::Compiles));
    for name in ["neon", "wasm"] {
        suites.push(Suite { count: Count::Tests, share: Share::Compiles, ..ours(name, &["targets", name]) });
    }
    suites.push(programs("aarch64", &["targets", "aarch64"]).sharing(Share::Compiles));
    suites.push(programs("standalone", &["standalone"]).sharing(Share::Compiles));
    suites.push(programs("package", &["package"]).sharing(Share::Compiles));
    suites.push(programs("logs", &["logs"]).sharing(Share::Compiles));
    suites.push(programs("man", &["man"]).sharing(Share::Compiles));
    suites.push(programs("readme", &["readme"]).sharing(Share::Compiles));
    let deny = &["cargo", "deny", "--offline", "check", "bans", "licenses", "sources"];
    suites.push(tool("deny", &["cargo", "deny", "--version"], deny));
    suites
}

fn ours(name: &str, verb: &[&str]) -> Suite {
    let mut command = owned(&["xtask"]);
    command.extend(owned(verb));
    let work = Work::Commands(vec![command]);
    Suite { name: name.to_owned(), count: Count::Tally, needs: None, work, share: Share::Alone }
}

/// Returns a suite of a verb of `xtask` that starts programs of the workspace.
fn programs(name: &str, verb: &[&str]) -> Suite {
    let mut command = owned(&["xtask", "--built"]);
    command.extend(owned(verb));
    Suite { work: Work::AfterBuild(vec![command]), share: Share::Free, ..ours(name, verb) }
}

fn tool(name: &str, needs: &'static [&'static str], command: &[&str]) -> Suite {
    let work = Work::Commands(vec![owned(command)]);
    Suite { name: name.to_owned(), count: Count::ExitCode, needs: Some(needs), work, share: Share::Alone }
}

fn tests(name: &str, package: &str, kinds: &'static [Kind]) -> Suite {
    let work = Work::Tests(vec![TestsOf { package: package.to_owned(), kinds, names: None }]);
    Suite { name: name.to_owned(), count: Count::Tests, needs: None, work, share: Share::Free }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
