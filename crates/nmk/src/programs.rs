//! Programs under contracts: the one place where what a model wrote is run for `det`, in the sandbox.
//!
//! Nothing here judges. A program is loaded and called as `det` asks, and what it returned is passed on as it is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use abi::Value;
use det::{
    CallEnd, Contract, ProgramFault, ProgramProcess, ProgramRunner, RunnerError, TrustRoot, TrustStore,
    Validator, ValidatorClass, Validators,
};
use factloop::operations::LANGUAGE;
use holdout::{Driver, Program, Running};
use sandbox::{Fault, Signature};

use crate::Error;
use crate::gate::{Drivers, ExecutorName, PYTHON};
use crate::solve::RecordedExaminer;

/// The time that all calls of one process may take together.
const ALL_CALLS: Duration = Duration::from_secs(30);

/// The validators of a job, and the name, version and isolation of what runs its programs.
#[derive(Debug)]
pub(crate) struct Judges {
    pub(crate) validators: Validators,
    /// None if no contract of the job demands a program.
    pub(crate) executor: Option<String>,
}

/// Returns true if the contract demands a program that is run.
pub(crate) fn demands_a_program(contract: &Contract) -> bool {
    contract.class() == ValidatorClass::Isolated(LANGUAGE.to_owned())
}

/// Returns the validators for jobs under these contracts. If one of them demands a program, a process is started and its
/// isolation is checked, so that a machine that cannot run programs is refused before a model generates one.
///
/// # Errors
/// [`Error::Sandbox`] if programs cannot be run here, and [`Error::Idle`] if an interpreter is named for nothing.
pub(crate) fn judges<'c>(
    contracts: impl IntoIterator<Item = &'c Contract>,
    python: Option<&Path>,
    root: &impl TrustRoot,
) -> Result<Judges, Error> {
    if !contracts.into_iter().any(demands_a_program) {
        let why = "no contract here demands a program; leave it out";
        return match python {
            Some(_) => Err(Error::Idle { flag: "python".to_owned(), why }),
            None => Ok(Judges { validators: Validators::builtin(), executor: None }),
        };
    }
    let interpreter = python.unwrap_or(Path::new(PYTHON));
    let sandboxed = Sandboxed { drivers: Drivers::new(ExecutorName::Cpython, interpreter)? };
    let executor = Some(executor(sandboxed.drivers.helper().start()?.as_ref()).to_string());
    let mut validators = Validators::builtin();
    let isolated = Validator::isolated(LANGUAGE, sandboxed, root);
    validators.install(isolated).expect("no built-in validator runs programs");
    Ok(Judges { validators, executor })
}

/// The validators of contracts that are met one after the other. Programs are run only where one is met.
#[derive(Debug)]
pub(crate) struct JudgesAsMet {
    builtin: Validators,
    /// The validators with the one that runs programs, or the reason why programs cannot be run. None before one is met.
    with_programs: Option<Result<Validators, Error>>,
    /// The validators with the one of admissions, which reads the exams of a ledger. None without a ledger.
    with_exams: Option<Validators>,
    python: Option<PathBuf>,
}

impl JudgesAsMet {
    /// Returns the validators, of which that of programs uses this interpreter.
    pub(crate) fn new(python: Option<&Path>) -> Self {
        let python = python.map(Path::to_path_buf);
        Self { builtin: Validators::builtin(), with_programs: None, with_exams: None, python }
    }

    /// Returns the same validators, which judge admissions by the exams in the ledger `folder`, as far as a key of
    /// `trusted` signed them.
    pub(crate) fn with_exams(self, folder: &Path, trusted: Vec<[u8; 32]>, root: &impl TrustRoot) -> Self {
        let examiner = RecordedExaminer { ledger: folder.to_owned() };
        let mut validators = Validators::builtin();
        let admission = Validator::admission(examiner, TrustStore::new(trusted, root), root);
        validators.install(admission).expect("no built-in validator holds exams");
        Self { with_exams: Some(validators), ..self }
    }

    /// Returns the validators for a contract, or the reason why its programs cannot be run.
    pub(crate) fn of(&mut self, contract: &Contract, root: &impl TrustRoot) -> Result<&Validators, &Error> {
        if !demands_a_program(contract) {
            let with_exams =
                self.with_exams.as_ref().filter(|_| contract.class() == ValidatorClass::Admission);
            return Ok(with_exams.unwrap_or(&self.builtin));
        }
        let python = self.python.as_deref();
        let made = || judges([contract], python, root).map(|judges| judges.validators);
        self.with_programs.get_or_insert_with(made).as_ref()
    }
}

/// The runner of programs: confined processes of the machine's own interpreter.
struct Sandboxed {
    drivers: Drivers,
}

impl ProgramRunner for Sandboxed {
    fn start(&self) -> Result<Box<dyn ProgramProcess>, RunnerError> {
        match self.drivers.helper().start() {
            Ok(running) => Ok(Box::new(Confined { running, left: ALL_CALLS })),
            Err(error) => Err(RunnerError { what: error.to_string() }),
        }
    }
}

/// A confined process.
struct Confined {
    running: Box<dyn Running>,
    /// The time that is left for calls.
    left: Duration,
}

impl ProgramProcess for Confined {
    fn executor(&self) -> det::Executor {
        executor(self.running.as_ref())
    }

    fn load(&mut self, source: &str, entry: &str) -> Result<(), ProgramFault> {
        self.running.load(Program { source, entry, signature: &Signature::PLAIN }).map_err(fault)
    }

    fn call(&mut self, arguments: &[Value]) -> CallEnd {
        if self.left.is_zero() {
            return Err(fault(Fault::OutOfTime));
        }
        self.running.limit_calls(self.left);
        let end = self.running.call(arguments);
        self.left = self.left.saturating_sub(self.running.last_request());
        end.map_err(fault)
    }
}

fn executor(running: &dyn Running) -> det::Executor {
    let holdout::Executor { name, version, isolation } = running.executor();
    det::Executor { name: format!("{name} {version}"), isolation }
}

fn fault(fault: Fault) -> ProgramFault {
    match fault {
        Fault::Raised { kind, what, line } => ProgramFault::Raised { kind, what, line },
        fault => ProgramFault::Other { what: fault.to_string() },
    }
}
