//! The making of an entry head: from a model and a seed to the head and its evaluation.

use neural::{EntryClass, EntryHead, EntryParts};

use super::asks::{self, Ask, Kind, Side, capabilities};
use super::fit::{self, Settings};
use super::judge::{self, Judged, Read, Row};
use super::residuals::{self, Layers};
use crate::TrainError;
use crate::calibrate::FOREIGN;
use crate::rng::Rng;
use crate::shipped::{Shipped, each};

/// The inputs of an entry head beside the model: sizes and a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Number of questions of each class on each side of the split. The numbers of the other kinds follow
    /// from it.
    pub items: usize,
    /// The seed of every draw; the same plan gives the same head.
    pub seed: u64,
}

impl Plan {
    /// The plan of the shipped head, with which the head can be made again.
    pub const SHIPPED: Self = Self { items: 400, seed: 5 };
}

/// The largest share of calibration prompts without a question that may get a request. Every capability gets
/// the same part of this share.
pub const FALSE_REQUESTS: f64 = 0.005;

/// Prompts in ordinary English that mention letters, counts and primes. They are only measured: nothing is
/// fitted to them or chosen by them.
const ORDINARY: &str = include_str!("../../data/benign_300.txt");

/// A layer that the shipped head could read, with the results of a head that was fitted to it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Index of the layer, from 0.
    pub layer: usize,
    /// The result for all questions of the calibration side; the layer with most right requests is chosen.
    pub questions: Row,
    /// The result for all prompts of the calibration side that ask for nothing.
    pub others: Row,
}

/// A fitted entry head, with its plan and all of its evaluations.
#[derive(Debug)]
pub struct FittedHead {
    /// The plan that the head was made with.
    pub plan: Plan,
    /// The head itself, which reads the best of the candidate layers.
    pub head: EntryHead,
    /// The candidates for the layer, one for each layer in ascending order.
    pub candidates: Vec<Candidate>,
    /// The results on the test side, group by group.
    pub test: Judged,
    /// The results for all questions of the test side, and for all of its other prompts.
    pub overall: [Row; 2],
    /// The results for prompts of other sources, all of which ask for nothing.
    pub foreign: Vec<Row>,
    /// The same two results as `overall`, for a head whose classes were shuffled before the fit, so that it
    /// can have learnt nothing.
    pub placebo: [Row; 2],
    /// Number of prompts for fitting, for calibration and for the test.
    pub sizes: [usize; 3],
}

/// The prompts of one side, with their residuals by layer.
struct Set {
    asks: Vec<Ask>,
    rows: Vec<Layers>,
}

impl Set {
    fn new(model: &Shipped, asks: Vec<Ask>, threads: usize) -> Result<Self, TrainError> {
        let rows = each(&asks, threads, |ask| residuals::last_rows(model, &ask.prompt))?;
        Ok(Self { asks, rows })
    }

    fn drawn(model: &Shipped, side: Side, plan: &Plan, threads: usize) -> Result<Self, TrainError> {
        Self::new(model, asks::draw(side, plan.items, plan.seed), threads)
    }

    fn classes(&self) -> Vec<usize> {
        self.asks.iter().map(|ask| ask.class).collect()
    }

    fn layer(&self, layer: usize) -> Vec<&[f32]> {
        self.rows.iter().map(|rows| &*rows[layer]).collect()
    }

    fn read(&self, head: &EntryHead) -> Vec<Read<'_>> {
        let layer = head.parts().layer;
        let reads = self.asks.iter().zip(&self.rows);
        reads.map(|(ask, rows)| Read { ask, reading: head.read(&rows[layer]) }).collect()
    }
}

/// Makes an entry head for `model` and evaluates it. The result depends on `model` and `plan`, and not on
/// `threads`.
///
/// # Errors
/// [`TrainError`] if the model refuses a prompt, or a fitted head does not fit the model.
pub fn make(model: &Shipped, plan: &Plan, threads: usize) -> Result<FittedHead, TrainError> {
    let set = |side| Set::drawn(model, side, plan, threads);
    let (fitting, calibration, test) = (set(Side::Fit)?, set(Side::Calibrate)?, set(Side::Test)?);
    let layers: Vec<usize> = (0..model.local().model().config().layers.len()).collect();
    let classes = fitting.classes();
    let heads =
        each(&layers, threads, |layer| fitted(model, plan, &fitting, &classes, *layer, &calibration))?;
    let candidates: Vec<Candidate> = heads.iter().map(|head| candidate(head, &calibration)).collect();
    // Among the layers at which the most questions are noticed, take the first.
    let mut best = 0;
    for at in 1..candidates.len() {
        if candidates[at].questions.requested.hits > candidates[best].questions.requested.hits {
            best = at;
        }
    }
    let head = heads[best].clone();
    let mut shuffled = classes;
    fit::shuffle(&mut shuffled, &mut Rng::keyed(!plan.seed, 0));
    let placebo = fitted(model, plan, &fitting, &shuffled, layers[best], &calibration)?;
    let overall = |head: &EntryHead| {
        let reads = test.read(head);
        [judge::whole(head, &reads, true), judge::whole(head, &reads, false)]
    };
    Ok(FittedHead {
        plan: *plan,
        candidates,
        test: judge::judge(&head, &test.read(&head)),
        overall: overall(&head),
        foreign: foreign(model, &head, threads)?,
        placebo: overall(&placebo),
        sizes: [&fitting, &calibration, &test].map(|set| set.asks.len()),
        head,
    })
}

/// Returns a head that was fitted to one layer, with thresholds from the calibration side.
fn fitted(
    model: &Shipped,
    plan: &Plan,
    fitting: &Set,
    wanted: &[usize],
    layer: usize,
    calibration: &Set,
) -> Result<EntryHead, TrainError> {
    let settings = Settings {
        hidden: 24,
        epochs: 30,
        batch: 64,
        rate: 2e-3,
        decay: 1.0,
        seed: plan.seed + layer as u64,
    };
    let names = capabilities();
    let fit = fit::fit(&fitting.layer(layer), wanted, 1 + names.len(), &settings);
    let model = model.local().model();
    let class = |capability| EntryClass { capability, threshold: 1.0 };
    let mut parts = EntryParts {
        model: model.digest(),
        layer,
        classes: names.into_iter().map(class).collect(),
        mean: fit.mean,
        scale: fit.scale,
        hidden: fit.hidden,
        hidden_bias: fit.hidden_bias,
        output: fit.output,
        output_bias: fit.output_bias,
    };
    let reads = EntryHead::new(parts.clone(), model)?;
    let reads = calibration.read(&reads);
    let most = FALSE_REQUESTS / parts.classes.len() as f64;
    for (place, class) in parts.classes.iter_mut().enumerate() {
        class.threshold = judge::threshold(&reads, place + 1, most);
    }
    Ok(EntryHead::new(parts, model)?)
}

/// Returns the results of a head on the calibration side.
fn candidate(head: &EntryHead, calibration: &Set) -> Candidate {
    let reads = calibration.read(head);
    let [questions, others] = [true, false].map(|asking| judge::whole(head, &reads, asking));
    Candidate { layer: head.parts().layer, questions, others }
}

/// Returns the results for prompts that come from neither the corpus nor this crate.
fn foreign(model: &Shipped, head: &EntryHead, threads: usize) -> Result<Vec<Row>, TrainError> {
    let ask = |prompt: &str| Ask {
        prompt: prompt.to_owned(),
        class: 0,
        kind: Kind::Mention,
        words: Vec::new(),
        places: Vec::new(),
    };
    let sets = [
        ("ordinary prompts that mention letters, counts or primes", ORDINARY.lines().map(ask).collect()),
        ("prompts far from what the model knows", FOREIGN.iter().map(|prompt| ask(prompt)).collect()),
    ];
    let row = |(name, asks): (&str, Vec<Ask>)| {
        let set = Set::new(model, asks, threads)?;
        let reads = set.read(head);
        Ok(judge::row(name.to_owned(), head, &reads.iter().collect::<Vec<_>>()))
    };
    sets.into_iter().map(row).collect()
}
