//! Requests in words, and the task graphs that are laid out for them.
//!
//! Rules find the kind of a request, and a template of the kind gives its stages. A kind with more than one template has a
//! default one, and which of them runs is chosen later. If the caller wants it, a model orders the stages; its plan can
//! only narrow the template.

use std::sync::Arc;

use abi::{Origin, Proposal, Value};
use det::{Contract, Form, Level, Schema};
use factloop::operations::{
    COMMIT, DEMAND, DRAFT, FACTS, PRIMITIVE, PROMPT, SCHEMA, VALIDATE, program_demand,
};
use factloop::{PlanReport, Reading, Routed, read};
use sched::{
    Classifier, ClassifyError, Limits, Narrowed, Rule, Stages, Step, TaskSpec, TemplateError, code_gen,
    narrow, structured_output,
};

use crate::contract_file::Chosen;
use crate::graph::Graph;
use crate::jobs::KindBy;
use crate::programs::demands_a_program;

/// The kind of a request for a document, which is judged as a whole.
const STRUCTURED: &str = "structured_output";
/// The kind of a request for a program, which is judged by running it.
const CODE: &str = "code_gen";
/// The kind of a request for any other text.
const TEXT: &str = "text";

/// The template with a draft, a check of it, and a commit: the default of documents and programs.
const STAGED: &str = "staged";
/// The template with one draft, which is judged under the whole contract at once.
const DIRECT: &str = "direct";
/// The template of a question: a primitive computes the fact, and a draft reads it. It cannot be named.
const WITH_FACT: &str = "fact";

/// The name of the task that asks a model for a plan.
const PLAN: &str = "plan";
/// The name of the task that computes a fact for a question.
const FACT: &str = "fact";

/// The limits of one run of a model, generous because an endpoint may be slow.
const LIMITS: Limits = Limits { tokens: 0, wall_ms: 120_000, retries: 1 };

/// The JSON Schema that a plan by a model must satisfy before anything is read from it.
const PLAN_SCHEMA: &str = r#"{"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "object",
"required": ["id", "operation"], "properties": {"id": {"type": "string"}, "operation": {"type": "string"},
"after": {"type": "array", "items": {"type": "string"}}}}}"#;

/// The reason why no graph is laid out for a request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The kind that the caller declared does not exist.
    #[error(transparent)]
    Kind(#[from] ClassifyError),
    /// The template of the request's kind needs a contract with more in it.
    #[error("it is of the kind {kind}, and {cause}; pass --contract, or another --kind")]
    Template {
        /// The kind of the request, for example `code_gen`.
        kind: String,
        /// The part of the contract that is missing.
        cause: TemplateError,
    },
    /// The kind of the request has no template of the stated name.
    #[error("the kind {kind} has no template {stated:?}; pass one of {}, or leave --template out", known.join(", "))]
    UnknownTemplate {
        /// The kind of the request, for example `text`.
        kind: String,
        /// The name that the caller stated.
        stated: String,
        /// The names of its templates, the default first.
        known: Vec<&'static str>,
    },
    /// The request is empty or has nothing but white space.
    #[error("the request is blank; say what is wanted")]
    Blank,
}

/// A request with its kind and its graphs.
#[derive(Debug)]
pub(crate) struct Requested {
    /// The kind of the request, for example `structured_output`.
    pub(crate) kind: String,
    /// The ground on which the kind rests.
    pub(crate) kind_by: KindBy,
    /// The templates of the kind with the graphs that they give, the default first; or the stated one alone.
    pub(crate) templates: Vec<(&'static str, Graph)>,
    /// The question as it was read, if the request is one that can be checked.
    pub(crate) question: Option<Box<Routed>>,
}

/// The choices of a caller about a request.
#[derive(Debug, Default)]
pub(crate) struct Stated<'a> {
    /// The kind; rules find it if it is None.
    pub(crate) kind: Option<&'a str>,
    /// The template.
    pub(crate) template: Option<&'a str>,
    /// The contract; the least demanding one of the kind if it is None.
    pub(crate) chosen: Option<Chosen>,
    /// True if a model orders the stages.
    pub(crate) planned: bool,
}

/// Lays out the graphs of `request`, one for each template of its kind.
///
/// # Errors
/// [`RequestError`] if the request is blank, if the stated kind or template is unknown, or if the kind needs more.
pub(crate) fn lay_out(request: &str, stated: Stated<'_>) -> Result<Requested, RequestError> {
    let Stated { kind: declared, template, chosen, planned } = stated;
    if request.trim().is_empty() {
        return Err(RequestError::Blank);
    }
    if let (None, None, None, Reading::Question(routed)) = (declared, template, &chosen, read(request)) {
        return Ok(checkable(request, routed, planned));
    }
    let (kind, kind_by) = kind(request, declared, chosen.as_ref())?;
    let chosen = chosen.unwrap_or_else(|| least(&kind, request));
    let (contract, required) = (Arc::new(chosen.contract), chosen.require);
    let known = templates_of(&kind);
    let names: Vec<&'static str> = match template {
        None => known.to_vec(),
        Some(stated) => known.iter().copied().filter(|name| *name == stated).collect(),
    };
    if let (true, Some(stated)) = (names.is_empty(), template) {
        let (stated, known) = (stated.to_owned(), known.to_vec());
        return Err(RequestError::UnknownTemplate { kind, stated, known });
    }
    let graph = |name: &'static str| {
        let tasks = tasks(name, &kind, request, &contract, required)?;
        let planner = planned.then(|| planner(request, &tasks));
        Ok((name, Graph::from_request(Arc::clone(&contract), required, tasks, planner)))
    };
    let templates = names.into_iter().map(graph).collect::<Result<_, RequestError>>()?;
    Ok(Requested { kind, kind_by, templates, question: None })
}

/// Returns the names of the templates of a kind, the default first.
pub(crate) fn templates_of(kind: &str) -> &'static [&'static str] {
    if kind == TEXT { &[DIRECT] } else { &[STAGED, DIRECT] }
}

/// Returns true if a template of a kind has a task of this name. With `planner`, the plan of a model is a task too.
pub(crate) fn has_task(kind: &str, template: &str, planner: bool, name: &str) -> bool {
    let check = if kind == CODE { "tests" } else { "schema" };
    let names: &[&str] = match template {
        STAGED => &["draft", check, "commit"],
        DIRECT => &["draft"],
        WITH_FACT => &[FACT, "draft"],
        _ => &[],
    };
    names.contains(&name) || (planner && name == PLAN)
}

/// Returns the kind of a request that is no question, and the ground on which it rests.
fn kind(
    request: &str,
    declared: Option<&str>,
    chosen: Option<&Chosen>,
) -> Result<(String, KindBy), RequestError> {
    let classifier = Classifier::new(rules()).expect("the rules are tested");
    let (kind, by) = match classifier.classify(declared, request)? {
        // A contract with cases demands a program, whatever the words say.
        _ if declared.is_none() && chosen.is_some_and(|of| demands_a_program(&of.contract)) => {
            (CODE, KindBy::Contract)
        }
        Some(kind) if declared.is_some() => (kind, KindBy::Declared),
        Some(kind) => (kind, KindBy::Rule),
        // The contract reads a document, which the words of the request do not say.
        None if chosen.is_some_and(|chosen| is_document(chosen.contract.form())) => {
            (STRUCTURED, KindBy::Contract)
        }
        None => (TEXT, KindBy::NoRule),
    };
    Ok((kind.to_owned(), by))
}

/// Returns the tasks of a template for a request of this kind.
fn tasks(
    template: &str,
    kind: &str,
    request: &str,
    contract: &Arc<Contract>,
    required: Level,
) -> Result<Vec<TaskSpec>, RequestError> {
    let prompt = Value::map([(PROMPT, Value::text(request))]);
    let stages = Stages { draft: DRAFT.to_owned(), check: VALIDATE.to_owned(), commit: COMMIT.to_owned() };
    let tasks = match kind {
        STRUCTURED => structured_output(Arc::clone(contract), required, &stages, prompt.clone()),
        CODE => code_gen(Arc::clone(contract), required, &stages, prompt.clone())
            .map_err(|cause| RequestError::Template { kind: kind.to_owned(), cause })?,
        _ => Vec::new(),
    };
    let tasks = match template {
        STAGED => tasks,
        _ => vec![TaskSpec::new("draft", DRAFT, Arc::clone(contract)).answering().given(prompt.clone())],
    };
    // The repair of a validation reads the request in its prompt, and the draft is told what is judged later.
    let schema =
        contract.schema().map(|schema| Value::text(factloop::to_json(schema.to_value()).to_string()));
    let demand = program_demand(contract).map(Value::Text);
    let more = schema.map(|schema| (SCHEMA, schema)).or(demand.map(|demand| (DEMAND, demand)));
    let ask = |task: TaskSpec| match (task.operation.as_str(), &more) {
        (VALIDATE, _) => task.given(prompt.clone()),
        (DRAFT, Some(more)) => task.given(Value::map([(PROMPT, Value::text(request)), more.clone()])),
        _ => task,
    };
    Ok(tasks.into_iter().map(|task| ask(task).within(LIMITS)).collect())
}

/// Lays out the graph of a question that can be checked: a primitive computes the fact, the model reads it and answers, and
/// the answer is judged as that of `nmk ask`.
fn checkable(request: &str, question: Box<Routed>, planned: bool) -> Requested {
    let contract = Arc::new(question.contract.clone());
    let operation = format!("{PRIMITIVE}{}", question.fact.primitive().name);
    let fact = TaskSpec::new(FACT, operation, Contract::computed_value(question.fact.clone()));
    let labels = Value::map([(FACT, Value::text(question.fact.to_string()))]);
    let input = Value::map([(PROMPT, Value::text(request)), (FACTS, labels)]);
    let draft = TaskSpec::new("draft", DRAFT, Arc::clone(&contract)).answering().after([FACT]).given(input);
    let tasks: Vec<TaskSpec> = [fact, draft].into_iter().map(|task| task.within(LIMITS)).collect();
    let planner = planned.then(|| planner(request, &tasks));
    let graph = Graph::from_request(contract, Level::Oracle, tasks, planner);
    let (kind, templates) = (TEXT.to_owned(), vec![(WITH_FACT, graph)]);
    Requested { kind, kind_by: KindBy::Question, templates, question: Some(question) }
}

fn rules() -> Vec<Rule> {
    vec![
        Rule::new(CODE, &[&["function"], &["program"], &["script"], &["subroutine"]]),
        Rule::new(STRUCTURED, &[&["json"], &["xml"], &["schema"]]),
        // No word is a sign of this kind; it can be declared.
        Rule::new(TEXT, &[]),
    ]
}

fn is_document(form: Form) -> bool {
    matches!(form, Form::Json | Form::Xml)
}

/// Returns the least demanding contract of a kind, for a request without a contract.
fn least(kind: &str, request: &str) -> Chosen {
    let form = match kind {
        STRUCTURED if request.to_lowercase().contains("xml") => Form::Xml,
        STRUCTURED => Form::Json,
        _ => Form::Text,
    };
    let contract = Contract::from_form(form);
    Chosen { require: contract.ceiling(), contract }
}

/// Returns the task that asks the model for a plan. The plan is judged like any other proposal.
fn planner(request: &str, tasks: &[TaskSpec]) -> TaskSpec {
    let stages = tasks.iter().map(|task| match task.after.as_slice() {
        [] => format!("- operation {}", task.operation),
        after => format!("- operation {}, after {}", task.operation, after.join(", ")),
    });
    let stages = stages.collect::<Vec<_>>().join("\n");
    let prompt = format!(
        "Plan how to carry out the request below, with these steps and no others:\n{stages}\n\nGive an array of \
         objects, each with a unique \"id\", its \"operation\" and, under \"after\", the ids of the steps that it \
         waits for.\n\nThe request: {request}"
    );
    let schema = Schema::parse(PLAN_SCHEMA).expect("the schema of plans is tested");
    let contract = Contract::from_form(Form::Json).with_schema(schema).expect("JSON has schemas");
    TaskSpec::new(PLAN, DRAFT, contract).given(Value::map([(PROMPT, Value::text(prompt))])).within(LIMITS)
}

/// Narrows the plan that a model proposed to tasks of the template. `proposed` is None if no plan passed its
/// contract.
///
/// If no plan can be read, or if it leaves out the answer, the template's own tasks are returned, with the
/// reason.
pub(crate) fn narrowed(
    template: Vec<TaskSpec>,
    proposed: Option<&Value>,
    origin: Origin,
) -> (Vec<TaskSpec>, PlanReport) {
    let Some(value) = proposed.and_then(steps) else {
        let fallback = Some("the model made no plan that can be read".to_owned());
        return (template, PlanReport { dropped: Vec::new(), fallback });
    };
    let Narrowed { tasks, dropped } = narrow(&template, Proposal { value, origin });
    let dropped = dropped.into_iter().map(|step| (step.id, step.why.to_string())).collect();
    if tasks.iter().any(|task| task.role == sched::Role::Answer) {
        return (tasks, PlanReport { dropped, fallback: None });
    }
    let fallback = Some("the model's plan leaves the answer out".to_owned());
    (template, PlanReport { dropped, fallback })
}

fn steps(value: &Value) -> Option<Vec<Step>> {
    let steps = det::parse_json(value.as_text()?).ok()?.into_list()?;
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let step = |step: &Value| {
        let after = match step.get("after").and_then(Value::as_list) {
            Some(after) => after.iter().map(text).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        let (id, operation) = (step.get("id").and_then(text)?, step.get("operation").and_then(text)?);
        Some(Step { id, operation, after })
    };
    steps.iter().map(step).collect()
}
