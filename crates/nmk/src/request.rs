//! Requests in words, and the task graphs that are laid out for them.
//!
//! Rules find the kind of a request, and a template of the kind gives its stages. If the caller wants it, a
//! model orders the stages; its plan can only narrow the template.

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
use crate::programs::demands_a_program;

/// The kind of a request for a document, which is judged as a whole.
const STRUCTURED: &str = "structured_output";
/// The kind of a request for a program, which is judged by running it.
const CODE: &str = "code_gen";
/// The kind of a request for any other text.
const TEXT: &str = "text";

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
    /// The request is empty or has nothing but white space.
    #[error("the request is blank; say what is wanted")]
    Blank,
}

/// A request with its kind and its graph.
#[derive(Debug)]
pub(crate) struct Requested {
    /// The kind of the request, for example `structured_output`.
    pub(crate) kind: String,
    /// The graph that the template of the kind gives.
    pub(crate) graph: Graph,
    /// The question as it was read, if the request is one that can be checked.
    pub(crate) question: Option<Box<Routed>>,
}

/// Lays out the graph of `request`. The kind is `declared`, or found by rules if that is None. The contract
/// is `chosen`, or the least demanding one of the kind. If `planned` is true, a model orders the stages.
///
/// # Errors
/// [`RequestError`] if the request is blank, if the declared kind is unknown, or if the template needs more.
pub(crate) fn lay_out(
    request: &str,
    declared: Option<&str>,
    chosen: Option<Chosen>,
    planned: bool,
) -> Result<Requested, RequestError> {
    if request.trim().is_empty() {
        return Err(RequestError::Blank);
    }
    if let (None, None, Reading::Question(routed)) = (declared, &chosen, read(request)) {
        return Ok(checkable(request, routed, planned));
    }
    let classifier = Classifier::new(rules()).expect("the rules are tested");
    let kind = match classifier.classify(declared, request)? {
        // A contract with cases demands a program, whatever the words say.
        _ if declared.is_none() && chosen.as_ref().is_some_and(|of| demands_a_program(&of.contract)) => {
            CODE.to_owned()
        }
        Some(kind) => kind.to_owned(),
        // The contract reads a document, which the words of the request do not say.
        None if chosen.as_ref().is_some_and(|chosen| is_document(chosen.contract.form())) => {
            STRUCTURED.to_owned()
        }
        None => TEXT.to_owned(),
    };
    let chosen = chosen.unwrap_or_else(|| least(&kind, request));
    let (contract, required) = (Arc::new(chosen.contract), chosen.require);
    let prompt = Value::map([(PROMPT, Value::text(request))]);
    let stages = Stages { draft: DRAFT.to_owned(), check: VALIDATE.to_owned(), commit: COMMIT.to_owned() };
    let tasks = match kind.as_str() {
        STRUCTURED => structured_output(Arc::clone(&contract), required, &stages, prompt.clone()),
        CODE => code_gen(Arc::clone(&contract), required, &stages, prompt.clone())
            .map_err(|cause| RequestError::Template { kind: kind.clone(), cause })?,
        _ => vec![TaskSpec::new("draft", DRAFT, Arc::clone(&contract)).answering().given(prompt.clone())],
    };
    // The repair of a validation reads the request in its prompt, and the draft is told what is judged later.
    let schema =
        contract.schema().map(|schema| Value::text(factloop::to_json(schema.to_value()).to_string()));
    let demand = program_demand(&contract).map(Value::Text);
    let more = schema.map(|schema| (SCHEMA, schema)).or(demand.map(|demand| (DEMAND, demand)));
    let ask = |task: TaskSpec| match (task.operation.as_str(), &more) {
        (VALIDATE, _) => task.given(prompt.clone()),
        (DRAFT, Some(more)) => task.given(Value::map([(PROMPT, Value::text(request)), more.clone()])),
        _ => task,
    };
    let tasks: Vec<TaskSpec> = tasks.into_iter().map(|task| ask(task).within(LIMITS)).collect();
    let planner = planned.then(|| planner(request, &tasks));
    let graph = Graph::from_request(contract, required, tasks, planner);
    Ok(Requested { kind, graph, question: None })
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
    Requested { kind: TEXT.to_owned(), graph, question: Some(question) }
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
    TaskSpec::new("plan", DRAFT, contract).given(Value::map([(PROMPT, Value::text(prompt))])).within(LIMITS)
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
