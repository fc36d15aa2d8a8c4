//! The parts of a request that one endpoint takes, as far as they are known.
//!
//! Servers of the same protocol differ in the parameters that they refuse. A [`Dialect`] says which parameters a
//! request has. A refusal that names one of them leads to a dialect without it, so that the next request is taken.

use crate::refusal::Refusal;

/// The name of the parameter that limits the number of generated tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenLimit {
    /// The parameter `max_tokens`, which most servers take.
    #[default]
    MaxTokens,
    /// The parameter `max_completion_tokens`, which newer models of some servers demand.
    MaxCompletionTokens,
    /// No parameter: the server decides.
    Absent,
}

/// The role of the message that tells the model the form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SystemRole {
    /// The role `system`, which most servers take.
    #[default]
    System,
    /// The role `developer`, which some servers take instead.
    Developer,
    /// No role: the words stand at the start of the user's message.
    User,
}

/// The parameters that the requests to one endpoint have, besides the model and the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The name of the limit on generated tokens.
    pub token_limit: TokenLimit,
    /// The role of the message that tells the form of an answer.
    pub system_role: SystemRole,
    /// True if `temperature` is sent, which is 0 for greedy decoding.
    pub temperature: bool,
    /// True if `seed` is sent, which is 0 for greedy decoding.
    pub seed: bool,
    /// True if the reply is asked for as a stream.
    pub stream: bool,
    /// True if a stream is asked for the count of tokens, with `stream_options`.
    pub stream_options: bool,
    /// True if `response_format` is sent with the schema of an answer, if the answer has one.
    pub response_format: bool,
    /// True if `reasoning_effort` is sent, if a choice of thinking is made.
    pub reasoning_effort: bool,
    /// True if `chat_template_kwargs` is sent, if a choice of thinking is made.
    pub template_switches: bool,
    /// The word for the least effort of thinking.
    pub(crate) least_effort: &'static str,
    /// True if the limit on tokens was sent under its other name before.
    pub(crate) is_renamed: bool,
}

/// A change of a dialect after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Limit,
    Effort,
    Switches,
    Thinking,
    Options,
    Temperature,
    Seed,
    Stream,
    Role,
}

impl Default for Dialect {
    /// Returns the dialect that most servers take: everything is sent under the usual names.
    fn default() -> Self {
        Self {
            token_limit: TokenLimit::MaxTokens,
            system_role: SystemRole::System,
            temperature: true,
            seed: true,
            stream: true,
            stream_options: true,
            response_format: true,
            reasoning_effort: true,
            template_switches: true,
            least_effort: "none",
            is_renamed: false,
        }
    }
}

/// The parts of a request that a refusal can be about, beside those that every request has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Optional {
    /// True if the request states a schema.
    pub(crate) schema: bool,
    /// True if the request makes a choice of thinking.
    pub(crate) thinking: bool,
}

impl Dialect {
    /// Returns the dialect for the next try after `refusal`, and the parameter that it leaves out or renames. Returns
    /// None if the refusal names nothing that was sent, or if there is no other way to send it.
    pub(crate) fn after(self, refusal: &Refusal, sent: Optional) -> Option<(Self, &'static str)> {
        if !refusal.is_about_the_request() {
            return None;
        }
        let place = |words: &[&str]| words.iter().filter_map(|word| refusal.place_of(word)).min();
        if self.response_format && sent.schema {
            let place = place(&["response_format", "json_schema", "guided_json"]);
            if place.is_some() || refusal.is_about_schemas() {
                return Some((Self { response_format: false, ..self }, "response_format"));
            }
        }
        let has_role = self.system_role != SystemRole::User && refusal.is_about_system_messages();
        if refusal.is_a_fault_of_the_server() {
            // The template of a local server fails so.
            return has_role.then(|| self.changed(Change::Role, refusal, None));
        }
        // A server may list what it knows after the parameter that it refuses, so the first name counts.
        let thinks = sent.thinking;
        let choices = self.reasoning_effort || self.template_switches;
        let limit = self.other_limit(refusal);
        let candidates = [
            (limit.is_some(), place(&["max_tokens", "max_completion_tokens"]), Change::Limit),
            (
                self.reasoning_effort && thinks,
                place(&["reasoning_effort", "reasoning.effort"]),
                Change::Effort,
            ),
            (
                self.template_switches && thinks,
                place(&["chat_template_kwargs", "enable_thinking"]),
                Change::Switches,
            ),
            // A model without thoughts takes no choice of them under any name.
            (choices && thinks, place(&["thinking", "think", "reasoning"]), Change::Thinking),
            (
                self.stream && self.stream_options,
                place(&["stream_options", "include_usage"]),
                Change::Options,
            ),
            (self.temperature, place(&["temperature"]), Change::Temperature),
            (self.seed, place(&["seed"]), Change::Seed),
            (self.stream, place(&["stream", "streaming"]), Change::Stream),
        ];
        let named = candidates.into_iter().filter(|(is_sent, ..)| *is_sent);
        let first = named.filter_map(|(_, place, change)| Some((place?, change))).min_by_key(|(at, _)| *at);
        let change = match first {
            // A stream is named in passing only, by words about a message.
            Some((_, Change::Stream)) | None if has_role => Change::Role,
            first => first?.1,
        };
        Some(self.changed(change, refusal, limit))
    }

    fn changed(self, change: Change, refusal: &Refusal, limit: Option<TokenLimit>) -> (Self, &'static str) {
        match change {
            Change::Limit => {
                let token_limit = limit.unwrap_or(self.token_limit);
                (Self { token_limit, is_renamed: true, ..self }, "max_tokens")
            }
            Change::Effort => {
                // A server that knows no effort `none` lists those that it knows.
                let known = ["minimal", "low"].into_iter().find(|word| refusal.place_of(word).is_some());
                let next = known.filter(|_| self.least_effort == "none");
                let least_effort = next.unwrap_or(self.least_effort);
                (Self { reasoning_effort: next.is_some(), least_effort, ..self }, "reasoning_effort")
            }
            Change::Switches => (Self { template_switches: false, ..self }, "chat_template_kwargs"),
            Change::Thinking => {
                (Self { reasoning_effort: false, template_switches: false, ..self }, "the choice of thinking")
            }
            Change::Options => (Self { stream_options: false, ..self }, "stream_options"),
            Change::Temperature => (Self { temperature: false, ..self }, "temperature"),
            Change::Seed => (Self { seed: false, ..self }, "seed"),
            Change::Stream => (Self { stream: false, ..self }, "stream"),
            Change::Role => (Self { system_role: SystemRole::User, ..self }, "the system role"),
        }
    }

    /// Returns the other name of the limit on tokens, if the refusal says that the name is at fault and not the number.
    fn other_limit(self, refusal: &Refusal) -> Option<TokenLimit> {
        let names = |name: &str| refusal.place_of(name).is_some();
        let (old, new) = (names("max_tokens"), names("max_completion_tokens"));
        let is_unknown = refusal.calls_unknown();
        match self.token_limit {
            // Both names are refused.
            TokenLimit::MaxTokens if self.is_renamed && old && is_unknown => Some(TokenLimit::Absent),
            TokenLimit::MaxCompletionTokens if self.is_renamed && new && is_unknown => {
                Some(TokenLimit::Absent)
            }
            TokenLimit::MaxTokens if new || (old && is_unknown) => Some(TokenLimit::MaxCompletionTokens),
            TokenLimit::MaxCompletionTokens if new && is_unknown => Some(TokenLimit::MaxTokens),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Optional, SystemRole, TokenLimit};
    use crate::refusal::Refusal;

    const EVERYTHING: Optional = Optional { schema: true, thinking: true };

    fn after(dialect: Dialect, words: &str) -> Option<(Dialect, &'static str)> {
        let body = serde_json::json!({"error": {"message": words}}).to_string();
        dialect.after(&Refusal::read(400, body.as_bytes()), EVERYTHING)
    }

    #[test]
    fn the_parameter_that_is_refused_is_left_out() {
        let whole = Dialect::default();
        let table = [
            ("Unsupported parameter: 'temperature'", Dialect { temperature: false, ..whole }),
            (
                "Unknown key seed. Known: model, messages, temperature, stream",
                Dialect { seed: false, ..whole },
            ),
            ("stream_options is not allowed", Dialect { stream_options: false, ..whole }),
            ("This model does not support streaming", Dialect { stream: false, ..whole }),
            ("response_format is not supported", Dialect { response_format: false, ..whole }),
            ("System role not supported", Dialect { system_role: SystemRole::User, ..whole }),
            ("unknown field enable_thinking", Dialect { template_switches: false, ..whole }),
            (
                "\"llama3.2\" does not support thinking",
                Dialect { reasoning_effort: false, template_switches: false, ..whole },
            ),
            (
                "This model does not support reasoning",
                Dialect { reasoning_effort: false, template_switches: false, ..whole },
            ),
            ("reasoning_effort is not supported", Dialect { reasoning_effort: false, ..whole }),
            ("reasoning_effort must be one of low, high", Dialect { least_effort: "low", ..whole }),
            (
                "'max_tokens' is not supported, use 'max_completion_tokens' instead",
                Dialect { token_limit: TokenLimit::MaxCompletionTokens, is_renamed: true, ..whole },
            ),
        ];
        for (words, expected) in table {
            assert_eq!(after(whole, words).map(|(dialect, _)| dialect), Some(expected), "{words}");
        }
        for words in ["I do not like it", "max_tokens is too large: 9000", "the seeds of upstream"] {
            assert_eq!(after(whole, words), None, "{words}");
        }
    }

    /// A server that refuses both names of the limit gets none, and no name twice.
    #[test]
    fn refusals_come_to_an_end() {
        let mut dialect = Dialect::default();
        let mut limits = vec![dialect.token_limit];
        while let Some((next, _)) = after(dialect, "unknown parameter: max_tokens")
            .or_else(|| after(dialect, "unknown: max_completion_tokens"))
        {
            dialect = next;
            limits.push(dialect.token_limit);
            assert!(limits.len() < 5, "{limits:?}");
        }
        assert_eq!(limits.last(), Some(&TokenLimit::Absent));
        assert_eq!(limits.len(), 3, "{limits:?}");
    }
}
