//! The command `nmk-novel`: writes the set, or with `--check` compares the files with what it would write.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use novel::{NovelError, Workbench, items, written};

fn main() -> ExitCode {
    sandbox::worker_entry();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => perform(true),
        ["--check"] => perform(false),
        _ => {
            eprintln!(
                "usage: nmk-novel [--check]\nWrites fixtures/novel500, or compares its files with what would be written."
            );
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nmk-novel: {error}");
            ExitCode::from(2)
        }
    }
}

fn perform(writes: bool) -> Result<ExitCode, NovelError> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/novel500"));
    let files = written(&items(&Workbench::new(Path::new("python3"))?)?);
    let mut differing = 0;
    for (name, content) in &files {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|stored| stored == *content) {
            continue;
        }
        differing += 1;
        println!("{} {name}", if writes { "written:" } else { "differs:" });
        if writes {
            let wrote = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, content));
            wrote.map_err(|cause| NovelError::File { path, cause })?;
        }
    }
    let bytes: usize = files.values().map(String::len).sum();
    println!("{} files, {bytes} bytes, {differing} of them changed", files.len());
    Ok(if writes || differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
