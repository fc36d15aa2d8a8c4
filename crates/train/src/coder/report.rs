//! The report on the model `coder`, written to `fixtures/coder/REPORT.md` by `nmk-train coder report`.

use super::gaps::Set;
use super::solve::{Row, Solved};
use super::table;
use crate::batch::PROMPT_WEIGHT;
use crate::config::Config;
use crate::curve::Curve;
use crate::params::Schema;
use crate::run::Plan;
use escalate::Rung;
use std::fmt::Write;

/// Returns the report as Markdown.
#[must_use]
pub fn text(rows: &[Row], config: &Config, curve: &Curve, conditions: &str) -> String {
    [
        head(rows),
        solved_section(rows),
        model_section(config),
        data_section(),
        training_section(curve, conditions),
    ]
    .join("\n")
}

fn is_greedy(solved: &Solved) -> bool {
    matches!(solved.rung, Some(Rung::Greedy)) || (solved.attempts == 1 && solved.rung == Some(Rung::Repair))
}

fn head(rows: &[Row]) -> String {
    let mut text = "# The model coder\n\nWritten by `nmk-train coder report`. Every figure is that of the shipped weights, rounded to \
         bf16, under the forward pass that ships. A gap is solved if the hold-out gate admits the code: CPython, 300 draws, 20 changed \
         copies. Brackets are 95 % Wilson intervals.\n\n"
        .to_owned();
    for row in rows {
        let _ = writeln!(text, "- {}: {} at the first attempt", row.set.word(), row.share(is_greedy));
    }
    text
}

fn solved_section(rows: &[Row]) -> String {
    let mut text = "## Solved gaps\n\nIn `phrasing`, one operation is asked for in words that no training item has, with a constant that was \
         held out for it where the operation has one. In `composition`, two operations never stood together in training; the words did occur. \
         In `both`, pair, words and constants are held out. In `repair`, the prompt shows failing code and a counterexample, in held-out words; one attempt. \
         The names of the functions and the words in samples are held out everywhere, and no name says what the function does. \
         The ladder has one greedy attempt, three at a temperature of 0.8, and a repair of each of those.\n\n\
         | gaps | number | first attempt | own code, byte for byte | by the rung diverse | by the rung repair | whole ladder | refused specifications |\n\
         |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let is = |rung| move |solved: &Solved| solved.rung == Some(rung);
        let later = |rung| match row.set {
            Set::Repair => "–".to_owned(),
            _ => row.share(is(rung)).to_string(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            row.set.word(),
            row.solved.len(),
            row.share(is_greedy),
            row.share(|solved| solved.is_exact),
            later(Rung::Diverse),
            later(Rung::Repair),
            row.share(|solved| solved.rung.is_some()),
            row.solved.iter().filter(|solved| solved.is_unsound).count(),
        );
    }
    text.push_str(
        "\nA refused specification is one that cannot tell right from wrong, for example because its instances are alike; it counts as not solved.\n",
    );
    text
}

fn model_section(config: &Config) -> String {
    let schema = Schema::new(config);
    format!(
        "## Model\n\nThe architecture of the embedded model: `{}`, {} layers of width {}, context {}, vocabulary {}, {} parameters, {} active \
         per token, shipped in bf16.\n",
        config.model_type,
        config.num_hidden_layers,
        config.hidden_size,
        config.max_position_embeddings,
        config.vocab_size,
        schema.total(),
        schema.active(config),
    )
}

fn data_section() -> String {
    let areas: Vec<String> =
        table::areas().into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!(
        "## Data\n\nItem `i` is a function of (seed, i). {} operations ({}), each with its Python code, an evaluator and five or more phrasings. \
         About half of the items ask for one operation, the others for two in turn; a fifth show failing code: a neighbouring operation, a \
         constant that is one off, a step that is missing or in the wrong place, a wrong name. Answers are right functions only. Held out: every fifth \
         phrasing, a tenth of the pairs of operations, a sixth of the constants, a tenth of the words.\n",
        table::operations().count(),
        areas.join(", "),
    )
}

fn training_section(curve: &Curve, conditions: &str) -> String {
    let plan = Plan::coder(2);
    let (steps, tokens, seconds, loss) =
        curve.last().map_or((0, 0, 0.0, 0.0), |p| (p.step, p.tokens, p.seconds, p.loss));
    let settings = plan.settings;
    format!(
        "## Training\n\n{steps} of {} steps, {:.1} million tokens with padding, {:.0} minutes, {:.0} tokens per second. {} AdamW, peak rate {}, {} \
         steps of warmup, cosine to {} % of it at the last planned step, decay {}, clipping at {}; {} shards of about {} tokens per step; prompt tokens \
         weigh {PROMPT_WEIGHT} of an answer token. Loss at the end: {loss:.3} (mean of the last point's steps).\n\n![loss curve](loss.svg)\n",
        plan.steps,
        tokens as f64 / 1e6,
        seconds / 60.0,
        tokens as f64 / seconds.max(1.0),
        conditions.trim(),
        settings.peak,
        settings.warmup,
        100.0 * settings.floor,
        settings.decay,
        settings.clip,
        plan.cut.shards,
        plan.cut.tokens,
    )
}
