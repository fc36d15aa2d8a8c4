//! The report of a benchmark: measurements with names, for people and for programs alike.

use serde_json::{Map, Value as Json, json};

use super::{Cell, Figure, Ratio};

/// Everything that one benchmark measured.
#[derive(Debug)]
pub(crate) struct Report {
    /// The machine and the model of the measurement, by name.
    pub(crate) conditions: Vec<(&'static str, Json)>,
    pub(crate) groups: Vec<Group>,
}

/// The measurements of one kind, such as decoding by context.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// The values that were measured with one combination of settings.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) settings: Vec<(&'static str, Json)>,
    /// The measured values by name; the name ends in the unit.
    pub(crate) cells: Vec<(&'static str, Cell)>,
}

impl Report {
    /// Returns the report as one JSON object: the conditions, and an array of objects for each group.
    pub(crate) fn object(&self) -> Json {
        let mut object = fields(&self.conditions);
        for group in &self.groups {
            let row = |row: &Row| {
                let mut object = fields(&row.settings);
                object.extend(row.cells.iter().map(|(name, cell)| ((*name).to_owned(), value(*cell))));
                Json::Object(object)
            };
            object.insert(group.name.to_owned(), group.rows.iter().map(row).collect());
        }
        Json::Object(object)
    }

    /// Returns the report as text: a line for the conditions, and one for each row.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![named(&self.conditions)];
        for group in &self.groups {
            for row in &group.rows {
                let cells = row.cells.iter().map(|(name, cell)| format!("{} {}", words(name), shown(*cell)));
                let head = format!("{} {}", words(group.name), named(&row.settings));
                lines.push(format!("{}: {}", head.trim_end(), cells.collect::<Vec<_>>().join(", ")));
            }
        }
        lines
    }
}

fn fields(pairs: &[(&'static str, Json)]) -> Map<String, Json> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn value(cell: Cell) -> Json {
    match cell {
        Cell::Figure(Figure { median, least, most }) => {
            json!({"median": median, "least": least, "most": most})
        }
        Cell::Ratio(Ratio { median, low, high }) => json!({"median": median, "low": low, "high": high}),
        Cell::Number(number) => json!(number),
    }
}

fn named(pairs: &[(&'static str, Json)]) -> String {
    let pair = |(name, value): &(&'static str, Json)| {
        format!("{} {}", words(name), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join(", ")
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn shown(cell: Cell) -> String {
    match cell {
        Cell::Figure(Figure { median, least, most }) => {
            format!("{} ({} to {})", digits(median), digits(least), digits(most))
        }
        Cell::Ratio(Ratio { median, low, high }) => {
            let percent = |ratio: f64| format!("{:+.2} %", (ratio - 1.0) * 100.0);
            format!("{} ({} to {})", percent(median), percent(low), percent(high))
        }
        Cell::Number(number) => digits(number),
    }
}

/// Returns a number with three or four significant digits.
fn digits(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 || number.fract() == 0.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        size if size >= 0.1 => format!("{number:.2}"),
        _ => format!("{number:.4}"),
    }
}
