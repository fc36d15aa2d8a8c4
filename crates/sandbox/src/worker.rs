//! The parent's side: a worker is started, checked, given source, called, and never believed.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use abi::Value;

use crate::entry::{AGAIN, WORKER};
use crate::frame::{self, Broken};
use crate::spawner::spawn;
use crate::{Fault, Interpreter, Isolation, Limits, SandboxError, Signature};

/// The most bytes of the frame with which a worker reports.
const REPORT_BYTES: usize = 1 << 16;

/// Starts workers of one program, one interpreter and one set of limits.
#[derive(Clone, Debug)]
pub struct Launcher {
    program: PathBuf,
    interpreter: Interpreter,
    limits: Limits,
}

impl Launcher {
    /// Returns a launcher whose workers are `program`, whose main function calls
    /// [`worker_entry`](crate::worker_entry) first.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>, interpreter: impl Into<Interpreter>, limits: Limits) -> Self {
        Self { program: program.into(), interpreter: interpreter.into(), limits }
    }

    /// Returns a launcher whose workers are the running program itself.
    ///
    /// # Errors
    /// [`SandboxError::Start`] if the operating system does not tell the program's path.
    pub fn from_this_program(
        interpreter: impl Into<Interpreter>,
        limits: Limits,
    ) -> Result<Self, SandboxError> {
        let own = std::env::current_exe();
        let program = own
            .map_err(|cause| SandboxError::Start { program: Path::new("this program").to_owned(), cause })?;
        Ok(Self::new(program, interpreter, limits))
    }

    /// Returns the interpreter that the workers run.
    #[must_use]
    pub fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    /// Starts a worker and waits until it is confined and its interpreter is ready.
    ///
    /// # Errors
    /// [`SandboxError`] if it cannot be started, if its isolation is not what is demanded, or if it does not get ready.
    pub fn start(&self) -> Result<Worker, SandboxError> {
        let mut command = Command::new(&self.program);
        command
            .arg(WORKER)
            .arg(std::process::id().to_string())
            .args(self.interpreter.is_built_in().then_some(AGAIN))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let failed = |cause| SandboxError::Start { program: self.program.clone(), cause };
        let mut child = spawn(command).map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, results) = pipes.ok_or_else(|| failed(std::io::Error::other("it has no pipes")))?;
        let mut process = Process { child, requests, results };
        let isolation = self.get_ready(&mut process)?;
        let (limits, most_call, last_request) = (self.limits, self.limits.call, Duration::ZERO);
        Ok(Worker { process, limits, most_call, isolation, calls: 0, last_request })
    }

    fn get_ready(&self, process: &mut Process) -> Result<Isolation, SandboxError> {
        let deadline = Instant::now() + self.limits.start;
        let not_ready = |what: String| SandboxError::NotReady { what };
        let broken = |broken| not_ready(said(&broken));
        let interpreter = self.interpreter.to_value();
        let interpreter = interpreter.ok_or_else(|| not_ready("a path is not UTF-8".to_owned()))?;
        let setup = Value::map([("limits", self.limits.to_value()), ("interpreter", interpreter)]);
        frame::write(&mut process.requests, &abi::encode(&setup), deadline).map_err(broken)?;
        let report = frame::read(&mut process.results, REPORT_BYTES, deadline).map_err(broken)?;
        let report = abi::decode(&report).map_err(|_| not_ready("its report cannot be read".to_owned()))?;
        if let Some(what) = report.get("error").and_then(Value::as_text) {
            return Err(SandboxError::Unsandboxed { what: what.to_owned() });
        }
        let landlock = report.get("landlock").and_then(Value::as_int);
        let landlock = landlock.ok_or_else(|| not_ready("it does not state its isolation".to_owned()))?;
        let limit = i64::try_from(self.limits.frame_bytes).unwrap_or(i64::MAX);
        frame::write(&mut process.requests, &abi::encode(&Value::Int(limit)), deadline).map_err(broken)?;
        let ready = frame::read(&mut process.results, REPORT_BYTES, deadline).map_err(broken)?;
        let ready = abi::decode(&ready).ok().and_then(|ready| Reply::read(ready, 0));
        if ready.is_none_or(|ready| ready.word != "ready") {
            return Err(not_ready("the interpreter does not say that it is ready".to_owned()));
        }
        // The kernel is asked after the worker became the interpreter, so the answer is about what runs the candidate.
        let pipes = [process.requests.as_fd(), process.results.as_fd()];
        Isolation::checked(process.child.id(), pipes, landlock)
    }
}

/// The process of a worker with its pipes. The process is killed when this is dropped.
#[derive(Debug)]
struct Process {
    child: Child,
    requests: ChildStdin,
    results: ChildStdout,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or the kernel kills it: neither can fail in a way that leaves it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A confined process that runs the code of one candidate.
///
/// Everything that comes out of it is what the candidate chose to send: plain data, or a [`Fault`]. The worker judges
/// nothing.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    limits: Limits,
    most_call: Duration,
    isolation: Isolation,
    calls: i64,
    last_request: Duration,
}

impl Worker {
    /// Returns the isolation that is in force.
    #[must_use]
    pub fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    /// Returns the time that the last load or call took; zero before the first one.
    #[must_use]
    pub fn last_request(&self) -> Duration {
        self.last_request
    }

    /// Sets the time in which every later call must return. It is never more than the launcher's limits allow.
    pub fn limit_calls(&mut self, within: Duration) {
        self.limits.call = within.min(self.most_call);
    }

    /// Loads `source`, which must define a function with the name `entry` that takes and returns plain data.
    ///
    /// # Errors
    /// The [`Fault`] of the candidate. After one that [ends the worker](Fault::ends_worker), every call fails.
    pub fn load(&mut self, source: &str, entry: &str) -> Result<(), Fault> {
        self.load_typed(source, entry, &Signature::PLAIN)
    }

    /// Loads `source`, which must define a function with the name `entry` and this signature. What was loaded before
    /// is not called again, but may have changed the interpreter.
    ///
    /// # Errors
    /// The [`Fault`] of the candidate. After one that [ends the worker](Fault::ends_worker), every call fails.
    pub fn load_typed(&mut self, source: &str, entry: &str, signature: &Signature) -> Result<(), Fault> {
        let recursion = Value::Int(i64::from(self.limits.recursion));
        let signature = signature.to_value();
        let request = [Value::text("load"), Value::text(source), Value::text(entry), recursion, signature];
        let reply = self.ask(request.into(), self.limits.load)?;
        match reply.word.as_str() {
            "loaded" => Ok(()),
            "no_entry" => Err(Fault::NoEntry),
            _ => Err(self.fault(reply)),
        }
    }

    /// Calls the function with `arguments`, one value each, and returns what it returned. Tuples come back as lists, and
    /// dicts as the signature says.
    ///
    /// # Errors
    /// The [`Fault`] of the candidate.
    pub fn call(&mut self, arguments: &[Value]) -> Result<Value, Fault> {
        let request = vec![Value::text("call"), Value::List(arguments.to_vec())];
        let mut reply = self.ask(request, self.limits.call)?;
        match (reply.word.as_str(), reply.rest.len()) {
            ("value", 1) => Ok(reply.rest.remove(0)),
            _ => Err(self.fault(reply)),
        }
    }

    /// Sends one request and reads its one reply.
    fn ask(&mut self, request: Vec<Value>, within: Duration) -> Result<Reply, Fault> {
        let began = Instant::now();
        let reply = self.exchanged(request, within);
        self.last_request = began.elapsed();
        reply
    }

    fn exchanged(&mut self, request: Vec<Value>, within: Duration) -> Result<Reply, Fault> {
        self.calls += 1;
        let number = self.calls;
        let request = abi::encode(&Value::List([vec![Value::Int(number)], request].concat()));
        let limit = self.limits.frame_bytes;
        if request.len() > limit {
            return Err(Fault::TooLarge { bytes: request.len(), limit });
        }
        if frame::has_more(&self.process.results) {
            return Err(self.unasked("bytes before the request"));
        }
        let deadline = Instant::now() + within;
        let sent = frame::write(&mut self.process.requests, &request, deadline);
        // A reply carries a few bytes around the value.
        let read =
            sent.and_then(|()| frame::read(&mut self.process.results, limit.saturating_add(64), deadline));
        let bytes = read.map_err(|broken| self.lost(&broken))?;
        match abi::decode(&bytes) {
            Ok(reply) => Reply::read(reply, number).ok_or_else(|| self.forged("no reply to this request")),
            Err(error) => Err(self.forged(&error.to_string())),
        }
    }

    fn fault(&mut self, reply: Reply) -> Fault {
        let text =
            |index: usize| reply.rest.get(index).and_then(Value::as_text).unwrap_or_default().to_owned();
        match reply.word.as_str() {
            "raised" => {
                let line =
                    reply.rest.get(2).and_then(Value::as_int).and_then(|line| u32::try_from(line).ok());
                Fault::Raised { kind: text(0), what: text(1), line: line.unwrap_or(0) }
            }
            "unsupported" => {
                let line = reply.rest.get(1).and_then(Value::as_int);
                let line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
                Fault::Unsupported { construct: text(0), line }
            }
            "no_value" => Fault::NoValue { what: text(0) },
            "too_large" => Fault::ResultTooLarge { what: text(0) },
            "no_memory" => Fault::OutOfMemory,
            _ => self.forged("a reply with an unknown word"),
        }
    }

    /// Kills the worker because it sent what was not asked for.
    fn forged(&mut self, what: &str) -> Fault {
        self.kill();
        Fault::Forged { what: what.to_owned() }
    }

    /// The same, unless the pipe is readable only because the worker has ended.
    fn unasked(&mut self, what: &str) -> Fault {
        match self.process.child.try_wait() {
            Ok(Some(status)) => Fault::Ended { what: status.to_string() },
            _ => self.forged(what),
        }
    }

    /// Returns the fault of a worker with which a frame could not be exchanged, and kills it.
    fn lost(&mut self, broken: &Broken) -> Fault {
        match broken {
            Broken::Late => {
                self.kill();
                Fault::OutOfTime
            }
            Broken::TooLong(bytes) => self.forged(&format!("a frame of {bytes} bytes")),
            // A pipe that is closed belongs to a process that ends now, or that is made to end.
            Broken::Closed | Broken::System(_) => {
                let status = self.ended();
                Fault::Ended { what: status }
            }
        }
    }

    /// Waits a moment for the process to end by itself, so that its own status is told, then kills it.
    fn ended(&mut self) -> String {
        for _ in 0..50 {
            if let Ok(Some(status)) = self.process.child.try_wait() {
                return status.to_string();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.kill();
        "it closed its pipe".to_owned()
    }

    fn kill(&mut self) {
        let _ = self.process.child.kill();
        let _ = self.process.child.wait();
    }
}

/// One reply of a worker, with the number of its request checked.
struct Reply {
    word: String,
    rest: Vec<Value>,
}

impl Reply {
    fn read(reply: Value, number: i64) -> Option<Self> {
        let mut parts = reply.into_list()?.into_iter();
        let is_ours = parts.next()?.as_int() == Some(number);
        let word = parts.next()?.as_text()?.to_owned();
        is_ours.then(|| Self { word, rest: parts.collect() })
    }
}

fn said(broken: &Broken) -> String {
    match broken {
        Broken::Late => "it did not answer in time".to_owned(),
        Broken::Closed => "it ended".to_owned(),
        Broken::TooLong(bytes) => format!("it sent a frame of {bytes} bytes"),
        Broken::System(what) => what.clone(),
    }
}
