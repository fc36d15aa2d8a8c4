//! Archives with fixed times, owners and order, made by `tar`, `gzip` and `sha256sum` of the system.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::process;

/// Packs the folder `name` below `above` into `out` and returns the path of the archive. Its bytes depend on names,
/// contents and the right to run a file alone.
pub(crate) fn pack(above: &Path, name: &str, out: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(out).map_err(Error::io(out))?;
    let tar = out.join(format!("{name}.tar"));
    let mut command = Command::new("tar");
    command.args(["--format=gnu", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"]);
    command.args(["--mode=u+rwX,go+rX,go-w", "-C"]).arg(above).arg("-cf").arg(&tar).arg(name);
    process::stdout(&mut command)?;
    let packed = out.join(format!("{name}.tar.gz"));
    let file = File::create(&packed).map_err(Error::io(&packed))?;
    // Without `-n` the archive would have the name and the time of the file.
    let mut command = Command::new("gzip");
    command.args(["-9", "-n", "-c"]).arg(&tar).stdout(Stdio::from(file));
    let status = command.status().map_err(|source| Error::Spawn { program: "gzip".to_owned(), source })?;
    if !status.success() {
        return Err(Error::Command { command: "gzip".to_owned(), stderr: status.to_string() });
    }
    std::fs::remove_file(&tar).map_err(Error::io(&tar))?;
    Ok(packed)
}

/// Returns the SHA-256 of a file in hexadecimal digits.
pub(crate) fn sha256(file: &Path) -> Result<String, Error> {
    let line = process::stdout(Command::new("sha256sum").arg(file))?;
    let sum = line.split_whitespace().next().map(|sum| sum.trim_start_matches('\\').to_owned());
    sum.ok_or(Error::Shape { command: "sha256sum", field: "sum" })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::{pack, sha256};
    use crate::scratch::Scratch;

    /// Packs two files that were written in this order, with this age, and returns the SHA-256 of the archive.
    fn packed(order: [&str; 2], content: &str, age: u64) -> String {
        let scratch = Scratch::new("archive").expect("a folder");
        let folder = scratch.path().join("in/thing");
        fs::create_dir_all(&folder).expect("a folder");
        for name in order {
            fs::write(folder.join(name), content).expect("a file");
            let time = SystemTime::now() - Duration::from_secs(age);
            File::options()
                .append(true)
                .open(folder.join(name))
                .and_then(|file| file.set_modified(time))
                .expect("a time");
        }
        let archive =
            pack(&scratch.path().join("in"), "thing", &scratch.path().join("out")).expect("an archive");
        sha256(&archive).expect("a sum")
    }

    #[test]
    fn the_bytes_depend_on_names_and_contents_alone() {
        let first = packed(["a", "b"], "text", 0);
        assert_eq!(first.len(), 64);
        assert_eq!(packed(["b", "a"], "text", 1_000_000), first);
        assert_ne!(packed(["a", "b"], "other", 0), first, "the control");
        assert_ne!(packed(["a", "c"], "text", 0), first, "the control");
    }
}
