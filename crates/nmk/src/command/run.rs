//! `nmk run`: a task graph in, a committed value and a report per task out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::config::{Config, Flags};
use crate::console::Console;
use crate::graph::{self, Graph, GraphError};
use crate::kernel::{open_with_history, refused, signing_key};
use crate::run::{RunError, RunReport, Setting, run as run_graph};
use crate::{Error, Model, Surroundings, excerpt, surroundings};

#[derive(Debug, Args)]
#[command(after_help = "\
The file is described in docs/graph.md. The whole graph is admitted or none of it; every result is judged
under its contract; what the answering task proposes is committed at the job's level, or the run ends with
exit code 1 and a cause for every task. The committed value goes to standard output, the report to standard
error.

Example:
  nmk run examples/sum.toml --json")]
pub(crate) struct Arguments {
    /// The graph, in TOML.
    graph: PathBuf,
    /// Tasks that run at the same time.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    lanes: u16,
    /// A capability that tasks may hold, for example op:datetime; may be repeated.
    #[arg(long, value_name = "CAPABILITY")]
    grant: Vec<String>,
    /// Who proposes: a folder in the Hugging Face layout, or the address of an OpenAI-compatible endpoint.
    #[arg(long, value_name = "DIR|URL")]
    model: Option<OsString>,
    /// The model's name at the endpoint.
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// The ledger's folder.
    #[arg(long, value_name = "PATH")]
    ledger: Option<PathBuf>,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let graph = read(&arguments.graph)?;
    let config = Config::load(&arguments.flags(), &Surroundings::read())?;
    let model = Model::open(&config)?;
    let key = signing_key(&config.key)?;
    let (mut ledger, opened, history) =
        open_with_history(&config.ledger, &key).map_err(|cause| refused(&config.ledger, cause))?;
    if opened.cut_bytes > 0 {
        let cut = opened.cut_bytes;
        console.note(&format!("nmk: {cut} bytes that were never acknowledged were cut from the ledger"));
    }
    let job = surroundings::draw_job()?;
    let (total, mut settled) = (graph.tasks.len(), 0);
    let (lanes, granted) = (usize::from(arguments.lanes), arguments.grant.clone());
    let setting = Setting { model, lanes, max_new: config.max_new, granted };
    let left_open: Vec<_> = history.unfinished().collect();
    let ended = run_graph(graph, setting, &mut ledger, &left_open, job, &mut |name, state| {
        settled += usize::from(state.is_settled());
        console.progress(&format!("{settled}/{total} {name}: {state}"));
    });
    console.clear();
    let report = ended.map_err(|error| failure(error, &arguments.graph, &config))?;
    if arguments.json {
        console.result(&object(&report, &config.ledger).to_string())?;
    } else {
        show(&report, &config.ledger, console)?;
    }
    Ok(if report.value.is_some() { Outcome::Done } else { Outcome::Negative })
}

impl Arguments {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            model: self.model.clone(),
            model_name: self.model_name.clone(),
            ledger: self.ledger.clone(),
            ..Flags::default()
        }
    }
}

fn read(path: &Path) -> Result<Graph, Error> {
    let wrong = |cause| Error::Graph { path: path.to_owned(), cause: Box::new(cause) };
    let bytes = std::fs::File::open(path)
        .and_then(|file| {
            let mut bytes = Vec::new();
            let limit = graph::MAX_BYTES as u64 + 1;
            std::io::Read::read_to_end(&mut std::io::Read::take(file, limit), &mut bytes)?;
            Ok(bytes)
        })
        .map_err(|cause| Error::GraphFile { path: path.to_owned(), cause })?;
    if bytes.len() > graph::MAX_BYTES {
        return Err(wrong(GraphError::Syntax("the file is larger than 64 MiB".to_owned())));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        wrong(GraphError::Syntax(format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to())))
    })?;
    graph::parse(&text).map_err(wrong)
}

fn failure(error: RunError, graph: &Path, config: &Config) -> Error {
    match error {
        RunError::Refused(refusal) => {
            Error::GraphRefused { path: graph.to_owned(), refusal: refusal.to_string() }
        }
        RunError::Ledger(cause) => refused(&config.ledger, cause),
        RunError::Threads(cause) => Error::Threads(cause),
    }
}

fn text(value: &abi::Value) -> String {
    match value {
        abi::Value::Text(text) => text.clone(),
        other => crate::json::value(other).to_string(),
    }
}

fn show(report: &RunReport, ledger: &Path, console: &mut Console<'_>) -> Result<(), Error> {
    if let Some(value) = &report.value {
        console.result(&text(value))?;
    }
    for task in &report.tasks {
        let (name, kind, owner, state) = (&task.name, &task.kind, task.owner, task.state.word());
        let cause = task.cause.as_deref().map(|cause| format!(" · {}", excerpt::of_text(cause)));
        let (level, word) = (task.level, task.verification);
        console.note(&format!(
            "{name} · {kind} · {owner} · {state} · {level} ({word}){}",
            cause.unwrap_or_default()
        ));
    }
    match &report.reason {
        None => console.note(&format!("committed at {} for {}", report.level, report.job)),
        Some(reason) => console.note(&format!("not committed at {}: {reason}", report.required)),
    }
    let receipt = &report.receipt;
    console.note(&format!("ledger: {}, entry {}, head {}", ledger.display(), receipt.index, receipt.head));
    Ok(())
}

fn object(report: &RunReport, ledger: &Path) -> Json {
    let tasks: Vec<Json> = report
        .tasks
        .iter()
        .map(|task| {
            json!({
                "name": task.name,
                "kind": task.kind,
                "owner": task.owner,
                "state": task.state.word(),
                "level": task.level.word(),
                "verification": task.verification,
                "cause": task.cause,
            })
        })
        .collect();
    json!({
        "job": report.job.to_string(),
        "committed": report.value.is_some(),
        "value": report.value.as_ref().map(crate::json::value),
        "level": report.level.word(),
        "required": report.required.word(),
        "reason": report.reason,
        "tasks": tasks,
        "ledger": {
            "path": ledger.display().to_string(),
            "entry": report.receipt.index,
            "head": report.receipt.head.to_string(),
        },
    })
}
