//! The picture of accuracy against cost for every share of questions that the model answers by itself.

use super::Course;
use crate::eval::svg::Picture;

/// The means over the questions that the model alone answers right, or over those that it answers wrong.
#[derive(Clone, Copy, Debug, Default)]
struct Means {
    accuracy: f64,
    tokens: f64,
}

impl Means {
    fn over<'a>(courses: impl Iterator<Item = &'a Course>) -> Self {
        let (mut right, mut tokens, mut count) = (0.0, 0.0, 0.0_f64);
        for course in courses {
            (right, tokens, count) =
                (right + f64::from(u8::from(course.is_right)), tokens + course.tokens as f64, count + 1.0);
        }
        let count = count.max(1.0);
        Self { accuracy: right / count, tokens: tokens / count }
    }

    /// Returns the cost and the accuracy of a mix in which the share `base` is of the first kind.
    fn mixed(right: Self, wrong: Self, base: f64) -> (f64, f64) {
        let at = |of: fn(&Self) -> f64| base * of(&right) + (1.0 - base) * of(&wrong);
        (at(|means| means.tokens), at(|means| means.accuracy))
    }
}

/// The arms that are drawn, in the order of their courses.
const DRAWN: [(&str, &str); 3] = [("base", "#888888"), ("always", "#b03a2e"), ("governed_idle", "#1f5fa8")];

/// Returns the picture, and the share of questions answered without a fact above which the governed loop costs fewer
/// tokens than a fact ahead of every question. None if no such share is below 1.
///
/// The measured questions are weighted anew: `courses` are those of the arms base, always and governed, question by
/// question.
pub(crate) fn picture(courses: [&[Course]; 3]) -> (String, Option<f64>) {
    let is_right: Vec<bool> = courses[0].iter().map(|course| course.is_right).collect();
    let of = |arm: &[Course], wanted: bool| {
        Means::over(
            arm.iter().zip(&is_right).filter(|(_, right)| **right == wanted).map(|(course, _)| course),
        )
    };
    let means = courses.map(|arm| (of(arm, true), of(arm, false)));
    let shares: Vec<f64> = (0..=10).map(|tenths| f64::from(tenths) / 10.0).collect();
    let curves = means.map(|(right, wrong)| {
        shares.iter().map(|share| Means::mixed(right, wrong, *share)).collect::<Vec<(f64, f64)>>()
    });
    let most = curves.iter().flatten().map(|(tokens, _)| *tokens).fold(0.0, f64::max);
    let title = "Accuracy against cost, by the share of questions that the model answers alone";
    let mut picture = Picture::new(title, "tokens of a question", "accuracy", (0.0, most * 1.05));
    for ((name, colour), curve) in DRAWN.iter().zip(&curves) {
        picture.line(name, colour, curve);
        for (share, place) in shares.iter().zip(curve).step_by(2) {
            picture.point(&format!("{share:.1}"), colour, *place);
        }
    }
    let dearer = |base: f64| {
        let cost = |arm: usize| Means::mixed(means[arm].0, means[arm].1, base).0;
        cost(2) - cost(1)
    };
    // Both costs are linear in the share, so the difference is too.
    let (none, all) = (dearer(0.0), dearer(1.0));
    let even = (none > 0.0 && all < 0.0).then(|| none / (none - all));
    if let Some(even) = even {
        let words = format!("governing costs less above a share of {even:.2}");
        picture.point(&words, "#1f5fa8", Means::mixed(means[2].0, means[2].1, even));
    }
    (picture.text(), even)
}
