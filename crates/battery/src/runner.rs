//! The runner, which runs each battery with its faults and collects the results.

use std::path::PathBuf;

use backend_cpu::CpuBackend;
use gpu::GpuBackend;
use neural::{Fault, ModelConfig, REWIND_HORIZON, StateDtype};
use synthetic::Random;

use crate::batteries::BATTERIES;
use crate::battery::{Battery, Run, Trial};
use crate::checkpoints::{ModelChoice, NamedCheckpoint};
use crate::error::BatteryError;
use crate::subject::Subject;
use crate::tally::Tally;

/// The number of positions of a sequence: past a window, and so far that pages behind it are dropped.
const LENGTH: usize = 400;

/// The number of positions of a sequence in a quick run.
const QUICK_LENGTH: usize = 80;

/// The number of positions that batteries need in the context of any model.
const LEAST_CONTEXT: usize = 80;

/// The backend that batteries check: the CPU, or a GPU.
#[derive(Clone, Debug, Default)]
pub enum Compute {
    /// The CPU backend, on every instruction set of the machine.
    #[default]
    Cpu,
    /// A backend on a GPU, or on the host in its place. Its bits are compared with those of the CPU.
    Gpu(GpuBackend),
}

/// The choice of batteries, models and cases of a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The backend that the batteries check.
    pub compute: Compute,
    /// The models that the batteries run on.
    pub models: ModelChoice,
    /// The folder of the models of every family; `None` for `fixtures/parity` of the repository that this
    /// crate was built in.
    pub fixtures: Option<PathBuf>,
    /// The names of the batteries to run, as in [`NAMES`](crate::NAMES); all of them if the list is empty.
    pub only: Vec<String>,
    /// True to run fewer and shorter cases.
    pub quick: bool,
    /// True to run every cell of the invariance matrix on every model, which takes long.
    pub full: bool,
    /// A fault that the backend gets in every battery, so that the batteries must fail; `None` for a normal
    /// run.
    pub corrupt: Option<Fault>,
    /// The seed of the random inputs and cells; the same seed gives the same run.
    pub seed: u64,
    /// The path of the program `nmk-battery`, which is started again to restore sessions that this process
    /// wrote. With `None`, a battery that needs it is an error.
    pub worker: Option<PathBuf>,
}

/// The progress of a run, which is reported before each step.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The name of the battery that runs now.
    pub battery: &'a str,
    /// The name of the model or the fault that it runs with.
    pub on: &'a str,
    /// Number of steps of this battery that are done.
    pub done: usize,
    /// Number of all steps of this battery.
    pub all: usize,
}

/// A negative control of a battery: a fault that it must notice, or a change that must have an effect on the
/// bits.
#[derive(Clone, Debug)]
pub struct Control {
    /// The name of the fault or of the change, for example `flipped_key_bit`.
    pub name: &'static str,
    /// True if the fault was noticed, or if the change made bits differ.
    pub detected: bool,
}

/// The result of one battery: its comparisons, the bits that differed, and its controls.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The name of the battery, as in [`NAMES`](crate::NAMES).
    pub name: &'static str,
    /// Number of comparisons that were made.
    pub cases: u64,
    /// Number of comparisons that the battery could make if every case were run.
    pub possible: u64,
    /// Number of bits that differed, over all comparisons; 0 in a battery that passes.
    pub residual_bits: u64,
    /// The faults and changes that were tried, each of which must be detected.
    pub controls: Vec<Control>,
}

impl Outcome {
    /// Returns true if something was compared, no bit differed, at least one control was tried, and every
    /// control was detected.
    #[must_use]
    pub fn passed(&self) -> bool {
        let noticed = self.controls.iter().all(|control| control.detected);
        self.cases > 0 && self.residual_bits == 0 && noticed && !self.controls.is_empty()
    }
}

/// The results of a run, with those of each battery in the order in which they ran.
#[derive(Clone, Debug)]
pub struct Report {
    /// The names of the models that the batteries ran on.
    pub models: Vec<String>,
    /// The results of the batteries that were run.
    pub batteries: Vec<Outcome>,
    /// The batteries and faults that could not be shown on these models, each as a line of text with the
    /// reason.
    pub unproven: Vec<String>,
}

/// Runs the chosen batteries, and calls `watch` before each step. Bits that differ are in the report and are
/// not an error.
///
/// # Errors
/// [`BatteryError`] if a model cannot be loaded, a pass fails, or a file cannot be written or read.
pub fn run(options: &Options, watch: &mut dyn FnMut(Progress<'_>)) -> Result<Report, BatteryError> {
    let mut random = Random::new(options.seed);
    let subjects = subjects(options, &mut random, watch)?;
    let (mut batteries, mut unproven) = (Vec::new(), Vec::new());
    let chosen =
        |battery: &&&Battery| options.only.is_empty() || options.only.iter().any(|only| only == battery.name);
    for battery in BATTERIES.iter().filter(chosen) {
        let name = battery.name;
        if let Some(why) = (battery.needs)(&subjects) {
            unproven.push(format!("{name}: {why}"));
            continue;
        }
        batteries.push(battery.outcome(&subjects, options, &mut random, watch)?);
        for fault in battery.faults {
            if !subjects.iter().any(|subject| battery.may_show(*fault, subject)) {
                unproven.push(format!("{name}: {} cannot show on these models", fault.name()));
            }
        }
    }
    Ok(Report { models: subjects.iter().map(Subject::name).collect(), batteries, unproven })
}

/// Computes the bits that every schedule must give, for each chosen model with its state in f32 and in bf16.
fn subjects(
    options: &Options,
    random: &mut Random,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Subject>, BatteryError> {
    let checkpoints = NamedCheckpoint::read(&options.models, options.fixtures.as_deref())?;
    let (mut subjects, all) = (Vec::new(), checkpoints.len());
    for (done, checkpoint) in checkpoints.into_iter().enumerate() {
        watch(Progress { battery: "references", on: &checkpoint.name, done, all });
        let config = ModelConfig::from_json(&checkpoint.files.config);
        let context = config.map_or(usize::MAX, |config| config.max_positions);
        if context < LEAST_CONTEXT {
            let (checkpoint, needed) = (checkpoint.name, LEAST_CONTEXT);
            return Err(BatteryError::Context { checkpoint, context, needed });
        }
        // That fault shows only where pages are kept behind a window.
        let far = !options.quick || options.corrupt == Some(Fault::DroppedJournalPage);
        for state in StateDtype::ALL {
            let length = if far { LENGTH } else { QUICK_LENGTH };
            subjects.push(Subject::new(checkpoint.clone(), state, length, random)?);
        }
    }
    Ok(subjects)
}

impl Battery {
    /// Runs the battery on every subject. Each control is tried on one subject after the other, until one
    /// shows it.
    fn outcome(
        &self,
        subjects: &[Subject],
        options: &Options,
        random: &mut Random,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Outcome, BatteryError> {
        let further = (self.further)(options, random)?;
        let all: Vec<&Subject> = subjects.iter().chain(&further).collect();
        let steps = all.len() + self.faults.len();
        let mut tally = Tally::default();
        match (&self.run, options.corrupt) {
            (Run::Together { sound, .. }, None) => {
                let mut watch = |done, all| watch(Progress { battery: self.name, on: "cells", done, all });
                sound(subjects, options, &mut watch, &mut tally)?;
            }
            (_, corrupt) => {
                for (done, subject) in all.iter().enumerate() {
                    watch(Progress { battery: self.name, on: &subject.name(), done, all: steps });
                    let mut trial = Trial { subject, options, random: &mut *random, tally: &mut tally };
                    self.check(corrupt, &mut trial)?;
                }
            }
        }
        let mut controls = Vec::new();
        for (number, fault) in self.faults.iter().enumerate() {
            let done = all.len() + number;
            watch(Progress { battery: self.name, on: fault.name(), done, all: steps });
            controls.extend(self.control(*fault, &all, options, random)?);
        }
        if let Some(effect) = &self.effect {
            let mut detected = false;
            for subject in &all {
                detected = detected || (effect.shows)(subject)?;
            }
            controls.push(Control { name: effect.name, detected });
        }
        let Tally { cases, possible, residual_bits } = tally;
        Ok(Outcome { name: self.name, cases, possible, residual_bits, controls })
    }

    /// Checks one subject, on a backend with a fault if one is given.
    fn check(&self, fault: Option<Fault>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
        let checks = match (&self.run, fault) {
            (Run::Each(checks), _) | (Run::Together { each: checks, .. }, Some(_)) => checks,
            (Run::Together { .. }, None) => return Ok(()),
        };
        if let Compute::Gpu(backend) = &trial.options.compute {
            backend.check_room(trial.subject.checkpoint.weight_bytes())?;
        }
        match (&trial.options.compute, fault) {
            (Compute::Cpu, None) => {
                let model = trial.subject.model.clone();
                (checks.cpu)(&model, trial)
            }
            (Compute::Cpu, Some(fault)) => {
                (checks.cpu_with_fault)(&trial.subject.with_fault(CpuBackend::best()?, fault)?, trial)
            }
            (Compute::Gpu(backend), None) => (checks.gpu)(&trial.subject.on(backend.clone())?, trial),
            (Compute::Gpu(backend), Some(fault)) => {
                (checks.gpu_with_fault)(&trial.subject.with_fault(backend.clone(), fault)?, trial)
            }
        }
    }

    /// Tries a fault on the subjects on which it may show, up to the first one that shows it. Returns `None`
    /// if there are no such subjects.
    fn control(
        &self,
        fault: Fault,
        all: &[&Subject],
        options: &Options,
        random: &mut Random,
    ) -> Result<Option<Control>, BatteryError> {
        let showing: Vec<_> = all.iter().filter(|subject| self.may_show(fault, subject)).collect();
        let quick = Options { quick: true, ..options.clone() };
        for subject in &showing {
            let long;
            let subject = if fault == Fault::DroppedJournalPage && subject.inputs.len() < LENGTH {
                long = Subject::new(subject.checkpoint.clone(), subject.state(), LENGTH, random)?;
                &long
            } else {
                subject
            };
            let mut tally = Tally::default();
            let trial = &mut Trial { subject, options: &quick, random: &mut *random, tally: &mut tally };
            self.check(Some(fault), trial)?;
            if tally.residual_bits > 0 {
                return Ok(Some(Control { name: fault.name(), detected: true }));
            }
        }
        Ok((!showing.is_empty()).then_some(Control { name: fault.name(), detected: false }))
    }

    /// Returns false if a fault cannot show on a subject: a fault of windows shows only in sequences that go
    /// past a window, and one of bf16 only if the state is bf16.
    fn may_show(&self, fault: Fault, subject: &Subject) -> bool {
        let (reaches, window) = ((self.reaches)(subject), subject.window());
        match fault {
            Fault::UpcastResidual => subject.state() == StateDtype::Bf16,
            Fault::ShorterWindow => window.is_some_and(|window| window < reaches),
            Fault::DroppedJournalPage => {
                window.is_some_and(|window| window + REWIND_HORIZON < reaches.max(LENGTH))
            }
            Fault::SwappedEmbedding => subject.is_embedded(),
            _ => true,
        }
    }
}
