//! The calibration of the shipped model: the mean surprise above which a prompt counts as far from its
//! training data.

use crate::TrainError;
use crate::corpus::{self, Task};
use crate::shipped::{Shipped, each};
use holdout::Share;
use serde::{Deserialize, Serialize};

/// The number of held-out prompts of each task that determine the threshold. As many others measure the rate
/// of false alarms.
const PER_TASK: usize = 150;
/// The share of the first set of prompts that lies below the threshold.
const QUANTILE: f64 = 0.99;

/// Prompts of kinds that do not occur in the training data, by which detection is measured.
pub const FOREIGN: [&str; 40] = [
    "Explain how a transformer neural network is trained with gradient descent.",
    "Quelle est la capitale de la France et combien d'habitants y vivent ?",
    "SELECT name, price FROM products WHERE price > 100 ORDER BY price DESC;",
    "fn main() { println!(\"{}\", (1..=10).map(|x| x * x).sum::<u32>()); }",
    "Write a Python function that merges two sorted linked lists.",
    "Was sind die wichtigsten Ursachen des Dreissigjaehrigen Krieges?",
    "Summarise the plot of Hamlet in three paragraphs with quotations.",
    "What is the integral of x squared times the cosine of x from zero to pi?",
    "Describe the mechanism of action of selective serotonin reuptake inhibitors.",
    "How did the fall of Constantinople in 1453 affect Venetian trade routes?",
    "Compare the fiscal policies of Keynes and Hayek during the interwar depression.",
    "https://example.org/search?q=quarterly+earnings&page=2&sort=desc",
    "Why does my Kubernetes pod keep restarting with exit code 137?",
    "Prove that the square root of two is irrational by contradiction.",
    "Translate this contract clause into plain English: the indemnifying party shall hold harmless.",
    "Por favor, escribe una carta de presentacion para un puesto de enfermera.",
    "asdf qwer zxcv 9871 !!! ??? ;;; lkjh poiu",
    "{\"user\": {\"id\": 42, \"roles\": [\"admin\", \"editor\"]}, \"active\": true}",
    "What were the main provisions of the Treaty of Westphalia?",
    "Give me a seven-day vegan meal plan under 1800 calories with macros.",
    "How do I file a tax extension for a limited liability company in Delaware?",
    "Outline the differences between mitosis and meiosis for a biology exam.",
    "Ping 192.168.0.1 fails but DNS resolves; what should I check next?",
    "Rewrite this paragraph in the style of Ernest Hemingway.",
    "Which exoplanets orbit within the habitable zone of TRAPPIST-1?",
    "Draft a press release announcing our Series B funding round.",
    "What chord progression did the Beatles use in their later ballads?",
    "Explain the offside rule in football to somebody who has never watched a match.",
    "Convert 72 degrees Fahrenheit into Celsius and explain every step.",
    "Generate a regular expression that matches ISO 8601 timestamps.",
    "What are the side effects of combining ibuprofen with lisinopril?",
    "Derive the Black-Scholes equation from first principles.",
    "Who won the Nobel Prize in Physics in 1921 and for which discovery?",
    "git rebase --interactive HEAD~5 shows merge conflicts in Cargo.lock",
    "Recommend noise-cancelling headphones for open-plan offices below 200 dollars.",
    "Analyse the symbolism of the green light in The Great Gatsby.",
    "Erklaere mir bitte den Unterschied zwischen Dativ und Akkusativ.",
    "How is crude oil refined into kerosene, naphtha and diesel fractions?",
    "Plan a weekend itinerary for Kyoto during cherry blossom season.",
    "The mitochondrial membrane potential collapsed after exposure to rotenone.",
];

/// The threshold of surprise above which a prompt counts as far from the training data, and the measurements
/// that belong to it. This is the content of `calibration.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The name of the quantity that is compared: the mean negative log-likelihood of the prompt's tokens, in
    /// nats.
    pub metric: String,
    /// The value of that quantity above which a prompt counts as far from the training data.
    pub threshold: f64,
    /// The share of the first held-out set that lies below the threshold, which determines the threshold.
    pub quantile: f64,
    /// Number of prompts in the first held-out set.
    pub fixed_on: usize,
    /// The share of a second held-out set that lies above the threshold, and so raises a false alarm.
    pub false_alarm_rate: f64,
    /// The lower and upper end of the 95 % confidence interval of `false_alarm_rate`.
    pub interval: [f64; 2],
    /// Number of prompts in the second held-out set.
    pub n: usize,
    /// The share of [foreign prompts](FOREIGN) that lies above the threshold.
    pub foreign_detection_rate: f64,
    /// The lower and upper end of the 95 % confidence interval of `foreign_detection_rate`.
    pub foreign_interval: [f64; 2],
    /// Number of foreign prompts.
    pub foreign_n: usize,
}

/// Returns the mean surprise of each prompt, in nats.
fn scores(model: &Shipped, prompts: &[String], threads: usize) -> Result<Vec<f64>, TrainError> {
    each(prompts, threads, |prompt| model.surprise(prompt))
}

/// Returns held-out prompts of every task, from item `first` on.
fn prompts(first: usize) -> Vec<String> {
    let items = Task::MIX.iter().flat_map(|(task, _)| corpus::held_out_from(*task, first, PER_TASK, false));
    items.map(|item| item.prompt).collect()
}

/// Determines the threshold on one held-out set, and measures it on another and on foreign prompts.
///
/// # Errors
/// [`TrainError`] if the model refuses a prompt.
pub fn calibrate(model: &Shipped, threads: usize) -> Result<Calibration, TrainError> {
    let mut known = scores(model, &prompts(10_000), threads)?;
    known.sort_by(f64::total_cmp);
    let threshold = known[((known.len() as f64 * QUANTILE) as usize).min(known.len() - 1)];
    let above = |scores: Vec<f64>| {
        Share::from_outcomes(&scores.iter().map(|score| *score > threshold).collect::<Vec<_>>())
    };
    let alarms = above(scores(model, &prompts(20_000), threads)?);
    let foreign = above(scores(model, &FOREIGN.map(str::to_owned), threads)?);
    Ok(Calibration {
        metric: "mean_prompt_nll".to_owned(),
        threshold,
        quantile: QUANTILE,
        fixed_on: known.len(),
        false_alarm_rate: alarms.rate(),
        interval: alarms.interval(),
        n: alarms.trials,
        foreign_detection_rate: foreign.rate(),
        foreign_interval: foreign.interval(),
        foreign_n: foreign.trials,
    })
}
