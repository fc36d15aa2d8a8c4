//! The progress of generations: tokens, tokens per second and time, as a line for a terminal.

use std::time::{Duration, Instant};

use abi::{Step, counted};

/// The time between two drawings of the line, so that a fast model does not wait for its terminal.
const PERIOD: Duration = Duration::from_millis(100);

/// The progress of one generation after the other.
#[derive(Debug)]
pub(crate) struct Meter {
    /// The name of what is generated, for example `attempt 1`.
    name: String,
    /// True if the number of tokens is an estimate, because an endpoint sends pieces of text.
    is_estimate: bool,
    begun: Instant,
    /// The time of the first token. The time before it was spent on the prompt.
    first: Option<Instant>,
    tokens: u64,
    drawn: Option<Instant>,
}

impl Meter {
    pub(crate) fn new(is_estimate: bool) -> Self {
        let begun = Instant::now();
        Self { name: String::new(), is_estimate, begun, first: None, tokens: 0, drawn: None }
    }

    /// Begins a generation, and returns the line for it.
    pub(crate) fn begin(&mut self, name: String) -> String {
        *self = Self { name, ..Self::new(self.is_estimate) };
        self.line()
    }

    /// Takes a step of the generation. Returns the line if it is to be drawn again.
    pub(crate) fn step(&mut self, step: Step<'_>) -> Option<String> {
        let now = Instant::now();
        match step {
            Step::Tokens(tokens) => {
                self.first.get_or_insert(now);
                self.tokens = tokens;
            }
            Step::Restart => (self.first, self.tokens) = (None, 0),
            Step::Answer(_) | Step::Thought(_) => return None,
        }
        if self.drawn.is_some_and(|drawn| now - drawn < PERIOD) {
            return None;
        }
        self.drawn = Some(now);
        Some(self.line())
    }

    fn line(&self) -> String {
        let since_first = self.first.map(|first| first.elapsed());
        line(&self.name, self.is_estimate, self.tokens, since_first, self.begun.elapsed())
    }
}

/// Returns the line of a generation. The first token comes at the end of the prompt, so the rate is that of the others.
fn line(
    name: &str,
    is_estimate: bool,
    tokens: u64,
    since_first: Option<Duration>,
    elapsed: Duration,
) -> String {
    let elapsed = elapsed.as_secs_f64();
    let Some(since_first) = since_first else { return format!("{name}… {elapsed:.1} s") };
    let about = if is_estimate { "about " } else { "" };
    let rate = tokens.saturating_sub(1) as f64 / since_first.as_secs_f64();
    // A reply that comes in one piece has no rate.
    let has_rate = since_first >= PERIOD && rate > 0.0;
    let rate = if has_rate { format!(" · {rate:.1} tokens/s") } else { String::new() };
    format!("{name}… {about}{}{rate} · {elapsed:.1} s", counted(tokens, "token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_tokens_rate_and_time() {
        let seconds = Duration::from_secs_f64;
        let table = [
            (line("attempt 1", false, 0, None, seconds(0.25)), "attempt 1… 0.2 s"),
            (
                line("attempt 1", true, 5, Some(seconds(0.000_001)), seconds(1.5)),
                "attempt 1… about 5 tokens · 1.5 s",
            ),
            (line("attempt 1", false, 1, Some(seconds(0.0)), seconds(1.0)), "attempt 1… 1 token · 1.0 s"),
            (
                line("draft", true, 21, Some(seconds(2.0)), seconds(3.0)),
                "draft… about 21 tokens · 10.0 tokens/s · 3.0 s",
            ),
        ];
        for (line, expected) in table {
            assert_eq!(line, expected);
        }
        let mut meter = Meter::new(false);
        assert!(meter.begin("x".to_owned()).starts_with("x… 0.0"));
        assert!(meter.step(Step::Tokens(1)).is_some_and(|line| line.contains("1 token")));
        assert_eq!(meter.step(Step::Tokens(2)), None, "not drawn again at once");
        assert_eq!(meter.step(Step::Answer("a")), None);
    }
}
