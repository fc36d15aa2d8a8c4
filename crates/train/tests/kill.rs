//! The command, killed half-way and resumed, writes the same files as an uninterrupted run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use synthetic::Scratch;

const STEPS: &str = "40";

fn command(out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nmk-train"));
    command
        .args(["run", "--tiny", "--steps", STEPS, "--threads", "2", "--out"])
        .arg(out)
        .stdout(Stdio::null());
    command
}

/// Returns a folder below which runs make theirs.
fn scratch() -> Scratch {
    Scratch::new(std::env::temp_dir(), "nmk-train-kill").expect("a scratch folder")
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).expect(name)
}

#[test]
fn a_killed_run_resumes_to_the_same_bytes() {
    let scratch = scratch();
    let (whole, killed) = (scratch.join("whole"), scratch.join("killed"));
    assert!(command(&whole).status().expect("run").success());

    let mut child = command(&killed).spawn().expect("run");
    while !killed.join("state.safetensors").exists() {
        std::thread::sleep(Duration::from_millis(5));
        assert!(child.try_wait().expect("child").is_none(), "the run ended before its first saved state");
    }
    child.kill().expect("kill");
    child.wait().expect("child");
    assert_ne!(read(&killed, "state.safetensors"), read(&whole, "state.safetensors"), "killed too late");

    assert!(command(&killed).arg("--resume").status().expect("run").success());
    for name in ["model.safetensors", "state.safetensors", "tokenizer.json", "config.json"] {
        assert_eq!(read(&killed, name), read(&whole, name), "{name}");
    }
    let other =
        command(&whole).args(["--resume", "--seed", "2"]).stderr(Stdio::null()).status().expect("run");
    assert_eq!(other.code(), Some(2), "a state of another seed must be refused");
}

#[test]
fn zero_steps_write_the_shipped_architecture_at_random() {
    let scratch = scratch();
    let out = scratch.join("zero");
    let status = Command::new(env!("CARGO_BIN_EXE_nmk-train"))
        .args(["run", "--steps", "0", "--out"])
        .arg(&out)
        .status();
    assert!(status.expect("run").success());
    assert_eq!(read(&out, "tokenizer.json"), embedded::TOKENIZER);
    assert_eq!(read(&out, "config.json"), embedded::CONFIG.as_bytes());
    let weights = read(&out, "model.safetensors");
    assert_eq!(weights.len(), embedded::WEIGHTS.len());
    assert_ne!(weights, embedded::WEIGHTS);
    assert!(train::shipped::Shipped::open(&out).is_ok());
}
