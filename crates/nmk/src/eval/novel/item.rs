//! The items of the set, read from its files.

use std::path::{Path, PathBuf};

use abi::{Digest, Value};
use det::{JsonError, parse_json};
use holdout::{Spec, SpecError};

/// The largest file of a set, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// One task of the set.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) difficulty: String,
    pub(crate) task: Task,
}

/// The task of an item.
#[derive(Debug)]
pub(crate) enum Task {
    /// A function is missing.
    Code {
        spec: Box<Spec>,
        /// A right function.
        right: String,
    },
    /// A question is asked.
    Prose {
        prompt: String,
        /// The description of the grader, as [`super::Graders`] takes it.
        grader: Value,
        /// A right reply.
        right: String,
        /// Wrong replies.
        wrong: Vec<String>,
    },
}

/// The reason why a set cannot be read, with the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ItemError {
    #[error("{}", crate::io_words::plain(.0))]
    File(#[from] std::io::Error),
    #[error("it is larger than 16 MiB, or not UTF-8")]
    NoText,
    #[error("line {line}: it is not JSON ({cause})")]
    Json { line: usize, cause: JsonError },
    #[error("line {line}: its specification: {cause}")]
    Spec { line: usize, cause: SpecError },
    #[error("line {line}: `{key}` is missing, or is not what it must be")]
    Key { line: usize, key: &'static str },
    #[error("there is no such folder; the set lies in the repository as fixtures/novel500: pass --set DIR")]
    NoSet,
    #[error("it has no file that ends in .jsonl")]
    Empty,
}

/// Reads the items of the set in a folder, file by file in the order of their names. `draws` replaces the number of draws of
/// each exam. An error comes with the file that it is about.
pub(crate) fn read(folder: &Path, draws: Option<u32>) -> Result<Vec<Item>, (PathBuf, ItemError)> {
    let at = |error: ItemError| (folder.to_owned(), error);
    let entries = std::fs::read_dir(folder).map_err(|error| match error.kind() {
        // The program is often installed without the repository.
        std::io::ErrorKind::NotFound => at(ItemError::NoSet),
        _ => at(error.into()),
    })?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| at(error.into()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let mut items = Vec::new();
    for path in paths {
        let failed = |error| (path.clone(), error);
        for (number, line) in text(&path).map_err(failed)?.lines().enumerate() {
            items.push(item(number + 1, line, draws).map_err(failed)?);
        }
    }
    if items.is_empty() { Err(at(ItemError::Empty)) } else { Ok(items) }
}

fn text(path: &Path) -> Result<String, ItemError> {
    let bytes = crate::bounded::read(std::fs::File::open(path)?, MOST_BYTES)?.ok_or(ItemError::NoText)?;
    String::from_utf8(bytes).map_err(|_| ItemError::NoText)
}

fn item(line: usize, text: &str, draws: Option<u32>) -> Result<Item, ItemError> {
    let value = parse_json(text).map_err(|cause| ItemError::Json { line, cause })?;
    let word = |key: &'static str| {
        let found = value.get(key).and_then(Value::as_text).map(str::to_owned);
        found.ok_or(ItemError::Key { line, key })
    };
    let task = match word("kind")?.as_str() {
        "code" => {
            let source = value.get("spec").cloned().ok_or(ItemError::Key { line, key: "spec" })?;
            let spec = Spec::from_value(with_draws(source, draws));
            let spec = Box::new(spec.map_err(|cause| ItemError::Spec { line, cause })?);
            Task::Code { spec, right: word("right")? }
        }
        "prose" => {
            let wrong = value.get("wrong").and_then(Value::as_list).unwrap_or_default();
            let wrong: Option<Vec<String>> =
                wrong.iter().map(|wrong| wrong.as_text().map(str::to_owned)).collect();
            Task::Prose {
                prompt: word("prompt")?,
                grader: value.get("grader").cloned().ok_or(ItemError::Key { line, key: "grader" })?,
                right: word("right")?,
                wrong: wrong
                    .filter(|wrong| !wrong.is_empty())
                    .ok_or(ItemError::Key { line, key: "wrong" })?,
            }
        }
        _ => return Err(ItemError::Key { line, key: "kind" }),
    };
    Ok(Item { id: word("id")?, difficulty: word("difficulty")?, task })
}

/// Returns the specification with another number of draws. What is no specification is returned as it is.
fn with_draws(source: Value, draws: Option<u32>) -> Value {
    let Some(draws) = draws else { return source };
    let mut exam = source.get("exam").cloned().and_then(Value::into_map).unwrap_or_default();
    exam.insert("n".to_owned(), Value::Int(i64::from(draws)));
    let Some(mut fields) = source.clone().into_map() else { return source };
    fields.insert("exam".to_owned(), Value::Map(exam));
    Value::Map(fields)
}

/// Returns `count` of the items, gaps and questions in the proportion that the set has, drawn under the seed, in the order of
/// the set.
pub(crate) fn chosen(items: Vec<Item>, count: usize, seed: u64) -> Vec<Item> {
    let is_code = |item: &Item| matches!(item.task, Task::Code { .. });
    let all = items.len();
    let gaps = items.iter().filter(|item| is_code(item)).count();
    let most_gaps = (count.min(all) * gaps).div_ceil(all.max(1));
    let mut drawn: Vec<(Digest, usize)> = items
        .iter()
        .enumerate()
        .map(|(place, item)| (Digest::hash_blob(format!("{seed}:{}", item.id).as_bytes()), place))
        .collect();
    drawn.sort();
    let mut left = [count.min(all).saturating_sub(most_gaps), most_gaps];
    let mut kept = vec![false; all];
    for (_, place) in drawn {
        let left = &mut left[usize::from(is_code(&items[place]))];
        if *left > 0 {
            *left -= 1;
            kept[place] = true;
        }
    }
    items.into_iter().zip(kept).filter_map(|(item, is_kept)| is_kept.then_some(item)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Item, Task, chosen, item};

    fn question(id: usize) -> Item {
        let line = format!(
            r#"{{"id": "q{id}", "kind": "prose", "difficulty": "easy", "prompt": "?", "grader": {{}}, "right": "1", "wrong": ["2"]}}"#
        );
        item(1, &line, None).expect("an item")
    }

    fn gap(id: usize) -> Item {
        let line = format!(
            r#"{{"id": "c{id}", "kind": "code", "difficulty": "easy", "right": "", "spec":
            {{"entry": "f", "args": [], "returns": "any", "oracle": {{"python": ""}}, "exam": {{"confidence": 0.9}}}}}}"#
        );
        item(1, &line.replace('\n', ""), Some(70)).expect("an item")
    }

    #[test]
    fn a_choice_repeats_under_its_seed_and_keeps_the_proportion() {
        let set = || -> Vec<Item> { (0..30).map(gap).chain((0..20).map(question)).collect() };
        let ids = |seed| -> Vec<String> { chosen(set(), 10, seed).into_iter().map(|item| item.id).collect() };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
        assert_eq!(ids(1).iter().filter(|id| id.starts_with('c')).count(), 6);
        assert_eq!(chosen(set(), 900, 1).len(), 50);
        assert!(chosen(set(), 0, 1).is_empty());
    }

    #[test]
    fn the_draws_are_replaced_and_the_other_terms_stay() {
        let Item { task: Task::Code { spec, .. }, .. } = gap(1) else { panic!("a gap") };
        assert_eq!((spec.terms().draws, spec.terms().alpha_ppm), (70, 100_000));
    }

    #[test]
    fn a_line_that_is_no_item_is_refused_with_its_key() {
        for (line, key) in [
            ("{}", "`kind`"),
            (r#"{"kind": "verse"}"#, "`kind`"),
            (r#"{"kind": "code"}"#, "`spec`"),
            (r#"{"kind": "prose", "prompt": "?", "grader": {}, "right": "1", "wrong": []}"#, "`wrong`"),
            (r#"{"kind": "code", "spec": {}}"#, "entry"),
            ("kind", "not JSON"),
        ] {
            let error = item(3, line, None).expect_err(line).to_string();
            assert!(error.contains(key) && error.contains("line 3"), "{line}: {error}");
        }
    }
}
