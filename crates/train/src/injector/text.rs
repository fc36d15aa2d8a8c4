//! The training of the injectors as a Markdown report with tables.

use std::fmt::Write;

use super::fit::BATCH;
use super::items::{LARGEST, is_untaught};
use super::make::{Chosen, Site, TrainedInjectors};

/// Returns the report on the injectors as Markdown, as it is written to `INJECT.md`.
#[must_use]
pub fn text(trained: &TrainedInjectors) -> String {
    [head(trained), tests(trained), candidates(trained)].join("\n")
}

fn place(Site { layer, reach, rate, lesson }: Site) -> String {
    let positions = if reach == neural::Reach::Prompt { "the prompt's positions" } else { "all positions" };
    format!("block {layer}, {positions}, rate {rate}, lesson *{}*", lesson.words())
}

fn head(trained: &TrainedInjectors) -> String {
    let TrainedInjectors { plan, bare, sums, .. } = trained;
    let untaught: Vec<String> =
        (0..=LARGEST).filter(|value| is_untaught(*value)).map(|value| value.to_string()).collect();
    format!(
        "# The injectors of the embedded model\n\nWritten by `cargo xtask train injector`. An injector is a gateway that tells \
         the frozen model a number of at most two digits through the residual. An answer follows the value if greedy decoding \
         gives exactly what follows from it, token for token, in the forward pass that ships. Brackets are 95 % Wilson intervals, \
         which treat questions as independent although many share a wording.\n\n\
         - `injector.safetensors`: {}; loss {:.3} nats a token at the end.\n\
         - `injector-sums.safetensors`: {}; loss {:.3}.\n\
         - `injector-placebo.safetensors`: the place and the lesson of the first, and values that have nothing to do with the \
         answers; loss {:.3}.\n\n\
         {} steps of {BATCH} questions each, Adam, `up` from noise of 0.001, seed {}. The value is the true one in half of the questions, \
         a digit in a quarter, and any up to {LARGEST} in a quarter, and the answer is always the one that follows from the value. \
         No step injects {}. Wordings and words are split as for the entry head (`ENTRY.md`).\n",
        place(bare.candidate.site),
        bare.candidate.loss,
        place(sums.candidate.site),
        sums.candidate.loss,
        trained.placebo.candidate.loss,
        plan.steps,
        plan.seed,
        untaught.join(", "),
    )
}

fn tests(trained: &TrainedInjectors) -> String {
    let mut text = format!(
        "## On the test side\n\n{} questions of each kind in wordings and words that neither the model nor an injector was trained \
         on, with random values. Digits are the counts that the model's own facts have. Subtraction is in no lesson, and nothing was \
         chosen by it.\n\n| questions | values | bare | sums | placebo |\n|---|---|---|---|---|\n",
        trained.plan.items
    );
    for (place, row) in trained.bare.test.iter().enumerate() {
        let share = |chosen: &Chosen| chosen.test[place].followed.to_string();
        let shares = [&trained.bare, &trained.sums, &trained.placebo].map(share);
        let _ =
            writeln!(text, "| {} | {} | {} |", row.operation.name(), row.values.words(), shares.join(" | "));
    }
    text
}

fn candidates(trained: &TrainedInjectors) -> String {
    let mut text = format!(
        "## Candidates\n\nOn {} questions of each kind of the calibration side, with random digits. The first candidate with the most answers that follow, \
         of both kinds together, ships: one of the lessons without sums, and one of the lesson with sums.\n\n\
         | lesson | block | positions | rate | loss | bare counts | sums |\n|---|---|---|---|---|---|---|\n",
        trained.plan.items
    );
    for candidate in &trained.candidates {
        let Site { layer, reach, rate, lesson } = candidate.site;
        let followed: Vec<String> =
            candidate.calibration.iter().map(|row| row.followed.to_string()).collect();
        let _ = writeln!(
            text,
            "| {} | {layer} | {} | {rate} | {:.3} | {} |",
            lesson.words(),
            reach.word(),
            candidate.loss,
            followed.join(" | ")
        );
    }
    text
}
