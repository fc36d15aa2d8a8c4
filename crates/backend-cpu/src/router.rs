//! The choice of experts for each row.

use std::cmp::Ordering;

use neural::{ExpertMask, ExpertShare, RouterConfig, Scores};

use crate::lanes::larger;
use crate::math::{exp, sigmoid};

/// The least divisor if the chosen scores are renormalised, so that nothing is divided by zero.
const LEAST_SUM: f32 = 1e-12;

/// Returns the experts of one row, in ascending order, from the router's outputs. With a mask, the result is
/// as if only the allowed experts existed.
pub(crate) fn route(router: &RouterConfig, mask: Option<&ExpertMask>, outputs: &[f32]) -> Vec<ExpertShare> {
    let Some(mask) = mask else { return route_all(router, outputs) };
    let left: Vec<usize> = (0..outputs.len()).filter(|expert| mask.allowed()[*expert]).collect();
    let outputs: Vec<f32> = left.iter().map(|expert| outputs[*expert]).collect();
    let share = |share: ExpertShare| ExpertShare { expert: left[share.expert], ..share };
    route_all(router, &outputs).into_iter().map(share).collect()
}

fn route_all(router: &RouterConfig, outputs: &[f32]) -> Vec<ExpertShare> {
    if outputs.iter().any(|output| !output.is_finite()) {
        return (0..router.chosen.min(outputs.len()))
            .map(|expert| ExpertShare { expert, weight: f32::NAN })
            .collect();
    }
    let mut scores = scores(router.scores, outputs);
    let mut chosen = choose(&scores, router.chosen);
    chosen.sort_unstable();
    if router.scores == Scores::SoftmaxOfChosen {
        let of_chosen: Vec<f32> = chosen.iter().map(|expert| outputs[*expert]).collect();
        for (expert, score) in chosen.iter().zip(softmax(&of_chosen)) {
            scores[*expert] = score;
        }
    }
    let share = |expert| ExpertShare { expert, weight: scores[expert] };
    let mut shares: Vec<ExpertShare> = chosen.into_iter().map(share).collect();
    if router.renormalise {
        let sum = shares.iter().fold(0.0, |sum, share| sum + share.weight);
        shares.iter_mut().for_each(|share| share.weight /= larger(LEAST_SUM, sum));
    }
    shares
}

/// Returns the scores by which experts are selected.
fn scores(scores: Scores, outputs: &[f32]) -> Vec<f32> {
    match scores {
        Scores::Sigmoid => outputs.iter().map(|output| sigmoid(*output)).collect(),
        Scores::Softmax => softmax(outputs),
        Scores::SoftmaxOfChosen => outputs.to_vec(),
    }
}

/// Returns the softmax of the outputs, with one accumulator over ascending experts.
fn softmax(outputs: &[f32]) -> Vec<f32> {
    let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, larger);
    let powers: Vec<f32> = outputs.iter().map(|output| exp(output - largest)).collect();
    let sum = powers.iter().fold(0.0, |sum, power| sum + power);
    powers.iter().map(|power| power / sum).collect()
}

/// Returns the indices of the `count` largest scores; of equal scores the lower index.
fn choose(scores: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // A stable sort keeps ties in ascending order. The scores are finite, and zeros of both signs tie.
    order.sort_by(|a, b| scores[*b].partial_cmp(&scores[*a]).unwrap_or(Ordering::Equal));
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use super::route;
    use neural::{RouterConfig, Scores};

    fn check(scores: Scores, renormalise: bool, outputs: &[f32], expected: &[(usize, f32)]) {
        let router = RouterConfig { experts: outputs.len(), chosen: 2, scores, renormalise, bias: false };
        let shares = route(&router, None, outputs);
        assert_eq!(shares.len(), expected.len());
        for (share, (expert, weight)) in shares.iter().zip(expected) {
            assert_eq!(share.expert, *expert, "{outputs:?}");
            assert!((share.weight - weight).abs() < 1e-6, "{outputs:?}: {share:?}");
        }
    }

    #[test]
    fn experts_come_ascending_and_ties_go_to_the_lower_index() {
        check(Scores::Softmax, true, &[0.0, 1.0, 1.0, 1.0], &[(1, 0.5), (2, 0.5)]);
        check(Scores::Sigmoid, false, &[0.0, -1.0, 0.0, 0.0], &[(0, 0.5), (2, 0.5)]);
        check(Scores::Softmax, false, &[3f32.ln(), 0.0, f32::MIN / 2.0, 4f32.ln()], &[(0, 0.375), (3, 0.5)]);
        check(Scores::SoftmaxOfChosen, false, &[3f32.ln(), 0.0, 0.5, 2f32.ln()], &[(0, 0.6), (3, 0.4)]);
    }

    #[test]
    fn saturated_scores_do_not_divide_by_zero() {
        check(Scores::Sigmoid, true, &[-200.0, -200.0, -200.0], &[(0, 0.0), (1, 0.0)]);
    }

    #[test]
    fn an_output_that_is_not_finite_makes_every_weight_so() {
        let router =
            RouterConfig { experts: 3, chosen: 2, scores: Scores::Softmax, renormalise: true, bias: false };
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(route(&router, None, &[0.0, bad, 1.0]).iter().all(|share| share.weight.is_nan()));
        }
    }
}
