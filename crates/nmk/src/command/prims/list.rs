//! `nmk prims list`: the primitives of the kernel, and the functions that were admitted.

use abi::Value;
use clap::Args;
use det::TrustRoot;
use escalate::{Kept, Listed, Store};
use prims::Primitive;
use serde_json::{Value as Json, json};

use super::{Place, kernel};
use crate::cli::Outcome;
use crate::config::Config;
use crate::console::Console;
use crate::primitives::{self, PrimitiveError};
use crate::{Error, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
A primitive is a pure function over integers, texts, lists and truth values, with the proof that admitted it.
A task of a graph computes one as prim.NAME (docs/graph.md), and the question of a prompt is judged by one.
Behind them stand the functions that nmk solve found and the gate admitted (docs/solve.md), each with whether
its record counts here.

Example:
  nmk prims list --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let admitted = admitted(&arguments.place, root)?;
    if arguments.json {
        let primitives: Vec<Json> = prims::all().iter().map(object).collect();
        let admitted: Vec<Json> = admitted.iter().map(Admitted::json).collect();
        console.result(&json!({"primitives": primitives, "admitted": admitted}).to_string())?;
        return Ok(Outcome::Done);
    }
    for primitive in prims::all() {
        let (operands, result) = example(primitive);
        console.prose(&format!(
            "{primitive}\n  {}\n  {operands} gives {result}\n  proved: {}",
            primitive.summary, primitive.record
        ))?;
    }
    for admitted in &admitted {
        console.prose(&admitted.lines())?;
    }
    Ok(Outcome::Done)
}

/// Returns the admitted functions whose records count here.
pub(super) fn counting(place: &Place, root: &impl TrustRoot) -> Result<Vec<primitives::Primitive>, Error> {
    // The primitives of the kernel are found on every machine, also where there is no home.
    let Some(config) = place.config_if_placed()? else { return Ok(Vec::new()) };
    let Some(store) = opened(place, &config, root)? else { return Ok(Vec::new()) };
    primitives::counting(&store, &config, None, root)
}

/// Opens the store if there is one. None is created, and functions of searches that were killed are kept first.
fn opened(place: &Place, config: &Config, root: &impl TrustRoot) -> Result<Option<Store>, Error> {
    let Some(folder) = primitives::folder(config, place.primitives.as_deref()) else { return Ok(None) };
    let store = Store::find_in(&folder).map_err(PrimitiveError::from)?;
    if let Some(store) = &store {
        primitives::recover(store, config, root)?;
    }
    Ok(store)
}

/// A file of the store, and what is to be said of it.
struct Admitted {
    file: String,
    kept: Option<Kept>,
    /// The reason why it does not count. None if it does.
    refused: Option<PrimitiveError>,
}

/// Returns the functions of the store. Without a store there are none, and none is created.
fn admitted(place: &Place, root: &impl TrustRoot) -> Result<Vec<Admitted>, Error> {
    // The primitives of the kernel are listed on every machine, also where there is no home.
    let Some(config) = place.config_if_placed()? else { return Ok(Vec::new()) };
    let Some(store) = opened(place, &config, root)? else { return Ok(Vec::new()) };
    let trusted = primitives::trusted(&store, &config)?;
    let listed = store.list().map_err(PrimitiveError::from)?;
    Ok(listed
        .into_iter()
        .map(|Listed { file, kept }| match kept {
            Err(error) => Admitted { file, kept: None, refused: Some(error.into()) },
            Ok(kept) => {
                let refused = primitives::checked(&store, kept.clone(), trusted.clone(), root).err();
                Admitted { file, kept: Some(kept), refused }
            }
        })
        .collect())
}

impl Admitted {
    fn json(&self) -> Json {
        let kept = self.kept.as_ref();
        json!({
            "entry": kept.map(|kept| kept.entry.as_str()),
            "executor": kept.map(|kept| kept.executor.as_str()),
            "rung": kept.map(|kept| kept.rung.as_str()),
            "model": kept.map(|kept| kept.model.as_str()),
            "record": kept.map(|kept| kept.record_digest().to_string()),
            "specification": kept.map(|kept| kept.specification.to_string()),
            "file": self.file,
            "counts": self.refused.is_none(),
            "reason": self.refused.as_ref().map(ToString::to_string),
        })
    }

    fn lines(&self) -> String {
        let Some(kept) = &self.kept else {
            let why = self.refused.as_ref().map(ToString::to_string).unwrap_or_default();
            return format!("{}\n  not used: {}", self.file, excerpt::one_line(&why));
        };
        let found = match kept.model.as_str() {
            "" => kept.rung.clone(),
            model => format!("{} · {model}", kept.rung),
        };
        let first = format!("{}\n  admitted in {} · {found}", excerpt::one_line(&kept.entry), kept.executor);
        let record = format!("\n  record {}", kept.record_digest());
        let refused =
            self.refused.as_ref().map(|why| format!("\n  not used: {}", excerpt::one_line(&why.to_string())));
        first + &record + &refused.unwrap_or_default()
    }
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
        "proof": kernel::record(&primitive.record),
    })
}
