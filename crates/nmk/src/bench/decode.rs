//! The benchmark of decoding: tokens per second by context, by batch, and with drafts that are verified in
//! one pass.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{
    Ahead, Decoding, GenerateSpec, LookupDrafter, Model, NoTraps, Sampler, Session, SessionError, TrapPlane,
    generate_in,
};
use serde_json::json;

use super::clock::{Begun, Took, rates, slope, tried};
use super::subject::{after, together};
use super::{Cell, Effort, Figure, Group, Report, Row, Subject};
use crate::Error;
use crate::selftest::noise;

/// The numbers of positions before the first token that is timed.
const CONTEXTS: [usize; 9] = [16, 64, 128, 256, 480, 1024, 2048, 4096, 8192];

/// The numbers of sequences in one pass.
const BATCHES: [usize; 3] = [1, 2, 5];

/// The largest numbers of tokens that are drafted for one pass.
const DRAFTS: [usize; 5] = [0, 1, 2, 4, 8];

/// The lengths of the phrases, in tokens, whose repetition is the prompt for drafting. A model continues a
/// repeated single token sooner than a long phrase.
const PHRASES: [usize; 2] = [1, 16];
const REPEATED: usize = 128;

/// Measures decoding on `threads` threads. `watch` is called with a description of each step.
pub(crate) fn measure(
    subject: &Subject,
    threads: usize,
    effort: Effort,
    watch: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let model = subject.on(threads)?;
    let mut bench = Bench { model: &model, effort, repeats: effort.choose(9, 1), watch };
    let failed = |cause| subject.failed(cause);
    let (contexts, growth) = bench.contexts().map_err(failed)?;
    let groups = vec![contexts, growth, bench.batches().map_err(failed)?, bench.drafts().map_err(failed)?];
    let mut conditions = subject.conditions(&model);
    conditions.extend([("threads", json!(threads)), ("repeats", json!(bench.repeats))]);
    Ok(Report { conditions, groups })
}

struct Bench<'a> {
    model: &'a Arc<Model<CpuBackend>>,
    effort: Effort,
    repeats: usize,
    watch: &'a mut dyn FnMut(&str),
}

impl Bench<'_> {
    fn noise(&self, length: usize) -> Vec<u32> {
        noise(self.model.config().vocab_size, length)
    }

    /// Measures the time of a token by the number of positions before it, and the growth with that number.
    fn contexts(&mut self) -> Result<(Group, Group), SessionError> {
        let steps = self.effort.choose(16, 2);
        let capacity = self.model.config().max_positions.min(self.effort.choose(usize::MAX, 128));
        let lengths: Vec<usize> = CONTEXTS.into_iter().filter(|length| length + steps <= capacity).collect();
        let tokens = self.noise(lengths.last().map_or(0, |longest| longest + steps));
        let mut sessions = Vec::new();
        for length in &lengths {
            (self.watch)(&format!("a context of {length}"));
            sessions.push(after(self.model, &tokens[..*length])?);
        }
        let mut runs = vec![Vec::new(); lengths.len()];
        for repeat in 0..=self.repeats {
            (self.watch)(&format!("tokens, {repeat} of {}", self.repeats));
            for ((length, session), runs) in lengths.iter().zip(&mut sessions).zip(&mut runs) {
                let run = || {
                    tokens[*length..][..steps].iter().try_for_each(|token| session.decode(*token).map(drop))
                };
                let (took, ()) = tried(run)?;
                session.rewind(*length)?;
                // The first makes the pages that the others write into.
                if repeat > 0 {
                    runs.push(took);
                }
            }
        }
        let time = |run: &Took| run.processor_seconds * 1e6 / steps as f64;
        let time = |runs: &Vec<Took>| Figure::from_runs(runs.iter().map(time).collect());
        let figures: Vec<Figure> = runs.iter().map(time).collect();
        let rows = lengths.iter().zip(&runs).zip(&figures).map(|((length, runs), figure)| {
            let mut cells = rates(steps, runs);
            cells.push(("token_processor_us", Cell::Figure(*figure)));
            Row { settings: vec![("context", json!(length))], cells }
        });
        let contexts = Group { name: "decode", rows: rows.collect() };
        let medians = figures.iter().map(|figure| figure.median * 1e3);
        let points: Vec<(f64, f64)> = lengths.iter().map(|length| *length as f64).zip(medians).collect();
        let at = |point: Option<&(f64, f64)>| point.map_or(1.0, |point| point.1);
        let (first, last) = (at(points.first()), at(points.last()));
        let cells = vec![
            ("processor_ns_per_position", Cell::Number(slope(&points))),
            ("longest_to_shortest", Cell::Number(last / first)),
        ];
        let settings = vec![("from", json!(lengths.first())), ("to", json!(lengths.last()))];
        Ok((contexts, Group { name: "growth", rows: vec![Row { settings, cells }] }))
    }

    /// Measures the tokens per second of several sequences in one pass, summed over the sequences.
    fn batches(&mut self) -> Result<Group, SessionError> {
        let (steps, length) = (self.effort.choose(16, 2), self.effort.choose(128, 16));
        let length = length.min(self.model.config().max_positions.saturating_sub(steps)).max(1);
        let tokens = self.noise(length + steps);
        let base = after(self.model, &tokens[..length])?;
        let mut runs = vec![Vec::new(); BATCHES.len()];
        for repeat in 0..self.repeats {
            (self.watch)(&format!("batches, {} of {}", repeat + 1, self.repeats));
            for (batch, runs) in BATCHES.iter().zip(&mut runs) {
                let mut sessions: Vec<Session<CpuBackend>> = (0..*batch).map(|_| base.fork()).collect();
                let mut untrapped = vec![NoTraps; *batch];
                // Every fork takes its own copy of the page that it writes into.
                together(&mut sessions, &tokens[length..=length], &mut untrapped)?;
                sessions.iter_mut().try_for_each(|session| session.rewind(length))?;
                let (took, ()) = tried(|| together(&mut sessions, &tokens[length..], &mut untrapped))?;
                runs.push(took);
            }
        }
        let rows = BATCHES.iter().zip(runs).map(|(batch, runs)| Row {
            settings: vec![("sequences", json!(batch)), ("context", json!(length))],
            cells: rates(batch * steps, &runs),
        });
        Ok(Group { name: "batch", rows: rows.collect() })
    }

    /// Measures the tokens per second, from the first new token on, after prompts that repeat one phrase.
    fn drafts(&mut self) -> Result<Group, SessionError> {
        let length = REPEATED.min(self.model.config().max_positions / 2);
        let mut rows = Vec::new();
        for phrase in PHRASES {
            let prompt: Vec<u32> = self.noise(phrase).into_iter().cycle().take(length).collect();
            rows.extend(self.drafts_after(phrase, &prompt)?);
        }
        Ok(Group { name: "speculation", rows })
    }

    fn drafts_after(&mut self, phrase: usize, prompt: &[u32]) -> Result<Vec<Row>, SessionError> {
        let room = self.model.config().max_positions - prompt.len();
        let max_new = self.effort.choose(129, 33).min(room);
        let spec = GenerateSpec { prompt, max_new, end_tokens: &[] };
        let mut found = vec![(Vec::new(), neural::Effort::default()); DRAFTS.len()];
        for repeat in 0..self.repeats {
            (self.watch)(&format!("drafts after a phrase of {phrase}, {} of {}", repeat + 1, self.repeats));
            for (most, (runs, effort)) in DRAFTS.iter().zip(&mut found) {
                let mut drafter = LookupDrafter { longest: 4 };
                let ahead = (*most > 0).then_some(Ahead { drafter: &mut drafter, most: *most });
                let mut decoding = Decoding { ahead, ..Decoding::with(Sampler::GREEDY) };
                let (mut session, mut begun) = (Session::open(self.model), None);
                // The prompt is computed before there is a first token.
                let mut on_token = |_| begun = begun.or_else(|| Some(Begun::now()));
                let mut traps = TrapPlane::<CpuBackend>::default();
                let (_, took) = generate_in(&mut session, &spec, &mut decoding, &mut traps, &mut on_token)?;
                runs.extend(begun.map(Begun::took));
                *effort = took;
            }
        }
        let row = |(most, (runs, effort)): (&usize, (Vec<Took>, neural::Effort))| {
            let mut cells = rates(max_new - 1, &runs);
            cells.push(("passes", Cell::Number(effort.passes as f64)));
            cells.push(("drafted", Cell::Number(effort.drafted as f64)));
            cells.push(("accepted", Cell::Number(effort.accepted as f64)));
            let phrase = ("phrase", json!(phrase));
            let settings = vec![phrase, ("drafted_ahead", json!(most)), ("tokens", json!(max_new - 1))];
            Row { settings, cells }
        };
        Ok(DRAFTS.iter().zip(found).map(row).collect())
    }
}
