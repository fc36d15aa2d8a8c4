//! Confinement on Linux: what a worker takes from itself before it reads anything of a candidate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use abi::Value;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::process::{Pid, Resource, Rlimit, Signal};
use rustix::thread::{CapabilitySet, CapabilitySets};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

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

/// The first frame: what the worker becomes, and within which limits.
pub(crate) struct Setup {
    pub(crate) program: PathBuf,
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
    let frame = read_frame().ok_or(ConfineError::Setup)?;
    parsed(&abi::decode(&frame).map_err(|_| ConfineError::Setup)?).ok_or(ConfineError::Setup)
}

fn parsed(value: &Value) -> Option<Setup> {
    let (limits, python) = (value.get("limits")?, value.get("python")?);
    let number = |key| u64::try_from(limits.get(key)?.as_int()?).ok();
    let Value::List(reads) = python.get("reads")? else { return None };
    Some(Setup {
        program: python.get("program")?.as_text()?.into(),
        reads: reads.iter().map(|path| path.as_text().map(PathBuf::from)).collect::<Option<_>>()?,
        memory_bytes: number("memory_bytes")?,
        cpu_seconds: number("cpu_seconds")?,
    })
}

/// Reads a frame from standard input without a buffer, so that no byte of what follows is taken from the interpreter.
fn read_frame() -> Option<Vec<u8>> {
    let mut length = [0; 4];
    fill(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    let mut frame = vec![0; Some(length).filter(|length| *length <= SETUP_BYTES)?];
    fill(&mut frame)?;
    Some(frame)
}

fn fill(mut into: &mut [u8]) -> Option<()> {
    while !into.is_empty() {
        match rustix::io::read(rustix::stdio::stdin(), &mut *into) {
            Ok(0) => return None,
            Ok(count) => into = &mut into[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
    Some(())
}

/// Writes a frame to standard output. Where this fails, the parent is gone and nobody is left to be told.
pub(crate) fn write_report(report: &Value) {
    let bytes = abi::encode(report);
    let length = u32::try_from(bytes.len()).expect("a report is short");
    let frame = [&length.to_le_bytes(), bytes.as_slice()].concat();
    let mut left = frame.as_slice();
    while let Ok(count @ 1..) = rustix::io::write(rustix::stdio::stdout(), left) {
        left = &left[count..];
    }
}

/// Takes every right from this process that a candidate has no use for. What cannot be taken is an error.
pub(crate) fn confine(setup: &Setup) -> Confined<()> {
    limit(setup)?;
    drop_capabilities()?;
    let system = |what| move |cause: rustix::io::Errno| ConfineError::System { what, cause: cause.into() };
    rustix::thread::set_no_new_privs(true).map_err(system("no new privileges"))?;
    restrict_files(&setup.reads)?;
    seccompiler::apply_filter(&filter()?)?;
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

/// The system calls that the interpreter needs. All others fail with `EPERM`: no process and no thread can be started,
/// no signal sent, no socket opened, no limit raised, no file changed.
const ALLOWED: &[i64] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_pread64,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_openat,
    libc::SYS_getdents64,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fcntl,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_futex,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    // Python up to 3.10 sleeps with it. It waits for descriptors that the worker has, and reaches no other.
    libc::SYS_pselect6,
    libc::SYS_gettimeofday,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_uname,
];

/// Calls that only older interfaces of x86-64 have, and that its C library still makes.
#[cfg(target_arch = "x86_64")]
const ALLOWED_BY_MACHINE: &[i64] = &[
    libc::SYS_arch_prctl,
    libc::SYS_access,
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_readlink,
    libc::SYS_select,
    libc::SYS_dup2,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_BY_MACHINE: &[i64] = &[];

fn filter() -> Confined<BpfProgram> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(ALLOWED_BY_MACHINE).map(|call| (*call, Vec::new())).collect();
    // Limits can be read and not set: the third argument is the new limit.
    let reads_only = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0);
    let backend = |error: seccompiler::BackendError| ConfineError::Seccomp(error.into());
    let rule = SeccompRule::new(vec![reads_only.map_err(backend)?]).map_err(backend)?;
    rules.insert(libc::SYS_prlimit64, vec![rule]);
    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let machine = std::env::consts::ARCH.try_into().map_err(backend)?;
    let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, machine).map_err(backend)?;
    filter.try_into().map_err(backend)
}
