//! `cargo xtask readme`: runs the commands that documents and the help of `nmk` show.
//!
//! Files that a document or the README of a crate links or names must exist, too, and so must the items of our
//! crates that it names.
//!
//! In a fenced block marked `console`, each line that begins with `$ ` is a command (a backslash at its
//! end continues it), and the lines below are its output, standard output and standard error together.
//! There `…` matches anything within a line, and a line that is only `…` matches any number of lines.
//! Other commands, in blocks and between backticks, end with exit code 0. Commands run at the root of the
//! repository in `sh`, with the release programs that were built before, and with a home and a ledger of
//! their own for each document. `known` has the table of commands that are checked in another way, or not
//! run at all, with the reason. A command of `nmk` without arguments is run with `--help`.

mod commands;
mod desk;
mod help;
mod items;
mod known;
mod places;
pub(crate) mod stub;
mod transcript;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::markdown;
use crate::planes;
use crate::process;
use crate::programs::Programs;
use crate::readme::desk::Desk;
use crate::readme::items::Items;
use crate::readme::known::{How, KNOWN};
use crate::readme::transcript::{Step, matches};
use crate::scratch::{self, Scratch};
use crate::verify::reference;
use crate::verify::suite::suites;

pub(crate) const ABOUT: &str = "run the commands that the documents and the help of nmk show";

/// The documents at the root; all documents below `docs` are read too.
const DOCUMENTS: &[&str] = &["README.md", "CONTRIBUTING.md", "CAVEATS.md", "divergences.md"];

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = process::workspace_root();
    let nmk = programs.binary(&root, "nmk", "nmk")?;
    let crates = planes::members(&root)?;
    let ours = suites(&crates).into_iter().map(|suite| suite.name);
    let suites = ours.chain(reference::names().map(str::to_owned)).collect();
    let scratch = Scratch::new("readme")?;
    let stub = stub::start()?;
    let desk = |name: &str| Desk::new(&root, &nmk, scratch.path().join(name), &stub, programs);
    let items = Items::read(&root, &crates)?;
    let mut review =
        Review { root: root.clone(), suites, crates, items, met: BTreeSet::new(), findings: Findings::new() };
    for document in documents(&root)? {
        let text = scratch::read(&root.join(&document))?;
        let steps = commands::commands(&text, &markdown::blocks(&text));
        let name = document.display().to_string();
        review.names(&root.join(&document), &name, &text);
        let desk = desk(&name)?;
        for step in &steps {
            review.check(&desk, &format!("{name}:{}", step.line), step)?;
        }
    }
    for (folder, _) in review.crates.clone() {
        let readme = root.join("crates").join(&folder).join("README.md");
        if readme.is_file() {
            review.names(&readme, &format!("crates/{folder}/README.md"), &scratch::read(&readme)?);
        }
    }
    let desk = desk("help")?;
    for help in help::all(&nmk)? {
        let place = format!("{} --help", help.words);
        review
            .findings
            .check(!help.examples.is_empty() || !help.runs, || format!("{place} shows no example"));
        for command in help.examples {
            review.check(&desk, &place, &Step { line: 0, command, expected: None })?;
        }
    }
    Ok(review.end())
}

/// Returns the documents in order, relative to the root.
fn documents(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let docs = root.join("docs");
    let below = scratch::files(&docs, &|path| path.extension().is_some_and(|end| end == "md"))?;
    let below = below.iter().map(|path| path.strip_prefix(root).unwrap_or(path).to_path_buf());
    Ok(DOCUMENTS.iter().map(PathBuf::from).chain(below).collect())
}

/// The checks of the documents so far.
struct Review {
    root: PathBuf,
    /// The names that `cargo xtask verify --only` takes.
    suites: BTreeSet<String>,
    /// The folder and the package of each crate.
    crates: Vec<(String, String)>,
    items: Items,
    /// Rows of the table of known commands that were met.
    met: BTreeSet<usize>,
    findings: Findings<String>,
}

impl Review {
    fn check(&mut self, desk: &Desk, place: &str, step: &Step) -> Result<(), Error> {
        let (how, row) = known::how(&step.command);
        self.met.extend(row);
        let command = &step.command;
        let trouble = match (how, &step.expected) {
            (_, Some(expected)) => {
                let printed = desk.run(command)?.printed;
                let show = || format!("expected\n{}\nprinted\n{printed}", expected.join("\n"));
                (!matches(expected, &printed)).then(show)
            }
            (How::Unproven(reason), None) => {
                println!("UNPROVEN {place}: {command} ({reason})");
                self.findings.unproven += 1;
                return Ok(());
            }
            (How::Run, None) => desk.run(command)?.trouble(),
            (How::Name, None) => desk.run(&format!("{command} --help"))?.trouble(),
            (How::With(more), None) => desk.run(&format!("{command} {more}"))?.trouble(),
            (How::Suite(name), None) => {
                (!self.suites.contains(name)).then(|| format!("there is no suite {name}"))
            }
            (How::Tests, None) => self.tests(command),
        };
        println!("{} {place}: {command}", if trouble.is_none() { "ok      " } else { "failed  " });
        self.findings
            .check(trouble.is_none(), || format!("{place}: `{command}`\n{}", trouble.unwrap_or_default()));
        Ok(())
    }

    /// Checks that every file and every item of our crates that a document names exists.
    fn names(&mut self, path: &Path, name: &str, text: &str) {
        let spans = commands::spans(&commands::without_blocks(text));
        let folder = path.parent().unwrap_or(path);
        let places = places::missing(&self.root, folder, text, &spans);
        for (checked, missing) in [places, self.items.missing(&spans)] {
            for _ in missing.len()..checked {
                self.findings.check(true, String::new);
            }
            for (line, named) in missing {
                println!("failed   {name}:{line}: {named}");
                self.findings.check(false, || format!("{name}:{line}: there is no {named}"));
            }
        }
    }

    /// Returns the reason why no suite runs the tests of a `cargo test` command; `None` if one does.
    fn tests(&self, command: &str) -> Option<String> {
        let words: Vec<&str> = command.split(' ').collect();
        let after = |option: &str| words[words.iter().position(|word| *word == option)? + 1..].first();
        let Some(package) = after("-p").or_else(|| after("--package")) else {
            return Some("a test command names its package with -p".to_owned());
        };
        let Some((name, _)) = self.crates.iter().find(|(_, known)| known == package) else {
            return Some(format!("there is no package {package}"));
        };
        let test = after("--test")?;
        let file = self.root.join("crates").join(name).join("tests").join(format!("{test}.rs"));
        // A test of several files has a folder.
        let in_folder = file.with_extension("").join("main.rs");
        (!file.is_file() && !in_folder.is_file()).then(|| format!("there is no {}", file.display()))
    }

    /// Makes the last checks, and returns the outcome.
    fn end(mut self) -> Outcome {
        for (row, known) in KNOWN.iter().enumerate() {
            self.findings.check(self.met.contains(&row), || {
                format!("no document shows `{}`; take its row out of xtask/src/readme/known.rs", known.begins)
            });
        }
        self.findings.print("readme");
        if self.findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused }
    }
}
