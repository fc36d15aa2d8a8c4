//! Templates: texts with marks such as `$k` and `$rule.words`, which stand for the parameters of a variant.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use synthetic::Random;

use crate::NovelError;

/// The parameters of a family, each with its choices.
pub(crate) type Parameters = BTreeMap<String, Vec<Json>>;

/// The texts of one variant by the mark that stands for each, without the dollar sign.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(pub(crate) BTreeMap<String, String>);

impl Marks {
    /// Returns the text with its marks replaced. Where the names of several marks fit, the longest one counts.
    pub(crate) fn fill(&self, text: &str, family: &str) -> Result<String, NovelError> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(place) = rest.find('$') {
            filled.push_str(&rest[..place]);
            let name = &rest[place + 1..];
            // A dollar sign without a name is one, as at the end of a regular expression.
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
                filled.push('$');
                rest = name;
                continue;
            }
            let fits = self.0.iter().filter(|(mark, _)| name.starts_with(mark.as_str()));
            let Some((mark, value)) = fits.max_by_key(|(mark, _)| mark.len()) else {
                let at = rest[place..].chars().take(40).collect();
                return Err(NovelError::Mark { family: family.to_owned(), at });
            };
            // The text of a mark may have marks of other parameters.
            filled.push_str(&self.fill(value, family)?);
            rest = &name[mark.len()..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Returns the value with the marks in all of its texts replaced.
    pub(crate) fn fill_in(&self, value: &Json, family: &str) -> Result<Json, NovelError> {
        Ok(match value {
            Json::String(text) => Json::String(self.fill(text, family)?),
            Json::Array(items) => {
                Json::Array(items.iter().map(|item| self.fill_in(item, family)).collect::<Result<_, _>>()?)
            }
            Json::Object(fields) => {
                let filled =
                    fields.iter().map(|(key, value)| Ok((key.clone(), self.fill_in(value, family)?)));
                Json::Object(filled.collect::<Result<_, NovelError>>()?)
            }
            other => other.clone(),
        })
    }
}

/// Returns the marks of every combination of choices, in an order that the seed shuffles.
pub(crate) fn variants(parameters: &Parameters, seed: u64) -> Vec<Marks> {
    let mut all = vec![Marks::default()];
    for (name, choices) in parameters {
        let with = |marks: &Marks, choice: &Json| {
            let mut marks = marks.clone();
            match choice {
                Json::Object(fields) => {
                    marks.0.extend(fields.iter().map(|(key, value)| (format!("{name}.{key}"), shown(value))));
                }
                other => {
                    marks.0.insert(name.clone(), shown(other));
                }
            }
            marks
        };
        all = all.iter().flat_map(|marks| choices.iter().map(|choice| with(marks, choice))).collect();
    }
    let mut random = Random::new(seed);
    for place in (1..all.len()).rev() {
        all.swap(place, random.below(place + 1));
    }
    all
}

fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Parameters, variants};

    #[test]
    fn the_longest_mark_counts_and_every_combination_comes_once() {
        let parameters = Parameters::from([
            ("k".into(), vec![json!(2), json!(3)]),
            ("r".into(), vec![json!({"a": "x", "ab": "y"})]),
        ]);
        let mut filled: Vec<String> = variants(&parameters, 7)
            .iter()
            .map(|marks| marks.fill("$k_$r.ab$r.a", "f").expect("marks"))
            .collect();
        filled.sort();
        assert_eq!(filled, ["2_yx", "3_yx"]);
        let marks = &variants(&parameters, 7)[0];
        assert!(marks.fill("$none", "f").expect_err("no such mark").to_string().contains("$none"));
    }
}
