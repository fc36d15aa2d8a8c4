//! `nmk eval dispatch`: the entry head beside the grammar, on wordings to which it was not fitted.

use std::path::PathBuf;

use clap::Args;
use holdout::Share;
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags};
use crate::console::Console;
use crate::eval::conditions::{conditions, write_log};
use crate::eval::dispatch::{Prompt, Router, read};
use crate::{AnyModel, Error, Surroundings};

#[derive(Debug, Args)]
#[command(after_help = "\
The embedded model reads 580 prompts in wordings to which its entry head was not fitted: questions of the
corpus, paraphrases, and prompts that ask for nothing the head knows. `rules` is the grammar of `nmk ask`,
`head` the request of the head, and `head_then_rules` the head with the grammar where it requests nothing.
Intervals are 95 %, by Wilson, and take prompts as independent although many share a wording.

Exit codes: 0 if the head with the grammar notices more paraphrases than the grammar alone, with intervals
apart; 1 if not.

Example:
  nmk eval dispatch --json")]
pub(crate) struct Arguments {
    /// The file for the result with its conditions, in JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    compute: ComputeFlags,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let flags = Flags { compute: arguments.compute, no_ledger: true, ..Flags::default() };
    // The figures depend on the command line alone, so no configuration is searched for.
    let config = Config::load(&flags, &Surroundings::default())?;
    let mut model = AnyModel::open(&config)?;
    console.progress("reading the prompts…");
    let prompts = read(&mut model)?;
    console.clear();
    let paraphrases =
        |router| share(&prompts, |prompt| prompt.kind == "Paraphrase", |it| it.is_right(router));
    let (rules, both) = (paraphrases(Router::Rules), paraphrases(Router::HeadThenRules));
    let holds = both.interval()[0] > rules.interval()[1];
    let mut object = json!({
        "prompts": prompts.len(),
        "routers": Router::ALL.map(|router| row(router, &prompts)),
        "holds": holds,
    });
    object["conditions"] = conditions(&model, config.compute, &[]);
    if let Some(path) = &arguments.log {
        write_log(path, &object)?;
    }
    if arguments.json {
        console.result(&object.to_string())?;
    } else {
        console.prose("right: corpus · paraphrases · wrongly routed: questions · others")?;
        for router in Router::ALL {
            console.prose(&line(router, &prompts))?;
        }
    }
    Ok(if holds { Outcome::Done } else { Outcome::Negative })
}

fn share(prompts: &[Prompt], of: impl Fn(&Prompt) -> bool, hits: impl Fn(&Prompt) -> bool) -> Share {
    Share::from_outcomes(&prompts.iter().filter(|prompt| of(prompt)).map(hits).collect::<Vec<_>>())
}

/// Returns the shares of a router: right on questions of the corpus and on paraphrases, and wrong on questions and on prompts
/// that ask for nothing.
fn shares(router: Router, prompts: &[Prompt]) -> [(&'static str, Share); 4] {
    let right = |prompt: &Prompt| prompt.is_right(router);
    let wrong = |prompt: &Prompt| prompt.is_wrong(router);
    [
        ("corpus", share(prompts, |prompt| prompt.kind == "Question", right)),
        ("paraphrases", share(prompts, |prompt| prompt.kind == "Paraphrase", right)),
        ("wrong_on_questions", share(prompts, Prompt::is_question, wrong)),
        ("wrong_on_others", share(prompts, |prompt| !prompt.is_question(), wrong)),
    ]
}

fn row(router: Router, prompts: &[Prompt]) -> Json {
    let mut object = json!({ "name": router.word() });
    for (name, share) in shares(router, prompts) {
        object[name] = json!({ "n": share.trials, "rate": share.rate(), "ci": share.interval() });
    }
    object
}

fn line(router: Router, prompts: &[Prompt]) -> String {
    let shares = shares(router, prompts).map(|(_, share)| share.to_string());
    format!("{:<16}{}", router.word(), shares.join(" · "))
}
