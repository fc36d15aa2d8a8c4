//! Shortest ways against another algorithm, and satisfiability against a table of truth values.

use prims::Value;

use crate::trial::{Proof, Trial, as_int, list};

pub(crate) const PROOFS: &[Proof] = &[
    Proof {
        name: "shortest_distance",
        run: |trial| {
            for _ in 0..2_000 {
                let count = trial.below(13);
                let edges: Vec<[i64; 3]> = (0..count)
                    .map(|_| [trial.below(5), trial.below(5), trial.below(10)].map(|n| n as i64))
                    .collect();
                let given = Value::List(edges.iter().map(|edge| list(edge)).collect());
                let distances = all_distances(&edges);
                for (from, row) in distances.iter().enumerate() {
                    for (to, distance) in row.iter().enumerate() {
                        let operands = [given.clone(), Value::Int(from as i64), Value::Int(to as i64)];
                        trial.check(&operands, distance.map(Value::Int));
                    }
                }
            }
        },
        // Edges lead both ways.
        wrong: |operands, right| match right {
            Ok(value) => Ok(value),
            Err(_) => prims::find("shortest_distance").expect("a primitive").call(&[
                operands[0].clone(),
                operands[2].clone(),
                operands[1].clone(),
            ]),
        },
    },
    Proof {
        name: "is_satisfiable",
        run: |trial| {
            formulas(trial, |trial, clauses, given| {
                trial.check(&[given], Some(Value::Bool(table(clauses))));
            });
        },
        // An empty clause is overlooked.
        wrong: |operands, right| {
            let clauses = operands[0].as_list().expect("a list");
            if clauses.iter().any(|clause| clause.as_list().is_some_and(<[Value]>::is_empty)) {
                Ok(Value::Bool(true))
            } else {
                right
            }
        },
    },
    Proof {
        name: "satisfying_model",
        run: |trial| {
            formulas(trial, |trial, clauses, given| {
                trial.judge(&[given], |found| match found {
                    Err(_) => !table(clauses),
                    Ok(model) => {
                        let model: Vec<i64> = model.as_list().expect("a list").iter().map(as_int).collect();
                        let mut variables: Vec<i64> = clauses.iter().flatten().map(|n| n.abs()).collect();
                        variables.sort_unstable();
                        variables.dedup();
                        let stated: Vec<i64> = model.iter().map(|n| n.abs()).collect();
                        let holds = |clause: &Vec<i64>| clause.iter().any(|literal| model.contains(literal));
                        stated == variables && clauses.iter().all(holds)
                    }
                });
            });
        },
        // Every variable is true.
        wrong: |_, right| {
            right.map(|model| {
                list(&model.as_list().expect("a list").iter().map(|n| as_int(n).abs()).collect::<Vec<_>>())
            })
        },
    },
];

/// The algorithm of Floyd and Warshall.
fn all_distances(edges: &[[i64; 3]]) -> Vec<Vec<Option<i64>>> {
    let mut distances = vec![vec![None; 5]; 5];
    for (node, row) in distances.iter_mut().enumerate() {
        row[node] = Some(0);
    }
    let shorter = |old: Option<i64>, new: i64| Some(old.map_or(new, |old| old.min(new)));
    for [from, to, length] in edges {
        let cell = &mut distances[*from as usize][*to as usize];
        *cell = shorter(*cell, *length);
    }
    for over in 0..5 {
        for from in 0..5 {
            for to in 0..5 {
                if let (Some(first), Some(second)) = (distances[from][over], distances[over][to]) {
                    distances[from][to] = shorter(distances[from][to], first + second);
                }
            }
        }
    }
    distances
}

fn formulas(trial: &mut Trial<'_>, mut check: impl FnMut(&mut Trial<'_>, &[Vec<i64>], Value)) {
    for _ in 0..20_000 {
        let count = trial.below(21);
        let mut clauses: Vec<Vec<i64>> = Vec::new();
        for _ in 0..count {
            // An empty clause is rare, because nothing satisfies it.
            let length = match trial.below(60) {
                0 => 0,
                other => 1 + other % 3,
            };
            clauses.push((0..length).map(|_| (1 + trial.below(5) as i64) * trial.pick(&[1, -1])).collect());
        }
        let given = Value::List(clauses.iter().map(|clause| list(clause)).collect());
        check(trial, &clauses, given);
    }
}

fn table(clauses: &[Vec<i64>]) -> bool {
    (0..32_u32).any(|values| {
        let is_true = |literal: &i64| (values >> (literal.unsigned_abs() - 1) & 1 == 1) == (*literal > 0);
        clauses.iter().all(|clause| clause.iter().any(is_true))
    })
}

#[test]
fn a_formula_that_takes_too_long_is_refused() {
    // Nine pigeons in eight holes: every clause is short, and no small search decides it.
    let variable = |pigeon: i64, hole: i64| pigeon * 7 + hole + 1;
    let mut clauses: Vec<Vec<i64>> =
        (0..8).map(|pigeon| (0..7).map(|hole| variable(pigeon, hole)).collect()).collect();
    for hole in 0..7 {
        for left in 0..8 {
            for right in 0..left {
                clauses.push(vec![-variable(left, hole), -variable(right, hole)]);
            }
        }
    }
    let given = Value::List(clauses.iter().map(|clause| list(clause)).collect());
    let error = prims::find("is_satisfiable").expect("a primitive").call(&[given]).expect_err("too long");
    assert!(error.to_string().contains("steps"), "{error}");
}
