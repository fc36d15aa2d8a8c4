//! System calls: the lists of those that a worker may make.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// The system calls that each interpreter needs: its two pipes, memory, and an end. All but those of these lists fail with
/// `EPERM`: no process and no thread can be started, no signal sent, no socket opened, no limit raised, no file changed.
const OF_BOTH: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_futex,
    libc::SYS_clock_gettime,
];

/// The further calls that the machine's own interpreter needs.
const OF_CPYTHON: &[i64] = &[
    libc::SYS_readv,
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
    libc::SYS_execve,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
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
const OF_CPYTHON_BY_MACHINE: &[i64] = &[
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
const OF_CPYTHON_BY_MACHINE: &[i64] = &[];

/// The further calls that the built-in interpreter needs.
const OF_MONTY: &[i64] = &[
    // The keys of its tables, which no program sees.
    libc::SYS_getrandom,
];

/// Returns the filter for a worker that becomes the machine's own interpreter, or runs the built-in one.
pub(crate) fn filter(is_cpython: bool) -> Result<BpfProgram, seccompiler::Error> {
    let further = if is_cpython { [OF_CPYTHON, OF_CPYTHON_BY_MACHINE] } else { [OF_MONTY, &[]] };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        OF_BOTH.iter().chain(further.into_iter().flatten()).map(|call| (*call, Vec::new())).collect();
    // Limits can be read and not set: the third argument is the new limit.
    let reads_only = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0);
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![reads_only?])?]);
    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let machine = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, machine)?;
    Ok(filter.try_into()?)
}
