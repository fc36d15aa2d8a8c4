//! The Rust files of the workspace, with the facts that the rules ask for.

use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::scratch;
use crate::tidy::docs::{self, Doc};
use crate::tidy::mask::{is_word, mask};

/// One Rust file of the workspace. Lines are counted from 1.
pub(crate) struct File {
    /// The path relative to the workspace, with forward slashes.
    pub(crate) path: String,
    pub(crate) lines: Vec<String>,
    /// The text of the file with comments and literals blanked.
    pub(crate) code: String,
    /// True if the whole file is a test, a benchmark or an example.
    pub(crate) test: bool,
    /// The items under `#[cfg(test)]`, as ranges of bytes in `code`.
    test_items: Vec<Range<usize>>,
    pub(crate) functions: Vec<Function>,
    /// The doc comments of the file, in order.
    pub(crate) docs: Vec<Doc>,
}

/// A function with a body.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// Number of lines from `fn` to the closing brace.
    pub(crate) lines: usize,
    /// The lines inside the braces, trimmed, without empty lines and comments.
    pub(crate) body: Vec<String>,
    pub(crate) test: bool,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> File {
        let code = mask(text);
        let test_items = test_items(&code);
        let of_test = ["/tests/", "/benches/", "/examples/"];
        let mut file = File {
            path: path.to_owned(),
            lines: text.lines().map(str::to_owned).collect(),
            test: of_test.iter().any(|part| path.contains(part)) || path.ends_with("/tests.rs"),
            test_items,
            functions: Vec::new(),
            docs: Vec::new(),
            code,
        };
        file.functions = file.find_functions();
        file.docs = docs::find(&file, text);
        file
    }

    /// Returns the folder of the file's crate, for example `crates/det`.
    pub(crate) fn home(&self) -> &str {
        let depth = if self.path.starts_with("crates/") { 2 } else { 1 };
        let end = self.path.match_indices('/').nth(depth - 1).map_or(self.path.len(), |(at, _)| at);
        &self.path[..end]
    }

    /// Returns true if the file is the root of a library or a binary, which has the attributes of a whole
    /// crate.
    pub(crate) fn is_root(&self) -> bool {
        let inside = self.path[self.home().len()..].trim_start_matches('/');
        matches!(inside, "src/lib.rs" | "src/main.rs" | "build.rs")
            || inside.strip_prefix("src/bin/").is_some_and(|name| !name.contains('/'))
    }

    pub(crate) fn is_test_at(&self, at: usize) -> bool {
        self.test || self.test_items.iter().any(|item| item.contains(&at))
    }

    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.code.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    /// Returns the offsets at which `needle` is in code and not a part of a longer word, in bytes.
    pub(crate) fn find(&self, needle: &str) -> Vec<usize> {
        let bytes = self.code.as_bytes();
        let joins = |at: Option<&u8>, end: u8| is_word(end) && at.is_some_and(|&byte| is_word(byte));
        let (first, last) = (needle.as_bytes()[0], needle.as_bytes()[needle.len() - 1]);
        self.code
            .match_indices(needle)
            .map(|(at, _)| at)
            .filter(|&at| !joins(at.checked_sub(1).and_then(|before| bytes.get(before)), first))
            .filter(|&at| !joins(bytes.get(at + needle.len()), last))
            .collect()
    }

    /// Returns the bodies of the traits that other crates can name.
    pub(crate) fn public_traits(&self) -> Vec<Range<usize>> {
        let is_public = |at: usize| {
            let before = self.code[..at].trim_end();
            let before = before.strip_suffix("unsafe").unwrap_or(before).trim_end();
            before.ends_with("pub")
        };
        let body = |at: usize| block_after(&self.code, at);
        self.find("trait").into_iter().filter(|&at| is_public(at)).filter_map(body).collect()
    }

    /// Returns the bodies of all `impl Trait for Type`.
    pub(crate) fn trait_impls(&self) -> Vec<Range<usize>> {
        let body = |at: usize| {
            let body = block_after(&self.code, at)?;
            self.code[at..body.start].contains(" for ").then_some(body)
        };
        self.find("impl").into_iter().filter_map(body).collect()
    }

    fn find_functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for at in self.find("fn") {
            let after = self.code[at + 2..].trim_start();
            let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(body) = block_after(&self.code, at).filter(|_| !name.is_empty()) else { continue };
            let (first, last) = (self.line_of(body.start), self.line_of(body.end - 1));
            let line = self.line_of(at);
            functions.push(Function {
                name,
                line,
                lines: last - line + 1,
                body: self.lines[first..last.max(first + 1) - 1]
                    .iter()
                    .map(|line| line.trim().to_owned())
                    .filter(|line| !line.is_empty() && !line.starts_with("//"))
                    .collect(),
                test: self.is_test_at(at),
            });
        }
        functions
    }
}

/// Returns the braces of the item that begins at `at`; `None` if it ends in a semicolon.
fn block_after(code: &str, at: usize) -> Option<Range<usize>> {
    let mut nested = 0_usize;
    for (offset, byte) in code.as_bytes()[at..].iter().enumerate() {
        match byte {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.saturating_sub(1),
            b';' if nested == 0 => return None,
            b'{' if nested == 0 => {
                let start = at + offset;
                return Some(start..matching_brace(code, start));
            }
            _ => {}
        }
    }
    None
}

/// Returns the end of the block whose opening brace is at `start`.
fn matching_brace(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in code.as_bytes()[start..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return start + offset + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

fn test_items(code: &str) -> Vec<Range<usize>> {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    let starts = code.match_indices(ATTRIBUTE).map(|(at, _)| at);
    let end = |at: usize| {
        let after = at + ATTRIBUTE.len();
        block_after(code, after).map_or(after, |block| block.end)
    };
    starts.map(|at| at..end(at)).collect()
}

/// Returns every Rust file of the workspace, sorted by path. Files that must not compile are left out.
pub(crate) fn load(root: &Path) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    for folder in ["crates", "xtask"] {
        let wanted = |path: &Path| path.extension().is_some_and(|end| end == "rs");
        for path in scratch::files(&root.join(folder), &wanted)? {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if !relative.contains("/tests/ui/") {
                files.push(File::new(&relative, &scratch::read(&path)?));
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::File;

    #[test]
    fn functions_and_tests_of_a_file() {
        let text = "fn one(x: [u8; 2]) -> u8 {\n    // why\n    x[0]\n}\n\ntrait T { fn none(&self); }\n\n\
                    type F = fn(u8);\n\n#[cfg(test)]\nmod tests {\n    fn two() {\n    }\n}\n";
        let file = File::new("crates/a/src/lib.rs", text);
        let found: Vec<_> =
            file.functions.iter().map(|f| (f.name.as_str(), f.line, f.lines, f.test)).collect();
        assert_eq!(found, [("one", 1, 4, false), ("two", 12, 2, true)]);
        assert_eq!(file.functions[0].body, ["x[0]"]);
        assert!(file.functions[1].body.is_empty());
        assert_eq!((file.home(), file.is_root()), ("crates/a", true));
    }

    #[test]
    fn words_are_found_whole() {
        let file = File::new("xtask/src/a.rs", "unsafe_code unsafe { an_unsafe } // unsafe\n");
        assert_eq!(file.find("unsafe"), [12]);
        assert_eq!((file.home(), file.is_root(), file.test), ("xtask", false, false));
    }
}
