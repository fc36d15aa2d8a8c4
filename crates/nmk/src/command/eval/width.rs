//! `nmk eval width`: the number of attempts of a search, idle, busy and on a budget.

use std::path::PathBuf;

use clap::Args;
use det::TrustRoot;
use serde_json::{Value as Json, json};

use crate::Error;
use crate::cli::Outcome;
use crate::command::python_flag::PythonFlag;
use crate::console::Console;
use crate::eval::conditions::{conditions_without_model, write_log};
use crate::eval::width::{Arm, Climbed, NotShown, climb};

#[derive(Debug, Args)]
#[command(after_help = "\
The ladder of `nmk solve` is climbed by a scripted model whose functions the gate refuses, with a policy of at
most five attempts at a temperature. Wanted are 5 attempts on an idle machine, 1 on a busy one, 2 with a
budget of 2, and none where the first attempt passes; without a policy there are 3. For `busy_measured` the
command fills every processor of this machine until its sensors say so, which takes up to half a minute.

Exit codes: 0 as wanted, 1 not, 3 where this machine cannot show it.

Example:
  nmk eval width --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    interpreter: PythonFlag,
    /// The file for the result with its conditions, in JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: impl TrustRoot + Copy + 'static,
) -> Result<Outcome, Error> {
    let (mut rows, mut all_shown, mut as_wanted) = (Vec::new(), true, true);
    for arm in Arm::ALL {
        console.progress(&format!("{}…", arm.word()));
        let climbed = climb(arm, &arguments.interpreter.python, root)?;
        console.clear();
        match &climbed {
            Ok(climbed) => as_wanted &= climbed.k == arm.wanted(),
            Err(_) => all_shown = false,
        }
        if !arguments.json {
            console.prose(&line(arm, &climbed))?;
        }
        rows.push(row(arm, &climbed));
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut object = json!({"arms": rows, "processors": processors, "version": env!("CARGO_PKG_VERSION")});
    object["conditions"] = conditions_without_model(&[]);
    if let Some(path) = &arguments.log {
        write_log(path, &object)?;
    }
    if arguments.json {
        console.result(&object.to_string())?;
    }
    Ok(match (as_wanted, all_shown) {
        (false, _) => Outcome::Negative,
        (true, true) => Outcome::Done,
        (true, false) => Outcome::Unproven,
    })
}

fn line(arm: Arm, climbed: &Result<Climbed, NotShown>) -> String {
    let (name, wanted) = (arm.word(), arm.wanted());
    match climbed {
        Ok(Climbed { k, attempts, cost, why, .. }) => {
            let cost = cost.map(|cost| format!(" · cost {cost}")).unwrap_or_default();
            let why = why.as_ref().map(|why| format!(" · {why}")).unwrap_or_default();
            format!("{name:<14} k {k}, wanted {wanted} · {}{cost}{why}", abi::counted(*attempts, "attempt"))
        }
        Err(why) => format!("{name:<14} UNPROVEN: {why}"),
    }
}

fn row(arm: Arm, climbed: &Result<Climbed, NotShown>) -> Json {
    let (name, wanted) = (arm.word(), arm.wanted());
    match climbed {
        Ok(Climbed { k, attempts, cost, why, .. }) => json!({
            "name": name, "k": k, "wanted": wanted, "attempts": attempts,
            "cost": cost.map(kpolicy::Unit::get), "why": why, "unproven": null,
        }),
        Err(why) => json!({
            "name": name, "k": null, "wanted": wanted, "attempts": null, "cost": null, "why": null,
            "unproven": why.to_string(),
        }),
    }
}
