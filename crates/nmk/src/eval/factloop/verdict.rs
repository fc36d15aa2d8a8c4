//! The findings that the evaluation must show, and does or does not.

use super::Sums;
use crate::eval::finding::Finding;

/// The most by which the governed arm may fall behind the one that always has the fact.
const MARGIN: f64 = 0.03;

/// Returns what must hold of the arms. `differing` are the questions whose path without a fact was not that of the model
/// alone, of `compared`. `vetoed` is the arm under a cost of 1, and `mandated` is true if a stated risk makes its facts
/// mandatory: then no veto is asked for.
pub(crate) fn findings(
    base: &Sums,
    always: &Sums,
    governed: &Sums,
    vetoed: &Sums,
    mandated: bool,
    (compared, differing): (usize, usize),
) -> Vec<Finding> {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let (alone, with, loop_) = (base.share(), always.share(), governed.share());
    let mean = governed.mean_generations();
    let finding = |name, holds, figures| Finding { name, holds, figures };
    vec![
        finding(
            "within_3_points_of_always",
            loop_.rate() >= with.rate() - MARGIN,
            format!("governed {}, always {}", percent(loop_.rate()), percent(with.rate())),
        ),
        finding(
            "above_base",
            loop_.interval()[0] > alone.interval()[1],
            format!("governed {loop_}, base {alone}"),
        ),
        finding("generations_between_1_and_2", 1.0 < mean && mean < 2.0, format!("{mean:.3} on average")),
        finding(
            "nothing_wrong_committed",
            governed.wrong_commits == 0,
            format!("{} of {} commits are wrong", governed.wrong_commits, governed.committed),
        ),
        finding(
            "cost_1_vetoes",
            mandated || (vetoed.spent == 0 && vetoed.share() == alone),
            format!("{} facts spent, {} right, base {}", vetoed.spent, vetoed.share().hits, alone.hits),
        ),
        finding(
            "no_facts_is_identical",
            compared > 0 && differing == 0,
            format!("{differing} of {compared} first replies differ from the model alone"),
        ),
    ]
}
