//! `nmk run`: runs a task graph and shows the committed value and a report of each task.

mod refused;
mod report;
mod spending;
mod template;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use abi::Proposer;
use clap::Args;
use det::TrustRoot;
use escalate::Store;
use factloop::operations::PRIMITIVE;
use factloop::{JobReport, Routed};
use tools::Toolbox;

use crate::book::{Book, OpenedBook};
use crate::cli::Outcome;
use crate::command::ledger_flags::LedgerFlags;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags};
use crate::console::Console;
use crate::engine::tell;
use crate::forbid::Forbid;
use crate::gate::PYTHON;
use crate::graph::{self, Graph, GraphError, Written};
use crate::notes::Note;
use crate::policy::{self, SpendingFlags};
use crate::primitives::{self, PrimitiveError};
use crate::programs::Judges;
use crate::recall::{NO_MEMORY, Recollection, recall, with_learnings};
use crate::request::{Requested, Stated, lay_out};
use crate::run::{Ran, Setting, cannot_be_shown, run as run_graph};
use crate::tasks::Tasks;
use crate::thoughts::Thoughts;
use crate::{
    AnyModel, Error, Ledger, Surroundings, bounded, contract_file, memory_access, operations, programs,
    prompt, sensing, web,
};

use refused::{admissible, check_search, failure, refused_plan, shown, wrong_graph};
use report::Told;
use spending::{Lanes, decides, further, lanes};
use template::{Chosen, Templates};

pub(super) use refused::check_grants;

#[derive(Debug, Args)]
#[command(after_help = "\
The file is described in docs/graph.md. The whole graph is admitted or none of it; every result is judged
under its contract; what the answering task proposes is committed at the job's level, or the run ends with
exit code 1 and a cause for every task. The committed value goes to standard output, the report to standard
error. Beside each level stands what was checked: verified is the value, against one that a primitive computed or
a person stated; validated is a property of it; checked is its form alone; unverified is nothing.

A request that is a question of docs/questions.md is checked as nmk ask checks it.

With --request, what is asked for is laid out as such a graph by a template of its kind. If earlier jobs in the ledger
show that another template of the kind is better than the default one, it is used, and the report says why.

Example:
  nmk run docs/sum.toml --json
  nmk run --request \"Describe a cat as JSON.\" --schema docs/pet.json --dry-run")]
pub(crate) struct Arguments {
    /// The graph, in TOML; `-` reads it from standard input.
    #[arg(required_unless_present = "request")]
    graph: Option<PathBuf>,
    /// A request in words instead of a graph: rules find its kind, and the kind gives the tasks. `-` reads it from
    /// standard input.
    #[arg(long, value_name = "TEXT", conflicts_with = "graph")]
    request: Option<String>,
    /// The kind of the request: structured_output, code_gen or text.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// The template of the tasks: staged (draft, check, commit) or direct (one draft); without the flag, the default one
    /// of the kind, unless earlier jobs show that another one is better.
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Let the model read what earlier jobs of the same kind failed at, in the words of the kernel.
    #[arg(long, conflicts_with = "no_memory")]
    learnings: bool,
    /// Consult no memory, and look at no earlier job.
    #[arg(long)]
    no_memory: bool,
    /// A JSON Schema that the answer to the request must satisfy.
    #[arg(long, value_name = "FILE", conflicts_with = "contract")]
    schema: Option<PathBuf>,
    /// A contract in TOML (docs/contracts.md) that the answer to the request must satisfy.
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// The Python interpreter that runs the programs of contracts, confined; python3 if it is left out.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// The folder of admitted functions, which tasks run as prim.NAME; without the flag, it lies beside the ledger.
    #[arg(long, value_name = "DIR", conflicts_with = "request")]
    primitives: Option<PathBuf>,
    /// Let the model order the tasks; its plan can leave tasks out and wait longer, and nothing else.
    #[arg(long)]
    planner: bool,
    /// Show the tasks and run nothing.
    #[arg(long)]
    dry_run: bool,
    /// The most tasks that run at the same time.
    #[arg(long, alias = "lanes", value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    #[command(flatten)]
    spending: SpendingFlags,
    /// The harm of a wrong result, from 0 to 1; above 0.5 further checks and a second draft are mandatory.
    #[arg(long, value_name = "X", value_parser = policy::share, allow_negative_numbers = true)]
    risk: Option<kpolicy::Unit>,
    /// A capability that tasks may hold, for example op:datetime; may be repeated.
    #[arg(long, value_name = "CAPABILITY")]
    grant: Vec<String>,
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
    /// The most tokens to generate at a time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_new: Option<u32>,
    #[command(flatten)]
    thoughts: Thoughts,
    #[command(flatten)]
    compute: ComputeFlags,
    #[command(flatten)]
    forbid: Forbid,
    #[command(flatten)]
    place: LedgerFlags,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    arguments: Arguments,
    console: &mut Console<'_>,
    root: &(impl TrustRoot + Copy + Send + Sync + 'static),
) -> Result<Outcome, Error> {
    let LaidOut { mut graph, request, question, mut toolbox } = arguments.laid_out(root)?;
    let kind = request.as_ref().map(|templates| templates.kind.clone());
    check_grants(&arguments.grant, &toolbox, "nmk run --help")?;
    let judges = programs::judges(graph.contracts(), arguments.python.as_deref(), root)?;
    if arguments.dry_run {
        // How many checks run depends on the configuration, and a dry run reads none.
        graph.check_everything(&operations::registry(&toolbox));
        return dry_run(&graph, kind.as_deref(), &arguments, &toolbox, judges, console);
    }
    if !graph.generates()
        && let Some(flag) = arguments.model_flag()
    {
        return Err(Error::Idle { flag: flag.to_owned(), why: NOTHING_GENERATES });
    }
    if !decides(&graph)
        && let Some(flag) = arguments.policy_flag()
    {
        return Err(Error::Idle { flag: flag.to_owned(), why: NOTHING_DECIDES });
    }
    let config = Config::load(&arguments.flags(), &Surroundings::read())?;
    check_search(&graph, &arguments, &config)?;
    if let Some(web) = web::for_tasks(&graph.tasks, &config)? {
        operations::add_builtin(&mut toolbox, web);
    }
    if let Some(recall) = memory_access::for_tasks(&graph.tasks, &config) {
        operations::add_memory(&mut toolbox, recall);
    }
    let model = AnyModel::open(&config)?;
    let identity = model.identity();
    let name = identity.name.clone();
    let OpenedBook { mut book, interrupted, .. } = Book::open(&config)?;
    let chosen = request.map(|templates| templates.choose(&arguments, &identity, &config));
    let (graph, planned, learnings, history_fault) = match chosen {
        Some(Chosen { planned, graph, learnings, fault }) => (graph, Some(planned), learnings, fault),
        None => (graph, None, Vec::new(), None),
    };
    let (job, claim) = book.begin()?;
    let (voucher, form) = (contract_file::voucher(graph.contract()), graph.contract().form());
    let mut tasks = Tasks::new(graph.tasks.len());
    let load = sensing::load(&config.spending);
    let Lanes { workers, width } = lanes(arguments.workers, &config.spending, load.cost);
    let granted = arguments.grant.clone();
    let recalled = match arguments.no_memory {
        true => Recollection::none(NO_MEMORY),
        false => recall(&config.memory, &graph.prompts(), &model, config.max_new),
    };
    let recalled = with_learnings(recalled, learnings, &graph.prompts(), &model, config.max_new);
    let Recollection { consulted, fault } = recalled;
    let further = further(&config.spending, &graph, workers, load.cost);
    let unread = graph.unread();
    let progress = console.progress_line();
    let setting = Setting {
        model,
        workers,
        width,
        max_new: config.max_new,
        further,
        progress,
        judges,
        granted,
        toolbox,
        consulted,
        planned: planned.clone(),
    };
    let ended = run_graph(graph, setting, &mut book, job, &mut |task, state| {
        if let Some(line) = tasks.moved(task, state).filter(|_| console.is_watched()) {
            console.note(&line);
        }
    });
    console.clear();
    drop(claim);
    tell(book.kept(), interrupted, console);
    if let Some(broken) = load.broken {
        console.note(&broken.note());
    }
    let ledger = book.kept().map(Ledger::path);
    let Ran { report, broken } =
        ended.map_err(|error| failure(error, name, arguments.graph.as_deref(), &config))?;
    let (routed, reading) = question.map(|question| (question.specification, question.reading)).unzip();
    let report = JobReport { kind, routed, reading, ..report };
    let faults =
        fault.as_deref().map(Note::memory).into_iter().chain(history_fault.as_deref().map(Note::history));
    let notes: Vec<Note> = cut(&report).into_iter().chain(faults).chain(unread).collect();
    let told =
        Told { report: &report, planned: planned.as_ref(), voucher, form, ledger, broken, notes: &notes };
    report::tell(&told, &arguments, console)?;
    Ok(match report.is_committed() {
        true => Outcome::Done,
        false if broken.is_some() => Outcome::Failed,
        false => Outcome::Negative,
    })
}

/// Shows the tasks of a graph that would be admitted, and runs nothing.
fn dry_run(
    graph: &Graph,
    kind: Option<&str>,
    arguments: &Arguments,
    toolbox: &Toolbox,
    judges: Judges,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    match admissible(graph, &arguments.grant, toolbox, judges.validators) {
        Ok(()) => report::tasks(graph, kind, arguments.json, console),
        // A run would end so too, with the same words.
        Err((refusal, is_of_the_job)) if cannot_be_shown(&refusal, is_of_the_job) => {
            console.note(&format!("nmk: {}", refused_plan(&refusal, arguments.graph.as_deref())));
            Ok(Outcome::Negative)
        }
        Err((refusal, _)) => Err(refused_plan(&refusal, arguments.graph.as_deref())),
    }
}

/// The reason why a flag about the model is refused.
const NOTHING_GENERATES: &str = "no task of this graph asks a model; leave it out";

/// The reason why a flag about the policy is refused.
const NOTHING_DECIDES: &str = "no task of this graph is a fact_loop or has further checks; leave it out";

/// The reason why a flag about the store of functions is refused.
const NO_FUNCTION: &str = "no task of this graph runs an admitted function; leave it out";

/// A graph to be run, with what is known of the request that it was laid out for.
struct LaidOut {
    /// The graph of the file, or that of the default template of the request.
    graph: Graph,
    /// The templates of the request. None for the graph of a file.
    request: Option<Templates>,
    /// The question that the request is, if it can be checked.
    question: Option<Box<Routed>>,
    /// The tools that tasks can run, with the admitted functions that the graph names.
    toolbox: Toolbox,
}

/// Returns the note that the answer was cut off, if it was.
fn cut(report: &JobReport) -> Vec<Note> {
    report.last_generated().and_then(Note::ended).into_iter().collect()
}

impl Arguments {
    /// Returns the graph of the file, or the graph of the request with its kind.
    fn laid_out(&self, root: &(impl TrustRoot + Copy + Send + Sync + 'static)) -> Result<LaidOut, Error> {
        let mut toolbox = operations::builtin_toolbox().clone();
        if let Some(path) = &self.graph {
            let written = read(path)?;
            self.add_functions(&written.operations(), &mut toolbox, *root)?;
            let graph = written.graph(&toolbox, root).map_err(|cause| wrong_graph(path, cause))?;
            return Ok(LaidOut { graph, request: None, question: None, toolbox });
        }
        let chosen = contract_file::from_flags(self.schema.as_deref(), self.contract.as_deref(), root)?;
        let request = match self.request.as_deref().unwrap_or_default() {
            "-" => prompt::from_command_line(Some("-".as_ref()), None)?,
            stated => stated.to_owned(),
        };
        let (kind, template, planned) = (self.kind.as_deref(), self.template.as_deref(), self.planner);
        let Requested { kind, kind_by, templates: graphs, question } =
            lay_out(&request, Stated { kind, template, chosen, planned })?;
        let (_, graph) = graphs.first().cloned().expect("every kind has a template");
        Ok(LaidOut { graph, request: Some(Templates { kind, kind_by, graphs }), question, toolbox })
    }

    /// Adds the admitted functions among `operations` to `toolbox`.
    fn add_functions(
        &self,
        operations: &BTreeSet<String>,
        toolbox: &mut Toolbox,
        root: impl TrustRoot + Copy + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let is_of_the_kernel = |operation: &str| {
            operation.strip_prefix(PRIMITIVE).is_none_or(|name| prims::find(name).is_some())
        };
        if operations.iter().all(|operation| is_of_the_kernel(operation)) {
            return match self.primitives {
                None => Ok(()),
                Some(_) => Err(Error::Idle { flag: "primitives".to_owned(), why: NO_FUNCTION }),
            };
        }
        let config = Config::load(&self.flags(), &Surroundings::read())?;
        let folder = primitives::folder(&config, self.primitives.as_deref());
        let store = folder.map(|folder| Store::find_in(&folder)).transpose().map_err(PrimitiveError::from)?;
        let Some(store) = store.flatten() else { return Ok(()) };
        let python = self.python.as_deref().unwrap_or(Path::new(PYTHON));
        primitives::add_to(toolbox, operations, &store, &config, python, root)
    }

    /// Returns the name of the first flag that is passed and says something about the model or what it generates.
    fn model_flag(&self) -> Option<&'static str> {
        let Self { model, model_name, ca_file, max_new, thoughts, compute, forbid, .. } = self;
        let stated = [
            ("model", model.is_some()),
            ("model-name", model_name.is_some()),
            ("ca-file", ca_file.is_some()),
            ("max-new", max_new.is_some()),
            ("thinking", thoughts.thinking.is_some()),
            ("show-thinking", thoughts.show_thinking),
            ("forbid", !forbid.texts.is_empty()),
            ("forbid-word", !forbid.words.is_empty()),
            ("forbid-pattern", !forbid.patterns.is_empty()),
        ];
        let flag = stated.into_iter().find(|(_, is_stated)| *is_stated).map(|(flag, _)| flag);
        flag.or_else(|| compute.stated().map(|flag| flag.trim_start_matches('-')))
    }

    /// Returns the name of the first flag that is passed and says something about second drafts and further checks.
    fn policy_flag(&self) -> Option<&'static str> {
        let SpendingFlags { importance, budget, policy_mode, .. } = self.spending;
        let stated = [
            ("importance", importance.is_some()),
            ("budget", budget.is_some()),
            ("policy-mode", policy_mode.is_some()),
            ("risk", self.risk.is_some()),
        ];
        stated.into_iter().find(|(_, is_stated)| *is_stated).map(|(flag, _)| flag)
    }

    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            model: self.model.clone(),
            model_name: self.model_name.clone(),
            ca_file: self.ca_file.clone(),
            ledger: self.place.ledger.clone(),
            key: self.place.key.clone(),
            no_ledger: self.place.no_ledger,
            max_new: self.max_new,
            thinking: self.thoughts.thinking,
            compute: self.compute,
            forbid: self.forbid.clone(),
            spending: self.spending,
            risk: self.risk,
            ..Flags::default()
        }
    }
}

fn read(path: &Path) -> Result<Written, Error> {
    let wrong = |cause| wrong_graph(path, cause);
    let open = || -> std::io::Result<Box<dyn Read>> {
        Ok(if path == "-" { Box::new(std::io::stdin()) } else { Box::new(std::fs::File::open(path)?) })
    };
    let bytes = open()
        .and_then(|file| bounded::read(file, graph::MAX_BYTES))
        .map_err(|cause| Error::GraphFile { path: shown(path), cause })?;
    let too_large = || wrong(GraphError::Syntax("the file is larger than 64 MiB".to_owned()));
    let bytes = bytes.ok_or_else(too_large)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        wrong(GraphError::Syntax(format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to())))
    })?;
    Written::read(&text).map_err(wrong)
}
