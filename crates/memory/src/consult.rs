//! Consultation: the entries that fit a request, within a budget of tokens.

use abi::{Digest, Value};
use rusqlite::Connection;

use crate::MemoryError;
use crate::entry::Entry;
use crate::error::Fault;
use crate::governance::GOVERNANCE_KEY;
use crate::json::shown;
use crate::rows::{self, COLUMNS, Raw};
use crate::words::{estimate_tokens, query};

/// The most entries that are looked at for one consultation.
const MOST: usize = 64;
/// The tokens that an entry costs beside its text, for the marks around it.
const MARK_TOKENS: u64 = 8;
/// The domain of the digests of consultations.
const DOMAIN: &str = "nmk.memory.consult.v1";

/// The answer of a store to a request.
#[derive(Clone, Debug)]
pub struct Consultation {
    /// The rules of the store, in words.
    pub governance: String,
    /// The entries that fit, the best first.
    pub recalled: Vec<Recalled>,
    /// The estimated tokens of the rules and the entries together; at most the budget.
    pub tokens: u64,
    /// The number of entries that fit the request and not the budget.
    pub passed_over: usize,
    /// The digest of the entries, in their order. Two consultations that returned the same have the same digest.
    pub digest: Digest,
}

/// An entry that fits a request.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// The entry.
    pub entry: Entry,
    /// The text of its value: a text as it is, everything else as JSON.
    pub text: String,
    /// The score: higher fits better. Scores of different requests are not comparable.
    pub score: f64,
    /// The estimated tokens of the entry.
    pub tokens: u64,
}

impl Consultation {
    /// Returns true if no entry was returned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recalled.is_empty()
    }
}

/// Returns the entries that fit `request`, within `budget` tokens.
pub(crate) fn consult(connection: &Connection, request: &str, budget: u64) -> Result<Consultation, Fault> {
    let missing = || Fault::Damaged("the governance entry is missing".to_owned());
    let governance = rows::entry(connection, GOVERNANCE_KEY)?.ok_or_else(missing)?;
    let governance = shown(&governance.value);
    let mut tokens = estimate_tokens(&governance);
    if tokens > budget {
        return Err(MemoryError::BudgetTooSmall { budget, least: tokens }.into());
    }
    let (mut recalled, mut passed_over) = (Vec::new(), 0);
    for (raw, score) in ranked(connection, request)? {
        let one = Recalled::new(raw.checked()?, score);
        if tokens + one.tokens <= budget {
            tokens += one.tokens;
            recalled.push(one);
        } else {
            passed_over += 1;
        }
    }
    let digests = recalled.iter().map(|one: &Recalled| one.entry.digest.to_value()).collect();
    let digest = Digest::hash_value(DOMAIN, &Value::List(digests));
    Ok(Consultation { governance, recalled, tokens, passed_over, digest })
}

impl Recalled {
    fn new(entry: Entry, score: f64) -> Self {
        let text = shown(&entry.value);
        let tokens = estimate_tokens(&entry.key) + estimate_tokens(&text) + MARK_TOKENS;
        Self { entry, text, score, tokens }
    }
}

/// Returns the rows that contain any word of the request, the best first. Words of a key count four times.
fn ranked(connection: &Connection, request: &str) -> Result<Vec<(Raw, f64)>, Fault> {
    let Some(query) = query(request) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {COLUMNS}, found.score FROM
         (SELECT rowid AS id, bm25(words, 4.0, 1.0) AS score FROM words WHERE words MATCH ?1
          ORDER BY score LIMIT {MOST}) AS found
         JOIN entries ON entries.id = found.id ORDER BY found.score, entries.updated DESC, entries.key"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([query], |row| Ok((rows::raw(row)?, -row.get::<_, f64>(10)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
