//! The worker's side: the process confines itself, tells how, and becomes the interpreter.

/// The first argument of a worker's process.
pub(crate) const WORKER: &str = "--nmk-sandbox-worker";

/// Turns this process into a worker if it was started as one, and returns otherwise.
///
/// A program that runs candidates calls this first in its main function, because its workers are the program itself,
/// started again. A worker never returns from here.
pub fn worker_entry() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|word| word != WORKER) {
        return;
    }
    let parent = arguments.next().and_then(|word| word.to_str()?.parse::<i32>().ok());
    become_worker(parent)
}

#[cfg(not(target_os = "linux"))]
fn become_worker(_parent: Option<i32>) -> ! {
    std::process::exit(2)
}

#[cfg(target_os = "linux")]
fn become_worker(parent: Option<i32>) -> ! {
    use std::os::unix::process::CommandExt;

    use abi::Value;

    use crate::confine::{confine, read_setup, write_report};
    use crate::python::{FLAGS, RUNNER};

    let ended = read_setup(parent).and_then(|setup| {
        confine(&setup)?;
        Ok(setup.program)
    });
    let program = match ended {
        Ok(program) => program,
        Err(error) => {
            write_report(&Value::map([("error", Value::text(error.to_string()))]));
            std::process::exit(2)
        }
    };
    write_report(&Value::map([("landlock", Value::Int(crate::confine::LANDLOCK_ABI))]));
    // Returns only if the interpreter cannot be executed; the parent then sees the pipe close.
    let _ = std::process::Command::new(program)
        .args(FLAGS)
        .arg(RUNNER)
        .env_clear()
        .env("PYTHONHASHSEED", "0")
        .exec();
    std::process::exit(2)
}
