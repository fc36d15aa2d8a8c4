//! Admitted functions as operations of a graph.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use abi::{Origin, Proposal, Value};
use det::{Schema, TrustRoot};
use escalate::Store;
use factloop::operations::PRIMITIVE;
use sched::Capability;
use tools::{Tool, ToolError, Toolbox};

use super::{Callable, PrimitiveError, checked, named, trusted};
use crate::Error;
use crate::config::Config;

/// The prefix of the capability that the tasks of an admitted function must hold.
pub(crate) const CAPABILITY: &str = "prim:";

/// Adds the admitted functions among `operations` to `toolbox`. A name that no function has is left to the one who reads the
/// graph.
///
/// # Errors
/// [`Error`] if a file of the store was altered, or the record of a function that is named does not count.
pub(crate) fn add_to(
    toolbox: &mut Toolbox,
    operations: &BTreeSet<String>,
    store: &Store,
    config: &Config,
    python: &Path,
    root: impl TrustRoot + Copy + Send + Sync + 'static,
) -> Result<(), Error> {
    for operation in operations {
        let name = operation.strip_prefix(PRIMITIVE).unwrap_or(operation);
        if prims::find(name).is_some() {
            continue;
        }
        let kept = match named(store, name) {
            Ok(kept) => kept,
            Err(PrimitiveError::Unknown { .. } | PrimitiveError::OfTheKernel { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let keys = trusted(store, config)?;
        let primitive = checked(store, kept, keys, &root)?;
        let callable = Callable::new(primitive, python).map_err(PrimitiveError::from)?;
        toolbox.add(tool(operation, callable, store.clone(), config.clone(), root));
    }
    Ok(())
}

/// Returns the function as a tool. Before each call its file and its record are checked again.
fn tool(
    operation: &str,
    callable: Callable,
    store: Store,
    config: Config,
    root: impl TrustRoot + Send + Sync + 'static,
) -> Tool {
    let spec = &callable.record().spec;
    let (entry, about) = (spec.entry().to_owned(), spec.description().to_owned());
    let (takes, returns) = (schema(r#"{"type": "array"}"#), schema("{}"));
    let digest = callable.record_digest();
    let origin = Origin::Primitive { digest };
    let callable = Mutex::new(callable);
    let check = move || -> Result<(), Error> {
        let kept = named(&store, &digest.to_string())?;
        checked(&store, kept, trusted(&store, &config)?, &root)?;
        Ok(())
    };
    let handler = move |arguments: &Value| {
        let failed = |message: String| ToolError::Failed { message };
        check().map_err(|error| failed(error.to_string()))?;
        let list = arguments.as_list().unwrap_or_default().to_vec();
        let value = callable
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .call(list)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Proposal { value, origin: origin.clone() })
    };
    Tool::with_origin(entry.clone(), about, takes, returns, handler)
        .expect("a contract can be made with a schema that demands nothing")
        .run_as(operation, Capability(format!("{CAPABILITY}{entry}")))
}

fn schema(text: &str) -> Schema {
    Schema::parse(text).expect("a schema of this file")
}
