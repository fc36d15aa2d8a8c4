//! The attack corpus: every hostile candidate is refused within its limits, and benign oddities are admitted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use holdout::{Confined, Experiment, Laboratory, Options, Spec};
use sandbox::{Interpreter, Launcher, Limits, Pool, Python};

use crate::Test;
use crate::common::{Fixed, Root, examined, outcome};
use crate::corpus::{self, Candidate};
use crate::naive;
use crate::watched::Watched;

pub(crate) const TESTS: &[Test] = &[
    ("hostile_candidates_are_refused", hostile_candidates_are_refused),
    ("benign_oddities_are_admitted", benign_oddities_are_admitted),
    ("what_no_exam_shows_is_known", what_no_exam_shows_is_known),
    ("where_the_executors_differ_is_known", where_the_executors_differ_is_known),
];

/// Short limits, so that what hangs does not hold up the run.
const LIMITS: Limits =
    Limits { cpu_seconds: 20, load: Duration::from_secs(2), call: Duration::from_secs(2), ..Limits::DEFAULT };
/// The time beyond a limit after which something hangs.
const GRACE: Duration = Duration::from_secs(1);
/// The most time for the whole run.
const MOST_TIME: Duration = Duration::from_secs(180);
/// The most time of all loads and calls of one candidate.
const MOST_OF_ONE: Duration = Duration::from_secs(8);
/// The candidates that are judged at the same time.
const THREADS: usize = 2;
/// The least numbers of candidates: in all, and accepted by the naive grader.
const LEAST: (usize, usize) = (130, 90);

/// The least number of candidates that the machine's own Python refuses for what they do.
const LEAST_FOR_WHAT_THEY_DO: usize = 90;

/// The outcome of one candidate.
struct Judged {
    naive: bool,
    /// The verdict under each executor: the machine's own Python, and the built-in one.
    by: [Verdict; 2],
}

/// The verdict under one executor.
struct Verdict {
    is_admitted: bool,
    outcome: String,
    /// A limit that was passed by more than the grace, or a refusal that has more than one line.
    fault: Option<String>,
}

impl Verdict {
    fn is_unsupported(&self) -> bool {
        self.outcome == "load unsupported"
    }
}

fn hostile_candidates_are_refused() {
    let began = Instant::now();
    let candidates = corpus::hostile();
    let judged = all(&candidates);
    table(&candidates, &judged);
    let took = began.elapsed();
    println!("{} candidates in {:.0} s", candidates.len(), took.as_secs_f64());

    let mut wrong: Vec<String> = Vec::new();
    for (candidate, judged) in candidates.iter().zip(&judged) {
        for (verdict, executor) in judged.by.iter().zip(["cpython", "monty"]) {
            if verdict.is_admitted {
                wrong.push(format!("{} is admitted by {executor}", candidate.path));
            }
            let fault = verdict.fault.iter();
            wrong.extend(fault.map(|fault| format!("{} in {executor}: {fault}", candidate.path)));
        }
    }
    wrong.extend(differences(&golden_lines(&candidates, &judged), &corpus::golden()));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let fooled = judged.iter().filter(|judged| judged.naive).count();
    let for_what_they_do = judged.iter().filter(|judged| !judged.by[0].is_unsupported()).count();
    assert!(for_what_they_do >= LEAST_FOR_WHAT_THEY_DO, "{for_what_they_do}");
    assert!(
        candidates.len() >= LEAST.0 && fooled >= LEAST.1,
        "{} candidates, {fooled} fool",
        candidates.len()
    );
    assert!(took < MOST_TIME, "it took {took:?}");

    let spec = corpus::specs().into_iter().find(|(name, _)| name == "gcd").expect("gcd").1;
    let right = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n";
    let report = examined(&spec, right).expect("the gate is alive");
    assert_eq!(outcome(&report), "admitted", "{:?}", report.refusal);
}

fn benign_oddities_are_admitted() {
    let candidates = corpus::class("benign");
    let judged = all(&candidates);
    let refused = |executor: usize| -> Vec<String> {
        let all = candidates.iter().zip(&judged).map(|(candidate, judged)| (candidate, &judged.by[executor]));
        let refused = all.filter(|(_, verdict)| !verdict.is_admitted);
        refused.map(|(candidate, verdict)| format!("{}: {}", candidate.path, verdict.outcome)).collect()
    };
    let (refused, by_monty) = (refused(0), refused(1));
    println!("{} benign oddities, {} refused", candidates.len(), refused.len());
    // The built-in interpreter lacks what some of them use. It never refuses one as wrong.
    println!("{} refused by the built-in interpreter: {}", by_monty.len(), by_monty.join(", "));
    let is_lack = |line: &&String| line.ends_with("unsupported") || line.ends_with("raised");
    assert!(by_monty.iter().all(|line| is_lack(&line)), "{}", by_monty.join("\n"));
    assert!(refused.is_empty() && candidates.len() >= 15, "{}", refused.join("\n"));
}

/// Programs that are wrong where no exam looks: the limits of the gate, which `CAVEATS.md` states. A gate that refuses
/// one of them has got better, and the page must say so.
fn what_no_exam_shows_is_known() {
    let candidates = corpus::class("beyond");
    assert!(!candidates.is_empty());
    for (candidate, judged) in candidates.iter().zip(all(&candidates)) {
        assert!(judged.by[0].is_admitted, "{}: {}", candidate.path, judged.by[0].outcome);
    }
}

/// Programs that are wrong in the machine's own Python, and right as the built-in interpreter runs them: its admission says
/// nothing about another executor, as `CAVEATS.md` states.
fn where_the_executors_differ_is_known() {
    let candidates = corpus::class("differences");
    assert!(!candidates.is_empty());
    for (candidate, judged) in candidates.iter().zip(all(&candidates)) {
        let [cpython, monty] = &judged.by;
        assert!(!cpython.is_admitted, "{}: {}", candidate.path, cpython.outcome);
        assert!(monty.is_admitted, "{}: {}", candidate.path, monty.outcome);
    }
}

/// Judges every candidate, on some threads, and returns what became of each.
fn all(candidates: &[Candidate]) -> Vec<Judged> {
    let specs: BTreeMap<String, Spec> = corpus::specs().into_iter().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let launcher =
            |interpreter: Interpreter| Launcher::from_this_program(interpreter, LIMITS).expect("a path");
        let machines = Python::find("python3").expect("python3");
        let launchers = [launcher(machines.into()), launcher(Interpreter::Monty)];
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(candidate) = candidates.get(number) else { return done };
            let spec = specs.get(&candidate.spec);
            let spec = spec.unwrap_or_else(|| panic!("{}: no {}", candidate.path, candidate.spec));
            done.push((number, judged(&launchers, spec, candidate)));
        }
    };
    let mut done: Vec<(usize, Judged)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, judged)| judged).collect()
}

fn judged(launchers: &[Launcher; 2], spec: &Spec, candidate: &Candidate) -> Judged {
    let naive = naive::accepts(&launchers[0], spec, &candidate.source);
    let helper = Confined::new(Pool::new(launchers[0].clone(), 1));
    Judged { naive, by: launchers.each_ref().map(|launcher| verdict(launcher, &helper, spec, candidate)) }
}

fn verdict(launcher: &Launcher, helper: &Confined, spec: &Spec, candidate: &Candidate) -> Verdict {
    let watched = Watched::new(Confined::new(Pool::new(launcher.clone(), 1)));
    let laboratory = Laboratory { candidate: &watched, helper: Some(helper) };
    let options = Options { most_mutants: 10, most_time: MOST_OF_ONE, ..Options::default() };
    let experiment = Experiment::new(spec, &candidate.source, laboratory, options, Fixed(1));
    let (is_admitted, outcome, said) = match experiment.run(&Root) {
        Ok(report) => {
            let said = report.refusal.as_ref().map_or("", |refusal| refusal.what.as_str());
            (report.admission.is_some(), outcome(&report), said.to_owned())
        }
        // No candidate may end an experiment without a verdict; no golden line has this.
        Err(error) => (false, format!("error {error}"), String::new()),
    };
    let slowest = watched.take();
    let late = [("load", slowest.load, LIMITS.load), ("call", slowest.call, LIMITS.call)];
    let late = late.into_iter().find(|(_, took, limit)| *took > *limit + GRACE);
    let late = late.map(|(what, took, limit)| format!("a {what} took {took:?}, and {limit:?} is the limit"));
    let forged = said.contains(char::is_control).then(|| format!("its refusal has forged lines: {said:?}"));
    Verdict { is_admitted, outcome, fault: late.or(forged) }
}

/// Returns one line for each candidate: path, verdict of the naive grader, stage and reason of the gate under each executor.
fn golden_lines(candidates: &[Candidate], judged: &[Judged]) -> Vec<String> {
    let line = |(candidate, judged): (&Candidate, &Judged)| {
        let naive = if judged.naive { "accepts" } else { "refuses" };
        let [cpython, monty] = judged.by.each_ref().map(|verdict| verdict.outcome.replacen(' ', "\t", 1));
        format!("{}\t{naive}\t{cpython}\t{monty}", candidate.path)
    };
    candidates.iter().zip(judged).map(line).collect()
}

/// Returns the found lines that no golden line allows, and the golden lines that no found line fits.
fn differences(found: &[String], golden: &[String]) -> Vec<String> {
    let missing = golden.iter().filter(|golden| !found.iter().any(|found| allows(golden, found)));
    let unexpected = found.iter().filter(|found| !golden.iter().any(|golden| allows(golden, found)));
    missing.map(|line| format!("-{line}")).chain(unexpected.map(|line| format!("+{line}"))).collect()
}

/// Returns true if the golden line allows the found one. A column may name several words with `|` between them, where
/// versions of the interpreter differ.
fn allows(golden: &str, found: &str) -> bool {
    let (golden, found): (Vec<&str>, Vec<&str>) = (golden.split('\t').collect(), found.split('\t').collect());
    golden.len() == found.len()
        && golden.iter().zip(found).all(|(golden, found)| golden.split('|').any(|word| word == found))
}

/// Prints for each class how many candidates it has, how many the naive grader accepts, and how many the gate refuses under
/// each executor; `lacks` counts those that the built-in interpreter refuses for a part of Python that it lacks.
fn table(candidates: &[Candidate], judged: &[Judged]) {
    let mut classes: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for (candidate, judged) in candidates.iter().zip(judged) {
        for class in [candidate.class(), "~ all"] {
            let counts = classes.entry(class).or_default();
            counts[0] += 1;
            counts[1] += usize::from(judged.naive);
            counts[2] += usize::from(!judged.by[0].is_admitted);
            counts[3] += usize::from(!judged.by[1].is_admitted);
            counts[4] += usize::from(judged.by[1].is_unsupported());
        }
    }
    let heads = ["candidates", "naive accepts", "in cpython", "in monty", "lacks"];
    let shown = |cells: [String; 5]| cells.map(|cell| format!("{cell:>14}")).concat();
    println!("{:<24}{}", "class", shown(heads.map(str::to_owned)));
    for (class, counts) in classes {
        println!("{class:<24}{}", shown(counts.map(|count| count.to_string())));
    }
}
