//! The built-in interpreter `monty`, which a confined worker runs itself. Nothing that it sends is believed: it turns
//! results into plain data, and the parent decides what they are worth.

mod lacks;
mod plain;
mod supported;

use abi::Value;
use monty::MontyRepl;
use monty_types::{
    AssertMessageAnnotations, CompileOptions, ExcType, MontyException, MontyObject, PrintWriter,
    ResourceLimits, ResourceTracker,
};

use crate::interpreter::MONTY_VERSION;
use crate::pipes::{read_frame, write_bytes};
use crate::{Shape, Signature};

/// The most characters of an exception's text that are sent.
const MOST_SAID: usize = 400;
/// The name under which `monty` knows the first source that a session is given.
const FIRST_SOURCE: &str = "<python-input-0>";
/// The words of a reply, after the number of its request.
type Reply = Vec<Value>;

/// Serves requests until the pipe is closed.
pub(crate) fn serve() {
    // The limit comes first, as a frame of its own.
    let limit = read_frame(64).and_then(|frame| abi::decode(&frame).ok()?.as_int());
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return };
    send(0, vec![Value::text("ready"), Value::text(MONTY_VERSION)], limit);
    let mut loaded = None;
    while let Some((number, word, rest)) = read_frame(limit).and_then(|frame| request(&frame)) {
        let reply = match word.as_str() {
            "load" => load(rest, &mut loaded),
            _ => loaded.as_mut().map(|loaded: &mut Loaded| loaded.call(rest)),
        };
        let Some(reply) = reply else { return };
        send(number, reply, limit);
    }
}

fn request(frame: &[u8]) -> Option<(i64, String, Vec<Value>)> {
    let mut parts = abi::decode(frame).ok()?.into_list()?.into_iter();
    let number = parts.next()?.as_int()?;
    let word = parts.next()?.as_text()?.to_owned();
    Some((number, word, parts.collect()))
}

fn send(number: i64, reply: Reply, limit: usize) {
    let framed = |reply: Reply| abi::encode(&Value::List([vec![Value::Int(number)], reply].concat()));
    let mut bytes = framed(reply);
    if bytes.len() > limit {
        bytes = framed(vec![Value::text("too_large"), Value::text(format!("{} bytes", bytes.len()))]);
    }
    write_bytes(&bytes);
}

/// A source that was loaded, with the function of it that is called.
struct Loaded {
    session: MontyRepl,
    entry: String,
    signature: Signature,
    /// The beginning of the names of arguments, which does not occur in the source: it can neither read nor hide them.
    prefix: String,
}

/// Loads a source in place of the one before. None if the request is not what the parent writes.
fn load(rest: Vec<Value>, into: &mut Option<Loaded>) -> Option<Reply> {
    let [source, entry, recursion, signature] = rest.as_slice() else { return None };
    let (source, entry) = (source.as_text()?, entry.as_text()?.to_owned());
    *into = None;
    if let Some(missing) = supported::first_missing(source) {
        let line = Value::Int(i64::from(missing.line));
        return Some(vec![Value::text("unsupported"), Value::text(missing.construct), line]);
    }
    let limits = ResourceLimits::default().max_recursion_depth(usize::try_from(recursion.as_int()?).ok()?);
    let options = CompileOptions { assert_message_annotations: AssertMessageAnnotations::Off };
    let mut session = MontyRepl::new("candidate", ResourceTracker::new(limits), options);
    let name = ("__name__".to_owned(), MontyObject::String("candidate".to_owned()));
    if let Err(error) = session.feed_run(source, vec![name], PrintWriter::Disabled) {
        return Some(raised(&error));
    }
    if !session.has_function(&entry) {
        return Some(vec![Value::text("no_entry")]);
    }
    let mut prefix = "_argument_".to_owned();
    while source.contains(&prefix) || entry.contains(&prefix) {
        prefix.push('_');
    }
    *into = Some(Loaded { session, entry, signature: Signature::from_value(signature)?, prefix });
    Some(vec![Value::text("loaded")])
}

impl Loaded {
    fn call(&mut self, mut rest: Vec<Value>) -> Reply {
        let arguments = rest.pop().and_then(Value::into_list).unwrap_or_default();
        let shapes = self.signature.arguments.iter().chain(std::iter::repeat(&Shape::Plain));
        // The session's own way to call a function finds no builtin in it that the source has not used by then. So the call
        // is a source of its own.
        let arguments = arguments.into_iter().zip(shapes).enumerate();
        let inputs: Vec<(String, MontyObject)> = arguments
            .map(|(place, (value, shape))| (format!("{}{place}", self.prefix), plain::argument(value, shape)))
            .collect();
        let names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
        let call = format!("{}({})", self.entry, names.join(", "));
        match self.session.feed_run(&call, inputs, PrintWriter::Disabled) {
            Ok(object) => match plain::result(object, &self.signature.returns) {
                Ok(value) => vec![Value::text("value"), value],
                Err(no_value) => vec![Value::text("no_value"), Value::Text(no_value)],
            },
            Err(error) => raised(&error),
        }
    }
}

fn raised(error: &MontyException) -> Reply {
    if error.exc_type() == ExcType::MemoryError {
        return vec![Value::text("no_memory")];
    }
    let frame = error.traceback().iter().rev().find(|frame| frame.filename == FIRST_SOURCE);
    let line = frame.map_or(0, |frame| i64::from(frame.start.line));
    let what: String = error.message().unwrap_or_default().chars().take(MOST_SAID).collect();
    vec![
        Value::text("raised"),
        Value::text(error.exc_type().to_string()),
        Value::Text(what),
        Value::Int(line),
    ]
}
