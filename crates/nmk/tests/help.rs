//! The help of every command fits a terminal of 80 columns, is coloured where that is wanted, and completes in shells.

mod common;

use common::home::Home;
use common::terminal::Terminal;

/// Returns the words of every command, parents first.
fn commands(home: &Home) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut at = 0;
    while let Some(words) = found.get(at).cloned() {
        at += 1;
        let help = home.run(words.iter().map(String::as_str).chain(["--help"])).out;
        let section = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = section.take_while(|line| line.starts_with("  "));
        // A line that goes on has no command at its start.
        let names =
            lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
        found.extend(
            names.filter(|name| *name != "help").map(|name| [&words[..], &[name.to_owned()]].concat()),
        );
    }
    found
}

#[test]
fn every_help_fits_80_columns() {
    let home = Home::new("help-width");
    let commands = commands(&home);
    assert!(commands.len() > 20, "{commands:?}");
    for words in commands {
        for flag in ["--help", "-h"] {
            let ended = home.run(words.iter().map(String::as_str).chain([flag]));
            assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{words:?}");
            for line in ended.out.lines() {
                assert!(line.chars().count() <= 80, "nmk {} {flag}: {line}", words.join(" "));
                assert!(!line.contains('\x1b'), "a pipe is not coloured: {line}");
            }
        }
    }
}

#[test]
fn colours_are_where_they_are_wanted() {
    let home = Home::new("help-colours");
    let escapes = |words: &[&str], variables: &[(&str, &str)]| {
        let ended = home.run_with(words, variables);
        (ended.out.contains('\x1b'), ended.err.contains('\x1b'))
    };
    assert_eq!(escapes(&["ask", "--help"], &[]), (false, false));
    assert_eq!(escapes(&["ask", "--help", "--color", "always"], &[("NO_COLOR", "1")]), (true, false));
    assert_eq!(escapes(&["--color=always", "ledger"], &[]), (false, true));
    assert_eq!(escapes(&["ask", "", "--color", "always"], &[]), (false, true));
    assert_eq!(escapes(&["ask", "", "--color", "never"], &[]), (false, false));
    home.run(["ask", "Hi", "--color", "pink"]).is_refused(&["--color", "pink"]);
    for (more, variables, expected) in [
        (&[][..], &[][..], true),
        (&[], &[("NO_COLOR", "1")], false),
        (&[], &[("NO_COLOR", "")], true),
        (&[], &[("TERM", "dumb")], false),
        (&["--color", "never"], &[], false),
    ] {
        let terminal = Terminal::open();
        let mut command = home.command([&["ask", "--help"], more].concat(), variables);
        command.stdin(std::process::Stdio::null()).stdout(terminal.side()).stderr(terminal.side());
        assert!(command.status().expect("the program runs").success());
        drop(command);
        let seen = terminal.seen();
        assert!(!seen.is_empty());
        assert_eq!(seen.contains(&0x1b), expected, "{more:?} {variables:?}");
    }
}

#[test]
fn each_shell_has_its_completions() {
    let home = Home::new("help-completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = home.run(["completions", shell]);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{shell}");
        assert!(ended.out.contains("forbid-word") && ended.out.contains("selftest"), "{shell}");
    }
    home.run(["completions", "tcsh"]).is_refused(&["tcsh", "nmk completions --help"]);
}
