//! What the machine is and how busy it is.

use std::sync::Arc;

use abi::Value;
use det::{ContractError, Float, Schema};

use crate::{Tool, World};

const RETURNS: &str = r##"{"type": "object",
  "required": ["system", "release", "machine", "cores", "memory", "load", "disk"],
  "properties": {"system": {"$ref": "#/$defs/text"}, "release": {"$ref": "#/$defs/text"},
    "machine": {"$ref": "#/$defs/text"}, "cores": {"type": ["integer", "null"]},
    "memory": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["total", "available"]}]},
    "load": {"anyOf": [{"type": "null"}, {"type": "array", "minItems": 3, "maxItems": 3}]},
    "disk": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["total", "free"]}]}},
  "additionalProperties": false, "$defs": {"text": {"type": ["string", "null"]}}}"##;

/// The tool `sysinfo`: system, processor, memory, load, and room on the volume of the working folder. What
/// cannot be had is null. Of jobs, prompts and results it knows nothing.
///
/// # Errors
/// Its contract cannot be made, which its test rules out.
pub fn sysinfo(world: Arc<dyn World>) -> Result<Tool, ContractError> {
    let takes = schema(r#"{"type": "object", "maxProperties": 0}"#);
    let about = "the machine: system, processor, memory, load, free room";
    Tool::new("sysinfo", about, takes, schema(RETURNS), move |_| Ok(host(&*world)))
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
        .map(|memory| Value::map([("total", bytes(memory.total)), ("available", bytes(memory.available))]));
    let load = world.load().map(|load| Value::List(load.0.iter().map(|share| float(*share)).collect()));
    let disk =
        world.space().map(|space| Value::map([("total", bytes(space.total)), ("free", bytes(space.free))]));
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

fn bytes(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn float(number: f64) -> Value {
    Float::new(number).map_or(Value::Null, Value::Float)
}
