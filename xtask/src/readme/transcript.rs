//! The commands of a transcript in a document, and the comparison of their output.

use crate::markdown::Block;

/// One command of a document.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) command: String,
    /// The lines that the command should print; `None` if the document does not show them.
    pub(crate) expected: Option<Vec<String>>,
}

pub(crate) fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut continued = false;
    for (index, text) in block.text.lines().enumerate() {
        if let Some(command) = text.strip_prefix("$ ") {
            let line = block.line + index + 1;
            steps.push(Step { line, command: command.to_owned(), expected: Some(Vec::new()) });
            continued = command.ends_with('\\');
        } else if let Some(step) = steps.last_mut() {
            if continued {
                step.command.push('\n');
                step.command.push_str(text);
                continued = text.ends_with('\\');
            } else {
                step.expected.get_or_insert_default().push(text.to_owned());
            }
        }
    }
    steps
}

/// Returns true if `printed` is what `expected` shows. Blanks at the ends of lines, and empty lines at the
/// end, do not count.
pub(crate) fn matches(expected: &[String], printed: &str) -> bool {
    let expected: Vec<&str> = expected.iter().map(|line| line.trim_end()).collect();
    let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    match_lines(trim_empty(&expected), trim_empty(&printed))
}

fn trim_empty<'a>(lines: &'a [&'a str]) -> &'a [&'a str] {
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    &lines[..end]
}

fn match_lines(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => (0..=printed.len()).any(|skipped| match_lines(rest, &printed[skipped..])),
        Some((line, rest)) => match printed.split_first() {
            Some((first, others)) => match_line(line, first) && match_lines(rest, others),
            None => false,
        },
    }
}

/// Returns true if the pieces of `expected` between wildcards follow each other in `printed`, the first at
/// its beginning and the last at its end.
fn match_line(expected: &str, printed: &str) -> bool {
    let mut pieces = expected.split('…');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{matches, steps};
    use crate::markdown::blocks;

    #[test]
    fn commands_and_their_output() {
        let text = "```console\n$ nmk ask \"a\"\n7\n\n$ nmk ask \\\n  \"b\"\nno\n```\n";
        let found = steps(&blocks(text)[0]);
        let found: Vec<_> = found.iter().map(|step| (step.line, step.command.as_str())).collect();
        assert_eq!(found, [(2, "nmk ask \"a\""), (5, "nmk ask \\\n  \"b\"")]);
    }

    #[test]
    fn wildcards() {
        let cases = [
            ("7", "7\n\n", true),
            ("7", "8", false),
            ("7", "7\n8", false),
            ("…", "", true),
            ("a\n…\nd", "a\nb\nc\nd", true),
            ("a\n…\nd", "a\nb\nc", false),
            ("head …: entry …", "head 5f: entry 3", true),
            ("head …: entry", "head 5f: entry 3", false),
            ("a…a", "a", false),
            ("level oracle …", "level oracle 1 2", true),
        ];
        for (expected, printed, same) in cases {
            let lines: Vec<String> = expected.lines().map(str::to_owned).collect();
            assert_eq!(matches(&lines, printed), same, "{expected} against {printed}");
        }
    }
}
