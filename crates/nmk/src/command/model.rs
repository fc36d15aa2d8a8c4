//! `nmk model`: logits, continuations and self-tests of a checkpoint.

mod inspect;
mod tokenize;

use abi::counted;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use backend_cpu::CpuBackend;
use clap::{Args, Subcommand};
use neural::{
    Ahead, Decoding, EntropyTap, GenerateSpec, Logits, LookupDrafter, Sampler, SamplingSpec, Session,
    SessionError, TrapPlane, Want, generate_in,
};
use proposer::{Interrupt, Schedule};
use serde_json::json;
use text::Tokenizer;

use crate::Error;
use crate::checkpoint::{Loaded, load};
use crate::cli::Outcome;
use crate::compute::{Compute, ComputeFlags};
use crate::console::Console;
use crate::forbid::Forbid;
use crate::selftest::{self, Selftest};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what a checkpoint is: family, shape, size, memory, digest, chat template, defaults of generation.
    #[command(after_help = "Example:\n  nmk model inspect ./Mixtral-tiny")]
    Inspect(InspectArguments),
    /// Print the token ids of a text.
    #[command(after_help = "\
A special token that the text spells is encoded as its characters, as everywhere.

Example:
  nmk model tokenize embedded \"How many days has May?\"")]
    Tokenize(TokenizeArguments),
    /// Compute the logits at every position of some tokens.
    #[command(after_help = "\
The bits depend on the model, its --state and the tokens alone: not on --threads, --chunk or --isa. The digest
is BLAKE3 over the shape and the little-endian values.

Example:
  nmk model logits ./Mixtral-tiny --tokens 5,6,7 --out logits.safetensors")]
    Logits(LogitsArguments),
    /// Continue some tokens, greedily or by drawing.
    #[command(after_help = "\
Prints the new tokens only, up to and without the end token, and their text where the folder has a tokenizer.

What is not said here is as generation_config.json of the folder says: do_sample, temperature, top_k, top_p,
min_p, max_new_tokens, eos_token_id. Without it tokens are the likeliest. Keys that would change what is
generated and that are not applied, as repetition_penalty, are named on standard error.

Examples:
  nmk model generate ./Mixtral-tiny --tokens 5,6,7 --max-new 16
  nmk model generate ./Mixtral-tiny --tokens 5,6 --max-new 9 --temperature 0.7
  nmk model generate embedded --prompt \"Good morning\" --max-new 16")]
    Generate(GenerateArguments),
    /// Check on your own checkpoint that no schedule changes a bit.
    #[command(after_help = "Example:\n  nmk model selftest ./Mixtral-tiny --json")]
    Selftest(SelftestArguments),
}

#[derive(Debug, Args)]
struct Common {
    /// A folder in the layout of the Hugging Face Hub, or the word embedded or coder.
    dir: PathBuf,
    #[command(flatten)]
    compute: ComputeFlags,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    common: Common,
    /// Number of positions of the session whose memory is printed, by default the model's context.
    #[arg(long, value_name = "N")]
    positions: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenizeArguments {
    /// A folder in the layout of the Hugging Face Hub, or the word embedded or coder.
    dir: PathBuf,
    /// The text.
    text: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogitsArguments {
    #[command(flatten)]
    common: Common,
    /// The ids of the tokens.
    #[arg(long, value_name = "IDS", value_delimiter = ',', required = true)]
    tokens: Vec<u32>,
    /// The safetensors file to which the logits are written, as the tensor `logits`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    #[command(flatten)]
    common: Common,
    /// The ids of the tokens to continue.
    #[arg(long, value_name = "IDS", value_delimiter = ',', required_unless_present = "prompt")]
    tokens: Vec<u32>,
    /// The text to continue, as it is: without the chat template and without a token in front.
    #[arg(long, value_name = "TEXT", conflicts_with = "tokens")]
    prompt: Option<String>,
    /// The largest number of new tokens; needed if the folder does not state max_new_tokens.
    #[arg(long, value_name = "N")]
    max_new: Option<usize>,
    /// Run on past end tokens.
    #[arg(long)]
    ignore_eos: bool,
    /// The number that divides the logits before a token is drawn; 0 takes the likeliest token.
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,
    /// Draw from the K likeliest tokens.
    #[arg(long, value_name = "K")]
    top_k: Option<usize>,
    /// Draw from the likeliest tokens that together have this share of the probability.
    #[arg(long, value_name = "P")]
    top_p: Option<f64>,
    /// Draw from tokens that are at least this likely, as a share of the likeliest one.
    #[arg(long, value_name = "P")]
    min_p: Option<f64>,
    /// The seed of the draws, by default 0; seed and position together decide each draw.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    #[command(flatten)]
    forbid: Forbid,
    /// Print the entropy of the routers too: for each position the mean over layers, as a share of the
    /// largest possible entropy.
    #[arg(long)]
    entropy: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SelftestArguments {
    #[command(flatten)]
    common: Common,
    /// Number of tokens in the sequence that is computed under every schedule.
    #[arg(long, value_name = "N", default_value_t = 96, value_parser = clap::value_parser!(u32).range(8..))]
    length: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Common {
    fn compute(&self) -> Compute {
        self.compute.compute()
    }

    fn load(&self) -> Result<Loaded, Error> {
        load(&self.dir, self.compute())
    }

    fn refused(&self, cause: SessionError) -> Error {
        Error::Generation { place: self.dir.display().to_string(), cause: cause.into() }
    }
}

pub(crate) fn run(command: Command, console: &mut Console<'_>) -> Result<Outcome, Error> {
    match command {
        Command::Inspect(arguments) => inspect::run(&arguments, console),
        Command::Tokenize(arguments) => tokenize::run(&arguments, console),
        Command::Logits(arguments) => logits(&arguments, console),
        Command::Generate(arguments) => continued(&arguments, console),
        Command::Selftest(arguments) => selftest(&arguments, console),
    }
}

fn logits(arguments: &LogitsArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let common = &arguments.common;
    let Loaded { model, .. } = common.load()?;
    let mut session = Session::open(&model);
    let chunk = common.compute().chunk.map_or(arguments.tokens.len().max(1), NonZeroUsize::get);
    let mut all: Option<Logits> = None;
    for tokens in arguments.tokens.chunks(chunk) {
        let next = session.prefill(tokens, Want::All).map_err(|cause| common.refused(cause))?;
        all = Some(match all {
            None => next,
            Some(all) => all.followed_by(&next),
        });
    }
    let logits = all.ok_or_else(|| common.refused(SessionError::Empty))?;
    if let Some(path) = &arguments.out {
        std::fs::write(path, logits.to_safetensors())
            .map_err(|cause| Error::OutFile { path: path.clone(), cause })?;
    }
    let object = json!({
        "positions": logits.rows(),
        "vocab": model.config().vocab_size,
        "digest": logits.tensor_digest().to_string(),
    });
    console.result(&object.to_string())?;
    Ok(Outcome::Done)
}

impl GenerateArguments {
    /// Fails if a flag states how tokens are drawn, for a generation that draws none.
    fn refuse_draws(&self) -> Result<(), Error> {
        let stated = [
            ("top-k", self.top_k.is_some()),
            ("top-p", self.top_p.is_some()),
            ("min-p", self.min_p.is_some()),
            ("seed", self.seed.is_some()),
        ];
        match stated.into_iter().find(|(_, is_stated)| *is_stated) {
            Some((flag, _)) => Err(Error::Idle {
                flag: flag.to_owned(),
                why: "without a temperature the likeliest token is taken; pass --temperature T, or leave it out",
            }),
            None => Ok(()),
        }
    }

    /// Returns the traps that the flags ask for. Fails if text is forbidden and the folder has no tokenizer.
    fn plane(
        &self,
        tokenizer: Option<&Tokenizer>,
        end_tokens: &[u32],
    ) -> Result<TrapPlane<CpuBackend, Interrupt>, Error> {
        let text = self.forbid.text();
        let interrupt = if text.is_empty() {
            None
        } else {
            let tokenizer = tokenizer.ok_or_else(|| Error::Usage {
                what: "--forbid needs the bytes of the tokens, and the folder has no tokenizer.json"
                    .to_owned(),
                help: "nmk model generate --help".to_owned(),
            })?;
            let forbidden = text.for_tokenizer(tokenizer, end_tokens);
            Some(Interrupt::new(&forbidden.map_err(|cause| Error::Forbid(cause.into()))?).rewording())
        };
        let entropy = self.entropy.then(EntropyTap::default);
        let armed = entropy.is_some() || interrupt.is_some();
        Ok(TrapPlane { armed, entropy, interrupt, ..TrapPlane::default() })
    }
}

fn continued(arguments: &GenerateArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let common = &arguments.common;
    let Loaded { model, tokenizer, end_tokens, generation: said, .. } = common.load()?;
    let end_tokens = if arguments.ignore_eos { &[][..] } else { &end_tokens };
    let max_new = arguments.max_new.or(said.max_new_tokens).ok_or_else(|| Error::Usage {
        what: "neither --max-new nor max_new_tokens of generation_config.json says how many tokens"
            .to_owned(),
        help: "nmk model generate --help".to_owned(),
    })?;
    let prompt = match &arguments.prompt {
        None => arguments.tokens.clone(),
        Some(text) => {
            let tokenizer = tokenizer.as_ref().ok_or_else(|| tokenize::no_tokenizer("generate"))?;
            let place = common.dir.display().to_string();
            tokenizer.encode(text).map_err(|cause| Error::Model { place, cause: cause.into() })?
        }
    };
    let spec = GenerateSpec { prompt: &prompt, max_new, end_tokens };
    let sampling = SamplingSpec {
        temperature: arguments.temperature.unwrap_or_else(|| said.stated_temperature()),
        top_k: arguments.top_k.or(said.top_k),
        top_p: arguments.top_p.or(said.top_p),
        min_p: arguments.min_p.or(said.min_p),
        seed: arguments.seed.unwrap_or(0),
        stream: 0,
    };
    let sampler = Sampler::new(sampling)?;
    if sampling.temperature == 0.0 {
        arguments.refuse_draws()?;
    }
    if arguments.temperature.is_none() && sampling.temperature > 0.0 {
        let temperature = sampling.temperature;
        console.note(&format!(
            "tokens are drawn at temperature {temperature}, as generation_config.json says; --temperature 0 takes the likeliest"
        ));
    }
    for (key, value) in &said.not_applied {
        console.note(&format!("generation_config.json says {key} = {value}, which is not applied"));
    }
    let Schedule { chunk, ahead } = common.compute().schedule();
    let mut drafter = LookupDrafter { longest: 4 };
    let ahead = (ahead > 0).then_some(Ahead { drafter: &mut drafter, most: ahead });
    let mut decoding = Decoding { chunk, ahead, ..Decoding::with(sampler) };
    let mut session = Session::open(&model);
    let mut plane = arguments.plane(tokenizer.as_ref(), end_tokens)?;
    let generated = generate_in(&mut session, &spec, &mut decoding, &mut plane, &mut |_| {});
    let (generation, _) = generated.map_err(|cause| common.refused(cause))?;
    let tokens: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
    let text = match &tokenizer {
        None => None,
        Some(tokenizer) => Some(tokenizer.decode(&tokens).map_err(|cause| Error::Generation {
            place: common.dir.display().to_string(),
            cause: cause.into(),
        })?),
    };
    let mut object = json!({"tokens": tokens, "text": text});
    if let Some(tap) = &plane.entropy {
        object["entropy"] = json!(tap.means());
    }
    console.result(&object.to_string())?;
    Ok(Outcome::Done)
}

fn selftest(arguments: &SelftestArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let common = &arguments.common;
    let estimate = selftest::estimate(&common.dir, common.compute(), arguments.length as usize)?;
    console.note(&format!(
        "{} of weights: about {} of memory, and about {:.0} s",
        counted(estimate.weights, "byte"),
        estimate.memory(),
        estimate.time.as_secs_f64().max(1.0)
    ));
    let tested = selftest::run(&common.dir, common.compute(), arguments.length as usize, &mut |what| {
        console.progress(&format!("{what}…"));
    });
    console.clear();
    let Selftest { cells, differing, controls, missed, coherent, digest, length } = tested?;
    if length < arguments.length as usize {
        console.note(&format!(
            "the context of the model ends at {length}, so that many were computed",
            length = counted(length, "token")
        ));
    }
    let passed = differing.is_empty() && missed.is_empty() && coherent != Some(false);
    if arguments.json {
        let object = json!({
            "passed": passed, "cells": cells, "differing": differing, "controls": controls, "missed": missed,
            "coherent": coherent, "digest": digest.to_string(), "tokens": length,
        });
        console.result(&object.to_string())?;
    } else {
        for cell in &differing {
            console.prose(&format!("differs: {cell}"))?;
        }
        for control in &missed {
            console.prose(&format!("not noticed: {control}"))?;
        }
        let sense = match coherent {
            Some(true) => "sentences are likelier to it than their reverse",
            Some(false) => "INCOHERENT: sentences are no likelier to it than their reverse",
            None => "UNPROVEN that they make sense: it has no tokenizer",
        };
        let (same, noticed) = (cells - differing.len(), controls - missed.len());
        console.prose(&format!(
            "{same} of {cells} schedules have the same bits, {noticed} of {controls} changes of the tokens were noticed, {sense}; \
             digest {digest}"
        ))?;
    }
    Ok(if passed { Outcome::Done } else { Outcome::Negative })
}
