//! The evaluation of an entry head as a Markdown report with tables.

use std::fmt::Write;

use neural::EntryClass;

use super::asks::Side;
use super::families::FAMILIES;
use super::judge::Row;
use super::make::{FALSE_REQUESTS, FittedHead};
use super::paraphrases::PARAPHRASES;

/// Returns the report on an entry head as Markdown, as it is written to `ENTRY.md`.
#[must_use]
pub fn text(fitted: &FittedHead) -> String {
    [head(fitted), questions(fitted), others(fitted), layers(fitted), placebo(fitted)].join("\n")
}

fn head(fitted: &FittedHead) -> String {
    let parts = fitted.head.parts();
    let class = |class: &EntryClass| format!("`{}` {}", class.capability, class.threshold);
    let classes: Vec<String> = parts.classes.iter().map(class).collect();
    let [fit, calibration, test] = fitted.sizes;
    let [asking, others] = &fitted.overall;
    format!(
        "# The head of the entry trap\n\nWritten by `cargo xtask train entry`. It reads the residual of the prompt's last position after \
         layer {} of the shipped model and requests at most one capability: {}. Below the confidence beside it, it requests \
         none. Brackets are 95 % Wilson intervals, which treat prompts as independent although many share a wording.\n\nOn \
         the test side: the right capability for {} of the questions; a false request on {} of the prompts that ask for \
         nothing of ours. Without thresholds: {} and {}.\n\n\
         {fit} prompts to fit, {calibration} to choose layer and thresholds, {test} to test, seed {}. Wordings, \
         families of hard negatives and words are each on one side only; the wordings and words of the corpus on the test side \
         are those that the model itself was never trained on. Conversation shares its topics between the sides, not its \
         wordings. On the test side a capability has {} wordings that are not of the corpus, and the hard negatives are {} families \
         of 4 wordings. Nothing was fitted or fixed on the two sets of other sources.\n",
        parts.layer,
        classes.join(", "),
        asking.requested,
        others.requested,
        asking.forced,
        others.forced,
        fitted.plan.seed,
        tested(PARAPHRASES[0].wordings.len()),
        tested(FAMILIES.len()),
    )
}

/// Returns how many of the first `places` wordings of a list belong to the test side.
fn tested(places: usize) -> usize {
    (0..places).filter(|place| Side::from_place(*place) == Side::Test).count()
}

fn questions(fitted: &FittedHead) -> String {
    let mut text = "## Questions\n\nRules: the closed grammar of `factloop::route`, which reads operands too.\n\n\
         | asked for | n | requested | without thresholds | another one requested | rules |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for Row { name, requested, forced, wrong, routed } in &fitted.test.questions {
        let _ =
            writeln!(text, "| {name} | {} | {requested} | {forced} | {wrong} | {routed} |", requested.trials);
    }
    text
}

fn others(fitted: &FittedHead) -> String {
    let mut text = "## Prompts that ask for nothing of ours\n\n| prompts | n | false requests | without thresholds | rules |\n|---|---|---|---|---|\n".to_owned();
    for Row { name, requested, forced, routed, .. } in fitted.test.others.iter().chain(&fitted.foreign) {
        let _ = writeln!(text, "| {name} | {} | {requested} | {forced} | {routed} |", requested.trials);
    }
    text
}

fn layers(fitted: &FittedHead) -> String {
    let mut text = format!(
        "## Layers\n\nOn the calibration side, where the threshold of each capability is the least at which its part of at most {:.1} % of the prompts without a \
         question get a request. The first layer with the most questions noticed is taken.\n\n\
         | layer | questions noticed | false requests | noticed without thresholds | false without thresholds |\n|---|---|---|---|---|\n",
        100.0 * FALSE_REQUESTS
    );
    for layer in &fitted.candidates {
        let (found, wrong) = (layer.questions.requested, layer.others.requested);
        let (all, any) = (layer.questions.forced, layer.others.forced);
        let _ = writeln!(text, "| {} | {found} | {wrong} | {all} | {any} |", layer.layer);
    }
    text
}

fn placebo(fitted: &FittedHead) -> String {
    let [asking, others] = &fitted.placebo;
    format!(
        "## Placebo\n\nThe same recipe with the classes shuffled over the prompts before fitting: {} of the questions get the right \
         capability, {} without thresholds; {} and {} of the others get any.\n",
        asking.requested, asking.forced, others.requested, others.forced
    )
}
