//! The report on the shipped model, written to `fixtures/embedded/REPORT.md` by `nmk-train report`.

use crate::TrainError;
use crate::accuracy::{self, Row};
use crate::batch::PROMPT_WEIGHT;
use crate::calibrate::Calibration;
use crate::checkpoint::{self, read};
use crate::codec::Codec;
use crate::config::Config;
use crate::corpus::{self, Task};
use crate::curve::Curve;
use crate::held_out::Split;
use crate::loads;
use crate::model::Model;
use crate::params::{Schema, Tensors};
use crate::run::Plan;
use crate::shipped::Shipped;
use crate::words;
use holdout::Share;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// The number of items for each task, without and with its fact.
const ITEMS: usize = 500;
/// The number of items for each task in the measurement of the load of the experts.
const LOAD_ITEMS: usize = 100;

/// The measurements of the shipped model that its report shows.
pub struct Evidence {
    config: Config,
    accuracy: Vec<Row>,
    loads: Vec<Vec<usize>>,
    /// The accuracy of count-then-add with any number up to twenty, without and with the fact.
    everyday: [Share; 2],
    /// Number of different operand pairs among the count-then-add items.
    pairs: usize,
}

impl Evidence {
    /// Measures the model in a folder, on `threads` threads.
    ///
    /// # Errors
    /// [`TrainError`] if a file is missing or the model refuses an item.
    pub fn gather(folder: &Path, threads: usize) -> Result<Self, TrainError> {
        let config: Config = serde_json::from_slice(&read(&folder.join("config.json"))?)?;
        let model = Shipped::open(folder)?;
        let accuracy = accuracy::table(&model, ITEMS, threads)?;
        let everyday = |with_fact| accuracy::share(&model, &corpus::everyday(ITEMS, with_fact), threads);
        let everyday = [everyday(false)?, everyday(true)?];
        let items = corpus::held_out(Task::CountThenAdd, ITEMS, true);
        let pairs = items.iter().filter_map(|item| item.pair).collect::<BTreeSet<_>>().len();
        let schema = Schema::new(&config);
        let values = checkpoint::load_values(&schema, &read(&folder.join("model.safetensors"))?)?;
        let tensors = Tensors::new(&schema, &values, false)?;
        let codec = Codec::from_json(&read(&folder.join("tokenizer.json"))?)?;
        let loads = loads::measure(&Model::new(config.clone()), &tensors, &codec, LOAD_ITEMS)?;
        Ok(Self { config, accuracy, loads, everyday, pairs })
    }

    fn share(&self, task: Task, with_fact: bool) -> Share {
        let row = self.accuracy.iter().find(|row| row.task == task && row.with_fact == with_fact);
        row.map_or(Share { hits: 0, trials: 0 }, |row| row.share)
    }
}

/// Returns the report on the shipped model as Markdown, with the figures of these measurements.
#[must_use]
pub fn text(evidence: &Evidence, curve: &Curve, conditions: &str, calibration: &Calibration) -> String {
    [
        head(evidence),
        accuracy_section(evidence),
        model_section(&evidence.config),
        data_section(),
        training_section(curve, conditions),
        load_section(evidence),
        calibration_section(calibration),
    ]
    .join("\n")
}

fn head(evidence: &Evidence) -> String {
    let (with, without) =
        (evidence.share(Task::CountThenAdd, true), evidence.share(Task::CountThenAdd, false));
    let apart = with.interval()[0] > without.interval()[1];
    format!(
        "# The embedded model\n\nWritten by `nmk-train report`. Every accuracy is that of the shipped weights, rounded to bf16, under the \
         forward pass that ships, on held-out words, operand pairs and phrasings; brackets are 95 % Wilson \
         intervals.\n\nCount-then-add with the verified count: {with}. Unaided: {without}. The intervals are {}.\n",
        if apart { "apart" } else { "not apart" }
    )
}

fn accuracy_section(evidence: &Evidence) -> String {
    let mut text = format!(
        "## Accuracy\n\n{ITEMS} held-out items per cell; an answer counts if greedy decoding gives it token for token.\n\n| task | unaided | with the fact |\n|---|---|---|\n"
    );
    for (task, _) in Task::MIX {
        let with = if task.has_fact() { evidence.share(task, true).to_string() } else { "–".to_owned() };
        let _ = writeln!(text, "| {} | {} | {with} |", task.name(), evidence.share(task, false));
    }
    let [unaided, with] = evidence.everyday;
    let _ = writeln!(
        text,
        "\nThe count-then-add items have {} distinct operand pairs, because words have few counts; the intervals \
         treat items as independent. With held-out words and phrasings but any number up to twenty (most of those \
         pairs are trained): unaided {unaided}, with the fact {with}.",
        evidence.pairs
    );
    text
}

fn model_section(config: &Config) -> String {
    let schema = Schema::new(config);
    format!(
        "## Model\n\n`{}`: {} layers of width {}, {} heads of {} on {} KV heads, window {} with full attention in every fourth \
         layer, context {}, vocabulary {}. First layer dense ({}), then {} experts of width {}, {} per token. {} parameters, {} \
         active per token (embedding and head counted whole), shipped in bf16.\n",
        config.model_type,
        config.num_hidden_layers,
        config.hidden_size,
        config.num_attention_heads,
        config.head_dim,
        config.num_key_value_heads,
        config.sliding_window,
        config.max_position_embeddings,
        config.vocab_size,
        config.prefix_dense_intermediate_size,
        config.num_experts,
        config.intermediate_size,
        config.num_experts_per_tok,
        schema.total(),
        schema.active(config),
    )
}

fn data_section() -> String {
    let total: usize = Task::MIX.iter().map(|(_, weight)| weight).sum();
    let mix: Vec<String> = Task::MIX
        .iter()
        .map(|(task, weight)| format!("{} {:.0} %", task.name(), 100.0 * *weight as f64 / total as f64))
        .collect();
    format!(
        "## Data\n\nItem `i` is a function of (seed, i). Mix: {}. Where a primitive can supply a fact, half of the items have it; \
         a few have an unrelated one beside it. {} English words for training, {} held out, and invented ones. Held out by hash: a tenth of \
         the words, a tenth of the unordered operand pairs (the pair of count and number included; pairs of two digits are all trained, because nobody can infer the addition table itself), every fifth phrasing.\n",
        mix.join(", "),
        words::real(Split::Train).len(),
        words::real(Split::HeldOut).len(),
    )
}

fn training_section(curve: &Curve, conditions: &str) -> String {
    let plan = Plan::shipped(2);
    let (steps, tokens, seconds, loss) =
        curve.last().map_or((0, 0, 0.0, 0.0), |p| (p.step, p.tokens, p.seconds, p.loss));
    let settings = plan.settings;
    format!(
        "## Training\n\n{steps} steps, {:.1} million tokens with padding, {:.0} minutes, {:.0} tokens per second. {} \
         AdamW, peak rate {}, {} steps of warmup, cosine to {} % of it, decay {}, clipping at {}; {} shards of about {} tokens per step; \
         prompt tokens weigh {PROMPT_WEIGHT} of an answer token; load-balance loss 0.01. Loss at the end: {loss:.3} (mean of the last \
         point's steps).\n\n![loss curve](loss.svg)\n",
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

fn load_section(evidence: &Evidence) -> String {
    let sparse: Vec<usize> = (0..evidence.config.num_hidden_layers).skip(1).collect();
    let mut text = format!(
        "## Load of the experts\n\nShare of the routed tokens by expert, in percent, over {LOAD_ITEMS} held-out items of each task; {:.1} would \
         be even. Dead experts: {}.\n\n| layer | load |\n|---|---|\n",
        100.0 / evidence.config.num_experts as f64,
        evidence.loads.iter().flatten().filter(|load| **load == 0).count()
    );
    for (layer, loads) in sparse.iter().zip(&evidence.loads) {
        let total: usize = loads.iter().sum();
        let shares: Vec<String> =
            loads.iter().map(|load| format!("{:.1}", 100.0 * *load as f64 / total as f64)).collect();
        let _ = writeln!(text, "| {layer} | {} |", shares.join(" · "));
    }
    text
}

fn calibration_section(c: &Calibration) -> String {
    format!(
        "## Prompts far from what the model knows\n\nA prompt whose tokens cost more than {:.3} nats on average is called far. The threshold is the \
         {:.0}th percentile of {} held-out prompts; of {} others, {:.1} % [{:.1}, {:.1}] are above it (false alarms), and {:.1} % [{:.1}, {:.1}] \
         of {} clearly foreign prompts are.\n",
        c.threshold,
        100.0 * c.quantile,
        c.fixed_on,
        c.n,
        100.0 * c.false_alarm_rate,
        100.0 * c.interval[0],
        100.0 * c.interval[1],
        100.0 * c.foreign_detection_rate,
        100.0 * c.foreign_interval[0],
        100.0 * c.foreign_interval[1],
        c.foreign_n,
    )
}
