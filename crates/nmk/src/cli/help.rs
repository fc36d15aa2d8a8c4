//! The layout of the help: paragraphs that fit any width, and examples that are left as they are.

use clap::Command;

/// Returns `command` with the text after the help of each command below it in paragraphs of one line each, which are
/// then broken at the width of the terminal. Lines that begin with two spaces, which are examples, stay as they are.
pub(super) fn laid_out(command: Command) -> Command {
    let words: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let after = command.get_after_help().map(|text| paragraphs(&text.to_string()));
    let command = match after {
        Some(text) => command.after_help(text),
        None => command,
    };
    words.into_iter().fold(command, |command, word| command.mut_subcommand(word, laid_out))
}

fn paragraphs(text: &str) -> String {
    let joined = |paragraph: &str| {
        let mut lines: Vec<String> = Vec::new();
        for line in paragraph.lines() {
            match lines
                .last_mut()
                .filter(|last| !last.starts_with("  ") && !line.starts_with("  ") && !is_title(last))
            {
                Some(last) => {
                    last.push(' ');
                    last.push_str(line);
                }
                None => lines.push(line.to_owned()),
            }
        }
        lines.join("\n")
    };
    text.split("\n\n").map(joined).collect::<Vec<_>>().join("\n\n")
}

/// Returns true for the line above examples.
fn is_title(line: &str) -> bool {
    line.starts_with("Example") && line.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn prose_is_joined_and_examples_are_not() {
        let text = "One\nline.\n\nTwo\nlines\nmore.\n\nExamples:\n  nmk a\n  nmk b";
        assert_eq!(paragraphs(text), "One line.\n\nTwo lines more.\n\nExamples:\n  nmk a\n  nmk b");
    }
}
