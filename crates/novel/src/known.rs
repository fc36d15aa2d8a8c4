//! The texts of the set in a normal form, so that a training corpus can be held apart from it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// The descriptions, prompts and solutions of the set, normalised. No training corpus may have one of them.
#[derive(Clone, Debug, Default)]
pub struct Known {
    descriptions: BTreeSet<String>,
    solutions: BTreeSet<String>,
}

impl Known {
    /// Returns the texts of these items.
    #[must_use]
    pub fn from_items(items: &[Json]) -> Self {
        let mut known = Self::default();
        for item in items {
            let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
            if item["kind"] == "code" {
                known.descriptions.insert(normal_text(&text(&item["spec"]["description"])));
                known.solutions.insert(normal_code(&text(&item["right"]), &text(&item["spec"]["entry"])));
            } else {
                known.descriptions.insert(normal_text(&text(&item["prompt"])));
            }
        }
        known
    }

    /// Returns true if a description or a prompt is one of the set, whatever its spaces and capitals.
    #[must_use]
    pub fn has_description(&self, text: &str) -> bool {
        self.descriptions.contains(&normal_text(text))
    }

    /// Returns true if the code of a function is a solution of the set, whatever the function's name and the layout.
    #[must_use]
    pub fn has_solution(&self, code: &str, entry: &str) -> bool {
        self.solutions.contains(&normal_code(code, entry))
    }

    /// Returns the number of different descriptions and solutions.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.descriptions.len(), self.solutions.len())
    }
}

/// Returns a text in small letters, with every run of other characters than letters, digits and the signs of
/// code as one space.
fn normal_text(text: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || "<>()[]{}=+-*/%&|^~#@$".contains(c) { c } else { ' ' };
    let text: String = text.to_lowercase().chars().map(kept).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns code without comments and spaces, in which the name of the function is a sign of its own.
fn normal_code(code: &str, entry: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let lines = code.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut normal = String::new();
    for line in lines.map(|line| line.split(" #").next().unwrap_or(line)) {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c: char| is_name(c) != is_name(first)).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            normal.extend(if part == entry { "$" } else { part }.chars().filter(|c| !c.is_whitespace()));
            rest = after;
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Known;

    #[test]
    fn layout_and_names_hide_nothing() {
        let item = json!({ "kind": "code", "right": "def f(x):\n    return x + 1\n",
            "spec": { "entry": "f", "description": "Add one to x." } });
        let known = Known::from_items(&[item]);
        assert!(known.has_description("add  ONE to x") && !known.has_description("add two to x"));
        assert!(known.has_solution("def grow(x): # one more\n  return x+1", "grow"));
        assert!(!known.has_solution("def grow(x):\n  return x+2", "grow"));
    }
}
