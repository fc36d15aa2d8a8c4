//! The files of `fixtures/hostile`: specifications, candidates by class, and what is expected of each.

use std::path::{Path, PathBuf};

use holdout::Spec;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/hostile");

/// The folders that are no classes of attacks.
const OTHERS: [&str; 4] = ["specs", "benign", "beyond", "differences"];

/// A candidate of the corpus.
pub(crate) struct Candidate {
    /// Class and name, for example `equality/equal_to_all`.
    pub(crate) path: String,
    /// Name of the specification, from the candidate's first line.
    pub(crate) spec: String,
    /// Python source.
    pub(crate) source: String,
}

impl Candidate {
    /// Returns the class, which is the name of the folder.
    pub(crate) fn class(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// Returns the hostile candidates of every class, in the order of their paths.
pub(crate) fn hostile() -> Vec<Candidate> {
    let mut all = Vec::new();
    for folder in names(Path::new(ROOT)) {
        let is_class = Path::new(ROOT).join(&folder).is_dir() && !OTHERS.contains(&folder.as_str());
        if is_class {
            all.extend(class(&folder));
        }
    }
    all
}

/// Returns the candidates of one class, in the order of their names.
pub(crate) fn class(folder: &str) -> Vec<Candidate> {
    let candidate = |name: String| {
        let source = read(Path::new(ROOT).join(folder).join(&name));
        let first = source.lines().next().unwrap_or_default().trim_start_matches('\u{feff}');
        let spec = first.strip_prefix("# ").and_then(|line| line.split_once(':')).map(|pair| pair.0);
        let spec = spec.unwrap_or_else(|| panic!("{folder}/{name}: its first line names no specification"));
        let name = name.strip_suffix(".py").expect("the file is Python");
        Candidate { path: format!("{folder}/{name}"), spec: spec.to_owned(), source: source.clone() }
    };
    names(&Path::new(ROOT).join(folder)).into_iter().map(candidate).collect()
}

/// Returns the specifications with their names.
pub(crate) fn specs() -> Vec<(String, Spec)> {
    let folder = Path::new(ROOT).join("specs");
    let spec = |file: String| {
        let name = file.strip_suffix(".json").expect("the file is JSON").to_owned();
        (name, crate::common::spec(&read(folder.join(&file))))
    };
    names(&folder).into_iter().map(spec).collect()
}

/// Returns the lines of the golden file without their line ends.
pub(crate) fn golden() -> Vec<String> {
    read(Path::new(ROOT).join("golden.tsv")).lines().map(str::to_owned).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("a name in UTF-8")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
