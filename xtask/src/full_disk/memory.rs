//! A memory on a volume that runs full: nothing acknowledged is lost, the refusal names the disk, and with room it goes on.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::findings::Findings;
use crate::process;

/// The size of a volume with room for an empty memory and some dozens of entries, as a mount option.
const SMALL: &str = "size=600k";
const LARGE: &str = "size=8m";
/// The most entries that are stored, after which the volume must have been full.
const MOST: usize = 200;

/// Fills the volume, and adds what does not hold to `checks`.
pub(super) fn fill(scratch: &Path, nmk: &Path, checks: &mut Findings<&'static str>) -> Result<(), Error> {
    let volume = scratch.join("memory-volume");
    std::fs::create_dir_all(&volume).map_err(Error::io(&volume))?;
    let mount = |options: &str| {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&volume);
        process::stdout(&mut command).map(drop)
    };
    mount(SMALL)?;
    let run = |words: &[&str]| {
        let mut command = Command::new(nmk);
        command.arg("memory").args(words).arg("--memory").arg(volume.join("memory"));
        process::output(command.env_clear().env("HOME", scratch.join("home")))
    };
    let text = "many words ".repeat(1000);
    let (mut stored, mut refused) = (Vec::new(), None);
    for number in 0..MOST {
        let key = format!("entry {number}");
        let output = run(&["put", &key, &text])?;
        if !output.status.success() {
            refused = Some(output);
            break;
        }
        stored.push(key);
    }
    let Some(refused) = refused else {
        checks.check(false, || "not so: the volume was filled with a memory");
        return Ok(());
    };
    let said = String::from_utf8_lossy(&refused.stderr);
    println!("after {} entries: {}", stored.len(), said.trim());
    checks.check(stored.len() > 2, || "not so: entries were acknowledged before the volume was full");
    checks
        .check(refused.status.code() == Some(2), || "not so: a memory on a full disk refuses with an error");
    checks.check(said.contains("the disk is full"), || "not so: it names the disk");
    let are_there = || {
        let found = stored.iter().map(|key| Ok(run(&["get", key])?.stdout.starts_with(text.as_bytes())));
        found.collect::<Result<Vec<bool>, Error>>().map(|found| found.iter().all(|found| *found))
    };
    checks.check(are_there()?, || "not so: every acknowledged entry is there, and read from a full disk");
    mount(&format!("remount,{LARGE}"))?;
    checks.check(run(&["put", "later", &text])?.status.success(), || "not so: with room the memory goes on");
    checks.check(are_there()?, || "not so: and has the old entries");
    checks.check(run(&["stats", "--check"])?.status.success(), || "not so: and is sound");
    Ok(())
}
