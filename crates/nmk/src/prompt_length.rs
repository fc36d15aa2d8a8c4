//! The length of a prompt in tokens, and the message for one that does not fit.

use abi::counted;

/// The length of a prompt that does not fit the context, with the messages and facts that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptLength {
    /// The number of tokens, or the least number of them if `fitting_bytes` is stated.
    pub tokens: usize,
    /// The number of bytes at the start that about fill the context. None if all tokens were counted.
    pub fitting_bytes: Option<usize>,
}

/// Returns the message for a prompt, or an answer, that does not fit the context.
pub(crate) fn too_long(length: PromptLength, max_new: u32, capacity: usize) -> String {
    let PromptLength { tokens, fitting_bytes } = length;
    let room = capacity.saturating_sub(tokens);
    let (what, help) = match room {
        0 | 1 => ("the prompt is too long", shorter(fitting_bytes, max_new, capacity)),
        room => {
            ("the answer may be too long", format!("lower --max-new to {room} at most, shorten the prompt"))
        }
    };
    let tokens = counted(tokens, "token");
    let least = if fitting_bytes.is_some() { "at least " } else { "" };
    format!(
        "{what} (prompt of {least}{tokens}, {max_new} more to generate, context of {capacity}): {help}, or pass a model with a \
         longer context with --model"
    )
}

/// Returns the length to which a prompt must be shortened.
fn shorter(fitting_bytes: Option<usize>, max_new: u32, capacity: usize) -> String {
    let answer = max_new as usize;
    let (fits, lower) = match capacity.checked_sub(answer).filter(|fits| *fits > 1) {
        Some(fits) => (fits, ""),
        None => (capacity.saturating_sub(1), " and lower --max-new"),
    };
    let about = fitting_bytes.map(|bytes| {
        format!(" (about {})", counted(bytes - bytes * answer.min(capacity) / capacity.max(1), "byte"))
    });
    format!("shorten it to {} at most{}{lower}", counted(fits, "token"), about.unwrap_or_default())
}
