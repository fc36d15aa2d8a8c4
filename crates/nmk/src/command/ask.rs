//! `nmk ask`: answers a question and shows the evidence.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use abi::{Value, counted};
use clap::Args;
use det::{Contract, Level, TrustRoot};
use factloop::{Abstention, Generated, JobReport};
use sched::Consulted;

use crate::cli::Outcome;
use crate::command::ledger_flags::LedgerFlags;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags};
use crate::console::Console;
use crate::contract_file::{self, Chosen};
use crate::engine::{is_computed, tell};
use crate::forbid::Forbid;
use crate::json::Shown;
use crate::messages::{Asked, Messages};
use crate::notes::Note;
use crate::policy::{self, SpendingFlags};
use crate::remember::remember;
use crate::structured::Under;
use crate::thoughts::{self, Thoughts};
use crate::watch::{Display, Seen, Streams};
use crate::{AnyModel, Engine, Error, Receipt, Surroundings, json, notes, programs, prompt};

#[derive(Debug, Args)]
#[command(after_help = "\
The answer goes to standard output, its evidence to standard error. Where the question can be checked
(docs/questions.md has the 36 kinds: letters and words counted in a text, arithmetic, divisors and primes, numerals,
dates, lists, and others), only an answer that passes the check is given; otherwise the kernel abstains, says why, and exits with 1. What is not read as such a question is
conversation, answered unchecked and labelled `unverified`; with --require oracle it is refused. With --schema
or --contract the answer of any model is held against that,
repaired once with what was found wrong, and given at its level or not at all. A local model that ends its
answer does not miss a schema: its tokens are constrained to the documents of that schema (docs/constrained.md). A contract with a
program has the model write a Python function, which is run, confined, on the cases of the contract.

A local model is asked in its own chat template and always answers with the likeliest tokens, whatever
generation_config.json says of draws: an answer replays bit for bit.

Examples:
  nmk ask \"How many times does the letter r appear in strawberry?\"
  nmk ask --json \"Is 97 a prime number?\"
  nmk ask --file docs/question.txt
  nmk ask < docs/question.txt
  nmk ask --direct -- \"-5 plus 3\"
  nmk ask --schema docs/colour.json \"Describe a cat.\"
  nmk ask --model http://localhost:11434/v1 --model-name llama3.2 \"Hello!\"")]
pub(crate) struct Arguments {
    /// The question; `-`, or nothing where something is piped in, reads it from standard input.
    prompt: Option<OsString>,
    /// Read the question from a file in UTF-8, of at most 16 MiB.
    #[arg(long, value_name = "FILE", conflicts_with = "prompt")]
    file: Option<PathBuf>,
    #[command(flatten)]
    messages: Messages,
    /// The model: embedded or coder, which are shipped; a folder in the Hugging Face layout; or the address of an
    /// OpenAI-compatible endpoint.
    #[arg(long, value_name = "DIR|URL")]
    model: Option<OsString>,
    /// The model's name at the endpoint.
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// Certificates of further authorities that an https endpoint may have, in PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The least level to accept: none, syntax, schema, property, oracle or proven.
    #[arg(long, value_name = "LEVEL")]
    require: Option<OsString>,
    /// A JSON Schema; the answer is one JSON document that satisfies it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["contract", "direct"])]
    schema: Option<PathBuf>,
    /// A contract in TOML (docs/contracts.md) that the answer must satisfy.
    #[arg(long, value_name = "FILE", conflicts_with = "direct")]
    contract: Option<PathBuf>,
    /// The Python interpreter that runs the program of such a contract, confined; python3 if it is left out.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// Show the whole reply of the model, of which at most the answer was checked; on an abstention, what was not
    /// accepted.
    #[arg(long)]
    show_unproven: bool,
    #[command(flatten)]
    thoughts: Thoughts,
    /// Show an answer that nobody checks only once it is whole, also at a terminal.
    #[arg(long)]
    no_stream: bool,
    /// Answer without generating where one primitive answers the whole question.
    #[arg(long)]
    direct: bool,
    /// The most tokens to generate at a time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_new: Option<u32>,
    #[command(flatten)]
    spending: SpendingFlags,
    /// The harm of a wrong answer, from 0 to 1; above 0.5 a second attempt is made whatever it costs, or none is given.
    #[arg(long, value_name = "X", value_parser = policy::share, allow_negative_numbers = true)]
    risk: Option<kpolicy::Unit>,
    /// Grant the capability to compute a fact, for example fact:gcd; may be repeated.
    #[arg(long, value_name = "CAPABILITY")]
    grant: Vec<String>,
    /// Deny the capability to compute a fact: such a question is answered as conversation, unchecked.
    #[arg(long, value_name = "CAPABILITY")]
    deny: Vec<String>,
    #[command(flatten)]
    compute: ComputeFlags,
    #[command(flatten)]
    forbid: Forbid,
    #[command(flatten)]
    place: LedgerFlags,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Store an answer that was checked in the memory, where later jobs find it.
    #[arg(long)]
    remember: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    arguments: Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let (stated, file) = (arguments.prompt.as_deref(), arguments.file.as_deref());
    let may_be_in_messages = stated.is_none() && file.is_none() && arguments.messages.has_file();
    let stated = if may_be_in_messages { None } else { Some(prompt::from_command_line(stated, file)?) };
    let Asked { conversation, prompt } = arguments.messages.read(stated.as_deref())?;
    let prompt = prompt.as_str();
    let config = Config { conversation, ..Config::load(&arguments.flags(), &Surroundings::read())? };
    let chosen = arguments.chosen(&config, root)?;
    let contract = chosen.as_ref().map(|chosen| &chosen.contract);
    let judges = programs::judges(contract, arguments.python.as_deref(), root)?;
    let model = AnyModel::open(&config)?;
    // A prompt that cannot be asked leaves no ledger behind.
    if chosen.is_some() || !is_computed(config.direct, prompt, &config.denied) {
        model.check(prompt, config.max_new)?;
    }
    let mut engine = Engine::with_model(model, &config)?;
    if let Some(chosen) = &chosen {
        engine.unconstrained(chosen).iter().for_each(|note| console.note(&format!("note: {note}")));
    }
    let streams = arguments.streams(prompt, &config, chosen.as_ref());
    let mut display = Display::new(console, streams, engine.is_remote());
    let under = chosen.as_ref().map(|chosen| Under { chosen, judges });
    let asked = engine.ask_shown(prompt, under, &mut |progress| display.see(progress));
    let seen = display.end();
    if let (Ok(report), false) = (&asked, arguments.json) {
        show_answer(report, &seen, console)?;
    }
    if asked.is_err() && !seen.answer.is_empty() && !arguments.json {
        console.note("note: what stands above was not committed, and is no answer");
    }
    tell(engine.ledger(), engine.interrupted(), console);
    if let Some(broken) = engine.broken_sensor() {
        console.note(&broken.note());
    }
    let report = remedied(asked?, chosen.as_ref(), &mut engine);
    let ledger = engine.ledger().map(|ledger| ledger.path().to_owned());
    let ledger = ledger.as_deref();
    let suggested = notes::suggestion(&report, prompt, chosen.as_ref());
    let mut notes = notes::about(&report, prompt, chosen.as_ref(), suggested.as_deref(), &mut engine)?;
    if arguments.remember {
        let told = remember(&report, prompt, chosen.is_some(), &config.memory);
        let failed = |error| format!("the answer was not remembered: {error}");
        notes.push(Note::remembered(told.unwrap_or_else(failed)));
    }
    if arguments.json {
        let mut object = json::report(
            &report,
            chosen.as_ref().map(|chosen| chosen.contract.form()),
            ledger,
            arguments.shown(),
            &notes,
        );
        if let Some(wording) = &suggested {
            object["suggested"] = serde_json::json!(wording);
        }
        console.result(&object.to_string())?;
    } else {
        let thoughts = arguments.thoughts.show_thinking && seen.thoughts.is_empty();
        show_evidence(
            &report,
            ledger,
            chosen.as_ref(),
            Shown { thinking: thoughts, ..arguments.shown() },
            console,
        );
    }
    for note in notes.iter().filter(|note| !note.is_told_elsewhere()) {
        console.note(&note.line());
    }
    Ok(if report.is_committed() { Outcome::Done } else { Outcome::Negative })
}

/// Returns the report of an abstention with the remedy that fits the schema: one that no document satisfies must be
/// changed, and texts without a bound can be as long as any limit.
fn remedied(report: JobReport, chosen: Option<&Chosen>, engine: &mut Engine) -> JobReport {
    let JobReport { abstained: Some(abstention), .. } = &report else { return report };
    let Some(schema) = chosen.and_then(|chosen| chosen.contract.schema()) else { return report };
    let is_impossible = chosen.is_some_and(|chosen| engine.no_document_satisfies(chosen));
    let remedy = match &abstention.remedy {
        _ if is_impossible => "change the schema, which no document satisfies".to_owned(),
        Some(remedy) if remedy == RAISE && has_open_text(schema.to_value()) => {
            format!("{remedy}, or state a maxLength for the texts of the schema")
        }
        _ => return report,
    };
    let abstention = Abstention { remedy: Some(remedy), ..abstention.clone() };
    JobReport { abstained: Some(abstention), ..report }
}

/// The remedy for an answer that was longer than its limit.
const RAISE: &str = "raise --max-new";

/// Returns true if a schema has a text whose length nothing bounds.
fn has_open_text(schema: &Value) -> bool {
    match schema {
        Value::Map(map) => {
            let is_text = map.get("type").and_then(Value::as_text) == Some("string");
            let bounds = ["maxLength", "enum", "const", "pattern", "format"];
            (is_text && bounds.iter().all(|key| map.get(*key).is_none()))
                || map.iter().any(|(_, inner)| has_open_text(inner))
        }
        Value::List(items) => items.iter().any(has_open_text),
        _ => false,
    }
}

impl Arguments {
    /// Returns the contract that the flags name, if there is one, at the level that the flag states.
    fn chosen(&self, config: &Config, root: &impl TrustRoot) -> Result<Option<Chosen>, Error> {
        let chosen = contract_file::from_flags(self.schema.as_deref(), self.contract.as_deref(), root)?;
        Ok(chosen.map(|chosen| Chosen { require: config.require.unwrap_or(chosen.require), ..chosen }))
    }

    /// Returns the parts of an answer that may be shown as they come: the text of an answer that nobody checks.
    fn streams(&self, prompt: &str, config: &Config, chosen: Option<&Chosen>) -> Streams {
        let is_unchecked = chosen.is_none()
            && config.require.is_none_or(|level| level == Level::None)
            && factloop::route(prompt).is_none();
        let answer = is_unchecked && !self.no_stream && !self.json;
        Streams { answer, thoughts: self.thoughts.show_thinking }
    }

    fn shown(&self) -> Shown {
        Shown { unproven: self.show_unproven, thinking: self.thoughts.show_thinking }
    }

    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            model: self.model.clone(),
            model_name: self.model_name.clone(),
            ca_file: self.ca_file.clone(),
            require: self.require.clone(),
            direct: self.direct,
            max_new: self.max_new,
            thinking: self.thoughts.thinking,
            compute: self.compute,
            forbid: self.forbid.clone(),
            spending: self.spending,
            risk: self.risk,
            grant: self.grant.clone(),
            deny: self.deny.clone(),
            ledger: self.place.ledger.clone(),
            key: self.place.key.clone(),
            no_ledger: self.place.no_ledger,
            ..Flags::default()
        }
    }
}

/// Shows the answer on standard output, or the part of it that was not streamed.
fn show_answer(report: &JobReport, seen: &Seen, console: &mut Console<'_>) -> Result<(), Error> {
    let answer = report.answer();
    let rest = answer.as_ref().and_then(|answer| answer.strip_prefix(&seen.answer));
    match (answer.as_ref(), rest) {
        (_, Some(rest)) if !seen.answer.is_empty() => console.end_stream(rest)?,
        (Some(answer), _) => {
            if !seen.answer.is_empty() {
                console.note("note: what stands above turned out to be no part of the answer, which is:");
            }
            console.result(answer)?;
        }
        (None, _) if !seen.answer.is_empty() => {
            console.note("note: what stands above was not committed, and is no answer");
        }
        (None, _) => {}
    }
    Ok(())
}

/// Shows a person what the memory recalled for a job that generated.
pub(crate) fn show_recalled(report: &JobReport, console: &mut Console<'_>) {
    if let Some(consulted) = report.consulted.as_ref().filter(|_| report.generations > 0) {
        show_consulted(consulted, console);
    }
}

/// Shows a person what the memory recalled, which nobody judged.
pub(crate) fn show_consulted(consulted: &Consulted, console: &mut Console<'_>) {
    for line in factloop::recalled_block(consulted.entries()).lines() {
        console.note(&format!("recalled, unproven: {line}"));
    }
}

/// Shows the evidence of a report to a person, on standard error.
fn show_evidence(
    report: &JobReport,
    ledger: Option<&Path>,
    chosen: Option<&Chosen>,
    shown: Shown,
    console: &mut Console<'_>,
) {
    if let Some(Abstention { reason, remedy }) = &report.abstained {
        console.note(&format!("not proven: {reason}"));
        for fact in &report.facts {
            console.note(&format!("  {}", factloop::line(fact).trim_end()));
        }
        if let Some(remedy) = remedy {
            console.note(&format!("what would help: {remedy}"));
        }
    }
    if shown.thinking {
        thoughts::show(&report.generated, console);
    }
    match json::unproven(report) {
        Some(text) if shown.unproven && report.is_committed() => {
            console.note(&format!("whole reply, of which only the answer above was checked: {text}"));
        }
        Some(text) if shown.unproven => console.note(&format!("unproven proposal: {text}")),
        Some(_) if !report.is_committed() => {
            console.note("what the model said instead: --show-unproven shows it")
        }
        _ => {}
    }
    if let Some(reading) = &report.reading {
        console.note(&format!("read as: {reading}"));
    }
    show_recalled(report, console);
    let evidence = match chosen {
        Some(chosen) => evidence_under_contract(report, &chosen.contract),
        None => evidence(report),
    };
    let last = report.last_generated();
    match last.and_then(Generated::cut) {
        Some(cut) => console.note(&format!("{evidence} · {cut}")),
        None => console.note(&evidence),
    }
    // An abstention has said what would help.
    if let Some(remedy) = last.and_then(Generated::remedy).filter(|_| report.is_committed()) {
        console.note(&format!("what would help: {remedy}"));
    }
    console.note(&kept_in(ledger, &report.receipt));
}

/// Returns the line that says where the ledger has the answer.
pub(super) fn kept_in(ledger: Option<&Path>, receipt: &Receipt) -> String {
    let Receipt { index, head, .. } = receipt;
    match ledger {
        Some(ledger) => format!("ledger: {}, entry {index}, head {head}", ledger.display()),
        None => "ledger: none, so nothing shows later what was answered".to_owned(),
    }
}

/// Returns the evidence of an answer as one line: level, kind of question, facts used, number of generations.
fn evidence(report: &JobReport) -> String {
    let route = json::route(report).unwrap_or_else(|| "conversation".to_owned());
    let facts = match report.facts.as_slice() {
        [] => "no facts".to_owned(),
        facts => {
            facts.iter().map(|fact| factloop::line(fact).trim_end().to_owned()).collect::<Vec<_>>().join(", ")
        }
    };
    let spent = counted(report.generations, "generation");
    let level = match report.level {
        Level::None if report.is_committed() => "unverified".to_owned(),
        _ => level(report),
    };
    format!("evidence: {level} · {route} · {facts} · {spent} · model {}", report.identity.name)
}

/// Returns the evidence of an answer under a contract that the caller chose, as one line.
fn evidence_under_contract(report: &JobReport, contract: &Contract) -> String {
    let (level, spent, model) =
        (level(report), counted(report.generations, "generation"), &report.identity.name);
    let voucher = match contract_file::voucher(contract) {
        // Only a committed program is said to hold its cases.
        Some(_) if programs::demands_a_program(contract) && !report.is_committed() => "contract",
        voucher => voucher.unwrap_or("contract"),
    };
    let ran = report.executor.as_ref().map(|executor| format!(" · {executor}")).unwrap_or_default();
    format!("evidence: {level} · {voucher}{ran} · {spent} · model {model}")
}

/// Returns the level of an answer, or the level that an abstention did not reach, in words.
fn level(report: &JobReport) -> String {
    if report.is_committed() {
        report.level.to_string()
    } else if report.required == Level::None {
        "abstained".to_owned()
    } else {
        format!("abstained below {}", report.required)
    }
}
