//! The worker's side: the process confines itself, tells how, and becomes the interpreter, or runs it.

/// The first argument of a worker's process.
pub(crate) const WORKER: &str = "--nmk-sandbox-worker";

/// The argument of a worker that starts itself once more, so that no file is open that it inherited. One that becomes
/// another program loses them then.
pub(crate) const AGAIN: &str = "again";

/// Turns this process into a worker if it was started as one, and returns otherwise.
///
/// A program that runs candidates calls this first in its main function, because its workers are the program itself,
/// started again. A worker never returns from here.
pub fn worker_entry() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|word| word != WORKER) {
        return;
    }
    let Some(parent) = arguments.next() else { std::process::exit(2) };
    if arguments.next().is_some_and(|word| word == AGAIN) {
        start_again(&parent)
    }
    become_worker(parent.to_str().and_then(|word| word.parse::<i32>().ok()))
}

#[cfg(not(target_os = "linux"))]
fn start_again(_parent: &std::ffi::OsStr) -> ! {
    std::process::exit(2)
}

#[cfg(not(target_os = "linux"))]
fn become_worker(_parent: Option<i32>) -> ! {
    std::process::exit(2)
}

#[cfg(target_os = "linux")]
fn start_again(parent: &std::ffi::OsStr) -> ! {
    use std::os::unix::process::CommandExt;

    close_fds::set_fds_cloexec(3, &[]);
    // Returns only if this program cannot be executed; the parent then sees the pipe close.
    let _ = std::process::Command::new("/proc/self/exe").arg(WORKER).arg(parent).env_clear().exec();
    std::process::exit(2)
}

#[cfg(target_os = "linux")]
fn become_worker(parent: Option<i32>) -> ! {
    use std::os::unix::process::CommandExt;

    use abi::Value;

    use crate::confine::{confine, read_setup};
    use crate::pipes::write_frame;
    use crate::python::{FLAGS, RUNNER};

    let ended = read_setup(parent).and_then(|setup| {
        confine(&setup)?;
        Ok(setup.program)
    });
    let program = match ended {
        Ok(program) => program,
        Err(error) => {
            write_frame(&Value::map([("error", Value::text(error.to_string()))]));
            std::process::exit(2)
        }
    };
    write_frame(&Value::map([("landlock", Value::Int(crate::confine::LANDLOCK_ABI))]));
    let Some(program) = program else {
        #[cfg(feature = "monty")]
        crate::built_in::serve();
        std::process::exit(0)
    };
    // Returns only if the interpreter cannot be executed; the parent then sees the pipe close.
    let _ = std::process::Command::new(program)
        .args(FLAGS)
        .arg(RUNNER)
        .env_clear()
        .env("PYTHONHASHSEED", "0")
        .exec();
    std::process::exit(2)
}
