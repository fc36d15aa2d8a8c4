//! The choice of a template for a request, and its record in the ledger.
//!
//! The default template of a kind is replaced only by one that did better beyond doubt: the lower end of its interval must
//! lie above the upper end of that of the default. A template without runs has the interval from 0 to 1, so nothing is
//! ever tried out on a request.

use abi::{Value, encode};
use factloop::to_json;

use super::{Outcomes, PlanKey, Tally};

/// The name of the seam in the entry of such a choice. The seams of the policy have other names.
pub(crate) const SEAM: &str = "plan";

/// The ground on which the kind of a request rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KindBy {
    /// The caller declared the kind.
    Declared,
    /// The request is a question that the grammar reads.
    Question,
    /// The contract demands a program or a document.
    Contract,
    /// A rule over the words of the request.
    Rule,
    /// No rule matched.
    NoRule,
}

impl KindBy {
    const ALL: [Self; 5] = [Self::Declared, Self::Question, Self::Contract, Self::Rule, Self::NoRule];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Question => "question",
            Self::Contract => "contract",
            Self::Rule => "rule",
            Self::NoRule => "no_rule",
        }
    }
}

/// The ground on which the template of a request was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChosenBy {
    /// The caller named the template.
    Stated,
    /// No other template is known to be better than the default.
    Default,
    /// Earlier jobs show that the template is better than the default.
    Record,
}

impl ChosenBy {
    const ALL: [Self; 3] = [Self::Stated, Self::Default, Self::Record];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Default => "default",
            Self::Record => "record",
        }
    }
}

/// The choice of a template for one request, with everything from which it follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    /// The kind of the request, for example `structured_output`.
    pub(crate) kind: String,
    /// The ground on which the kind rests.
    pub(crate) kind_by: KindBy,
    /// The chosen template, one of `candidates`.
    pub(crate) template: String,
    /// The ground of the choice.
    pub(crate) by: ChosenBy,
    /// The templates of the kind with their runs, the default first.
    pub(crate) candidates: Vec<(String, Tally)>,
    /// True if a model is asked for a plan first.
    pub(crate) planner: bool,
    /// The model that proposes: the digest of its weights, or its name at an endpoint.
    pub(crate) model: String,
    /// The number of entries of the ledger from which the runs were counted, the first ones. Zero if none was read.
    pub(crate) entries: u64,
}

/// The request for which a template is chosen.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) kind: &'a str,
    pub(crate) kind_by: KindBy,
    /// The names of the templates of the kind, the default first.
    pub(crate) templates: Vec<&'a str>,
    /// The template that the caller named.
    pub(crate) stated: Option<&'a str>,
    pub(crate) planner: bool,
    pub(crate) model: String,
}

impl Planned {
    /// Chooses a template by what the first `entries` entries of a ledger tell of earlier jobs.
    pub(crate) fn choose(wanted: Wanted<'_>, outcomes: &Outcomes, entries: u64) -> Self {
        let Wanted { kind, kind_by, templates, stated, planner, model } = wanted;
        let tally = |template: &str| {
            let (kind, template, model) = (kind.to_owned(), template.to_owned(), model.clone());
            outcomes.at(&PlanKey { kind, template, planner, model }, entries)
        };
        let candidates: Vec<(String, Tally)> =
            templates.into_iter().map(|name| (name.to_owned(), tally(name))).collect();
        let (template, by) = match (stated, better(&candidates)) {
            (Some(stated), _) => (stated.to_owned(), ChosenBy::Stated),
            (None, Some(better)) => (better.to_owned(), ChosenBy::Record),
            (None, None) => {
                (candidates.first().map(|(name, _)| name.clone()).unwrap_or_default(), ChosenBy::Default)
            }
        };
        Self { kind: kind.to_owned(), kind_by, template, by, candidates, planner, model, entries }
    }

    /// Returns the key under which the outcome of the job is counted.
    pub(crate) fn key(&self) -> PlanKey {
        let (kind, template) = (self.kind.clone(), self.template.clone());
        PlanKey { kind, template, planner: self.planner, model: self.model.clone() }
    }

    /// Returns why the template was chosen, in words. None for the default one.
    pub(crate) fn why(&self) -> Option<String> {
        let of = |name: &str| {
            let tally = self.candidates.iter().find(|(known, _)| known == name).map(|(_, tally)| *tally);
            let tally = tally.unwrap_or_default();
            let [low, high] = tally.interval().map(|end| 100.0 * end);
            format!("{name} committed {} of {} [{low:.1}, {high:.1}] %", tally.passes, tally.runs())
        };
        let default = self.candidates.first().map(|(name, _)| name.as_str()).unwrap_or_default();
        let template = &self.template;
        match self.by {
            ChosenBy::Default => None,
            ChosenBy::Stated => Some(format!("template: {template}, as --template says")),
            ChosenBy::Record => Some(format!(
                "template: {template} and not {default}, because of earlier jobs of the kind {}: {}; {}",
                self.kind,
                of(template),
                of(default)
            )),
        }
    }

    /// Returns the body of the entry in the ledger.
    pub(crate) fn to_value(&self) -> Value {
        let candidates = self.candidates.iter().map(|(name, tally)| {
            Value::map([
                ("template", Value::text(name.as_str())),
                ("passes", Value::Int(i64::from(tally.passes))),
                ("failures", Value::Int(i64::from(tally.failures))),
            ])
        });
        let reason = self.why().unwrap_or_else(|| format!("template: {}, the default", self.template));
        Value::map([
            ("seam", Value::text(SEAM)),
            ("for", Value::text(self.kind.as_str())),
            ("kind_by", Value::text(self.kind_by.word())),
            ("template", Value::text(self.template.as_str())),
            ("by", Value::text(self.by.word())),
            ("reason", Value::text(reason)),
            ("planner", Value::Bool(self.planner)),
            ("model", Value::text(self.model.as_str())),
            ("entries", Value::Int(i64::try_from(self.entries).unwrap_or(i64::MAX))),
            ("templates", Value::List(candidates.collect())),
        ])
    }

    /// Reads the body of an entry. None if it is not that of a choice.
    pub(crate) fn from_value(body: &Value) -> Option<Self> {
        let text = |map: &Value, key: &str| map.get(key).and_then(Value::as_text).map(str::to_owned);
        let count = |map: &Value, key: &str| u32::try_from(map.get(key)?.as_int()?).ok();
        if text(body, "seam")? != SEAM {
            return None;
        }
        let (kind_word, by_word) = (text(body, "kind_by")?, text(body, "by")?);
        let candidates = body.get("templates")?.as_list()?.iter().map(|candidate| {
            let tally =
                Tally { passes: count(candidate, "passes")?, failures: count(candidate, "failures")? };
            Some((text(candidate, "template")?, tally))
        });
        Some(Self {
            kind: text(body, "for")?,
            kind_by: KindBy::ALL.into_iter().find(|by| by.word() == kind_word)?,
            template: text(body, "template")?,
            by: ChosenBy::ALL.into_iter().find(|by| by.word() == by_word)?,
            candidates: candidates.collect::<Option<_>>()?,
            planner: matches!(body.get("planner")?, Value::Bool(true)),
            model: text(body, "model")?,
            entries: u64::try_from(body.get("entries")?.as_int()?).ok()?,
        })
    }
}

/// Returns the template that is better than the default one, the first of `candidates`, beyond doubt: the one with the
/// highest lower end, then the most runs. None if there is none.
fn better(candidates: &[(String, Tally)]) -> Option<&str> {
    let ((_, default), others) = candidates.split_first()?;
    let low = |tally: &Tally| tally.interval()[0];
    let best = others
        .iter()
        .max_by(|(_, one), (_, other)| low(one).total_cmp(&low(other)).then(one.runs().cmp(&other.runs())));
    best.filter(|(_, tally)| low(tally) > default.interval()[1]).map(|(name, _)| name.as_str())
}

/// The result of making a choice again.
#[derive(Debug)]
pub(crate) enum Again {
    /// The choice follows from the entries before it.
    Same,
    /// The choice does not follow. Both are shown as JSON, or as the reason.
    Other { recorded: String, found: String },
}

/// Makes the choice again whose entry has this body. `outcomes` has every entry before it, and `opened` is the number of
/// the entry that opened the job.
pub(crate) fn again(body: &Value, outcomes: &Outcomes, opened: u64) -> Again {
    let recorded = || to_json(body).to_string();
    let Some(stated) = Planned::from_value(body) else {
        return Again::Other {
            recorded: recorded(),
            found: "nothing, because a part of it is missing".to_owned(),
        };
    };
    if stated.entries > opened {
        let found = format!("nothing, because the job was opened at entry {opened}");
        return Again::Other { recorded: recorded(), found };
    }
    let wanted = Wanted {
        kind: &stated.kind,
        kind_by: stated.kind_by,
        templates: stated.candidates.iter().map(|(name, _)| name.as_str()).collect(),
        stated: (stated.by == ChosenBy::Stated).then_some(stated.template.as_str()),
        planner: stated.planner,
        model: stated.model.clone(),
    };
    let found = Planned::choose(wanted, outcomes, stated.entries).to_value();
    match encode(&found) == encode(body) {
        true => Again::Same,
        false => Again::Other { recorded: recorded(), found: to_json(&found).to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, better};

    #[test]
    fn only_what_is_better_beyond_doubt_replaces_the_default() {
        type Case = (&'static [(u32, u32)], Option<&'static str>);
        let cases: [Case; 6] = [
            // Without runs of the default nothing is known about it.
            (&[(0, 0), (64, 0)], None),
            (&[(0, 4), (8, 0)], Some("b")),
            (&[(2, 2), (8, 0)], None),
            (&[(5, 27), (30, 2)], Some("b")),
            (&[(0, 30), (12, 0), (30, 0)], Some("c")),
            (&[(3, 0), (0, 30)], None),
        ];
        for (counts, wanted) in cases {
            let names = ["a", "b", "c"].map(str::to_owned);
            let tallies =
                counts.iter().map(|(passes, failures)| Tally { passes: *passes, failures: *failures });
            let candidates: Vec<_> = names.into_iter().zip(tallies).collect();
            assert_eq!(better(&candidates), wanted, "{counts:?}");
        }
    }
}
