//! Confinement on Linux: what a worker takes from itself before it reads anything of a candidate.

use std::path::{Path, PathBuf};

use abi::Value;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{Pid, Resource, Rlimit, Signal};
use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::calls::filter;
use crate::pipes::read_frame;

/// The version of Landlock whose rules are all demanded: files, devices, the network, signals and abstract sockets.
pub(crate) const LANDLOCK_ABI: i64 = 6;
/// The most bytes of the first frame.
const SETUP_BYTES: usize = 1 << 20;
/// The most files that a worker may have open.
const OPEN_FILES: u64 = 64;

/// The reason why a worker could not confine itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfineError {
    /// The first frame is not what the parent writes.
    #[error("the first frame cannot be read")]
    Setup,
    /// The process that started the worker is not its parent any more.
    #[error("the parent is gone")]
    Orphan,
    /// A system call failed.
    #[error("{what}: {cause}")]
    System { what: &'static str, cause: std::io::Error },
    /// Landlock is missing, or too old.
    #[error("Landlock: {0}")]
    Landlock(String),
    /// The filter of system calls was not installed.
    #[error("seccomp: {0}")]
    Seccomp(#[from] seccompiler::Error),
}

type Confined<T> = Result<T, ConfineError>;

/// The first frame: what the worker runs, and within which limits.
pub(crate) struct Setup {
    /// The program of the machine that the worker becomes. None if it runs the interpreter that is built in.
    pub(crate) program: Option<PathBuf>,
    reads: Vec<PathBuf>,
    memory_bytes: u64,
    cpu_seconds: u64,
}

/// Ties the worker to its parent, lets go of what it inherited, and reads the first frame.
pub(crate) fn read_setup(parent: Option<i32>) -> Confined<Setup> {
    let system = |what| move |cause: rustix::io::Errno| ConfineError::System { what, cause: cause.into() };
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(system("death signal"))?;
    // The parent may have ended before the line above.
    if rustix::process::getppid().map(Pid::as_raw_pid) != parent {
        return Err(ConfineError::Orphan);
    }
    rustix::process::setsid().map_err(system("session"))?;
    // What the program that started this one left open, such as the pipes of `make`, ends with this program. The parent
    // checks afterwards that the interpreter has none of it.
    close_fds::set_fds_cloexec(3, &[]);
    let frame = read_frame(SETUP_BYTES).ok_or(ConfineError::Setup)?;
    parsed(&abi::decode(&frame).map_err(|_| ConfineError::Setup)?).ok_or(ConfineError::Setup)
}

fn parsed(value: &Value) -> Option<Setup> {
    let (limits, interpreter) = (value.get("limits")?, value.get("interpreter")?);
    let number = |key| u64::try_from(limits.get(key)?.as_int()?).ok();
    let (program, reads) = match interpreter {
        Value::Null => (None, Vec::new()),
        python => {
            let reads = python.get("reads")?.as_list()?.iter();
            let reads = reads.map(|path| path.as_text().map(PathBuf::from)).collect::<Option<_>>()?;
            (Some(python.get("program")?.as_text()?.into()), reads)
        }
    };
    Some(Setup { program, reads, memory_bytes: number("memory_bytes")?, cpu_seconds: number("cpu_seconds")? })
}

/// Takes every right from this process that a candidate has no use for. What cannot be taken is an error.
pub(crate) fn confine(setup: &Setup) -> Confined<()> {
    limit(setup)?;
    drop_capabilities()?;
    let system = |what| move |cause: rustix::io::Errno| ConfineError::System { what, cause: cause.into() };
    rustix::thread::set_no_new_privs(true).map_err(system("no new privileges"))?;
    restrict_files(&setup.reads)?;
    seccompiler::apply_filter(&filter(setup.program.is_some())?)?;
    Ok(())
}

fn limit(setup: &Setup) -> Confined<()> {
    let limits = [
        (Resource::As, setup.memory_bytes),
        (Resource::Cpu, setup.cpu_seconds),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        rustix::process::setrlimit(resource, limit)
            .map_err(|cause| ConfineError::System { what: "limits", cause: cause.into() })?;
    }
    Ok(())
}

/// Drops every capability, also for a process of root, and for whatever it executes.
fn drop_capabilities() -> Confined<()> {
    for capability in CapabilitySet::all().iter() {
        // Only a process with the right to do so can, and one without holds nothing that it could pass on.
        let _ = rustix::thread::remove_capability_from_bounding_set(capability);
    }
    let failed =
        |cause: rustix::io::Errno| ConfineError::System { what: "capabilities", cause: cause.into() };
    rustix::thread::clear_ambient_capability_set().map_err(failed)?;
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, none).map_err(failed)
}

/// Allows reading and executing below `reads`, and nothing else of files, the network, and other processes.
fn restrict_files(reads: &[PathBuf]) -> Confined<()> {
    let abi = ABI::V6;
    let wrong = |error: &dyn std::fmt::Display| ConfineError::Landlock(error.to_string());
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        .and_then(|rules| rules.scope(Scope::from_all(abi)))
        .and_then(Ruleset::create)
        .map_err(|error| wrong(&error))?;
    for path in reads {
        let file = PathFd::new(path).map_err(|error| wrong(&error))?;
        let access = if Path::is_dir(path) {
            AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::Execute
        } else {
            AccessFs::ReadFile | AccessFs::Execute
        };
        rules = rules.add_rule(PathBeneath::new(file, access)).map_err(|error| wrong(&error))?;
    }
    let status = rules.restrict_self().map_err(|error| wrong(&error))?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(()),
        _ => Err(ConfineError::Landlock("the rules are enforced in part only".to_owned())),
    }
}
