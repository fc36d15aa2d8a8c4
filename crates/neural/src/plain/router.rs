//! The choice of experts for one row.

use super::functions::{exp, sigmoid};
use super::sums::max;
use crate::backend::ExpertShare;
use crate::config::{RouterConfig, Scores};
use crate::traps::ExpertMask;

/// Returns the chosen experts in ascending order, with the factor on the output of each. Experts that a mask
/// forbids count as absent: maximum, sum and choice are over the others.
pub(super) fn route(router: &RouterConfig, mask: Option<&ExpertMask>, outputs: &[f32]) -> Vec<ExpertShare> {
    let allowed = |expert: &usize| mask.is_none_or(|mask| mask.allowed()[*expert]);
    let experts: Vec<usize> = (0..outputs.len()).filter(allowed).collect();
    let outputs: Vec<f32> = experts.iter().map(|expert| outputs[*expert]).collect();
    let finite = outputs.iter().all(|output| output.is_finite());
    let scores = match router.scores {
        Scores::Softmax => softmax(&outputs),
        Scores::Sigmoid => outputs.iter().map(|output| sigmoid(*output)).collect(),
        Scores::SoftmaxOfChosen => outputs.clone(),
    };
    let chosen = largest(&scores, router.chosen);
    let mut weights: Vec<f32> = chosen.iter().map(|place| scores[*place]).collect();
    if router.scores == Scores::SoftmaxOfChosen {
        weights = softmax(&weights);
    }
    if router.renormalise {
        let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
        weights.iter_mut().for_each(|weight| *weight /= max(1e-12, sum));
    }
    let share = |(place, weight): (&usize, f32)| ExpertShare {
        expert: experts[*place],
        weight: if finite { weight } else { f32::NAN },
    };
    chosen.iter().zip(weights).map(share).collect()
}

/// Returns the softmax with one sum from +0 in ascending order.
fn softmax(outputs: &[f32]) -> Vec<f32> {
    let most = outputs.iter().copied().fold(f32::NEG_INFINITY, max);
    let powers: Vec<f32> = outputs.iter().map(|output| exp(output - most)).collect();
    let sum = powers.iter().fold(0.0, |sum, power| sum + power);
    powers.iter().map(|power| power / sum).collect()
}

/// Returns the indices of the `count` largest scores, in ascending order; of equal scores the lower indices
/// are taken.
fn largest(scores: &[f32], count: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    for _ in 0..count.min(scores.len()) {
        let mut left = (0..scores.len()).filter(|place| !chosen.contains(place));
        let first = left.next();
        chosen.extend(
            first.map(|first| left.fold(first, |best, at| if scores[at] > scores[best] { at } else { best })),
        );
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scores: Scores, renormalise: bool, outputs: &[f32], expected: &[(usize, f32)]) {
        let router = RouterConfig { experts: outputs.len(), chosen: 2, scores, renormalise, bias: false };
        let found = route(&router, None, outputs);
        assert_eq!(found.len(), expected.len());
        for (share, (expert, weight)) in found.iter().zip(expected) {
            assert_eq!(share.expert, *expert, "{outputs:?}");
            assert!((share.weight - weight).abs() < 1e-6, "{outputs:?}: {share:?}");
        }
    }

    #[test]
    fn the_largest_are_chosen_and_ties_go_to_the_lower_expert() {
        check(Scores::Softmax, true, &[0.0, 1.0, 1.0, 1.0], &[(1, 0.5), (2, 0.5)]);
        check(Scores::Sigmoid, false, &[0.0, -1.0, 0.0, 0.0], &[(0, 0.5), (2, 0.5)]);
        check(Scores::SoftmaxOfChosen, false, &[3f32.ln(), 0.0, 0.5, 2f32.ln()], &[(0, 0.6), (3, 0.4)]);
        check(Scores::Sigmoid, true, &[-200.0, -200.0, -200.0], &[(0, 0.0), (1, 0.0)]);
    }

    #[test]
    fn a_masked_expert_is_not_there() {
        let router =
            RouterConfig { experts: 4, chosen: 2, scores: Scores::Softmax, renormalise: false, bias: false };
        let mask = ExpertMask::new(4, &[0, 2, 3]).expect("experts of the router");
        let masked = route(&router, Some(&mask), &[1.0, 9.0, 0.5, 2.0]);
        let alone = route(&router, None, &[1.0, 0.5, 2.0]);
        let places: Vec<usize> = masked.iter().map(|share| share.expert).collect();
        assert_eq!(places, [0, 3]);
        assert!(masked.iter().zip(&alone).all(|(a, b)| a.weight.to_bits() == b.weight.to_bits()));
    }

    #[test]
    fn an_output_that_is_not_finite_makes_every_weight_so() {
        let router =
            RouterConfig { experts: 3, chosen: 2, scores: Scores::Softmax, renormalise: true, bias: false };
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let shares = route(&router, None, &[0.0, bad, 1.0]);
            assert!(shares.len() == 2 && shares.iter().all(|share| share.weight.is_nan()));
        }
    }
}
