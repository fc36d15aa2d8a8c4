//! The commands that a document shows.
//!
//! A command begins with the name of a program of the workspace or of cargo. It is in a fenced or an indented
//! block, on a line of its own, or between backticks in the text.

use crate::markdown::Block;
use crate::readme::transcript::{self, Step};

/// The words that a command can begin with.
const PROGRAMS: &[&str] = &["nmk", "cargo", "./verify.sh", "find", "python3"];

/// Returns every command of a document, in the order of its lines. Only the commands of transcripts have an
/// expected output.
pub(crate) fn commands(markdown: &str, blocks: &[Block]) -> Vec<Step> {
    let mut found = Vec::new();
    for block in blocks {
        match block.language.as_str() {
            "console" => found.extend(transcript::steps(block)),
            "" | "text" | "sh" | "bash" => found.extend(lines(&block.text, block.line + 1)),
            _ => {}
        }
    }
    let prose = without_blocks(markdown);
    let spans = spans(&prose);
    for (index, line) in prose.lines().enumerate() {
        if let Some(line) = line.strip_prefix("    ") {
            found.extend(command(line).map(|text| shown(index + 1, text)));
        }
    }
    found.extend(spans.into_iter().filter_map(|(line, text)| Some(shown(line, command(&text)?))));
    found.sort_by_key(|step| step.line);
    found
}

/// Returns the commands of a block of text whose first line has the number `first`.
fn lines(text: &str, first: usize) -> Vec<Step> {
    text.lines().enumerate().filter_map(|(index, line)| Some(shown(first + index, command(line)?))).collect()
}

fn shown(line: usize, command: String) -> Step {
    Step { line, command, expected: None }
}

/// Returns the command on a line, without the remark after it; `None` for any other line.
pub(crate) fn command(line: &str) -> Option<String> {
    let line = line.split("  #").next().unwrap_or(line).trim();
    let program = line.split(' ').next()?;
    PROGRAMS.contains(&program).then(|| line.to_owned())
}

/// Returns the text in which the lines of fenced blocks are left empty.
pub(crate) fn without_blocks(markdown: &str) -> String {
    let mut inside = false;
    let mut prose = String::new();
    for line in markdown.lines() {
        let fence = line.starts_with("```");
        if !inside && !fence {
            prose.push_str(line);
        }
        inside ^= fence;
        prose.push('\n');
    }
    prose
}

/// Returns the text between backticks, each piece with the number of its line. A piece may run over the end
/// of a line, but not over that of a paragraph.
pub(crate) fn spans(prose: &str) -> Vec<(usize, String)> {
    let mut spans = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in prose.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with("    ") {
            open = None;
            continue;
        }
        for (part, text) in line.split('`').enumerate() {
            if part > 0 {
                match open.take() {
                    Some(span) => spans.push(span),
                    None => open = Some((index + 1, String::new())),
                }
            }
            if let Some((_, span)) = &mut open {
                span.push_str(text.trim_start_matches(if part == 0 { ' ' } else { '\0' }));
            }
        }
        if let Some((_, span)) = &mut open {
            span.push(' ');
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::commands;
    use crate::markdown::blocks;

    #[test]
    fn commands_of_a_document() {
        let text = "# A\n\nRun `nmk ask \"a\nb\"` or `det`, `nmk.toml`.\n\n    cargo xtask tidy\n    nothing\n\n\
                    ```text\ncargo xtask planes   # in a second\nprinted\n```\n\n\
                    ```console\n$ nmk config\nprinted\n```\n\n```rust\nnmk::run();\n```\n\
                    | `nmk ledger verify` | it `is` |\n";
        let found = commands(text, &blocks(text));
        let found: Vec<_> =
            found.iter().map(|step| (step.line, step.command.as_str(), step.expected.is_some())).collect();
        assert_eq!(
            found,
            [
                (3, "nmk ask \"a b\"", false),
                (6, "cargo xtask tidy", false),
                (10, "cargo xtask planes", false),
                (15, "nmk config", true),
                (22, "nmk ledger verify", false),
            ]
        );
    }
}
