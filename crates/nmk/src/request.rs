//! A request in words, as a task graph: its kind by rules, its stages by a template, and the order of the
//! stages, where the caller wants that, by a model whose plan can only narrow the template.

use std::sync::Arc;

use abi::{Origin, Proposal, Value};
use det::{Contract, Form, Schema};
use sched::{
    Classifier, ClassifyError, Limits, Narrowed, Rule, Stages, Step, TaskSpec, TemplateError, code_gen,
    narrow, structured_output,
};

use crate::contract_file::Chosen;
use crate::graph::Graph;
use crate::operations::{COMMIT, DRAFT, VALIDATE};

/// A document that is judged as a whole.
const STRUCTURED: &str = "structured_output";
/// A program that is judged by running it.
const CODE: &str = "code_gen";
/// Any other text.
const TEXT: &str = "text";

/// What one run of a model may take; an endpoint may be slow.
const LIMITS: Limits = Limits { tokens: 0, wall_ms: 120_000, retries: 1 };

/// What a plan must look like before anything is read from it.
const PLAN_SCHEMA: &str = r#"{"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "object",
"required": ["id", "operation"], "properties": {"id": {"type": "string"}, "operation": {"type": "string"},
"after": {"type": "array", "items": {"type": "string"}}}}}"#;

/// Why a request is not put before the scheduler.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The declared kind is none.
    #[error(transparent)]
    Kind(#[from] ClassifyError),
    /// The template of its kind needs more than was given.
    #[error("it is of the kind {kind}, and {cause}; pass --contract, or another --kind")]
    Template {
        /// The kind.
        kind: String,
        /// What is missing.
        cause: TemplateError,
    },
    /// It has no words.
    #[error("the request is blank; say what is wanted")]
    Blank,
}

/// A request that was classified.
#[derive(Debug)]
pub(crate) struct Requested {
    /// The kind, and with it the template.
    pub(crate) kind: String,
    /// The template's graph.
    pub(crate) graph: Graph,
}

/// Classifies `request`, as `declared` where that is given, and lays out its graph under the contract of the
/// caller's, or the least that its kind stands for. With `planned`, the model orders the stages.
pub(crate) fn lay_out(
    request: &str,
    declared: Option<&str>,
    chosen: Option<Chosen>,
    planned: bool,
) -> Result<Requested, RequestError> {
    if request.trim().is_empty() {
        return Err(RequestError::Blank);
    }
    let classifier = Classifier::new(rules()).expect("the rules are tested");
    let kind = match classifier.classify(declared, request)? {
        Some(kind) => kind.to_owned(),
        // A contract that reads a document says what the request does not.
        None if chosen.as_ref().is_some_and(|chosen| is_document(chosen.contract.form())) => {
            STRUCTURED.to_owned()
        }
        None => TEXT.to_owned(),
    };
    let chosen = chosen.unwrap_or_else(|| least(&kind, request));
    let (contract, required) = (Arc::new(chosen.contract), chosen.require);
    let prompt = Value::map([("prompt", Value::text(request))]);
    let stages = Stages { draft: DRAFT.to_owned(), check: VALIDATE.to_owned(), commit: COMMIT.to_owned() };
    let tasks = match kind.as_str() {
        STRUCTURED => structured_output(Arc::clone(&contract), required, &stages, prompt.clone()),
        CODE => code_gen(Arc::clone(&contract), required, &stages, prompt.clone())
            .map_err(|cause| RequestError::Template { kind: kind.clone(), cause })?,
        _ => vec![TaskSpec::new("draft", DRAFT, Arc::clone(&contract)).answering().given(prompt.clone())],
    };
    // A repair of what was checked is told the request too.
    let ask = |task: TaskSpec| if task.operation == VALIDATE { task.given(prompt.clone()) } else { task };
    let tasks: Vec<TaskSpec> = tasks.into_iter().map(|task| ask(task).within(LIMITS)).collect();
    let planner = planned.then(|| planner(request, &tasks));
    Ok(Requested { kind, graph: Graph::of_request(contract, required, tasks, planner) })
}

fn rules() -> Vec<Rule> {
    vec![
        Rule::new(CODE, &[&["function"], &["program"], &["script"], &["subroutine"]]),
        Rule::new(STRUCTURED, &[&["json"], &["xml"], &["schema"]]),
        // Never by its words; it can be declared.
        Rule::new(TEXT, &[]),
    ]
}

fn is_document(form: Form) -> bool {
    matches!(form, Form::Json | Form::Xml)
}

/// The contract of a kind whose caller brings none.
fn least(kind: &str, request: &str) -> Chosen {
    let form = match kind {
        STRUCTURED if request.to_lowercase().contains("xml") => Form::Xml,
        STRUCTURED => Form::Json,
        _ => Form::Text,
    };
    let contract = Contract::of_form(form);
    Chosen { require: contract.ceiling(), contract }
}

/// The task that asks the model for a plan. What it proposes is judged like anything else.
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
    let contract = Contract::of_form(Form::Json).with_schema(schema).expect("JSON has schemas");
    TaskSpec::new("plan", DRAFT, contract).given(Value::map([("prompt", Value::text(prompt))])).within(LIMITS)
}

/// What became of a model's plan.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// Steps that were left out, and why.
    pub(crate) dropped: Vec<(String, String)>,
    /// Why the template's own plan ran instead.
    pub(crate) fallback: Option<String>,
}

/// Narrows the plan that a model proposed, `None` where none passed its contract, to tasks of the template. A
/// plan that leaves the answer out would run for nothing: the template's own runs, which is as wide as any.
pub(crate) fn narrowed(
    template: Vec<TaskSpec>,
    proposed: Option<&Value>,
    origin: Origin,
) -> (Vec<TaskSpec>, Planned) {
    let Some(value) = proposed.and_then(steps) else {
        let fallback = Some("the model made no plan that can be read".to_owned());
        return (template, Planned { dropped: Vec::new(), fallback });
    };
    let Narrowed { tasks, dropped } = narrow(&template, Proposal { value, origin });
    let dropped = dropped.into_iter().map(|step| (step.id, step.why.to_string())).collect();
    if tasks.iter().any(|task| task.role == sched::Role::Answer) {
        return (tasks, Planned { dropped, fallback: None });
    }
    let fallback = Some("the model's plan leaves the answer out".to_owned());
    (template, Planned { dropped, fallback })
}

fn steps(value: &Value) -> Option<Vec<Step>> {
    let Value::Text(text) = value else { return None };
    let Ok(Value::List(steps)) = det::parse_json(text) else { return None };
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let step = |step: &Value| {
        let after = match step.get("after") {
            Some(Value::List(after)) => after.iter().map(text).collect::<Option<_>>()?,
            _ => Vec::new(),
        };
        let (id, operation) = (step.get("id").and_then(text)?, step.get("operation").and_then(text)?);
        Some(Step { id, operation, after })
    };
    steps.iter().map(step).collect()
}
