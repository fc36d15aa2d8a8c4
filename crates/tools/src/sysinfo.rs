//! The tool `sysinfo`, which describes the machine and the scheduler.

use std::sync::Arc;

use abi::Value;
use det::{ContractError, Float, Schema};
use sched::{Overview, OwnJob, OwnTask};

use crate::{Tool, World};

/// The JSON Schema of the arguments.
const TAKES: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
  "facet": {"enum": ["host", "scheduler", "all"]}, "content": {"type": "boolean"}}}"#;

/// The JSON Schema of the results.
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

/// Returns the tool `sysinfo`. The argument `facet` (`host`, `scheduler` or `all`) chooses the parts of the
/// result.
///
/// `host`, the default: system, processor, memory, load, and free space on the volume of the working folder.
/// A reading that the machine does not give is null.
///
/// `scheduler`: the number of workers, tasks by state, and the job that runs the tool with the rest of its
/// budget, its rights, and the state and level of each of its tasks. Names and operations of tasks are left
/// out unless the argument `content` is true, because users write them. Prompts and values are never in the
/// result, and other jobs appear only as counts. This part is null if no scheduler called the tool.
///
/// # Errors
/// Fails if the contract of its results cannot be made, which the tests of this crate rule out.
pub fn sysinfo(world: Arc<dyn World>) -> Result<Tool, ContractError> {
    let about = "the machine, and the scheduler that runs this job";
    Tool::with_overview("sysinfo", about, schema(TAKES), schema(RETURNS), move |arguments, overview| {
        let facet = match arguments.get("facet") {
            Some(Value::Text(facet)) => facet.as_str(),
            _ => "host",
        };
        let content = matches!(arguments.get("content"), Some(Value::Bool(true)));
        let mut facets = Vec::new();
        if facet != "scheduler" {
            facets.push(("host", host(&*world)));
        }
        if facet != "host" {
            facets.push(("scheduler", overview.map_or(Value::Null, |overview| scheduler(overview, content))));
        }
        Ok(Value::map(facets))
    })
}

/// Returns the part `scheduler` of a result. `content` includes the names and operations of tasks.
fn scheduler(overview: &Overview, content: bool) -> Value {
    let OwnJob { job, priority, left, rights, tasks } = &overview.own;
    let states = overview.states.iter().map(|(state, tasks)| (state.word(), count(*tasks as u64)));
    let left = Value::map([
        ("tasks", count(u64::from(left.tasks))),
        ("runs", count(u64::from(left.runs))),
        ("same_operation", count(u64::from(left.same_operation))),
        ("tokens", count(left.tokens)),
        ("wall_ms", count(left.wall_ms)),
    ]);
    let task = |task: &OwnTask| {
        let level = task.level.map_or(Value::Null, |level| Value::text(level.word()));
        let mut fields = vec![("state", Value::text(task.state.word())), ("level", level)];
        if content {
            fields.push(("name", Value::text(task.name.as_str())));
            fields.push(("operation", Value::text(task.operation.as_str())));
        }
        Value::map(fields)
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

/// Parses the schema of a built-in tool. Panics for a text that is not a schema.
pub(crate) fn schema(text: &str) -> Schema {
    Schema::parse(text).expect("the schemas of the built-in tools are tested")
}

/// Returns the part `host` of a result.
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
