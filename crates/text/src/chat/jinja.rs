//! The Jinja template of a checkpoint, which runs within bounds.
//!
//! A template comes with a checkpoint and is not trusted. It has no files, no other templates and no clock,
//! and its steps, its depth and its output are bounded. The memory of a text that a template builds but does
//! not write is not bounded (`CAVEATS.md`).

use std::fmt;
use std::io;

use abi::Thinking;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Template, Value};

use crate::chat::percent::with_percent_filter;
use crate::chat::{ChatError, ChatSource, python};

/// The longest template that is read, in bytes; the templates of public models have less than a tenth of
/// this.
const MOST_SOURCE: usize = 256 * 1024;
/// The most steps of a rendering; the template of a public model takes some hundreds for one turn.
const STEPS: u64 = 200_000;
/// The deepest nesting of macros, loops and conditions.
const DEPTH: usize = 100;
/// The longest output of a rendering, in bytes.
const MOST_OUTPUT: usize = 1024 * 1024;

/// The most characters of a template's own words that an error repeats.
const MOST_WORDS: usize = 300;

/// One message of a conversation, with the role of its speaker.
pub(crate) struct Message<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: &'a str,
}

/// The variables of templates that switch thoughts on and off.
const SWITCHES: [&str; 5] = ["enable_thinking", "thinking", "enable_reasoning", "reasoning", "think"];
/// The variable of templates that states how much a model thinks, in a word.
const EFFORT: &str = "reasoning_effort";
/// The variable of templates that states how many tokens a model may think; -1 stands for any number.
const BUDGET: &str = "thinking_budget";

/// Returns the text of a conversation as the template writes it, up to the point where the model speaks.
///
/// # Errors
/// [`ChatError`] if the template fails, exceeds a bound, or has no switch for the wanted choice of thinking.
pub(crate) fn render(
    source: &ChatSource,
    thinking: Thinking,
    messages: &[Message<'_>],
) -> Result<String, ChatError> {
    let bytes = source.template.len();
    if bytes > MOST_SOURCE {
        return Err(ChatError::TooLong { bytes, most: MOST_SOURCE });
    }
    let environment = environment();
    // The reference reads a template with line ends of one kind.
    let template = source.template.replace("\r\n", "\n").replace('\r', "\n");
    let text = with_percent_filter(&without_marks(&template));
    let template = environment.template_from_str(&text).map_err(|error| refusal(&error))?;
    let message = |message: &Message<'_>| {
        Value::from_pairs([("role", Value::from(message.role)), ("content", Value::from(message.content))])
    };
    let switches = switches(&template, &text, thinking);
    if switches.is_empty() && thinking != Thinking::Auto {
        return Err(ChatError::NoThinkingSwitch);
    }
    // The reference implementation passes absent tools and documents as none.
    let usual = [
        ("messages", messages.iter().map(message).collect()),
        ("bos_token", Value::from(source.bos_token.as_str())),
        ("eos_token", Value::from(source.eos_token.as_str())),
        ("add_generation_prompt", Value::from(true)),
        ("tools", Value::from(())),
        ("documents", Value::from(())),
    ];
    let context = Value::from_pairs(usual.into_iter().chain(switches));
    let mut output = Bounded(Vec::new());
    match template.render_captured_to(context, &mut output) {
        Ok(_) => Ok(String::from_utf8(output.0).expect("a template writes text")),
        Err(_) if output.0.len() >= MOST_OUTPUT => Err(ChatError::TooMuch { bytes: MOST_OUTPUT }),
        Err(error) => Err(refusal(&error)),
    }
}

/// Returns the variables that tell a template the choice of thinking, of those that it reads. None are set for
/// [`Thinking::Auto`], because the template has a default of its own.
fn switches(template: &Template<'_, '_>, text: &str, thinking: Thinking) -> Vec<(&'static str, Value)> {
    let is_on = match thinking {
        Thinking::Auto => return Vec::new(),
        Thinking::On => true,
        Thinking::Off => false,
    };
    // A template that knows no effort `none` takes the word as it is, and the model has never seen it.
    let knows_none = text.contains("'none'") || text.contains("\"none\"");
    let effort = if is_on {
        "high"
    } else if knows_none {
        "none"
    } else {
        "low"
    };
    let switches = SWITCHES.into_iter().map(|name| (name, Value::from(is_on)));
    let others = [(EFFORT, Value::from(effort)), (BUDGET, Value::from(if is_on { -1 } else { 0 }))];
    let read = template.undeclared_variables(false);
    switches.chain(others).filter(|(name, _)| read.contains(*name)).collect()
}

/// Replaces the `generation` blocks of a template, which mark the model's part for training, by `if true`
/// blocks.
fn without_marks(template: &str) -> String {
    let mut parts = template.split("{%");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("{%");
        let (tag, rest) = part.split_once("%}").map_or((part, None), |(tag, rest)| (tag, Some(rest)));
        match tag.trim_matches(['-', '+']).trim() {
            "generation" => text.push_str(&tag.replace("generation", "if true")),
            "endgeneration" => text.push_str(&tag.replace("endgeneration", "endif")),
            _ => text.push_str(tag),
        }
        text.extend(rest.map(|rest| format!("%}}{rest}")));
    }
    text
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(STEPS));
    environment.set_recursion_limit(DEPTH);
    python::add(&mut environment);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::from(ErrorKind::InvalidOperation).with_source(Raised(message)))
    });
    environment
}

fn refusal(error: &Error) -> ChatError {
    // An error that a macro or a loop raises is the source of another error.
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut innermost = error;
    while let Some(found) = cause {
        if let Some(Raised(message)) = found.downcast_ref() {
            return ChatError::Raised { message: line(message) };
        }
        innermost = found.downcast_ref().unwrap_or(innermost);
        cause = found.source();
    }
    match innermost.kind() {
        ErrorKind::OutOfFuel => ChatError::OutOfSteps { steps: STEPS },
        kind => {
            let what =
                innermost.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}"));
            ChatError::Failed { line: innermost.line().unwrap_or(0), what: line(&what) }
        }
    }
}

/// Returns a message of the template on one line, cut to [`MOST_WORDS`] characters.
fn line(words: &str) -> String {
    let words = words.chars().take(MOST_WORDS);
    words.map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// The error of a template that calls `raise_exception`, with its message.
#[derive(Debug)]
struct Raised(String);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Raised {}

/// A writer that fails after [`MOST_OUTPUT`] bytes.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST_OUTPUT - self.0.len();
        let taken = &bytes[..bytes.len().min(room)];
        self.0.extend_from_slice(taken);
        if taken.len() < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
