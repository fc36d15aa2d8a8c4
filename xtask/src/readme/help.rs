//! The examples that the help of `nmk` shows.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::readme::commands::command;

/// The examples in the help of one command, in the order in which the help shows them.
pub(crate) struct Help {
    /// The words of the command as a person types them, without `--help`.
    pub(crate) words: String,
    pub(crate) examples: Vec<String>,
    /// True if the command does something by itself, and is not only the parent of others.
    pub(crate) runs: bool,
}

/// Returns the help of `nmk` and of every command below it, parents first.
pub(crate) fn all(nmk: &Path) -> Result<Vec<Help>, Error> {
    let mut found = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let mut asked = Command::new(nmk);
        let text = process::stdout(asked.args(&words).arg("--help"))?;
        let below = subcommands(&text);
        let runs = below.is_empty();
        let below = below.into_iter().rev();
        open.extend(below.map(|word| words.iter().cloned().chain([word]).collect::<Vec<String>>()));
        let words: Vec<String> = ["nmk".to_owned()].into_iter().chain(words).collect();
        found.push(Help { words: words.join(" "), examples: examples(&text), runs });
    }
    Ok(found)
}

/// Returns the names in the section `Commands:` of a help text.
fn subcommands(help: &str) -> Vec<String> {
    let section = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    // A line that goes on with what the line above it says begins further to the right.
    let lines = section.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Returns the indented lines below a line that begins with `Example`.
fn examples(help: &str) -> Vec<String> {
    let section = help.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
    section.take_while(|line| line.starts_with("  ")).filter_map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::{examples, subcommands};

    #[test]
    fn a_help_text() {
        let help = "Does it.\n\nUsage: nmk <COMMAND>\n\nCommands:\n  ask     Answer\n  ledger  Check\n          history\n  help    Print\n\n\
                    Options:\n  -h, --help  Print\n\nExamples:\n  nmk ask \"a\"\n  nmk ledger show\n";
        assert_eq!(subcommands(help), ["ask", "ledger"]);
        assert_eq!(examples(help), ["nmk ask \"a\"", "nmk ledger show"]);
    }
}
