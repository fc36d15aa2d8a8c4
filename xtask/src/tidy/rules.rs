//! The rules that fail: code that is never right.

mod outside;

use std::collections::BTreeMap;

use crate::tidy::exceptions::excepted;
use crate::tidy::tree::{File, Function};

/// A place in a file, and what is wrong there.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Finding {
    pub(crate) fn new(file: &File, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: file.path.clone(), line, message: message.into() }
    }
}

pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[File]) -> Vec<Finding>,
}

pub(crate) const RULES: &[Rule] = &[
    Rule { name: "string-error", run: string_errors },
    Rule { name: "forbid-unsafe", run: missing_forbid },
    Rule { name: "unsafe-home", run: unsafe_outside_its_home },
    Rule { name: "undocumented-unsafe", run: undocumented_unsafe },
    Rule { name: "trust-root", run: trust_roots },
    Rule { name: "ambient", run: ambient_reads },
    Rule { name: "disk", run: outside::disk },
    Rule { name: "network", run: outside::network },
    Rule { name: "debug-macro", run: debug_macros },
    Rule { name: "copied-function", run: copied_functions },
];

/// A text that is never right in code, and what to write instead.
struct Ban {
    needle: &'static str,
    instead: &'static str,
}

const AMBIENT: &[Ban] = &[
    Ban { needle: "Instant::now", instead: "take the time as a parameter" },
    Ban { needle: "SystemTime::now", instead: "take the time as a parameter" },
    Ban { needle: "thread::sleep", instead: "return an effect and let the composition root wait" },
    Ban { needle: "std::env::", instead: "take a configuration value as a parameter" },
    Ban { needle: "use std::env;", instead: "take a configuration value as a parameter" },
    Ban { needle: "env::var", instead: "take a configuration value as a parameter" },
    Ban { needle: "env::var_os", instead: "take a configuration value as a parameter" },
    Ban { needle: "env::args", instead: "take a configuration value as a parameter" },
];

const DEBUG: &[Ban] = &[
    Ban { needle: "dbg!", instead: "delete it" },
    Ban { needle: "todo!", instead: "do it, or leave the function out" },
    Ban { needle: "unimplemented!", instead: "do it, or leave the function out" },
];

/// The number of lines from which on a function must not be copied.
const COPY_LINES: usize = 8;

fn string_errors(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !excepted("string-error", &file.path)) {
        for at in file.find("Result<") {
            let error = second_argument(&file.code[at + "Result<".len()..]);
            if matches!(error, Some("String" | "&'static str" | "&str")) && !file.is_test_at(at) {
                let message = "an error that is only text; make an enum with payloads and Display";
                findings.push(Finding::new(file, file.line_of(at), message));
            }
        }
    }
    findings
}

/// Returns the second of the generic arguments within which `text` begins; `None` if there is no second one.
fn second_argument(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut start = None;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' | b'(' | b'[' => depth += 1,
            b'>' if before == b'-' => {}
            b'>' | b')' | b']' if depth > 0 => depth -= 1,
            b'>' => return start.map(|start: usize| text[start..at].trim().trim_end_matches(',')),
            b',' if depth == 0 && start.is_none() => start = Some(at + 1),
            b';' | b'{' => return None,
            _ => {}
        }
        before = byte;
    }
    None
}

fn missing_forbid(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_root()) {
        let says = |attribute: &str| file.lines.iter().any(|line| line.trim() == attribute);
        let forbids = says("#![forbid(unsafe_code)]");
        if !forbids && !excepted("forbid-unsafe", &file.path) {
            findings.push(Finding::new(file, 1, "a crate root says #![forbid(unsafe_code)]"));
        } else if !forbids && !says("#![deny(unsafe_code)]") {
            findings.push(Finding::new(file, 1, "an excepted root still says #![deny(unsafe_code)]"));
        }
    }
    findings
}

/// Finds `unsafe` in files that are not meant for it. The one file of `nmk` that vouches for outside truth
/// may say `unsafe`; it is recognised by its text.
fn unsafe_outside_its_home(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !excepted("unsafe-home", &file.path)) {
        let roots = trust_root_impls(file);
        for at in file.find("unsafe") {
            let vouches = roots.contains(&at) && (file.home() == "crates/nmk" || file.is_test_at(at));
            if !vouches {
                let message = "unsafe outside the files that are there for it; write it in safe code";
                findings.push(Finding::new(file, file.line_of(at), message));
            }
        }
    }
    findings
}

fn undocumented_unsafe(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let impls = file.trait_impls();
        for at in file.find("unsafe") {
            let line = file.line_of(at);
            let what = file.code[at + "unsafe".len()..].split_whitespace().next().unwrap_or("");
            let declares = what.starts_with("fn") || what == "trait";
            // The contract of a method is written where its trait is declared.
            if declares && impls.iter().any(|body| body.contains(&at)) {
                continue;
            }
            // `unsafe extern` blocks and `unsafe(no_mangle)` attributes need an argument as well.
            let words: &[&str] = if declares { &["# Safety", "SAFETY:"] } else { &["SAFETY:"] };
            if !argued(&file.lines, line, words) {
                let message = format!("unsafe without `{}` above it", words[0]);
                findings.push(Finding::new(file, line, message));
            }
        }
    }
    findings
}

/// Returns true if one of `words` is in a comment on `line`, or above the statement of that line.
fn argued(lines: &[String], line: usize, words: &[&str]) -> bool {
    let says = |text: &str| words.iter().any(|word| text.contains(word));
    if says(&lines[line - 1]) {
        return true;
    }
    for text in lines[..line - 1].iter().rev().map(|line| line.trim()) {
        if text.starts_with("//") {
            if says(text) {
                return true;
            }
        } else if text.is_empty() || text.ends_with([';', '{', '}']) {
            return false;
        }
    }
    false
}

fn trust_roots(files: &[File]) -> Vec<Finding> {
    // A workshop may vouch for what it plays with; it is never part of an application.
    let shipped = |file: &&File| {
        !excepted("trust-root", &file.path) && trust_root_impls(file).iter().any(|&at| !file.is_test_at(at))
    };
    let homes: Vec<&File> = files.iter().filter(shipped).collect();
    let count: usize = homes
        .iter()
        .map(|file| trust_root_impls(file).iter().filter(|&&at| !file.is_test_at(at)).count())
        .sum();
    match (&homes[..], count) {
        ([home], 1) if home.home() == "crates/nmk" => Vec::new(),
        ([], _) => vec![Finding {
            path: "crates/nmk".to_owned(),
            line: 1,
            message: "no `unsafe impl TrustRoot`: nobody vouches for outside truth".to_owned(),
        }],
        (homes, _) => homes
            .iter()
            .flat_map(|file| trust_root_impls(file).into_iter().map(|at| (*file, at)))
            .map(|(file, at)| {
                let message = "an application has one `unsafe impl TrustRoot`, in nmk";
                Finding::new(file, file.line_of(at), message)
            })
            .collect(),
    }
}

/// Returns the offsets at which an `unsafe impl … TrustRoot for` begins, in bytes.
pub(crate) fn trust_root_impls(file: &File) -> Vec<usize> {
    let head = |at: usize| file.code[at..].split(['{', ';']).next().unwrap_or("");
    file.find("unsafe")
        .into_iter()
        .filter(|&at| {
            let mut words = head(at).split(|c: char| !c.is_alphanumeric() && c != '_').skip(1);
            words.next() == Some("impl") && words.any(|word| word == "TrustRoot")
        })
        .collect()
}

fn ambient_reads(files: &[File]) -> Vec<Finding> {
    let files = files.iter().filter(|file| !excepted("ambient", &file.path));
    files.flat_map(|file| banned(file, AMBIENT, false)).collect()
}

fn debug_macros(files: &[File]) -> Vec<Finding> {
    files.iter().flat_map(|file| banned(file, DEBUG, true)).collect()
}

fn banned(file: &File, bans: &[Ban], in_tests: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for ban in bans {
        for at in file.find(ban.needle) {
            let line = file.line_of(at);
            if (in_tests || !file.is_test_at(at)) && findings.iter().all(|found| found.line != line) {
                let message = format!("`{}`: {}", ban.needle, ban.instead);
                findings.push(Finding::new(file, line, message));
            }
        }
    }
    findings
}

/// Finds groups of functions with the same body. Tests of different crates have no place for shared code, so
/// their copies are left to the second look.
fn copied_functions(files: &[File]) -> Vec<Finding> {
    copies(files)
        .into_iter()
        .filter(|group| !only_tests_of_different_crates(group))
        .map(|group| {
            let (file, function) = group[0];
            Finding::new(file, function.line, describe_copies(&group))
        })
        .collect()
}

type Group<'a> = Vec<(&'a File, &'a Function)>;

pub(crate) fn copies(files: &[File]) -> Vec<Group<'_>> {
    let mut bodies: BTreeMap<&[String], Group<'_>> = BTreeMap::new();
    for file in files {
        for function in file.functions.iter().filter(|function| function.body.len() >= COPY_LINES) {
            bodies.entry(&function.body).or_default().push((file, function));
        }
    }
    bodies.into_values().filter(|group| group.len() > 1).collect()
}

pub(crate) fn only_tests_of_different_crates(group: &Group<'_>) -> bool {
    let mut homes: Vec<&str> = group.iter().map(|(file, _)| file.home()).collect();
    homes.sort_unstable();
    homes.dedup();
    homes.len() == group.len() && group.iter().all(|(_, function)| function.test)
}

pub(crate) fn describe_copies(group: &Group<'_>) -> String {
    let others: Vec<String> = group[1..]
        .iter()
        .map(|(file, function)| format!("{} ({}:{})", function.name, file.path, function.line))
        .collect();
    format!("`{}` has the same body as {}; keep one", group[0].1.name, others.join(", "))
}

#[cfg(test)]
mod tests;
