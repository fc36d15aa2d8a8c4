//! `nmk prims`: the primitives, which compute what counts as true.

use abi::Value;
use clap::{Args, Subcommand};
use prims::Primitive;
use serde_json::{Value as Json, json};

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the primitives: signature, meaning and an example.
    List(ListArguments),
}

#[derive(Args, Debug)]
#[command(after_help = "\
A primitive is a pure function over integers, texts and truth values. A task of a graph computes one as
prim.NAME (docs/graph.md), and the question of a prompt is judged by one.

Example:
  nmk prims list --json")]
pub(crate) struct ListArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let Command::List(ListArguments { json }) = command;
    if json {
        let primitives: Vec<Json> = prims::all().iter().map(object).collect();
        console.result(&json!({"primitives": primitives}).to_string())?;
        return Ok(Outcome::Done);
    }
    for primitive in prims::all() {
        let (operands, result) = example(primitive);
        console.prose(&format!("{primitive}\n  {}\n  {operands} gives {result}", primitive.summary))?;
    }
    Ok(Outcome::Done)
}

/// Returns the operands of the primitive's example, and its result.
fn example(primitive: &Primitive) -> (Json, Json) {
    let operands: Vec<Value> = primitive.example.iter().map(|operand| operand.to_value()).collect();
    let result = primitive.call(&operands).expect("the examples are tested");
    (operands.iter().map(factloop::to_json).collect(), factloop::to_json(&result))
}

fn object(primitive: &Primitive) -> Json {
    let parameters = primitive.parameters.iter();
    let parameters: Vec<Json> =
        parameters.map(|parameter| json!({"name": parameter.name, "type": parameter.kind.word()})).collect();
    let (operands, result) = example(primitive);
    json!({
        "name": primitive.name,
        "version": primitive.version,
        "signature": primitive.to_string(),
        "parameters": parameters,
        "returns": primitive.returns.word(),
        "summary": primitive.summary,
        "example": {"operands": operands, "result": result},
    })
}
