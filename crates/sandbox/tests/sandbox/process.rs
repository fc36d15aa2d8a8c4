//! The process itself: what is inherited, what is left behind, and who is its parent.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::{Launcher, Limits, Python, SandboxError};

use crate::{Test, launcher, loaded};

pub(crate) const TESTS: &[Test] = &[
    ("the_isolation_is_what_the_kernel_says", the_isolation_is_what_the_kernel_says),
    ("a_worker_that_is_dropped_is_gone", a_worker_that_is_dropped_is_gone),
    ("a_worker_with_a_foreign_parent_refuses", a_worker_with_a_foreign_parent_refuses),
    ("what_cannot_start_is_named", what_cannot_start_is_named),
    ("workers_start_from_threads_that_end", workers_start_from_threads_that_end),
];

fn the_isolation_is_what_the_kernel_says() {
    let worker = launcher(Limits::DEFAULT).start().unwrap();
    let isolation = worker.isolation();
    assert!(
        isolation.seccomp
            && isolation.no_new_privileges
            && isolation.no_capabilities
            && isolation.own_session
    );
    assert_eq!(isolation.landlock, 6);
}

/// Returns the processes that this one has started and that have not ended.
fn children() -> usize {
    let own = std::process::id().to_string();
    let stats = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        // The name is in parentheses and may hold anything.
        Some(stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.to_owned())
    });
    stats.filter(|parent| *parent == own).count()
}

fn a_worker_that_is_dropped_is_gone() {
    let before = children();
    let launcher = launcher(Limits::DEFAULT);
    let busy = loaded(&launcher, "def f():\n    while True: pass\n").unwrap();
    assert_eq!(children(), before + 1);
    drop(busy);
    assert_eq!(children(), before);
}

/// A process that somebody else starts as a worker does not become one.
fn a_worker_with_a_foreign_parent_refuses() {
    let own = std::env::current_exe().unwrap();
    for parent in ["1", "0", "x", ""] {
        let mut command = Command::new(&own);
        let output = command.args(["--nmk-sandbox-worker", parent]).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{parent}: {output:?}");
    }
    let output = Command::new(&own).arg("--nmk-sandbox-worker").stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

fn what_cannot_start_is_named() {
    let error = Python::find("no-such-python").unwrap_err();
    assert!(error.to_string().contains("no-such-python"), "{error}");
    let error = Python::find("false").unwrap_err();
    assert!(matches!(error, SandboxError::Python { .. }), "{error}");
    let python = Python::find("python3").unwrap();
    let gone = Launcher::new("/no/such/worker", python.clone(), Limits::DEFAULT);
    assert!(matches!(gone.start().unwrap_err(), SandboxError::Start { .. }));
    // A program that is no worker says nothing that is understood.
    let mute = Launcher::new("/bin/true", python.clone(), Limits::DEFAULT);
    assert!(matches!(mute.start().unwrap_err(), SandboxError::NotReady { .. }));
    let begun = Instant::now();
    let limits = Limits { start: Duration::from_millis(300), ..Limits::DEFAULT };
    let silent = Launcher::new("/usr/bin/yes", python.clone(), limits);
    assert!(matches!(silent.start().unwrap_err(), SandboxError::NotReady { .. }));
    assert!(begun.elapsed() < Duration::from_secs(5));
    // Too little memory for the interpreter.
    let small = Limits { memory_bytes: 1 << 20, ..Limits::DEFAULT };
    assert!(matches!(launcher(small).start().unwrap_err(), SandboxError::NotReady { .. }));
}

/// The kernel kills a worker when the thread that started it ends, so no thread of the caller may be that one.
fn workers_start_from_threads_that_end() {
    let launcher = launcher(Limits::DEFAULT);
    let started = std::thread::spawn(move || loaded(&launcher, "def f():\n    return 1\n").unwrap());
    let mut worker = started.join().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(worker.call(&[]).unwrap().as_int(), Some(1));
}
