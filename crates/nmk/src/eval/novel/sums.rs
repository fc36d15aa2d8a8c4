//! The sums of an evaluation, as lines for people and as JSON for programs.

use abi::{Value, counted};
use escalate::{Ended, Rung};
use holdout::Share;
use serde_json::{Value as Json, json};

use super::Mark;
use crate::solve::Solved;

/// The difficulties, in the order in which they are printed.
const DIFFICULTIES: [&str; 3] = ["easy", "medium", "hard"];

/// The headings of the table of rungs. Its lines fit a terminal of 80 columns.
const HEADINGS: &str = "  rung      items solved attempts refused no code    tokens         seconds";

/// The cost and the yield of one rung of the ladder, over all items.
#[derive(Clone, Copy, Debug, Default)]
struct OfRung {
    /// The items that the rung was tried on.
    reached: usize,
    solved: usize,
    attempts: usize,
    /// The attempts that the gate refused.
    refused: usize,
    /// The attempts without code that the gate could examine.
    no_code: usize,
    tokens: u64,
    seconds: f64,
}

/// The sums over the gaps in code, under one width.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    items: usize,
    solved: usize,
    abstained: usize,
    /// The items whose specification cannot tell right from wrong.
    unsound: usize,
    /// The items that this machine could not examine.
    unexamined: usize,
    /// For each difficulty: the items that were solved, and all.
    by_difficulty: [(usize, usize); DIFFICULTIES.len()],
    rungs: [OfRung; Rung::ALL.len()],
    /// The sum of the widths of the rung at a temperature, and the number of items that reached it.
    widths: (u64, usize),
}

impl Sums {
    /// Adds the search for the function of one item.
    pub(crate) fn add(&mut self, difficulty: &str, solved: &Solved) {
        self.items += 1;
        let outcome = match solved.ended {
            Ended::Found | Ended::Admitted { .. } => &mut self.solved,
            Ended::Abstained => &mut self.abstained,
            Ended::Unsound { .. } => &mut self.unsound,
            Ended::Unexamined { .. } => &mut self.unexamined,
        };
        *outcome += 1;
        if let Some(place) = DIFFICULTIES.iter().position(|known| *known == difficulty) {
            self.by_difficulty[place].0 += usize::from(solved.is_solved());
            self.by_difficulty[place].1 += 1;
        }
        for (sum, rung) in self.rungs.iter_mut().zip(Rung::ALL) {
            let mut tried = solved.tried.iter().filter(|tried| tried.rung == rung).peekable();
            sum.reached += usize::from(tried.peek().is_some());
            for tried in tried {
                let admitted = |report: &Value| report.get("admitted").and_then(Value::as_bool);
                sum.attempts += 1;
                sum.tokens += tried.tokens;
                sum.seconds += tried.seconds;
                sum.no_code += usize::from(tried.report.is_err());
                sum.refused +=
                    usize::from(tried.report.as_ref().is_ok_and(|report| admitted(report) == Some(false)));
            }
            let here = matches!(&solved.ended, Ended::Admitted { rung: of, .. } if *of == rung);
            sum.solved += usize::from(here);
        }
        if let Some(widened) = &solved.widened {
            self.widths.0 += u64::from(widened.k);
            self.widths.1 += 1;
        }
    }

    /// Returns true if some items could not be examined here.
    pub(crate) fn is_unproven(&self) -> bool {
        self.unexamined > 0
    }

    fn share(&self, hits: usize) -> Share {
        Share { hits, trials: self.items }
    }

    fn tokens(&self) -> u64 {
        self.rungs.iter().map(|rung| rung.tokens).sum()
    }

    fn seconds(&self) -> f64 {
        self.rungs.iter().map(|rung| rung.seconds).sum()
    }

    fn attempts(&self) -> usize {
        self.rungs.iter().map(|rung| rung.attempts).sum()
    }

    fn mean_width(&self) -> f64 {
        self.widths.0 as f64 / self.widths.1.max(1) as f64
    }

    fn each(&self) -> impl Iterator<Item = (Rung, &OfRung)> {
        Rung::ALL.into_iter().zip(&self.rungs).filter(|(_, sum)| sum.attempts > 0)
    }

    /// Returns the lines of the table.
    pub(crate) fn lines(&self, policy: &str) -> Vec<String> {
        let of = |word: &str, hits: usize| {
            let share = self.share(hits);
            format!("  {word:<11} {hits:>4} of {}: {share}", self.items)
        };
        let mut lines = vec![
            format!(
                "code, policy {policy}: {}, {:.1} attempts in the rung diverse on average",
                counted(self.items, "item"),
                self.mean_width()
            ),
            of("solved", self.solved),
            of("abstained", self.abstained),
            of("unsound", self.unsound),
        ];
        if self.unexamined > 0 {
            lines.push(of("unexamined", self.unexamined));
        }
        for (word, (hits, trials)) in DIFFICULTIES.into_iter().zip(self.by_difficulty) {
            if trials > 0 {
                lines.push(format!("  {word:<11} {hits:>4} of {trials}: {}", Share { hits, trials }));
            }
        }
        lines.push(HEADINGS.to_owned());
        for (rung, sum) in self.each() {
            let part = |part: f64, whole: f64| 100.0 * part / if whole > 0.0 { whole } else { 1.0 };
            lines.push(format!(
                "  {:<9}{:>6}{:>7}{:>9}{:>8}{:>8}{:>10}{:>4.0} %{:>8.1}{:>4.0} %",
                rung.word(),
                sum.reached,
                sum.solved,
                sum.attempts,
                sum.refused,
                sum.no_code,
                sum.tokens,
                part(sum.tokens as f64, self.tokens() as f64),
                sum.seconds,
                part(sum.seconds, self.seconds()),
            ));
        }
        lines.push(format!(
            "  in all: {}, {}, {:.1} seconds",
            counted(self.attempts(), "attempt"),
            counted(self.tokens(), "token"),
            self.seconds()
        ));
        lines
    }

    /// Returns the sums as JSON.
    pub(crate) fn json(&self, policy: &str) -> Json {
        let interval = |hits| counted_rate(self.share(hits));
        let rungs: Vec<Json> = self
            .each()
            .map(|(rung, sum)| {
                let (rate, interval) = rate(Share { hits: sum.solved, trials: sum.reached });
                json!({
                    "rung": rung.word(),
                    "reached": sum.reached,
                    "solved": sum.solved,
                    "rate": rate,
                    "interval": interval,
                    "attempts": sum.attempts,
                    "refused": sum.refused,
                    "no_code": sum.no_code,
                    "tokens": sum.tokens,
                    "seconds": sum.seconds,
                    "attempts_share": share(sum.attempts as f64, self.attempts() as f64),
                    "tokens_share": share(sum.tokens as f64, self.tokens() as f64),
                    "seconds_share": share(sum.seconds, self.seconds()),
                })
            })
            .collect();
        let difficulties = DIFFICULTIES.into_iter().zip(self.by_difficulty);
        let difficulties: serde_json::Map<String, Json> = difficulties
            .map(|(word, (hits, trials))| {
                let (_, interval) = rate(Share { hits, trials });
                (word.to_owned(), json!({ "solved": hits, "items": trials, "interval": interval }))
            })
            .collect();
        json!({
            "policy": policy,
            "items": self.items,
            "solved": interval(self.solved),
            "abstained": interval(self.abstained),
            "unsound": interval(self.unsound),
            "unexamined": self.unexamined,
            "difficulties": difficulties,
            "mean_width": self.mean_width(),
            "attempts": self.attempts(),
            "tokens": self.tokens(),
            "seconds": self.seconds(),
            "rungs": rungs,
        })
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Returns the rate and its interval as JSON: null where nothing was tried, because there is no rate then.
fn rate(share: Share) -> (Option<f64>, Option<[f64; 2]>) {
    let is_tried = share.trials > 0;
    (is_tried.then(|| share.rate()), is_tried.then(|| share.interval()))
}

/// Returns a count with its rate and interval as JSON.
fn counted_rate(share: Share) -> Json {
    let (rate, interval) = rate(share);
    json!({ "count": share.hits, "rate": rate, "interval": interval })
}

/// The sums over the gaps in code under several widths, each over the same items.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies(pub(crate) Vec<(String, Sums)>);

impl Policies {
    /// Returns the line that compares the first width with another one. None if there is one alone.
    pub(crate) fn comparison(&self) -> Option<String> {
        let [(one, first), (other, second), ..] = self.0.as_slice() else { return None };
        let difference =
            |a: f64, b: f64| format!("{:+.0} %", 100.0 * (a - b) / if b > 0.0 { b } else { 1.0 });
        Some(format!(
            "{one} against {other}: solved {} and {}, attempts {}, tokens {}, seconds {}",
            first.solved,
            second.solved,
            difference(first.attempts() as f64, second.attempts() as f64),
            difference(first.tokens() as f64, second.tokens() as f64),
            difference(first.seconds(), second.seconds()),
        ))
    }
}

/// The sums over the questions in prose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    right: usize,
    wrong: usize,
    unanswered: usize,
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
}

impl Marks {
    /// Adds the mark of one reply.
    pub(crate) fn add(&mut self, mark: Mark) {
        *match mark {
            Mark::Right => &mut self.right,
            Mark::Wrong => &mut self.wrong,
            Mark::Unanswered => &mut self.unanswered,
        } += 1;
    }

    fn each(&self) -> [(&'static str, Share); 3] {
        let trials = self.right + self.wrong + self.unanswered;
        [("right", self.right), ("wrong", self.wrong), ("unanswered", self.unanswered)]
            .map(|(word, hits)| (word, Share { hits, trials }))
    }

    /// Returns the lines of the table.
    pub(crate) fn lines(&self) -> Vec<String> {
        let [(_, right), ..] = self.each();
        let items = counted(right.trials, "item");
        let mut lines = vec![format!(
            "prose: {items}, {} and {:.1} seconds",
            counted(self.tokens, "token"),
            self.seconds
        )];
        for (word, share) in self.each() {
            lines.push(format!("  {word:<11} {:>4} of {}: {share}", share.hits, share.trials));
        }
        lines
    }

    /// Returns the sums as JSON.
    pub(crate) fn json(&self) -> Json {
        let [(_, right), ..] = self.each();
        let mut object = json!({ "items": right.trials, "tokens": self.tokens, "seconds": self.seconds });
        for (word, share) in self.each() {
            object[word] = counted_rate(share);
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADINGS, OfRung, Sums};

    #[test]
    fn a_table_of_a_large_evaluation_fits_a_terminal() {
        let rung = OfRung {
            reached: 300,
            solved: 299,
            attempts: 1800,
            refused: 1500,
            no_code: 300,
            tokens: 99_999_999,
            seconds: 99_999.9,
        };
        let sums = Sums { items: 300, solved: 299, rungs: [rung; 5], ..Sums::default() };
        let lines = sums.lines("fixed:3");
        assert!(lines.iter().all(|line| line.chars().count() < 80), "{}", lines.join("\n"));
        assert!(lines.iter().any(|line| line == HEADINGS));
        // The ends of the columns stand below the ends of their headings.
        let row = lines.iter().find(|line| line.starts_with("  greedy")).expect("a row");
        for (heading, cell) in [
            ("items", "300"),
            ("solved", "299"),
            ("attempts", "1800"),
            ("refused", "1500"),
            ("no code", "300"),
        ] {
            let end = HEADINGS.find(heading).expect("a heading") + heading.len();
            assert!(row[..end].ends_with(cell), "{heading}: {row}");
        }
    }

    #[test]
    fn nothing_that_was_not_tried_has_a_rate() {
        let lines = Sums::default().lines("gate");
        assert!(lines[1].ends_with("0 of 0: -"), "{}", lines[1]);
        let json = Sums::default().json("gate");
        assert!(json["solved"]["rate"].is_null() && json["solved"]["interval"].is_null(), "{json}");
    }
}
