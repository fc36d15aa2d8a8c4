//! `cargo xtask standalone`: each library alone, in a project outside the workspace.
//!
//! The project depends on one of our crates and on nothing else; its program is the first complete
//! example of that crate's README. The lock file and the profiles are the workspace's.

use std::path::Path;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::markdown;
use crate::planes::{self, Library};
use crate::process;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str = "build and run the README example of each library alone";

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<Outcome, Error> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = process::workspace_root();
    let scratch = Scratch::new("standalone")?;
    let target = process::target_folder(&root)?;
    let manifest = scratch::read(&root.join("Cargo.toml"))?;
    let profiles = profiles(&manifest);
    let mut findings = Findings::new();
    for library in planes::libraries(&root)? {
        let trouble = match example(&root, &library)? {
            None => Some("its README.md has no ```rust block with a main function".to_owned()),
            Some(program) => {
                let folder = scratch.path().join(&library.name);
                write_project(&folder, &root, &library, &profiles, &program)?;
                let mut command = process::cargo_in(&folder, &["run", "--release", "--offline", "--quiet"]);
                let output = process::output(command.env("CARGO_TARGET_DIR", &target))?;
                let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                (!output.status.success()).then_some(stderr)
            }
        };
        println!("{} {}", if trouble.is_none() { "ok    " } else { "failed" }, library.name);
        findings.check(trouble.is_none(), || format!("{}: {}", library.name, trouble.unwrap_or_default()));
    }
    findings.print("standalone");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn example(root: &Path, library: &Library) -> Result<Option<String>, Error> {
    let readme = root.join(&library.folder).join("README.md");
    if !readme.is_file() {
        return Ok(None);
    }
    let text = scratch::read(&readme)?;
    let blocks = markdown::blocks(&text);
    let complete = blocks.iter().find(|block| block.language == "rust" && block.text.contains("fn main()"));
    Ok(complete.map(|block| block.text.clone()))
}

fn write_project(
    folder: &Path,
    root: &Path,
    library: &Library,
    profiles: &str,
    program: &str,
) -> Result<(), Error> {
    let path = root.join(&library.folder);
    let manifest = format!(
        "[package]\nname = \"standalone-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\n{} = {{ path = {:?} }}\n\n{profiles}",
        library.name, library.package, path
    );
    scratch::write(&folder.join("Cargo.toml"), &manifest)?;
    scratch::write(&folder.join("Cargo.lock"), &scratch::read(&root.join("Cargo.lock"))?)?;
    scratch::write(&folder.join("src/main.rs"), program)
}

/// The `[profile…]` sections of a manifest: with the same profile, dependencies that were built
/// for the workspace serve here too.
fn profiles(manifest: &str) -> String {
    let mut kept = String::new();
    let mut keep = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            // An override for one package would be a warning wherever that package is absent.
            keep = line.starts_with("[profile.") && !line.contains(".package.");
        }
        if keep {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::profiles;

    #[test]
    fn profiles_of_a_manifest() {
        let manifest = "[workspace]\nmembers = []\n\n[profile.release]\ndebug = 1\n\n\
                        [profile.release.package.a]\nopt-level = 1\n\n[dependencies]\n";
        assert_eq!(profiles(manifest), "[profile.release]\ndebug = 1\n\n");
    }
}
