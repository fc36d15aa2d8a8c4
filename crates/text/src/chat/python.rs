//! Methods of texts, tests and the operator `%` of Python, which chat templates use and the template library lacks.

use minijinja::formatting::{FormatStyle, format};
use minijinja::value::{Tuple, ValueKind, from_args};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::day::day;
use super::json::tojson;

/// The widest text that a method fills up with a character.
const MOST_WIDTH: usize = 10_000;
/// The filter into which [`with_percent_filter`](super::percent::with_percent_filter) turns the operator `%`.
pub(super) const PERCENT: &str = "percent_of_text";

/// Adds everything to an environment.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.set_unknown_method_callback(method);
    environment.add_filter("tojson", tojson);
    environment.add_filter("wordcount", |text: &str| text.split_whitespace().count());
    environment.add_filter("center", |text: &str, width: Option<usize>| {
        padded(text, width.unwrap_or(80), ' ', Side::Both)
    });
    environment.add_filter(PERCENT, percent);
    // In the reference `none` has no items, and texts and maps are sequences.
    environment.add_test("iterable", |value: &Value| !value.is_none() && value.try_iter().is_ok());
    environment.add_test("sequence", |value: &Value| {
        let kinds = [ValueKind::Undefined, ValueKind::String, ValueKind::Seq, ValueKind::Map];
        kinds.contains(&value.kind())
    });
    environment.add_function("strftime_now", |format: String| day(&format));
}

/// Formats a text as the operator `%` of Python does. A tuple has one argument for each place.
fn percent(text: &str, arguments: &Value) -> Result<String, Error> {
    match arguments.downcast_object_ref::<Tuple>() {
        Some(tuple) => format(FormatStyle::Printf, text, tuple),
        None => format(FormatStyle::Printf, text, std::slice::from_ref(arguments)),
    }
}

/// Calls a method of a value that the library does not have.
fn method(state: &mut State<'_, '_>, value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    if let Some(text) = value.as_str()
        && let Some(result) = method_of_text(text, name, arguments)
    {
        return result;
    }
    minijinja_contrib::pycompat::unknown_method_callback(state, value, name, arguments)
}

/// Calls a method of a text. Returns None if it is not one of those here.
fn method_of_text(text: &str, name: &str, arguments: &[Value]) -> Option<Result<Value, Error>> {
    let one = || from_args::<(&str,)>(arguments).map(|(argument,)| argument);
    let filled = |side| {
        let (width, fill) = from_args::<(usize, Option<&str>)>(arguments)?;
        let fill = fill.and_then(|fill| fill.chars().next()).unwrap_or(' ');
        padded(text, width, fill, side).map(Value::from)
    };
    let found = |at: Option<usize>| {
        let at = at.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "substring not found"))?;
        Ok(Value::from(text[..at].chars().count()))
    };
    Some(match name {
        "removeprefix" => one().map(|prefix| Value::from(text.strip_prefix(prefix).unwrap_or(text))),
        "removesuffix" => one().map(|suffix| Value::from(text.strip_suffix(suffix).unwrap_or(text))),
        "rsplit" => from_args(arguments).and_then(|(separator, most)| rsplit(text, separator, most)),
        "partition" => one().map(|separator| match text.split_once(separator) {
            Some((before, after)) => tuple([before, separator, after]),
            None => tuple([text, "", ""]),
        }),
        "rpartition" => one().map(|separator| match text.rsplit_once(separator) {
            Some((before, after)) => tuple([before, separator, after]),
            None => tuple(["", "", text]),
        }),
        "ljust" => filled(Side::Right),
        "rjust" => filled(Side::Left),
        "center" => filled(Side::Both),
        "zfill" => from_args::<(usize,)>(arguments).and_then(|(width,)| {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
            let digits = padded(digits, width.saturating_sub(sign.len()), '0', Side::Left)?;
            Ok(Value::from(format!("{sign}{digits}")))
        }),
        "index" => one().and_then(|part| found(text.find(part))),
        "rindex" => one().and_then(|part| found(text.rfind(part))),
        "swapcase" => from_args::<()>(arguments).map(|()| Value::from(swapped(text))),
        "casefold" => from_args::<()>(arguments).map(|()| Value::from(text.to_lowercase())),
        "isdecimal" => from_args::<()>(arguments)
            .map(|()| Value::from(!text.is_empty() && text.chars().all(|char| char.is_ascii_digit()))),
        _ => return None,
    })
}

fn tuple(parts: [&str; 3]) -> Value {
    Value::from_object(Tuple::from(parts.map(Value::from)))
}

fn swapped(text: &str) -> String {
    let swap = |char: char| -> String {
        if char.is_uppercase() { char.to_lowercase().collect() } else { char.to_uppercase().collect() }
    };
    text.chars().map(swap).collect()
}

/// Splits a text from its end, at white space if there is no separator, at most `most` times.
fn rsplit(text: &str, separator: Option<&str>, most: Option<i64>) -> Result<Value, Error> {
    let limit =
        most.and_then(|most| usize::try_from(most).ok()).map_or(usize::MAX, |most| most.saturating_add(1));
    let mut parts: Vec<String> = match separator {
        Some("") => return Err(Error::new(ErrorKind::InvalidOperation, "empty separator")),
        Some(separator) => text.rsplitn(limit, separator).map(str::to_owned).collect(),
        None => {
            let (mut parts, mut rest) = (Vec::new(), text.trim_end());
            while !rest.is_empty() {
                let at = rest.rfind(char::is_whitespace).filter(|_| parts.len() + 1 < limit);
                let Some(at) = at else {
                    parts.push(rest.trim_start().to_owned());
                    break;
                };
                parts.push(rest[at..].trim_start().to_owned());
                rest = rest[..at].trim_end();
            }
            parts
        }
    };
    parts.reverse();
    Ok(Value::from(parts))
}

/// The side of a text at which it is filled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Both,
}

/// Returns a text that is filled up to a width in characters.
fn padded(text: &str, width: usize, fill: char, side: Side) -> Result<String, Error> {
    if width > MOST_WIDTH {
        let what = format!("a text is filled up to at most {MOST_WIDTH} characters");
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    let room = width.saturating_sub(text.chars().count());
    let left = match side {
        Side::Left => room,
        Side::Right => 0,
        // Python puts the odd character to the left if the width is odd.
        Side::Both => room / 2 + (room & width & 1),
    };
    let run = |count: usize| fill.to_string().repeat(count);
    Ok(format!("{}{text}{}", run(left), run(room - left)))
}
