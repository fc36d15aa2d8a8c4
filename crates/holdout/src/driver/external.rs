//! A program of any language that runs candidates, as a process that nothing confines.
//!
//! The two talk in lines of JSON. `{"load": SOURCE, "entry": NAME}` is answered by `{"loaded": true}`, and `{"call": [ARGUMENT,
//! ...]}` by `{"value": RESULT}`; either by `{"error": TEXT}`. A line that is none of these counts as forged.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use abi::Value;
use sandbox::{Fault, SandboxError};

use crate::{Driver, Executor, Program, Running};

/// The most bytes of a line that is read.
const MOST_LINE: u64 = 4 << 20;

/// The driver of a program that runs candidates. It isolates nothing, and records say so.
#[derive(Clone, Debug)]
pub struct External {
    program: PathBuf,
    arguments: Vec<String>,
    version: String,
    within: Duration,
    clock: Clock,
}

/// Returns the time since any fixed moment. This crate has no clock of its own.
pub type Clock = fn() -> Duration;

impl External {
    /// Returns a driver whose processes are `program` with these arguments. `version` is what records state of it; each load
    /// and each call must be answered `within` this time. By `clock` the time of each is taken.
    #[must_use]
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = String>,
        version: impl Into<String>,
        within: Duration,
        clock: Clock,
    ) -> Self {
        let arguments = arguments.into_iter().collect();
        Self { program: program.into(), arguments, version: version.into(), within, clock }
    }
}

impl Driver for External {
    fn start(&self) -> Result<Box<dyn Running>, SandboxError> {
        let failed = |cause| SandboxError::Start { program: self.program.clone(), cause };
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (mut requests, output) = pipes.ok_or_else(|| failed(std::io::Error::other("it has no pipes")))?;
        let (sender, lines) = channel();
        let (requests_sender, to_send) = channel::<String>();
        // Both pipes are waited for with a deadline, which they do not have; the threads end with the process.
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let reads = move || {
            let mut output = BufReader::new(output);
            while let Some(line) = next_line(&mut output) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        };
        let writes = move || {
            for request in to_send {
                if requests.write_all(request.as_bytes()).and_then(|()| requests.flush()).is_err() {
                    return;
                }
            }
        };
        thread("external-reader").spawn(reads).map_err(failed)?;
        thread("external-writer").spawn(writes).map_err(failed)?;
        Ok(Box::new(Process {
            child,
            requests: Some(requests_sender),
            lines,
            version: self.version.clone(),
            within: self.within,
            clock: self.clock,
            last_request: Duration::ZERO,
        }))
    }

    fn reads_python(&self) -> bool {
        false
    }
}

/// Returns the next line. None at the end, and in place of one that is too long.
fn next_line(output: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    std::io::Read::take(output, MOST_LINE).read_until(b'\n', &mut line).ok()?;
    line.ends_with(b"\n").then_some(line)
}

struct Process {
    child: Child,
    /// None once the process was ended.
    requests: Option<Sender<String>>,
    lines: Receiver<Vec<u8>>,
    version: String,
    within: Duration,
    clock: Clock,
    last_request: Duration,
}

impl Process {
    fn ask(&mut self, request: &str) -> Result<Value, Fault> {
        let began = (self.clock)();
        let reply = self.exchanged(request);
        self.last_request = (self.clock)().saturating_sub(began);
        if reply.as_ref().is_err_and(Fault::ends_worker) {
            self.end();
        }
        reply
    }

    fn exchanged(&mut self, request: &str) -> Result<Value, Fault> {
        let ended = |what: &str| Fault::Ended { what: what.to_owned() };
        let Some(requests) = &self.requests else { return Err(ended("it was stopped before")) };
        if self.lines.try_recv().is_ok() {
            return Err(Fault::Forged { what: "a line before the request".to_owned() });
        }
        requests.send(request.to_owned()).map_err(|_| ended("it reads no more"))?;
        let line = self.lines.recv_timeout(self.within).map_err(|error| match error {
            RecvTimeoutError::Timeout => Fault::OutOfTime,
            RecvTimeoutError::Disconnected => ended("it closed its output"),
        })?;
        let text = std::str::from_utf8(&line).ok().and_then(|line| det::parse_json(line.trim_end()).ok());
        text.ok_or_else(|| Fault::Forged { what: "a line that is no JSON".to_owned() })
    }

    fn end(&mut self) {
        self.requests = None;
        // It has ended already, or the system ends it: neither can fail in a way that leaves it running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Returns what a reply has under `key`, or the fault that it states in its place.
    fn part(&mut self, reply: Value, key: &str) -> Result<Value, Fault> {
        let mut fields = reply.into_map().unwrap_or_default();
        match (fields.remove(key), fields.remove("error").and_then(Value::into_text), fields.is_empty()) {
            (Some(value), None, true) => Ok(value),
            (None, Some(what), true) => Err(Fault::Raised { kind: "error".to_owned(), what, line: 0 }),
            _ => {
                self.end();
                Err(Fault::Forged { what: format!("a reply without {key}") })
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

impl Running for Process {
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault> {
        let (source, entry) = (quoted(program.source), quoted(program.entry));
        let reply = self.ask(&format!("{{\"load\": {source}, \"entry\": {entry}}}\n"))?;
        match self.part(reply, "loaded")? {
            Value::Bool(true) => Ok(()),
            _ => Err(Fault::NoEntry),
        }
    }

    fn call(&mut self, arguments: &[Value]) -> Result<Value, Fault> {
        let mut request = "{\"call\": ".to_owned();
        let unsaid = || Fault::NoValue { what: "an argument that JSON cannot hold".to_owned() };
        write(&Value::List(arguments.to_vec()), &mut request).ok_or_else(unsaid)?;
        request.push_str("}\n");
        let reply = self.ask(&request)?;
        self.part(reply, "value")
    }

    fn limit_calls(&mut self, within: Duration) {
        self.within = self.within.min(within);
    }

    fn last_request(&self) -> Duration {
        self.last_request
    }

    fn executor(&self) -> Executor {
        Executor { name: "external", version: self.version.clone(), isolation: "none".to_owned() }
    }
}

/// Writes a value as JSON. None if JSON cannot hold it.
fn write(value: &Value, into: &mut String) -> Option<()> {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(truth) => into.push_str(if *truth { "true" } else { "false" }),
        Value::Int(int) => into.push_str(&int.to_string()),
        // The shortest writing that is read back as the same float, always with a point or an exponent.
        Value::Float(number) if number.get().is_finite() => into.push_str(&format!("{:?}", number.get())),
        Value::Decimal(number) => into.push_str(&number.to_string()),
        Value::Text(text) => into.push_str(&quoted(text)),
        Value::Float(_) | Value::Bytes(_) => return None,
        Value::List(items) => {
            into.push('[');
            for (place, item) in items.iter().enumerate() {
                into.push_str(if place == 0 { "" } else { ", " });
                write(item, into)?;
            }
            into.push(']');
        }
        Value::Map(fields) => {
            into.push('{');
            for (place, (key, item)) in fields.iter().enumerate() {
                into.push_str(if place == 0 { "" } else { ", " });
                into.push_str(&quoted(key));
                into.push_str(": ");
                write(item, into)?;
            }
            into.push('}');
        }
    }
    Some(())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
