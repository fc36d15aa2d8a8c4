//! The web in a search: what is fetched is fetched by tasks of the job, so that the ledger has its origin.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use abi::{Journal, TaskId, Value};
use sched::{Clock, JobError, JobRunner, Limits, PlanEnd, Pool, TaskSpec};
use tools::{Toolbox, Web, WebPage, WebRefusal, WebResults};

use crate::research::{self, References, ResearchError};
use crate::web::{FETCH, SEARCH};

/// The longest time of one task that reads the web, in milliseconds.
const WALL_MS: u64 = 40_000;

/// A web that remembers what it returned last. The task that asked for it has the same as its judged result.
#[derive(Clone)]
pub(super) struct Remembering {
    web: Arc<dyn Web>,
    last: Arc<Mutex<Last>>,
}

#[derive(Default)]
struct Last {
    results: Option<Result<WebResults, WebRefusal>>,
    page: Option<Result<WebPage, WebRefusal>>,
}

impl Remembering {
    pub(super) fn new(web: Arc<dyn Web>) -> Self {
        Self { web, last: Arc::default() }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Web for Remembering {
    fn search(&self, query: &str) -> Result<WebResults, WebRefusal> {
        let results = self.web.search(query);
        self.last().results = Some(results.clone());
        results
    }

    fn fetch(&self, address: &str, most: usize) -> Result<WebPage, WebRefusal> {
        let page = self.web.fetch(address, most);
        self.last().page = Some(page.clone());
        page
    }
}

/// A failure of the scheduler or of its journal.
type Failure<P, J> = JobError<<P as Pool>::Error, <J as Journal>::Error>;

/// Returns references about `query`. The search and each page are tasks of the job that `runner` runs, with the tools of
/// `toolbox`.
///
/// # Errors
/// [`JobError`] if the scheduler or the ledger fails. Everything that concerns the web is in the inner result.
pub(super) fn research<P: Pool, J: Journal, C: Clock>(
    runner: &mut JobRunner<'_, P, J, C>,
    toolbox: &Toolbox,
    web: &Remembering,
    query: &str,
) -> Result<Result<References, ResearchError>, Failure<P, J>> {
    let query = match research::query_of(query) {
        Ok(query) => query,
        Err(error) => return Ok(Err(error)),
    };
    let arguments = Value::map([("query", Value::Text(query))]);
    run(runner, toolbox, SEARCH, "search".to_owned(), arguments)?;
    let results = match web.last().results.take() {
        Some(Ok(results)) => results,
        Some(Err(refusal)) => return Ok(Err(ResearchError::Search(refusal))),
        None => return Ok(Err(ResearchError::Search(not_run()))),
    };
    let mut failure = None;
    let mut number = 0;
    let found = research::references(results, |address, most| {
        number += 1;
        let most = Value::Int(i64::try_from(most).unwrap_or(i64::MAX));
        let arguments = Value::map([("url", Value::text(address)), ("max_chars", most)]);
        web.last().page = None;
        match run(runner, toolbox, FETCH, format!("page-{number}"), arguments) {
            Ok(true) => web.last().page.take().unwrap_or_else(|| Err(not_run())),
            Ok(false) => match web.last().page.take() {
                Some(Err(refusal)) => Err(refusal),
                _ => Err(not_run()),
            },
            Err(error) => {
                failure = Some(error);
                Err(not_run())
            }
        }
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(found),
    }
}

/// Runs one task of a tool. Returns true if it passed.
fn run<P: Pool, J: Journal, C: Clock>(
    runner: &mut JobRunner<'_, P, J, C>,
    toolbox: &Toolbox,
    operation: &str,
    name: String,
    arguments: Value,
) -> Result<bool, Failure<P, J>> {
    let Some(tool) = toolbox.find(operation) else { return Ok(false) };
    let number = u32::try_from(runner.tasks().len()).unwrap_or(u32::MAX);
    let limits = Limits { retries: 0, wall_ms: WALL_MS, ..Limits::REFERENCE };
    let input = Value::map([("arguments", arguments)]);
    let task = TaskSpec::new(name, operation, Arc::clone(tool.contract())).given(input).within(limits);
    match runner.run(vec![task], &mut |_, _| {})? {
        PlanEnd::Refused(_) => Ok(false),
        _ => Ok(runner.driver().value(TaskId { job: runner.spec().job, number }).is_some()),
    }
}

fn not_run() -> WebRefusal {
    WebRefusal { word: "not_run", message: "the task that reads the web did not pass".to_owned() }
}
