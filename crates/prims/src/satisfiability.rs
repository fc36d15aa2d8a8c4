//! Satisfiability of clauses, as DIMACS writes them: 3 is a variable, and -3 its negation.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use abi::Value;

use crate::operands::{integers, list, list_value, outside};
use crate::{CallError, Kind, Primitive, Record, Sample};

/// The most variables of a formula. The search nests as deeply.
const MAX_VARIABLES: usize = 64;
/// The most clauses of a formula.
const MAX_CLAUSES: usize = 400;
/// The most literals that one search looks at.
const MAX_STEPS: u64 = 1 << 22;

const FORMULAS: &str = "formulas of 0 to 20 clauses of 0 to 3 literals over 5 variables";
const TABLE: &str = "a table of all 32 truth values";

pub(crate) const IS_SATISFIABLE: Primitive = Primitive {
    name: "is_satisfiable",
    version: 1,
    parameters: &[list("clauses")],
    returns: Kind::Bool,
    summary: "whether truth values exist under which every clause, such as [1, -2], has a true literal",
    example: &[Sample::Lists(&[&[1, 2], &[-1, 2]])],
    eval: is_satisfiable,
    steps: 1 << 24,
    record: Record::sampled(20_000, FORMULAS, TABLE),
};

pub(crate) const SATISFYING_MODEL: Primitive = Primitive {
    name: "satisfying_model",
    version: 1,
    parameters: &[list("clauses")],
    returns: Kind::List,
    summary: "literals of all variables, one each, that make every clause true, if there are any",
    example: &[Sample::Lists(&[&[1, 2], &[-1, 2]])],
    eval: satisfying_model,
    steps: 1 << 24,
    record: Record::sampled(
        20_000,
        FORMULAS,
        "the clauses under the model; where there is none, a table of all 32 truth values",
    ),
};

struct Search {
    clauses: Vec<Vec<i64>>,
    left: u64,
    primitive: &'static str,
}

type Model = BTreeMap<i64, bool>;

fn formula(primitive: &'static str, operands: &[Value]) -> Result<Vec<Vec<i64>>, CallError> {
    let refused = outside(primitive, "at most 400 lists of literals, none 0, over at most 64 variables");
    let [Value::List(list)] = operands else { unreachable!("the signature was checked") };
    if list.len() > MAX_CLAUSES {
        return Err(refused);
    }
    let clause = |clause: &Value| match clause {
        Value::List(literals) => integers(primitive, literals),
        _ => Err(refused),
    };
    let clauses = list.iter().map(clause).collect::<Result<Vec<_>, _>>()?;
    let is_literal = |literal: &i64| *literal != 0 && *literal != i64::MIN;
    let variables: BTreeSet<i64> = clauses.iter().flatten().map(|literal| literal.saturating_abs()).collect();
    let fits = clauses.iter().flatten().all(is_literal) && variables.len() <= MAX_VARIABLES;
    if fits { Ok(clauses) } else { Err(refused) }
}

impl Search {
    /// The procedure of Davis, Putnam, Logemann and Loveland ("A machine program for theorem-proving", 1962): clauses
    /// of one open literal decide it, and then one variable takes both values in turn.
    ///
    /// Recursion is bounded by the number of variables, because each level decides one.
    fn solve(&mut self, mut model: Model) -> Result<Option<Model>, CallError> {
        let open = loop {
            match self.unit(&model)? {
                Status::Conflict => return Ok(None),
                Status::Unit(literal) => drop(model.insert(literal.abs(), literal > 0)),
                Status::Open(open) => break open,
            }
        };
        let Some(variable) = open else { return Ok(Some(model)) };
        for value in [true, false] {
            let mut tried = model.clone();
            tried.insert(variable, value);
            if let Some(found) = self.solve(tried)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Returns the first thing that the clauses say under a part of a model.
    fn unit(&mut self, model: &Model) -> Result<Status, CallError> {
        let mut open = None;
        for clause in &self.clauses {
            let steps = u64::try_from(clause.len()).unwrap_or(u64::MAX).saturating_add(1);
            let demand = "clauses that are decided within 4194304 steps";
            self.left = self.left.checked_sub(steps).ok_or(outside(self.primitive, demand))?;
            let value = |literal: &i64| model.get(&literal.abs()).map(|value| *value == (*literal > 0));
            if clause.iter().any(|literal| value(literal) == Some(true)) {
                continue;
            }
            let mut undecided = clause.iter().filter(|literal| value(literal).is_none());
            match (undecided.next(), undecided.next()) {
                (None, _) => return Ok(Status::Conflict),
                (Some(literal), None) => return Ok(Status::Unit(*literal)),
                (Some(literal), Some(_)) => open = open.or(Some(literal.abs())),
            }
        }
        Ok(Status::Open(open))
    }
}

/// The first thing that clauses say under a part of a model.
enum Status {
    /// A clause has no true literal, and no open one.
    Conflict,
    /// A clause has no true literal, and this one is its only open one.
    Unit(i64),
    /// A variable of a clause that is not decided. None if every clause is true.
    Open(Option<i64>),
}

fn search(primitive: &'static str, operands: &[Value]) -> Result<Option<Vec<i64>>, CallError> {
    let clauses = formula(primitive, operands)?;
    let variables: BTreeSet<i64> = clauses.iter().flatten().map(|literal| literal.abs()).collect();
    let model = Search { clauses, left: MAX_STEPS, primitive }.solve(Model::new())?;
    // A variable that no clause needed is false.
    let literal = |model: &Model, variable: i64| {
        if model.get(&variable).copied().unwrap_or(false) { variable } else { -variable }
    };
    Ok(model.map(|model| variables.iter().map(|variable| literal(&model, *variable)).collect()))
}

fn is_satisfiable(operands: &[Value]) -> Result<Value, CallError> {
    Ok(Value::Bool(search("is_satisfiable", operands)?.is_some()))
}

fn satisfying_model(operands: &[Value]) -> Result<Value, CallError> {
    let model = search("satisfying_model", operands)?;
    model.map(list_value).ok_or(outside("satisfying_model", "clauses that some truth values satisfy"))
}
