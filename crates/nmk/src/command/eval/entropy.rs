//! `nmk eval entropy`: does the entropy of the routers predict a wrong answer, with the length controlled?

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use holdout::Share;
use kpolicy::{
    Calibration, CalibrationError, CalibrationVerdict, Certificate, Labelled, Naming, ScoreRange, calibrate,
};
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::compute::ComputeFlags;
use crate::config::Flags;
use crate::console::Console;
use crate::engine::load_key;
use crate::eval::conditions::{conditions, write, write_log};
use crate::eval::entropy::{Item, SOURCES, data_digest, is_inert, tapped};
use crate::eval::question::{Kind, Question, mixed};
use crate::eval::setting::opened;
use crate::eval::svg::Picture;
use crate::policy::certificate;
use crate::{AnyModel, Error, surroundings};

/// The questions that are asked again without a tap.
const CHECKED: usize = 20;
/// The questions in a row that are of one half. Each kind occurs in a row once at least.
const ROW: usize = 8;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Args)]
#[command(after_help = "\
The model answers counted questions that the embedded model was never trained on, while a tap that changes no
bit records the entropy of its routers. One half of the questions fixes strata of length and the failure rate
of each range of scores; the other half gives the verdict: calibrated if high entropy predicts a wrong answer
(an area under the curve of 0.65 at least, and a 95 % bootstrap interval above 0.5), inverted if the interval is
below 0.5, and flat otherwise. Pairs are compared within a stratum of length. The verdict is about
router_entropy.reply_mean; the other two scores are printed without one. Only a calibrated source gets a
certificate, which `nmk policy decide --certificate` reads.

Exit codes: 0 measured; 1 if --certificate is passed and the source is not calibrated; 2 bad input.

Example:
  nmk eval entropy --items 400")]
pub(crate) struct Arguments {
    /// The questions, half of them for the verdict.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(16..=100_000))]
    items: usize,
    /// The seed of the questions and of the bootstrap.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// The model: embedded (the default), coder, or a folder.
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<OsString>,
    /// The most tokens of one reply.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    max_new: u32,
    /// The file for a reliability plot, in SVG: the expected failure rate of each range of scores against the observed one.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// The file for the certificate, if the source is calibrated.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The signing key of a ledger, with which the certificate is signed; it is made if the file is missing.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// The days for which the certificate holds.
    #[arg(long, value_name = "N", default_value_t = 30, requires = "certificate", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
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
    let (config, mut model) =
        opened(arguments.model.as_ref(), arguments.max_new, arguments.compute, Flags::default())?;
    let questions = mixed(arguments.seed, arguments.items);
    let (items, differing) = arguments.labelled(&questions, &mut model, console)?;
    let calibrations = SOURCES.map(|source| {
        let place = SOURCES.iter().position(|other| *other == source).unwrap_or(0);
        calibrate(&half(&items, 0, place), &half(&items, 1, place), arguments.seed)
    });
    let [main, others @ ..] = calibrations;
    let main = main.map_err(Error::Calibration)?;
    let data = data_digest(&questions, &items);
    let certificate = arguments.certify(&main, &model, data)?;
    if let Some(path) = &arguments.plot {
        write(path, &plot(&main))?;
    }
    let mut object = json!({
        "source": SOURCES[0],
        "verdict": main.verdict.word(),
        "items": items.len(),
        "data": data.to_string(),
        "held_out": calibration_json(&main),
        "others": others.iter().zip(&SOURCES[1..]).map(|(other, source)| other_json(other, source)).collect::<Vec<_>>(),
        "kinds": kinds(&items),
        "inert": { "compared": questions.len().min(CHECKED), "differing": differing },
        "certificate": certificate,
    });
    object["conditions"] = conditions(&model, config.compute, &[arguments.seed]);
    if let Some(path) = &arguments.log {
        write_log(path, &object)?;
    }
    if arguments.json {
        console.result(&object.to_string())?;
    } else {
        print(&main, &others, differing, console)?;
    }
    let is_missed = arguments.certificate.is_some() && object["certificate"].is_null();
    Ok(if is_missed || differing > 0 { Outcome::Negative } else { Outcome::Done })
}

/// Returns one half of the items, as the calibration of the source at `place` reads them.
fn half(items: &[Item], which: usize, place: usize) -> Vec<Labelled> {
    let of = items.iter().enumerate().filter(|(number, _)| number / ROW % 2 == which);
    of.map(|(_, item)| item.labelled(place)).collect()
}

impl Arguments {
    /// Asks every question under the tap, and the first ones without it too. Returns the items, and how many of the first
    /// replies differ.
    fn labelled(
        &self,
        questions: &[Question],
        model: &mut AnyModel,
        console: &mut Console<'_>,
    ) -> Result<(Vec<Item>, usize), Error> {
        let local = model.local_mut().ok_or(Error::NoTap)?;
        let (mut items, mut differing) = (Vec::with_capacity(questions.len()), 0);
        for (number, question) in questions.iter().enumerate() {
            if number.is_multiple_of(100) {
                console.progress(&format!("question {number} of {}…", questions.len()));
            }
            let item = tapped(local, question, self.max_new)?;
            if number < CHECKED && !is_inert(local, question, &item, self.max_new)? {
                differing += 1;
            }
            items.push(item);
        }
        console.clear();
        Ok((items, differing))
    }

    /// Writes the certificate where it was asked for and the source is calibrated, and returns it then.
    fn certify(
        &self,
        measured: &Calibration,
        model: &AnyModel,
        data: abi::Digest,
    ) -> Result<Option<Json>, Error> {
        use abi::Proposer;
        let Some(path) = &self.certificate else { return Ok(None) };
        let Some(model) = model.identity().model_digest else { return Ok(None) };
        let now = surroundings::time_of_day().unwrap_or(0);
        let expires_at = now.saturating_add(i64::from(self.days) * DAY_MS);
        let naming = Naming { source: SOURCES[0].to_owned(), model, data, expires_at };
        let Ok(certificate) = Certificate::issue(measured, naming) else { return Ok(None) };
        let key = self.key.as_deref().map(load_key).transpose()?;
        let object = certificate::to_json(&certificate, key.as_ref());
        write(path, &format!("{object}\n"))?;
        Ok(Some(object))
    }
}

fn calibration_json(measured: &Calibration) -> Json {
    let Calibration { items, failures, plain_auc, auc, interval: [low, high], ranges, .. } = measured;
    let range = |range: &ScoreRange| {
        let share = Share { hits: range.failures, trials: range.items };
        json!({
            "up_to": range.up_to.is_finite().then_some(range.up_to), "expected": range.expected.get(),
            "items": range.items, "failures": range.failures, "interval": share.interval(),
        })
    };
    json!({
        "items": items,
        "failures": failures,
        "auc_without_length_control": plain_auc,
        "high_predicts_failure": { "auc": auc, "ci": [low, high] },
        "high_predicts_success": { "auc": 1.0 - auc, "ci": [1.0 - high, 1.0 - low] },
        "ranges": ranges.iter().map(range).collect::<Vec<_>>(),
    })
}

fn other_json(measured: &Result<Calibration, CalibrationError>, source: &str) -> Json {
    match measured {
        Ok(Calibration { auc, interval, .. }) => json!({ "source": source, "auc": auc, "ci": interval }),
        Err(error) => json!({ "source": source, "unmeasured": error.to_string() }),
    }
}

/// Returns the area within each kind of question, over both halves: the kinds differ in how often they fail.
fn kinds(items: &[Item]) -> Json {
    let row = |kind: Kind| {
        let of: Vec<Labelled> =
            items.iter().filter(|item| item.kind == kind).map(|item| item.labelled(0)).collect();
        let failures = of.iter().filter(|item| item.failed).count();
        let measured = calibrate(&of, &of, 1);
        let (auc, ci) = measured.map_or((None, None), |m| (Some(m.auc), Some(m.interval)));
        json!({ "kind": kind.word(), "items": of.len(), "failures": failures, "auc": auc, "ci": ci })
    };
    Kind::ALL.map(row).into_iter().collect()
}

fn print(
    main: &Calibration,
    others: &[Result<Calibration, CalibrationError>],
    differing: usize,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    let area = |auc: f64, [low, high]: [f64; 2]| format!("{auc:.3} [{low:.3}, {high:.3}]");
    let &Calibration { items, failures, plain_auc, auc, interval, verdict, .. } = main;
    let [low, high] = interval;
    console.prose(&format!("{}: {}", SOURCES[0], verdict.word()))?;
    console.prose(&format!("held out: {items} questions, {failures} wrong answers"))?;
    console.prose(&format!("high entropy predicts failure: {}", area(auc, interval)))?;
    console.prose(&format!("high entropy predicts success: {}", area(1.0 - auc, [1.0 - high, 1.0 - low])))?;
    console.prose(&format!("without control of the length: {plain_auc:.3}"))?;
    for (other, source) in others.iter().zip(&SOURCES[1..]) {
        match other {
            Ok(other) => console.prose(&format!("{source}: {}", area(other.auc, other.interval)))?,
            Err(error) => console.prose(&format!("{source}: {error}"))?,
        }
    }
    console.prose(&format!("{differing} of the first replies differ without the tap"))?;
    if verdict != CalibrationVerdict::Calibrated {
        console.prose("no certificate: this source may widen nothing")?;
    }
    Ok(())
}

/// Returns the reliability plot of the ranges of scores.
fn plot(measured: &Calibration) -> String {
    let mut picture = Picture::new(
        "Failure by the entropy of the routers, on questions that chose nothing",
        "failure rate that the other half expects",
        "observed failure rate",
        (0.0, 1.0),
    );
    picture.line("as expected", "#888888", &[(0.0, 0.0), (1.0, 1.0)]);
    let filled: Vec<&ScoreRange> = measured.ranges.iter().filter(|range| range.items > 0).collect();
    let observed = |range: &ScoreRange| Share { hits: range.failures, trials: range.items };
    let points: Vec<(f64, f64)> =
        filled.iter().map(|range| (range.expected.get(), observed(range).rate())).collect();
    picture.line("observed", "#1f5fa8", &points);
    for (range, point) in filled.iter().zip(&points) {
        picture.bar("#1f5fa8", point.0, observed(range).interval());
        picture.point(&range.items.to_string(), "#1f5fa8", *point);
    }
    picture.text()
}
