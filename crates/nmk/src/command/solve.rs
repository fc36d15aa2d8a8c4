//! `nmk solve`: a missing function is looked up, or written by a model until the gate admits it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use det::TrustRoot;
use escalate::{Asked, Ended, Gap, Store, Width};
use kpolicy::Account;
use sched::Consulted;

use crate::cli::Outcome;
use crate::command::ask::show_consulted;
use crate::command::ledger_flags::LedgerFlags;
use crate::command::python_flag::PythonFlag;
use crate::command::run::check_grants;
use crate::compute::ComputeFlags;
use crate::config::Flags;
use crate::console::Console;
use crate::gate::{self, ExecutorName, Executors};
use crate::notes::Note;
use crate::policy::SpendingFlags;
use crate::primitives::{self, PrimitiveError};
use crate::recall::{Recollection, recall};
use crate::research::WebResearch;
use crate::solve::{self, Looked, Search, Told};
use crate::{AnyModel, Error, json, operations, sensing};

#[derive(Debug, Args)]
#[command(after_help = "\
A function that is missing is looked up among those that were admitted before. If there is none, the model
writes it: once greedily; then as often as the severity of that failure is worth, at a temperature; then each
failure is shown to it with its counterexample; at last, where a search address is configured, with pages
from the web. The hold-out gate examines every attempt. The first one that it admits is kept with its record
(nmk prims); without one, the command abstains (docs/solve.md).

Exit codes: 0 a function, 1 none, 2 bad input, 3 where this machine cannot isolate a candidate.

Examples:
  nmk solve docs/gate/reverse_words.toml
  nmk solve docs/gate/reverse_words.toml --k 2 --json")]
pub(crate) struct Arguments {
    /// The specification, in TOML (docs/gate.md).
    spec: PathBuf,
    /// The model: coder, which is shipped and the default; embedded; a folder in the Hugging Face layout; or the address
    /// of an OpenAI-compatible endpoint.
    #[arg(long, value_name = "DIR|URL")]
    model: Option<OsString>,
    /// The model's name at the endpoint.
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// Certificates of further authorities that an https endpoint may have, in PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The number of attempts at a temperature. Without the flag, the policy decides it by the severity of the first
    /// failure.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=6))]
    k: Option<u32>,
    /// The most tokens of one attempt.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_new: Option<u32>,
    #[command(flatten)]
    spending: SpendingFlags,
    /// Grant a capability for this search, for example op:web_search and op:web_fetch; both together let it read
    /// pages of the web before it gives up.
    #[arg(long, value_name = "CAPABILITY")]
    grant: Vec<String>,
    /// The executor of candidates. Without the flag: the one that the specification demands, or else cpython.
    #[arg(long, value_name = "NAME")]
    executor: Option<ExecutorName>,
    #[command(flatten)]
    interpreter: PythonFlag,
    /// The folder of admitted functions; without the flag, it lies beside the ledger.
    #[arg(long, value_name = "DIR")]
    primitives: Option<PathBuf>,
    #[command(flatten)]
    compute: ComputeFlags,
    #[command(flatten)]
    place: LedgerFlags,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The reason why the memory is not consulted before a function is looked up.
const NOT_ASKED: &str = "no model was asked yet";

pub(crate) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: impl TrustRoot + Copy + 'static,
) -> Result<Outcome, Error> {
    let read = || {
        gate::read_spec(&arguments.spec)
            .map_err(|cause| Error::Specification { path: arguments.spec.clone(), cause: Box::new(cause) })
    };
    let spec = read()?;
    let config = solve::config(&arguments.flags())?;
    let store = match primitives::folder(&config, arguments.primitives.as_deref()) {
        None => None,
        Some(folder) => Some(Store::open(&folder).map_err(PrimitiveError::from)?),
    };
    let (width, broken) = match arguments.k {
        Some(k) => (Width::Fixed(k), None),
        None => {
            let load = sensing::load(&config.spending);
            (solve::by_severity(&config, load.cost), load.broken)
        }
    };
    let python = arguments.interpreter.python.as_path();
    let executors = Executors { executor: arguments.executor, compares: false, python };
    check_grants(&arguments.grant, operations::builtin_toolbox(), "nmk solve --help")?;
    let web = match arguments.grant.is_empty() {
        true => None,
        false => Some(WebResearch::open(&config, &arguments.grant)?.into_web()),
    };
    let search = Search {
        spec: &spec,
        config: &config,
        executors,
        width,
        store,
        consulted: Consulted::no_memory(NOT_ASKED),
    };
    let mut tell = |told: Told<'_>| {
        if let Told::Begins(attempt) = &told {
            console.progress(&format!("{}: attempt {}…", attempt.rung.word(), attempt.number));
            return;
        }
        console.clear();
        if let Some(line) = solve::line(&told).filter(|_| !arguments.json) {
            console.note(&line);
        }
    };
    let (mut memory_fault, mut recalled) = (None, None);
    let solved = match search.look_up(&root, &mut tell)? {
        Looked::Found(solved) => *solved,
        Looked::Near(near) => {
            let model = AnyModel::open(&config)?;
            let max_new = model.limit(config.max_new);
            let prompt = escalate::prompt(&Gap::of(&spec), &Asked::Write);
            let Recollection { consulted, fault } =
                recall(&config.memory, &[prompt.as_str()], &model, config.max_new);
            memory_fault = fault;
            recalled = Some(consulted.clone());
            let account = Account::new(config.spending.budget);
            let _held = near.pay(&account);
            let width = search.width.within(account.left());
            let search = Search { consulted, width, ..search };
            solve::climb(model, max_new, search, near, web, root, &mut tell)?
        }
    };
    if arguments.json {
        let mut object = solve::json(&solved);
        object["memory"] = recalled.as_ref().map_or(serde_json::Value::Null, json::memory);
        console.result(&object.to_string())?;
    } else {
        if let Some(primitive) = &solved.primitive {
            console.result(primitive.record.candidate.trim_end())?;
        }
        console.note(&solve::card(&solved));
        recalled.iter().for_each(|consulted| show_consulted(consulted, console));
    }
    if let Some(broken) = broken {
        console.note(&broken.note());
    }
    if let Some(fault) = memory_fault.as_deref().filter(|_| !arguments.json) {
        console.note(&Note::memory(fault).line());
    }
    // What was admitted is right for the specification that was read, and for no other.
    if read().is_ok_and(|now| now.digest() != spec.digest()) || read().is_err() {
        console.note("note: the file of the specification was changed meanwhile; the verdict is about what it said before");
    }
    Ok(match solved.ended {
        Ended::Found | Ended::Admitted { .. } => Outcome::Done,
        Ended::Unexamined { .. } => Outcome::Unproven,
        Ended::Unsound { .. } if solved.is_faulty => Outcome::Failed,
        Ended::Unsound { .. } | Ended::Abstained => Outcome::Negative,
    })
}

impl Arguments {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            model: self.model.clone(),
            model_name: self.model_name.clone(),
            ca_file: self.ca_file.clone(),
            max_new: self.max_new,
            compute: self.compute,
            spending: self.spending,
            ledger: self.place.ledger.clone(),
            key: self.place.key.clone(),
            no_ledger: self.place.no_ledger,
            ..Flags::default()
        }
    }
}
