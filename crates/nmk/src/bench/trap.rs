//! The benchmark of traps: their cost, compared with a decoder that has none.
//!
//! One process measures one model over one history. Every round runs each kind of traps once, and ratios are
//! taken within a round. The order changes from round to round so that each kind follows each other one
//! equally often. The decoder without traps runs twice in each round; the second run shows how exact such a
//! comparison is on this machine. Times are those of the processor, not elapsed times.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{
    Decoding, EntropyTap, ExpertMask, Gateway, GatewayWeights, GenerateSpec, Isolation, Model, NoTraps,
    Sampler, Session, SessionError, TrapPlane, Traps, Want, generate_in,
};
use serde_json::json;

use super::clock::tried;
use super::constrained;
use super::subject::{after, together};
use super::{Cell, Effort, Figure, Group, Ratio, Report, Row, Subject};
use crate::Error;
use crate::selftest::noise;

/// The time for which one kind of work is measured, about, in seconds.
const SECONDS: f64 = 15.0;

/// The least and the largest number of rounds in that time.
const ROUNDS: (usize, usize) = (42, 1_050);

/// The number of positions before the timed ones.
const CONTEXT: usize = 192;
const NEW: usize = 16;
const CHUNK: usize = 64;

/// The number of sequences in one pass.
const BATCH: usize = 5;

/// The kinds of traps that the decoder is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No traps at all.
    None,
    /// No traps, measured a second time.
    Again,
    /// A trap plane in which nothing is installed.
    Disarmed,
    /// A trap plane in which all of the traps below are installed, and which is not armed.
    Installed,
    /// An armed trap plane with the entropy tap, which only reads.
    Tap,
    /// An armed trap plane with a gateway that adds zeros.
    Gateway,
    /// An armed trap plane with an isolation that allows every expert.
    Isolation,
}

impl Kind {
    /// All kinds. Their number is prime, so that every stride visits all of them.
    const ALL: [Self; 7] =
        [Self::None, Self::Again, Self::Disarmed, Self::Installed, Self::Tap, Self::Gateway, Self::Isolation];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Again => "none again",
            Self::Disarmed => "disarmed plane",
            Self::Installed => "disarmed plane with all of these",
            Self::Tap => "armed entropy tap",
            Self::Gateway => "armed gateway at rest",
            Self::Isolation => "armed isolation to all experts",
        }
    }
}

/// Measures the cost of traps on `threads` threads. `watch` is called with a description of each step.
pub(crate) fn measure(
    subject: &Subject,
    threads: usize,
    effort: Effort,
    watch: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let model = subject.on(threads)?;
    let capacity = model.config().max_positions;
    let context = effort.choose(CONTEXT, 16).min(capacity / 2).max(1);
    let length = effort.choose(CHUNK, NEW).min(capacity - context);
    let tokens = noise(model.config().vocab_size, context + length);
    let (before, rest) = tokens.split_at(context);
    let mut bench = Bench { model: &model, before, rest, effort, watch };
    let failed = |cause| subject.failed(cause);
    let decode = bench.rounds(Work::Generate).map_err(failed)?;
    let prefill = bench.rounds(Work::Prefill).map_err(failed)?;
    let batch = bench.rounds(Work::Batch).map_err(failed)?;
    (bench.watch)("constrained");
    let constrained = constrained::group(&model, subject.token_bytes()?, before, effort).map_err(failed)?;
    let mut conditions = subject.conditions(&model);
    conditions.extend([("threads", json!(threads)), ("context", json!(context))]);
    let groups = [decode, prefill, batch].into_iter().chain(constrained);
    Ok(Report { conditions, groups: groups.collect() })
}

/// The kinds of work that are timed.
#[derive(Clone, Copy)]
enum Work {
    /// The loop by which answers are generated.
    Generate,
    /// The computation of one chunk of a prompt.
    Prefill,
    /// The decoding of several sequences in one pass, each with traps of its own.
    Batch,
}

struct Bench<'a> {
    model: &'a Arc<Model<CpuBackend>>,
    /// The tokens in the session before each run.
    before: &'a [u32],
    /// The tokens that each run computes.
    rest: &'a [u32],
    effort: Effort,
    watch: &'a mut dyn FnMut(&str),
}

impl Bench<'_> {
    fn rounds(&mut self, work: Work) -> Result<Group, SessionError> {
        let name = match work {
            Work::Generate => "decode",
            Work::Prefill => "prefill",
            Work::Batch => "batch",
        };
        let first = after(self.model, self.before)?;
        let count = if matches!(work, Work::Batch) { BATCH } else { 1 };
        let mut sessions: Vec<Session<CpuBackend>> = (0..count).map(|_| first.fork()).collect();
        drop(first);
        let (mut seconds, mut ratios) = (Kind::ALL.map(|_| Vec::new()), Kind::ALL.map(|_| Vec::new()));
        // The first makes the pages that the others write into.
        let (took, _) = tried(|| self.round(work, 0, &mut sessions))?;
        let rounds = match self.effort {
            Effort::Full => ((SECONDS / took.seconds) as usize).clamp(ROUNDS.0, ROUNDS.1),
            Effort::Quick => 2,
        };
        for round in 0..rounds {
            if round.is_multiple_of(16) {
                (self.watch)(&format!("{name}, round {round} of {rounds}"));
            }
            let times = self.round(work, round, &mut sessions)?;
            for (kind, time) in times.iter().enumerate() {
                seconds[kind].push(*time * 1e6 / (self.count(work) * count) as f64);
                ratios[kind].push(time / times[0]);
            }
        }
        let row = |((kind, seconds), ratios): ((Kind, Vec<f64>), Vec<f64>)| {
            let mut cells = vec![("token_processor_us", Cell::Figure(Figure::from_runs(seconds)))];
            if kind != Kind::None {
                cells.push(("against_none", Cell::Ratio(Ratio::from_rounds(ratios))));
            }
            Row { settings: vec![("traps", json!(kind.name())), ("rounds", json!(rounds))], cells }
        };
        let rows = Kind::ALL.into_iter().zip(seconds).zip(ratios).map(row);
        Ok(Group { name, rows: rows.collect() })
    }

    /// Returns the number of tokens of each sequence that one run computes.
    fn count(&self, work: Work) -> usize {
        match work {
            Work::Generate | Work::Batch => self.rest.len().min(NEW),
            Work::Prefill => self.rest.len(),
        }
    }

    /// Runs every kind once, and returns the processor seconds of each, in the order of [`Kind::ALL`].
    fn round(
        &self,
        work: Work,
        round: usize,
        sessions: &mut [Session<CpuBackend>],
    ) -> Result<[f64; Kind::ALL.len()], SessionError> {
        let count = Kind::ALL.len();
        let stride = 1 + round / count % (count - 1);
        let mut times = [0.0; Kind::ALL.len()];
        for turn in 0..count {
            let kind = (round + turn * stride) % count;
            times[kind] = match Kind::ALL[kind] {
                Kind::None | Kind::Again => self.run(work, sessions, || NoTraps)?,
                kind => self.run(work, sessions, || self.plane(kind))?,
            };
            sessions.iter_mut().try_for_each(|session| session.rewind(self.before.len()))?;
        }
        Ok(times)
    }

    fn run<T: Traps<CpuBackend>>(
        &self,
        work: Work,
        sessions: &mut [Session<CpuBackend>],
        traps: impl Fn() -> T,
    ) -> Result<f64, SessionError> {
        let tokens = &self.rest[..self.count(work)];
        let mut traps: Vec<T> = sessions.iter().map(|_| traps()).collect();
        let (session, trap) = (&mut sessions[0], &mut traps[0]);
        let took = match work {
            Work::Generate => {
                let spec = GenerateSpec { prompt: &tokens[..1], max_new: tokens.len(), end_tokens: &[] };
                let mut decoding = Decoding::with(Sampler::GREEDY);
                tried(|| generate_in(session, &spec, &mut decoding, trap, &mut |_| {}))?.0
            }
            Work::Prefill => tried(|| session.prefill_trapped(tokens, Want::Last, trap))?.0,
            Work::Batch => tried(|| together(sessions, tokens, &mut traps))?.0,
        };
        Ok(took.processor_seconds)
    }

    fn plane(&self, kind: Kind) -> TrapPlane<CpuBackend> {
        let of = |kinds: &[Kind]| kinds.contains(&kind);
        TrapPlane {
            armed: of(&[Kind::Tap, Kind::Gateway, Kind::Isolation]),
            entropy: of(&[Kind::Tap, Kind::Installed]).then(EntropyTap::default),
            gateways: if of(&[Kind::Gateway, Kind::Installed]) { vec![self.gateway()] } else { Vec::new() },
            isolation: of(&[Kind::Isolation, Kind::Installed]).then(|| self.isolation()),
            ..TrapPlane::default()
        }
    }

    /// Returns a gateway in the middle of the model whose output is zeros.
    fn gateway(&self) -> Gateway<CpuBackend> {
        const BOTTLENECK: usize = 16;
        let (config, positions) = (self.model.config(), 0..usize::MAX);
        let width = config.hidden_size;
        let (down, up) = (vec![0.5; width * BOTTLENECK], vec![0.0; width * BOTTLENECK]);
        let weights = GatewayWeights { down: &down, up: &up, scale: 1.0 };
        let place = (config.layers.len() / 2, positions);
        Gateway::new(self.model.backend(), place, (width, BOTTLENECK), weights)
            .expect("weights of the shape that is stated")
    }

    fn isolation(&self) -> Isolation {
        let experts = self.model.config().router.experts;
        let all: Vec<usize> = (0..experts).collect();
        Isolation::everywhere(ExpertMask::new(experts, &all).expect("every expert is one of them"))
    }
}
