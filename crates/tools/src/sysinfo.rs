//! What the machine and the scheduler are, and how busy.

use std::sync::Arc;

use abi::Value;
use det::{ContractError, Float, Schema};
use sched::{Overview, OwnJob, OwnTask};

use crate::{Tool, World};

const TAKES: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
  "facet": {"enum": ["host", "scheduler", "all"]}, "content": {"type": "boolean"}}}"#;

const RETURNS: &str = r##"{"type": "object", "additionalProperties": false, "minProperties": 1,
  "properties": {"host": {"$ref": "#/$defs/host"}, "scheduler": {"$ref": "#/$defs/scheduler"}},
  "$defs": {"text": {"type": ["string", "null"]}, "count": {"type": "integer", "minimum": 0},
    "host": {"type": "object", "additionalProperties": false,
      "required": ["system", "release", "machine", "cores", "memory", "load", "disk"],
      "properties": {"system": {"$ref": "#/$defs/text"}, "release": {"$ref": "#/$defs/text"},
        "machine": {"$ref": "#/$defs/text"}, "cores": {"type": ["integer", "null"]},
        "memory": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["total", "available"]}]},
        "load": {"anyOf": [{"type": "null"}, {"type": "array", "minItems": 3, "maxItems": 3}]},
        "disk": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["total", "free"]}]}}},
    "scheduler": {"anyOf": [{"type": "null"}, {"type": "object", "additionalProperties": false,
      "required": ["slots", "running", "jobs", "states", "job"],
      "properties": {"slots": {"$ref": "#/$defs/count"}, "running": {"$ref": "#/$defs/count"},
        "jobs": {"$ref": "#/$defs/count"},
        "states": {"type": "object", "additionalProperties": {"$ref": "#/$defs/count"}},
        "job": {"type": "object", "required": ["id", "priority", "left", "rights", "tasks"]}}}]}}}"##;

/// The tool `sysinfo`, in two facets.
///
/// `host`, the one without `facet`: system, processor, memory, load, and room on the volume of the working
/// folder. What cannot be had is null.
///
/// `scheduler`: slots, tasks by state, and the job that asks: what is left of its budget, its rights, the
/// state and level of each of its tasks. Names are somebody's words: they are withheld unless `content` is
/// true. Prompts and values are never told, and of other jobs nothing but counts. Null where no scheduler
/// called the tool.
///
/// # Errors
/// Its contract cannot be made, which its test rules out.
pub fn sysinfo(world: Arc<dyn World>) -> Result<Tool, ContractError> {
    let about = "the machine, and the scheduler that runs this job";
    Tool::with_overview("sysinfo", about, schema(TAKES), schema(RETURNS), move |arguments, overview| {
        let facet = match arguments.get("facet") {
            Some(Value::Text(facet)) => facet.as_str(),
            _ => "host",
        };
        let content = matches!(arguments.get("content"), Some(Value::Bool(true)));
        let mut told = Vec::new();
        if facet != "scheduler" {
            told.push(("host", host(&*world)));
        }
        if facet != "host" {
            told.push(("scheduler", overview.map_or(Value::Null, |overview| scheduler(overview, content))));
        }
        Ok(Value::map(told))
    })
}

fn scheduler(overview: &Overview, content: bool) -> Value {
    let OwnJob { job, priority, left, rights, tasks } = &overview.own;
    let states = overview.states.iter().map(|(state, tasks)| (state.word(), count(*tasks as u64)));
    let left = Value::map([
        ("tasks", count(u64::from(left.tasks))),
        ("traps", count(u64::from(left.traps))),
        ("same_operation", count(u64::from(left.same_operation))),
        ("tokens", count(left.tokens)),
        ("wall_ms", count(left.wall_ms)),
    ]);
    let task = |task: &OwnTask| {
        let level = task.level.map_or(Value::Null, |level| Value::text(level.word()));
        let mut told = vec![("state", Value::text(task.state.word())), ("level", level)];
        if content {
            told.push(("name", Value::text(task.name.as_str())));
            told.push(("operation", Value::text(task.operation.as_str())));
        }
        Value::map(told)
    };
    let own = Value::map([
        ("id", Value::text(job.to_string())),
        ("priority", Value::text(priority.word())),
        ("left", left),
        ("rights", Value::List(rights.iter().map(|right| Value::text(right.0.as_str())).collect())),
        ("tasks", Value::List(tasks.iter().map(task).collect())),
    ]);
    Value::map([
        ("slots", count(overview.workers as u64)),
        ("running", count(overview.running as u64)),
        ("jobs", count(overview.jobs as u64)),
        ("states", Value::map(states)),
        ("job", own),
    ])
}

/// A schema of this crate's own.
pub(crate) fn schema(text: &str) -> Schema {
    Schema::parse(text).expect("the schemas of the built-in tools are tested")
}

fn host(world: &dyn World) -> Value {
    let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    let (system, release) = world.system();
    let memory = world
        .memory()
        .map(|memory| Value::map([("total", count(memory.total)), ("available", count(memory.available))]));
    let load = world.load().map(|load| Value::List(load.0.iter().map(|share| float(*share)).collect()));
    let disk =
        world.space().map(|space| Value::map([("total", count(space.total)), ("free", count(space.free))]));
    Value::map([
        ("system", text(system)),
        ("release", text(release)),
        ("machine", text(world.machine())),
        ("cores", world.cores().map_or(Value::Null, |cores| Value::Int(i64::from(cores)))),
        ("memory", memory.unwrap_or(Value::Null)),
        ("load", load.unwrap_or(Value::Null)),
        ("disk", disk.unwrap_or(Value::Null)),
    ])
}

fn count(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn float(number: f64) -> Value {
    Float::new(number).map_or(Value::Null, Value::Float)
}
