//! The world that both games share: operations, contracts whose truth is known, and random jobs and plans.

use std::fmt;
use std::sync::Arc;

use abi::{JobId, Value};
use det::{Call, Contract, Form, Level, Operand, Schema, Validator, Validators};
use fastrand::Rng;
use sched::{
    Budget, Capability, Consulted, JobSpec, Limits, Millis, Operation, Priority, Registry, Remembered,
    Rights, Role, TaskSpec, Tier,
};

use crate::root::Root;
use crate::sizes;

/// A guarantee of the trusted core that a game found broken, in words for the person who reads the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns a [`Violation`] with the text of `guarantee` unless `kept` is true.
pub(crate) fn check(kept: bool, guarantee: impl FnOnce() -> String) -> Result<(), Violation> {
    if kept { Ok(()) } else { Err(Violation(guarantee())) }
}

/// The operations of the games: name, tier, the right that the operation demands, and the ceiling of its
/// levels.
pub(crate) const OPERATIONS: [(&str, Tier, Option<&str>, Level); 5] = [
    ("draft", Tier::Model, None, Level::Proven),
    ("compute", Tier::Primitive, Some("fact"), Level::Proven),
    ("look", Tier::Tool, Some("world"), Level::Schema),
    ("ask", Tier::Agent, None, Level::Property),
    ("mended", Tier::Model, None, Level::Proven),
];

/// Returns the built-in validators and one external validator, which reaches at most the level `ceiling`.
pub(crate) fn validators(ceiling: Level, check: impl Fn(&str) -> bool + 'static) -> Validators {
    let mut validators = Validators::builtin();
    let vetting = Validator::external("vetting", 1, ceiling, check, &Root).expect("at most oracle");
    validators.install(vetting).expect("it is installed once");
    validators
}

/// Returns true if the external validator accepts the text, when it does not misbehave.
pub(crate) fn vets(text: &str) -> bool {
    text == "vetted"
}

/// Returns a registry with all operations of the games, and one more, `forbidden`. That one demands a
/// capability that no job has, so it must never run.
pub(crate) fn registry(validators: Validators) -> Registry {
    let mut registry = Registry::new(validators);
    for (name, tier, right, ceiling) in OPERATIONS {
        let mut operation = Operation::new(name, tier).up_to(ceiling);
        if let Some(right) = right {
            operation = operation.demanding(capability(right));
        }
        if name == "mended" {
            operation = operation.repaired_by("draft");
        }
        registry.register(operation);
    }
    registry.register(Operation::new("forbidden", Tier::Tool).demanding(capability("nobody")));
    registry.grant(capability("fact"));
    registry.grant(capability("world"));
    registry
}

fn capability(name: &str) -> Capability {
    Capability(name.to_owned())
}

/// A contract whose right and wrong answers are known without asking `det`, so that a game can check what was
/// committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The answer 7, at level oracle.
    Sum,
    /// The value must be the integer 7; the contract reaches the level oracle.
    Fact,
    /// The text must be a JSON object with an integer `n`; the contract reaches the level schema.
    Shape,
    /// The text must be `vetted`, which the external validator checks.
    Vetted,
    /// Any value is accepted; the contract reaches no level.
    Talk,
}

impl Goal {
    pub(crate) const ALL: [Self; 5] = [Self::Sum, Self::Fact, Self::Shape, Self::Vetted, Self::Talk];

    /// Returns the contract that states the goal.
    pub(crate) fn contract(self) -> Arc<Contract> {
        let call = || {
            let operands = [3, 4].map(|int| Operand::Literal(Value::Int(int))).to_vec();
            Call::new("add", operands).expect("add takes two integers")
        };
        Arc::new(match self {
            Self::Sum => Contract::computed(Form::Integer, call()).expect("a sum is an integer"),
            Self::Fact => Contract::computed_value(call()),
            Self::Shape => {
                let schema = r#"{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}},"additionalProperties":false}"#;
                let schema = Schema::parse(schema).expect("the schema is in the subset");
                Contract::from_form(Form::Json).with_schema(schema).expect("JSON has a schema")
            }
            Self::Vetted => Contract::checked_by("vetting"),
            Self::Talk => Contract::from_form(Form::Free),
        })
    }

    /// Returns the highest level that a verdict under the contract can show.
    pub(crate) fn ceiling(self) -> Level {
        match self {
            Self::Sum | Self::Fact | Self::Vetted => Level::Oracle,
            Self::Shape => Level::Schema,
            Self::Talk => Level::None,
        }
    }

    /// Returns a value that satisfies the contract.
    pub(crate) fn right(self) -> Value {
        match self {
            Self::Sum => Value::Int(7),
            Self::Fact => Value::Int(7),
            Self::Shape => Value::text("{\"n\": 1}"),
            Self::Vetted => Value::text("vetted"),
            Self::Talk => Value::text("well"),
        }
    }

    /// Returns a value that does not satisfy the contract.
    pub(crate) fn wrong(self) -> Value {
        match self {
            Self::Sum => Value::Int(8),
            Self::Fact => Value::Int(8),
            Self::Shape => Value::text("{\"n\": \"one\"}"),
            Self::Vetted => Value::text("not yet"),
            Self::Talk => Value::Null,
        }
    }

    /// Returns true if the value satisfies the goal. The answer is worked out here and not by `det`.
    pub(crate) fn is_right(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Sum, Value::Int(int)) => *int == 7,
            (Self::Fact, Value::Int(int)) => *int == 7,
            (Self::Shape, Value::Text(text)) => text == "{\"n\": 1}",
            (Self::Vetted, Value::Text(text)) => vets(text),
            (Self::Talk, _) => true,
            _ => false,
        }
    }
}

/// The facts that a game knows about a job it has opened, by which it checks the kernel's decisions.
#[derive(Clone, Debug)]
pub(crate) struct KnownJob {
    pub(crate) id: JobId,
    pub(crate) goal: Goal,
    pub(crate) required: Level,
    pub(crate) budget: Budget,
    pub(crate) rights: Rights,
}

/// Returns a random job to open, and what the game knows about it.
pub(crate) fn job(rng: &mut Rng, id: JobId, now: Millis) -> (JobSpec, KnownJob) {
    let goal = Goal::ALL[rng.usize(..Goal::ALL.len())];
    let levels: Vec<Level> = Level::ALL.into_iter().filter(|level| *level <= goal.ceiling()).collect();
    let required = levels[rng.usize(..levels.len())];
    let budget = Budget {
        tasks: rng.u32(1..14),
        runs: rng.u32(1..20),
        same_operation: rng.u32(1..8),
        tokens: rng.u64(0..60),
        wall_ms: rng.u64(50..2_000),
    };
    let all: Rights = ["fact", "world"].map(capability).into();
    let rights = rng.bool().then(|| all.iter().filter(|_| rng.bool()).cloned().collect::<Rights>());
    let held = rights.clone().unwrap_or(all);
    let deadline = rng.bool().then(|| Millis(now.0 + rng.u64(20..500)));
    let priority = Priority::ALL[rng.usize(..Priority::ALL.len())];
    let spec = JobSpec {
        rights,
        priority,
        deadline,
        budget: budget.clone(),
        ..JobSpec::new(id, goal.contract(), required).consulting(consulted(id))
    };
    (spec, KnownJob { id, goal, required, budget, rights: held })
}

/// Returns random tasks for a job: mostly a sound plan, sometimes one with a fault for which it must be
/// refused.
pub(crate) fn tasks(rng: &mut Rng, job: &KnownJob, names: &mut u32) -> Vec<TaskSpec> {
    let count = rng.usize(1..5);
    let mut tasks: Vec<TaskSpec> = Vec::new();
    for _ in 0..count {
        let (operation, _, _, ceiling) = OPERATIONS[rng.usize(..OPERATIONS.len())];
        let answers = rng.bool();
        let goal = if answers { job.goal } else { Goal::ALL[rng.usize(..Goal::ALL.len())] };
        let name = sizes::name(rng, format!("t{names}"));
        let mut task = TaskSpec::new(name, operation, goal.contract());
        *names += 1;
        if answers {
            task.role = Role::Answer;
        } else if rng.bool() {
            task.at_least = goal.ceiling().min(ceiling);
        }
        for earlier in &tasks {
            if rng.u8(..3) == 0 {
                task.after.push(earlier.name.clone());
            }
        }
        task.limits = Limits { tokens: rng.u64(..8), wall_ms: rng.u64(5..120), retries: rng.u32(..3) };
        task.input = if rng.bool() { Value::Null } else { Value::Int(rng.i64(..)) };
        tasks.push(task);
    }
    if rng.u8(..5) == 0 {
        spoil(rng, &mut tasks);
    }
    tasks
}

/// Puts a fault into a plan, for which the plan must be refused.
fn spoil(rng: &mut Rng, tasks: &mut [TaskSpec]) {
    let at = rng.usize(..tasks.len());
    match rng.u8(..8) {
        6 => sizes::spoil(rng, &mut tasks[at]),
        0 => tasks[at].after.push("nobody".to_owned()),
        1 => {
            let name = tasks[at].name.clone();
            tasks[at].after.push(name);
        }
        2 => "unheard".clone_into(&mut tasks[at].operation),
        3 => "forbidden".clone_into(&mut tasks[at].operation),
        4 => tasks[at].rights = Some([capability("nobody")].into()),
        _ => tasks[at].at_least = Level::Proven,
    }
}

/// Returns the violation of a job that was opened although the memory was not consulted for it.
pub(crate) fn unconsulted(job: JobId) -> String {
    format!("{job} was opened and no memory was consulted for it")
}

/// Returns the record of the memory for a job: every other job has one that recalled an entry.
fn consulted(id: JobId) -> Consulted {
    if id.0.is_multiple_of(2) {
        return Consulted::no_memory("this job has no memory");
    }
    let (label, entry) = ("claim".to_owned(), abi::Digest::hash_blob(&id.0.to_le_bytes()));
    let claim = Remembered { label, value: Value::Bool(true), entry };
    Consulted::recalled(vec![claim], 0).expect("it is small")
}
