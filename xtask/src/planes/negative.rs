//! `cargo xtask planes --self-test`: breaks each rule of the planes in a copy of the workspace.
//!
//! Each case edits a few files of the copy, runs `planes` on it, and looks for the path or the names in its
//! output. A rejection for another reason does not count.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::scratch::{self, Scratch};

enum Edit {
    /// Adds a line to a section of a manifest, and the section if it is missing.
    Section {
        file: &'static str,
        section: &'static str,
        line: &'static str,
    },
    Replace {
        file: &'static str,
        from: &'static str,
        to: &'static str,
    },
    Write {
        file: &'static str,
        text: &'static str,
    },
}

struct Case {
    name: &'static str,
    edits: &'static [Edit],
    expected: &'static [&'static str],
}

const NEURAL: &str = "crates/neural/Cargo.toml";

const HELPER: &str = "[package]\nname = \"helper\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [dependencies]\nnmk-det = { path = \"../workspace/crates/det\" }\n";

const STUB: &str = "[package]\nname = \"nmk-router\"\nversion = \"0.1.0\"\npublish = false\n\n\
    [lib]\nname = \"router\"\n";

const CASES: &[Case] = &[
    Case {
        name: "neural depends on det",
        edits: &[Edit::Section { file: NEURAL, section: "[dependencies]", line: "nmk-det.workspace = true" }],
        expected: &["neural -> det (normal dependency) is not a permitted", "reaches det: neural -> det"],
    },
    Case {
        name: "neural reaches det through a crate of ours",
        edits: &[Edit::Section {
            file: NEURAL,
            section: "[dependencies]",
            line: "nmk-sched.workspace = true",
        }],
        expected: &["reaches det: neural -> sched -> det", "backend-cpu -> neural -> sched -> det"],
    },
    Case {
        name: "neural reaches det through a crate outside the workspace",
        edits: &[
            Edit::Write { file: "../helper/Cargo.toml", text: HELPER },
            Edit::Write { file: "../helper/src/lib.rs", text: "" },
            Edit::Section {
                file: NEURAL,
                section: "[dependencies]",
                line: "helper = { path = \"../../../helper\" }",
            },
        ],
        expected: &["neural -> helper is a path dependency", "neural -> helper 0.1.0 -> det"],
    },
    Case {
        name: "neural depends on det for its tests",
        edits: &[Edit::Section {
            file: NEURAL,
            section: "[dev-dependencies]",
            line: "nmk-det.workspace = true",
        }],
        expected: &["neural -> det (dev dependency)", "reaches det: neural -> det"],
    },
    Case {
        name: "neural depends on det behind a feature",
        edits: &[Edit::Section {
            file: NEURAL,
            section: "[dependencies]",
            line: "nmk-det = { workspace = true, optional = true }",
        }],
        expected: &["neural -> det (normal dependency, optional)", "reaches det: neural -> det"],
    },
    Case {
        name: "neural depends on det on another platform",
        edits: &[Edit::Section {
            file: NEURAL,
            section: "[target.'cfg(windows)'.dependencies]",
            line: "nmk-det.workspace = true",
        }],
        expected: &["neural -> det (normal dependency, for cfg(windows))", "reaches det: neural -> det"],
    },
    Case {
        name: "an edge that is permitted but not listed",
        edits: &[Edit::Section {
            file: "crates/sim/Cargo.toml",
            section: "[dependencies]",
            line: "nmk-kpolicy.workspace = true",
        }],
        expected: &["sim -> kpolicy (normal dependency) is declared but not listed"],
    },
    Case {
        name: "an edge that is listed but not used",
        edits: &[Edit::Replace { file: "Cargo.toml", from: "\nxtask = []", to: "\nxtask = [\"kpolicy\"]" }],
        expected: &["xtask -> kpolicy is listed in [workspace.metadata.planes.edges] but not declared"],
    },
    Case {
        name: "a circle that a dev-dependency closes",
        edits: &[Edit::Section {
            file: "crates/ledger/Cargo.toml",
            section: "[dev-dependencies]",
            line: "nmk-sim = { path = \"../sim\" }",
        }],
        expected: &[
            "ledger -> sim (dev dependency) is not a permitted edge",
            "ledger -> sim (dev dependency) -> ledger (normal dependency) is a circle",
        ],
    },
    Case {
        name: "a crate that ships depends on the workshop",
        edits: &[Edit::Section {
            file: "crates/nmk/Cargo.toml",
            section: "[dependencies]",
            line: "nmk-battery.workspace = true",
        }],
        expected: &["nmk -> battery (normal dependency) is not a permitted edge; nmk ships"],
    },
    Case {
        name: "a network client outside its crate",
        edits: &[Edit::Section { file: NEURAL, section: "[dependencies]", line: "ureq.workspace = true" }],
        expected: &["neural -> ureq ", "backend-cpu -> neural -> ureq "],
    },
    Case {
        name: "std in a trusted crate",
        edits: &[Edit::Replace { file: "crates/abi/src/lib.rs", from: "#![no_std]", to: "" }],
        expected: &["abi: the crate root must say #![no_std]"],
    },
    Case {
        name: "std through a feature of a trusted dependency",
        edits: &[Edit::Replace {
            file: "Cargo.toml",
            from: "features = [\"pure\"]",
            to: "features = [\"pure\", \"std\"]",
        }],
        expected: &["nmk-abi -> blake3: feature std"],
    },
    Case {
        name: "a third-party package that nobody argued for",
        edits: &[Edit::Section {
            file: "crates/prims/Cargo.toml",
            section: "[dependencies]",
            line: "serde_json.workspace = true",
        }],
        expected: &["nmk-prims -> serde_json: not among the packages"],
    },
    Case {
        name: "a build script in a trusted crate",
        edits: &[Edit::Write { file: "crates/prims/build.rs", text: "fn main() {}\n" }],
        expected: &["prims is in the trusted closure and has a build script"],
    },
    Case {
        name: "a feature in a trusted crate",
        edits: &[Edit::Section {
            file: "crates/det/Cargo.toml",
            section: "[features]",
            line: "test-mint = []",
        }],
        expected: &["det is in the trusted closure and has features: test-mint"],
    },
    Case {
        name: "a placeholder that may be published",
        edits: &[
            Edit::Write {
                file: "crates/router/Cargo.toml",
                text: "[package]\nname = \"nmk-router\"\nversion = \"0.1.0\"\n",
            },
            Edit::Write { file: "crates/router/src/lib.rs", text: "//! Soon.\n" },
        ],
        expected: &[
            "router is a placeholder",
            "router: needs publish = false",
            "crates/router: the library is `nmk_router`, not `router`",
        ],
    },
    Case {
        name: "a crate without a plane",
        edits: &[
            Edit::Write { file: "crates/helpers/Cargo.toml", text: STUB },
            Edit::Write { file: "crates/helpers/src/lib.rs", text: "//! Helpers.\nmod a {}\n" },
        ],
        expected: &[
            "crates/helpers is not in the table of planes",
            "crates/helpers: the package is `nmk-router`, not `nmk-helpers`",
        ],
    },
];

/// A case that `planes` did not refuse for the expected reason, which is a failure of the self-test.
struct Outlived {
    case: &'static str,
    missing: Vec<&'static str>,
    printed: String,
}

impl std::fmt::Display for Outlived {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: ", self.case)?;
        if self.missing.is_empty() {
            out.write_str("an unchanged copy was refused")?;
        } else {
            write!(out, "planes did not fail with `{}`", self.missing.join("`, `"))?;
        }
        write!(out, "; it printed\n{}", self.printed)
    }
}

pub(crate) fn run(root: &Path) -> Result<Outcome, Error> {
    let scratch = Scratch::new("planes")?;
    let copy = scratch.path().join("workspace");
    let files = copy_workspace(root, &copy)?;
    let mut findings = Findings::new();
    let (accepted, printed) = planes_on(&copy)?;
    println!("{} an unchanged copy", if accepted { "accepted" } else { "REFUSED " });
    findings.check(accepted, || Outlived { case: "unchanged", missing: Vec::new(), printed });
    for case in CASES {
        let touched = apply(case, &copy)?;
        let (accepted, printed) = planes_on(&copy)?;
        let expected = case.expected.iter().copied();
        let missing: Vec<_> = expected.filter(|text| accepted || !printed.contains(text)).collect();
        println!("{} {}", if missing.is_empty() { "refused " } else { "NOT SEEN" }, case.name);
        for violation in printed.lines().filter(|line| case.expected.iter().any(|e| line.contains(e))) {
            println!("         {violation}");
        }
        findings.check(missing.is_empty(), || Outlived { case: case.name, missing, printed });
        restore(root, &copy, &files, &touched)?;
    }
    findings.print("planes --self-test");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Copies manifests and sources, which is all that `planes` reads, and returns their relative paths.
fn copy_workspace(root: &Path, copy: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = vec![PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")];
    for folder in ["crates", "xtask"] {
        let wanted =
            |path: &Path| path.extension().is_some_and(|end| end == "rs") || path.ends_with("Cargo.toml");
        for path in scratch::files(&root.join(folder), &wanted)? {
            files.push(path.strip_prefix(root).unwrap_or(&path).to_path_buf());
        }
    }
    for file in &files {
        scratch::write(&copy.join(file), &scratch::read(&root.join(file))?)?;
    }
    Ok(files)
}

/// Applies the edits of a case, and returns the files that it changed.
fn apply(case: &Case, copy: &Path) -> Result<Vec<&'static str>, Error> {
    let mut touched = Vec::new();
    for edit in case.edits {
        let (file, text) = match edit {
            Edit::Write { file, text } => (*file, (*text).to_owned()),
            Edit::Replace { file, from, to } => {
                let text = scratch::read(&copy.join(file))?;
                if !text.contains(from) {
                    let missing = (*from).to_owned();
                    return Err(Error::StaleCase { case: case.name, file, missing });
                }
                (*file, text.replacen(from, to, 1))
            }
            Edit::Section { file, section, line } => {
                let text = scratch::read(&copy.join(file))?;
                let header = format!("\n{section}\n");
                let text = if text.contains(&header) {
                    text.replacen(&header, &format!("{header}{line}\n"), 1)
                } else {
                    format!("{text}{header}{line}\n")
                };
                (*file, text)
            }
        };
        scratch::write(&copy.join(file), &text)?;
        touched.push(file);
    }
    Ok(touched)
}

/// Undoes the edits of a case: files of the workspace are copied again, and folders that the case added are
/// removed.
fn restore(root: &Path, copy: &Path, files: &[PathBuf], touched: &[&str]) -> Result<(), Error> {
    for file in touched.iter().copied().chain(["Cargo.lock"]) {
        let path = copy.join(file);
        if files.iter().any(|known| known == Path::new(file)) {
            scratch::write(&path, &scratch::read(&root.join(file))?)?;
        } else if file.ends_with("Cargo.toml") {
            let folder = path.parent().unwrap_or(&path);
            std::fs::remove_dir_all(folder).map_err(Error::io(folder))?;
        } else if path.exists() {
            std::fs::remove_file(&path).map_err(Error::io(&path))?;
        }
    }
    Ok(())
}

/// Runs `planes` on a folder. Returns true if it accepted the folder, and what it printed.
fn planes_on(folder: &Path) -> Result<(bool, String), Error> {
    let program = env::current_exe().map_err(Error::io(Path::new("xtask")))?;
    let mut command = Command::new(program);
    command.args(["planes", "--root"]).arg(folder).env("CARGO_NET_OFFLINE", "true");
    let output = process::output(&mut command)?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.success(), stderr))
}
