//! A person who types it wrong is told how to type it.

mod common;

use common::home::Home;

#[test]
fn a_question_that_is_typed_wrong_is_typed_again_as_a_whole() {
    let home = Home::new("hints-question");
    let cases: [(&[&str], &str); 11] = [
        (&["ask", "What", "is", "2", "plus", "3"], r#"nmk ask "What is 2 plus 3""#),
        (&["ask", "--json", "What", "is", "2"], r#"nmk ask "What is 2""#),
        (&["ask", "--require", "none", "Hi", "there"], r#"nmk ask "Hi there""#),
        (&["ask", "-5", "plus", "3"], r#"nmk ask -- "-5 plus 3""#),
        (&["ask", "-5 plus 3"], r#"nmk ask -- "-5 plus 3""#),
        (&["What is 2 plus 3?"], r#"nmk ask "What is 2 plus 3?""#),
        (&["What", "is", "2"], r#"nmk ask "What is 2""#),
        // A command that is spelled wrong, with a question behind it or without, is no question.
        (&["aks", "Is 97 a prime number?"], "did you mean nmk ask?"),
        (&["legder", "verify"], "did you mean nmk ledger?"),
        (&["aks"], "did you mean nmk ask?"),
        (&["run", "--request", "Describe", "a", "cat"], "a text of several words stands in quotes"),
    ];
    for (words, hint) in cases {
        let ended = home.run(words);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains(hint), "{words:?}: {hint} is not in {}", ended.err);
    }
    // What was typed in the other order is no question.
    let ended = home.run(["ask", "Hi", "--nothing"]);
    assert!(!ended.err.contains("quotes") && !ended.err.contains("to pass"), "{ended:?}");
}

#[test]
fn a_value_that_does_not_fit_its_flag_is_told_what_fits() {
    let home = Home::new("hints-values");
    let cases: [(&[&str], &str); 9] = [
        (&["ask", "--threads", "x", "Hi"], "it is no whole number"),
        (&["ask", "--max-new", "0", "Hi"], "0 is not in the range 1 to 4294967295"),
        (&["ask", "--max-new", "", "Hi"], "it is empty"),
        (&["ask", "--chunk", "0", "Hi"], "it must be 1 at least"),
        (&["model", "generate", "embedded", "--max-new", "4"], "--prompt TEXT"),
        (&["run"], "--request TEXT"),
        (&["model", "generate", "embedded", "--tokens", "5", "--temperature", "-1"], "--temperature=-1"),
        (&["ask", "--forbid", "", "Hi"], "the empty text"),
        (&["ask", "--max-new", "99999", "--no-ledger", "Hi"], "lower --max-new to "),
    ];
    for (words, hint) in cases {
        let ended = home.run(words);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains(hint), "{words:?}: {hint} is not in {}", ended.err);
        assert!(!ended.err.contains("digit found") && !ended.err.contains("use '--"), "{}", ended.err);
    }
}

#[test]
fn a_model_a_contract_and_a_ledger_that_are_not_there_are_told_apart() {
    let home = Home::new("hints-places");
    home.write("work/sum.toml", include_str!("../../../docs/sum.toml"));
    let cases: [(&[&str], &str); 6] = [
        (&["ask", "--model", "llama3.2", "Hi"], "--model http://HOST:PORT/v1 --model-name llama3.2"),
        (&["ask", "--model", "htp://127.0.0.1:1", "Hi"], "begins with http:// or https://"),
        (&["ask", "--model", "gpt-4", "--model-name", "m", "Hi"], "`gpt-4` is no address"),
        (&["ask", "--contract", "sum.toml", "Hi"], "nmk run FILE"),
        (&["ledger", "show"], "the first nmk ask or nmk run begins one"),
        (&["ledger", "verify"], "the first nmk ask or nmk run begins one"),
    ];
    for (words, hint) in cases {
        let ended = home.run(words);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.err.contains(hint), "{words:?}: {hint} is not in {}", ended.err);
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn what_this_machine_lacks_has_a_code_of_its_own() {
    let home = Home::new("hints-machine");
    let ended = home.run(["ask", "--isa", "neon", "Hi"]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert_eq!(home.run(["ask", "--isa", "portable", "Hi"]).code, 0, "the control");
}

#[test]
fn a_reply_in_prose_is_not_proven_and_can_be_looked_at() {
    let home = Home::new("hints-prose");
    let stub = synthetic::stub::Stub::start(|_| synthetic::stub::says("It is hard to say."));
    let base = stub.base();
    let ask = ["ask", "What is the gcd of 84 and 36?", "--model", &base, "--model-name", "m"];
    let ended = home.run(ask);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.err.contains("--show-unproven shows it"), "{ended:?}");
    let shown = home.run([&ask[..], &["--show-unproven"]].concat());
    assert!(shown.err.contains("unproven proposal: It is hard to say."), "{shown:?}");
    // Beside an accepted answer, the reply around it is told for what it is.
    let right = synthetic::stub::Stub::start(|_| synthetic::stub::says("Answer: 12"));
    let base = right.base();
    let ended = home.run([&ask[..2], &["--model", &base, "--model-name", "m", "--show-unproven"]].concat());
    assert_eq!((ended.code, ended.out.as_str()), (0, "12\n"), "{ended:?}");
    assert!(ended.err.contains("only the answer above was checked: Answer: 12"), "{ended:?}");
    assert!(!ended.err.contains("unproven"), "{ended:?}");
}

#[test]
fn a_primitive_answers_a_question_that_no_model_has_room_for() {
    let home = Home::new("hints-long");
    let long = format!("How many times does the letter r appear in {}?", "berry".repeat(40));
    let words = ["ask", &long, "--max-new", "500"];
    let ended = home.run([&words[..], &["--direct"]].concat());
    assert_eq!((ended.code, ended.out.as_str()), (0, "80\n"), "{ended:?}");
    assert_eq!(home.run(words).code, 2, "the control: the model has no room");
}
