//! The instances of an experiment: drawn from the types, or by the generator of the specification.

use std::collections::VecDeque;

use abi::{Digest, Value};
use sandbox::{Shape, Signature};

use crate::draw::{Draws, boundaries, enumerated};
use crate::python_tools::{DRAW, GENERATOR};
use crate::teller::loaded;
use crate::{Driver, ExperimentError, Precondition, Program, Running, Spec, Type};

/// The largest domain that is enumerated.
const ENUMERATED: u64 = 4096;
/// The instances that one call of a generator draws.
const BATCH: u32 = 250;
/// The most draws in a row that a precondition may reject.
const MOST_REJECTED: u32 = 10_000;

/// The last of the streams of random numbers for instances of a given size. The draws of an exam begin at 0, and the order of
/// repeats has the very last stream.
const SIZED: u64 = u64::MAX - 1;
/// The largest instance of a given size that is asked, in bytes of the canonical encoding: a quarter of a frame.
const MOST_SIZED: usize = 1 << 20;

/// A stream of instances under one seed.
pub(crate) struct Instances {
    types: Vec<Type>,
    seed: [u8; 32],
    generator: Option<Box<dyn Running>>,
    precondition: Precondition,
    drawn: VecDeque<Vec<Value>>,
    next: u64,
}

impl Instances {
    /// Returns the stream of the specification under `seed`. The code that it needs runs in processes of its own.
    pub(crate) fn new(
        spec: &Spec,
        helper: Option<&dyn Driver>,
        seed: [u8; 32],
    ) -> Result<Self, ExperimentError> {
        let arguments = spec.signature().arguments;
        let generator = match &spec.generator {
            None => None,
            Some(source) => {
                let source = format!("{source}{GENERATOR}");
                let returns = Shape::List(Box::new(Shape::Tuple(arguments.clone())));
                let signature = Signature { arguments: Vec::new(), returns };
                Some(loaded(
                    helper,
                    "generator",
                    Program { source: &source, entry: DRAW, signature: &signature },
                )?)
            }
        };
        let precondition = Precondition::start(spec, helper)?;
        Ok(Self { types: spec.types(), seed, generator, precondition, drawn: VecDeque::new(), next: 0 })
    }

    /// Begins the stream of another seed, with the same processes.
    pub(crate) fn reseed(&mut self, seed: [u8; 32]) {
        (self.seed, self.next) = (seed, 0);
        self.drawn.clear();
    }

    /// Draws the next instance that the precondition allows.
    pub(crate) fn draw(&mut self) -> Result<Vec<Value>, ExperimentError> {
        for _ in 0..MOST_REJECTED {
            let instance = self.any()?;
            if self.allows(&instance)? {
                return Ok(instance);
            }
        }
        let what = format!(
            "the precondition allows none of {MOST_REJECTED} draws: narrow the types, or add a generator"
        );
        Err(ExperimentError::Specification { what })
    }

    fn any(&mut self) -> Result<Vec<Value>, ExperimentError> {
        if self.generator.is_none() {
            let mut draws = Draws::new(self.seed, self.next);
            self.next += 1;
            return Ok(self.types.iter().map(|of| draws.value(of)).collect());
        }
        if self.drawn.is_empty() {
            self.generate()?;
        }
        Ok(self.drawn.pop_front().unwrap_or_default())
    }

    fn generate(&mut self) -> Result<(), ExperimentError> {
        let Some(generator) = &mut self.generator else { return Ok(()) };
        let seed = format!("{}:{}", Digest::from_bytes(self.seed), self.next);
        self.next += 1;
        let drawn = generator.call(&[Value::Text(seed), Value::Int(i64::from(BATCH))]).map_err(|fault| {
            ExperimentError::SpecificationFault { part: "generator", fault, instance: String::new() }
        })?;
        for instance in drawn.into_list().unwrap_or_default() {
            let items = instance.into_list().unwrap_or_default();
            let shown = crate::teller::shown(&items);
            let fits = items.len() == self.types.len();
            let fitted: Option<Vec<Value>> =
                self.types.iter().zip(items).map(|(of, item)| of.fit(item)).collect();
            let fitted = fitted.filter(|_| fits).ok_or_else(|| {
                let what = format!("the generator draws {shown}, which is not of the declared types");
                ExperimentError::Specification { what }
            })?;
            self.drawn.push_back(fitted);
        }
        Ok(())
    }

    /// Draws instances at `eighths` of the greatest size that the types declare. Empty where a generator makes them, whose
    /// sizes nobody knows, and where the precondition allows none.
    pub(crate) fn sized(&mut self, eighths: u32, count: usize) -> Result<Vec<Vec<Value>>, ExperimentError> {
        let mut instances = Vec::new();
        if self.generator.is_some() {
            return Ok(instances);
        }
        for number in 0..4 * count as u64 {
            let mut draws = Draws::new(self.seed, SIZED - number - (u64::from(eighths) << 32));
            let instance: Vec<Value> = self.types.iter().map(|of| draws.sized(of, eighths)).collect();
            let bytes = abi::encode(&Value::List(instance.clone())).len();
            if bytes <= MOST_SIZED && self.allows(&instance)? {
                instances.push(instance);
            }
            if instances.len() == count {
                break;
            }
        }
        Ok(instances)
    }

    /// Returns true if the instance may be asked.
    pub(crate) fn allows(&mut self, instance: &[Value]) -> Result<bool, ExperimentError> {
        self.precondition.allows(instance)
    }

    /// Returns the number of instances in the whole domain, if all of them are tried.
    pub(crate) fn domain(&self) -> Option<u64> {
        let counts = self.types.iter().try_fold(1_u64, |product, of| product.checked_mul(of.count()?));
        counts.filter(|count| *count <= ENUMERATED)
    }

    /// Returns the instances that every experiment tries: the whole domain if it is small, else its boundaries. Those
    /// that the precondition does not allow are left out.
    pub(crate) fn fixed(&mut self) -> Result<Vec<Vec<Value>>, ExperimentError> {
        let all = match self.domain() {
            Some(count) => (0..count).map(|index| enumerated(&self.types, index)).collect(),
            // A generator makes what the types cannot say, so that their edges may be nonsense.
            None if self.generator.is_some() && self.precondition.is_free() => Vec::new(),
            None => boundaries(&self.types),
        };
        let mut allowed = Vec::new();
        for instance in all {
            if self.allows(&instance)? {
                allowed.push(instance);
            }
        }
        Ok(allowed)
    }
}
