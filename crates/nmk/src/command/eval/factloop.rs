//! `nmk eval factloop`: what a fact is worth to a model, and what the policy saves of it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use factloop::Settings;
use kpolicy::{Signals, Unit, decide};
use serde_json::{Value as Json, json};

use crate::book::Book;
use crate::cli::Outcome;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags};
use crate::console::Console;
use crate::eval::conditions::{conditions, write, write_log};
use crate::eval::factloop::{Arm, Course, HEADINGS, Spend, Sums, findings, picture, run as answer};
use crate::eval::finding::Finding;
use crate::eval::question::{Kind, Question, mixed};
use crate::eval::setting::{opened, spend};
use crate::{AnyModel, Error, policy};

#[derive(Debug, Args)]
#[command(after_help = "\
Counted questions (letter_count, gcd, is_prime, count_then_add, easy and hard) are drawn from words, operands
and wordings that the embedded model was never trained on. Each is answered by the model alone (base), with
its fact ahead of it (always), and by the loop of `nmk ask` on an idle machine, on a busy one, and with one
budget for all questions of a seed. The arms operand_only take the questions whose answer is a step beyond the
fact: their validator knows the operand and not the answer. Intervals are 95 %, by Wilson, and take the
questions as independent. `--model placebo` is the embedded architecture with random weights.

Exit codes: 0 if the governed loop is within 3 points of always, above base with intervals apart, at 1 to 2
generations on average, commits nothing wrong, spends nothing at a cost of 1, and changes no byte where it spends nothing;
1 if not; 2 bad input.

Examples:
  nmk eval factloop --items 40
  nmk eval factloop --items 40 --seeds 2 --json")]
pub(crate) struct Arguments {
    /// The questions of each seed.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(8..=100_000))]
    items: usize,
    /// The number of seeds, which are 1, 2 and so on.
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// The model: embedded (the default), coder, a folder, or placebo.
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<OsString>,
    /// The most tokens of one reply.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    max_new: u32,
    /// The load of the busy machine, from 0 to 1.
    #[arg(long, value_name = "X", value_parser = policy::share, allow_negative_numbers = true)]
    cost: Option<Unit>,
    /// The worth of a right answer, from 0 to 1, by default 0.7.
    #[arg(long, value_name = "X", value_parser = policy::share, allow_negative_numbers = true)]
    importance: Option<Unit>,
    /// The harm of a wrong answer, from 0 to 1; above 0.5 a second attempt is made whatever it costs.
    #[arg(long, value_name = "X", value_parser = policy::share, allow_negative_numbers = true)]
    risk: Option<Unit>,
    /// The budget of the arm of that name for all questions of a seed, by default a tenth of their number.
    #[arg(long, value_name = "N", value_parser = policy::budget, allow_negative_numbers = true)]
    budget: Option<f64>,
    /// The file for a picture of accuracy against cost, in SVG.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// The file for the result with its conditions, in JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    compute: ComputeFlags,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The sums and the courses of one arm.
#[derive(Default)]
struct Measured {
    sums: Sums,
    courses: Vec<Course>,
    /// The questions of the arm, as places among all.
    places: Vec<usize>,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let (config, mut model) = arguments.model()?;
    let seeds: Vec<u64> = (1..=arguments.seeds).collect();
    let questions: Vec<Vec<Question>> = seeds.iter().map(|seed| mixed(*seed, arguments.items)).collect();
    let mut measure = |arm: Arm, console: &mut Console<'_>| -> Result<Measured, Error> {
        console.progress(&format!("{}…", arm.word()));
        arguments.measure(arm, &questions, &config, &mut model)
    };
    let mut arms = Vec::new();
    for arm in Arm::ALL {
        arms.push((arm, measure(arm, console)?));
    }
    let mut costs = Vec::new();
    for arm in Arm::COSTS {
        costs.push((arm, measure(arm, console)?));
    }
    console.clear();
    let [base, always, governed] = [0, 1, 2].map(|place| &arms[place].1);
    let vetoed = &costs[2].1;
    let spend = arguments.spend(&config, &model);
    let mandated = spend.settings.risk > spend.settings.policy.settings().risk_floor_at;
    let found =
        findings(&base.sums, &always.sums, &governed.sums, &vetoed.sums, mandated, identical(base, vetoed));
    let (svg, even) = picture([&base.courses, &always.courses, &governed.courses]);
    if let Some(path) = &arguments.picture {
        write(path, &svg)?;
    }
    let mut object = json!({
        "arms": arms.iter().map(|(arm, measured)| row(*arm, measured, base)).collect::<Vec<_>>(),
        "costs": costs.iter().map(|(arm, measured)| cost_row(*arm, measured, &spend)).collect::<Vec<_>>(),
        "break_even_base_rate": even,
        "findings": found.iter().map(Finding::json).collect::<Vec<_>>(),
        "holds": found.iter().all(|finding| finding.holds),
        "kinds": kinds(&questions, base),
    });
    object["conditions"] = conditions(&model, config.compute, &seeds);
    if let Some(path) = &arguments.log {
        write_log(path, &object)?;
    }
    if arguments.json {
        console.result(&object.to_string())?;
    } else {
        arguments.print(&arms, &costs, &found, even, console)?;
    }
    Ok(if found.iter().all(|finding| finding.holds) { Outcome::Done } else { Outcome::Negative })
}

/// Returns how many first replies of the loop are compared with those of the model alone, and how many differ.
fn identical(base: &Measured, vetoed: &Measured) -> (usize, usize) {
    let pairs = base.courses.iter().zip(&vetoed.courses);
    (base.courses.len(), pairs.filter(|(alone, looped)| alone.first != looped.first).count())
}

impl Arguments {
    fn model(&self) -> Result<(Config, AnyModel), Error> {
        let spending =
            policy::SpendingFlags { importance: self.importance, ..policy::SpendingFlags::default() };
        let flags = Flags { risk: self.risk, spending, ..Flags::default() };
        opened(self.model.as_ref(), self.max_new, self.compute, flags)
    }

    fn spend(&self, config: &Config, model: &AnyModel) -> Spend {
        let left = self.budget.unwrap_or_else(|| (self.items as f64 / 10.0).floor());
        Spend { busy: self.cost.unwrap_or(Unit::ONE), left, ..spend(config, model, self.max_new) }
    }

    /// Answers all questions of all seeds under one arm.
    fn measure(
        &self,
        arm: Arm,
        questions: &[Vec<Question>],
        config: &Config,
        model: &mut AnyModel,
    ) -> Result<Measured, Error> {
        let mut measured = Measured::default();
        for (seed, questions) in questions.iter().enumerate() {
            measured.sums.next_seed();
            let mut spend = self.spend(config, model);
            let mut book = Book::open(config)?.book;
            for (number, question) in questions.iter().enumerate() {
                if arm.is_operand_only() && question.operand_prompt.is_none() {
                    continue;
                }
                let course = answer(arm, question, model, &mut book, &mut spend)?;
                measured.sums.add(&course);
                measured.places.push(seed * self.items + number);
                measured.courses.push(course);
            }
        }
        Ok(measured)
    }

    fn print(
        &self,
        arms: &[(Arm, Measured)],
        costs: &[(Arm, Measured)],
        found: &[Finding],
        even: Option<f64>,
        console: &mut Console<'_>,
    ) -> Result<(), Error> {
        let mut lines = vec![HEADINGS.to_owned()];
        lines.extend(arms.iter().map(|(arm, measured)| measured.sums.line(arm.word())));
        for (arm, measured) in costs {
            let Arm::Cost(hundredths) = arm else { continue };
            lines.push(measured.sums.line(&format!("cost {}", f64::from(*hundredths) / 100.0)));
        }
        for line in lines {
            console.raw(format!("{line}\n").as_bytes())?;
        }
        match even {
            Some(even) => console.prose(&format!(
                "governing costs fewer tokens than always where the model answers more than {:.0} % alone",
                100.0 * even
            ))?,
            None => {
                console.prose("governing costs more tokens than always, whatever the model answers alone")?
            }
        }
        found.iter().try_for_each(|finding| console.prose(&finding.line()))?;
        Ok(())
    }
}

/// Returns the row of an arm. One that takes a part of the questions has the accuracy of the model alone on that part.
fn row(arm: Arm, measured: &Measured, base: &Measured) -> Json {
    let mut object = measured.sums.json(arm.word());
    if arm.is_operand_only() {
        let outcomes: Vec<bool> = measured.places.iter().map(|place| base.courses[*place].is_right).collect();
        let share = holdout::Share::from_outcomes(&outcomes);
        object["base_accuracy"] = json!(share.rate());
        object["base_ci"] = json!(share.interval());
        object["level"] = json!("property");
    }
    object
}

/// Returns the row of a cost, with the attempts that the policy decides.
fn cost_row(arm: Arm, measured: &Measured, spend: &Spend) -> Json {
    let Arm::Cost(hundredths) = arm else { return Json::Null };
    let Settings { policy, importance, risk, .. } = &spend.settings;
    let cost = Unit::clamped(f64::from(hundredths) / 100.0).unwrap_or(Unit::ONE);
    let (importance, risk) = (*importance, *risk);
    let signals = Signals { disagreement: Some(Unit::ONE), cost, risk, importance, ..Signals::QUIET };
    let decision = decide(policy, &signals);
    let mut object = measured.sums.json("cost");
    object["cost"] = json!(cost.get());
    object["k"] = json!(decision.k);
    object["used_signal"] = json!(decision.used_signal.word());
    object
}

/// Returns the accuracy of the model alone by kind and difficulty.
fn kinds(questions: &[Vec<Question>], base: &Measured) -> Json {
    let all: Vec<(&Question, bool)> =
        questions.iter().flatten().zip(base.courses.iter().map(|course| course.is_right)).collect();
    let rows = Kind::ALL.into_iter().flat_map(|kind| [(kind, false), (kind, true)]);
    rows.filter_map(|(kind, is_hard)| {
        let of = all.iter().filter(|(question, _)| question.kind == kind && question.is_hard == is_hard);
        let share = holdout::Share::from_outcomes(&of.map(|(_, right)| *right).collect::<Vec<_>>());
        let difficulty = if is_hard { "hard" } else { "easy" };
        (share.trials > 0).then(|| {
            json!({ "kind": kind.word(), "difficulty": difficulty, "items": share.trials,
                "base_accuracy": share.rate(), "base_ci": share.interval() })
        })
    })
    .collect()
}
