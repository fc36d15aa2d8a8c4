//! A person looks at the ledger: the jobs, one of them with its steps, and the bytes of a blob.

mod common;

use std::process::Stdio;

use common::home::{Ended, Home};
use serde_json::Value as Json;
use synthetic::stub::{Stub, says};

const PRIME: &str = "Is 7 a prime number?";

fn entries(home: &Home) -> Vec<Json> {
    home.run(["ledger", "show", "--json"]).json()["entries"].as_array().expect("entries").clone()
}

/// The ids of the jobs, in the order of their first entries.
fn jobs(home: &Home) -> Vec<String> {
    let mut jobs: Vec<String> = Vec::new();
    for entry in entries(home) {
        let job = entry["job"].as_str().expect("a job").to_owned();
        if !jobs.contains(&job) {
            jobs.push(job);
        }
    }
    jobs
}

fn show(home: &Home, more: &[&str]) -> Ended {
    home.run([&["ledger", "show"], more].concat())
}

#[test]
fn the_jobs_are_shown_with_what_was_asked_and_answered() {
    let home = Home::new("shown");
    let stub = Stub::start(|request| match request.body.contains("prime") {
        true => says("Answer: yes"),
        false => says(
            "Good\u{1b}[2J \u{202e}day,\nand a very long story that does not fit on one line of a terminal at all.",
        ),
    });
    let base = stub.base();
    let ask = |prompt: &str| home.run(["ask", prompt, "--model", base.as_str(), "--model-name", "small"]);
    assert_eq!(ask(PRIME).code, 0);
    assert_eq!(ask("Tell me\na story.").code, 0);
    assert_eq!(ask("Is 8 a prime number?").code, 1);
    assert_eq!(home.run(["ask", "--direct", "What is the gcd of 84 and 36?"]).code, 0);
    let shown = show(&home, &[]);
    let jobs = jobs(&home);
    assert_eq!((shown.code, jobs.len()), (0, 4), "{shown:?}");
    let blocks: Vec<&str> = shown.out.split("job-").skip(1).collect();
    let parts: [&[&str]; 4] = [
        &[
            " · oracle · small\n",
            "  asked: Is 7 a prime number?\n",
            "  read as: whether 7 is a prime number\n",
            "  answer: yes\n",
        ],
        &[
            " · none · small\n",
            "  asked: Tell me a story.\n",
            "  answer: Good",
            "day, and a very long story",
            "…\n",
        ],
        &[" · not proven · small\n", "  asked: Is 8 a prime number?\n", "  no answer: "],
        &[" · oracle · no model\n", "  asked: What is the gcd of 84 and 36?\n", "  answer: 12\n"],
    ];
    for ((block, job), parts) in blocks.iter().zip(&jobs).zip(parts) {
        assert!(block.starts_with(job.trim_start_matches("job-")) && block.contains(" UTC · "), "{block}");
        for part in parts {
            assert!(block.contains(part), "{part:?} is not in {block}");
        }
    }
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
    assert!(!shown.out.contains(['\u{1b}', '\u{202e}']), "a line for people has no control characters");
    let last = show(&home, &["--last", "1"]);
    assert!(last.out.starts_with(&jobs[3]) && last.out.matches("job-").count() == 1, "{last:?}");
    // The entries are there as before.
    let lines = show(&home, &["--entries"]);
    assert_eq!(lines.out.lines().count(), entries(&home).len());
    assert_eq!(show(&home, &["--entries", "--last", "3"]).out.lines().count(), 3);
}

#[test]
fn a_job_is_shown_with_its_steps_texts_and_digests() {
    let home = Home::new("steps");
    let stub = Stub::start(|_| says("Answer: yes"));
    let base = stub.base();
    for _ in 0..2 {
        assert_eq!(home.run(["ask", PRIME, "--model", &base, "--model-name", "small"]).code, 0);
    }
    let jobs = jobs(&home);
    let whole = show(&home, &[&jobs[0]]);
    assert_eq!(whole.code, 0, "{whole:?}");
    for part in [
        "opened",
        "admitted task 0 · base · model.draft",
        "judged",
        "satisfied at oracle",
        "committed",
        "Is 7 a prime number?",
        "Answer: yes",
    ] {
        assert!(whole.out.contains(part), "{part} is not in {}", whole.out);
    }
    assert!(!whole.out.contains(&jobs[1]), "no other job");
    let mut named = 0;
    for entry in entries(&home).iter().filter(|entry| entry["job"] == jobs[0].as_str()) {
        for blob in entry["body"]["blobs"].as_array().into_iter().flatten() {
            assert!(whole.out.contains(blob.as_str().expect("a digest")), "{blob} is not in {}", whole.out);
            named += 1;
        }
    }
    assert!(named > 3, "{named} blobs");
    // A beginning that no other job has, with and without the word, and as a flag.
    for word in [&jobs[0][..12], &jobs[0]["job-".len()..16]] {
        assert_eq!(show(&home, &[word]).out, whole.out, "{word}");
        assert_eq!(show(&home, &["--job", word]).out, whole.out, "{word}");
    }
    for word in ["job-0123456789abcdef", "xyz"] {
        show(&home, &[word]).is_refused(&["0 jobs begin with", "nmk ledger show lists the jobs"]);
    }
    let all = format!("{} jobs begin with", jobs.len());
    for word in ["job-", "jo", ""] {
        show(&home, &[word]).is_refused(&[&all, "pass more of its digits"]);
    }
}

#[test]
fn every_command_takes_the_first_digits_of_a_job() {
    let home = Home::new("shown-digits");
    home.run(["ask", "--direct", "Is 97 prime?"]);
    let job = jobs(&home).remove(0);
    let digits = job.trim_start_matches("job-");
    for word in [job.as_str(), digits, &digits[..6], &job[..12]] {
        for command in [&["show", word][..], &["trace", "--job", word], &["replay", "--job", word]] {
            let ended = home.run([&["ledger"], command].concat());
            assert_eq!(ended.code, 0, "{command:?} {ended:?}");
        }
    }
    for command in [&["show", "seven"][..], &["trace", "--job", "seven"], &["replay", "--job", "seven"]] {
        home.run([&["ledger"], command].concat()).is_refused(&["0 jobs begin with seven"]);
    }
}

#[test]
fn a_blob_is_printed_byte_for_byte_and_a_terminal_is_spared() {
    let home = Home::new("blobs");
    let reply = "Good\u{1b}[2Jbye \u{202e}now\n";
    let stub = Stub::start(move |_| says(reply));
    let asked = home.run(["ask", "Say something.", "--model", &stub.base(), "--model-name", "small"]);
    assert_eq!(asked.code, 0, "{asked:?}");
    let entries = entries(&home);
    let record =
        entries.iter().find_map(|entry| entry["body"]["record"]["blobs"].as_object()).expect("a record");
    let prompt = record["prompt"].as_str().expect("a digest");
    let value = entries.iter().find_map(|entry| entry["body"]["subject_blob"].as_str()).expect("a digest");
    let blob = |digest: &str| home.run(["ledger", "blob", digest]);
    assert_eq!((blob(prompt).code, blob(prompt).out), (0, "Say something.".to_owned()));
    assert_eq!(blob(&prompt[..9]).out, "Say something.");
    let object = home.run(["ledger", "blob", value, "--json"]).json();
    assert_eq!(
        (object["digest"].as_str(), object["value"]["prompt"].as_str()),
        (Some(value), Some("Say something."))
    );
    // What is not there, or is not what its name says.
    let nobody = "0".repeat(64);
    blob(&nobody).is_refused(&["there is no blob", "nmk ledger show JOB lists"]);
    blob("00000000").is_refused(&["0 blobs begin with 00000000", "nmk ledger show JOB lists"]);
    blob("abc").is_refused(&["4 to 64", "nmk ledger blob --help"]);
    let path = home.ledger().join("blobs").join(&prompt[..2]).join(prompt);
    std::fs::write(path, "Say nothing.").expect("the blob");
    blob(prompt).is_refused(&["is not the blob that its name says"]);
}

#[cfg(unix)]
#[test]
fn a_terminal_is_shown_no_control_characters() {
    let home = Home::new("terminal-blobs");
    let stub = Stub::start(|_| says("Good\u{1b}[2Jbye \u{202e}now"));
    let asked = home.run([
        "ask",
        "Say \u{1b}[1m\u{2067}something.",
        "--model",
        &stub.base(),
        "--model-name",
        "small",
    ]);
    assert_eq!(asked.code, 0, "{asked:?}");
    let entries = entries(&home);
    let record =
        entries.iter().find_map(|entry| entry["body"]["record"]["blobs"].as_object()).expect("a record");
    let prompt = record["prompt"].as_str().expect("a digest");
    let value = entries.iter().find_map(|entry| entry["body"]["subject_blob"].as_str()).expect("a digest");
    let at_terminal = |words: &[&str]| {
        let terminal = common::terminal::Terminal::open();
        let mut command = home.command(words, &[]);
        command.stdin(Stdio::null()).stdout(terminal.side()).stderr(Stdio::piped());
        let ended = command.spawn().expect("the program runs").wait_with_output().expect("it ends");
        // The command holds the terminal's side open.
        drop(command);
        (
            ended.status.code(),
            String::from_utf8(terminal.seen()).expect("UTF-8"),
            String::from_utf8(ended.stderr).expect("UTF-8"),
        )
    };
    let piped = home.run(["ledger", "blob", prompt]);
    assert_eq!(piped.out, "Say \u{1b}[1m\u{2067}something.", "a pipe gets the bytes");
    let (code, seen, _) = at_terminal(&["ledger", "blob", prompt]);
    assert_eq!((code, seen.trim_end()), (Some(0), "Say \\u{1b}[1m\\u{2067}something."));
    let (code, seen, told) = at_terminal(&["ledger", "blob", value]);
    assert_eq!((code, seen.as_str()), (Some(2), ""), "{told}");
    assert!(told.contains("is no text") && told.contains("> FILE"), "{told}");
    for words in [&["ledger", "show"][..], &["ledger", "show", "--entries"], &["ledger", "show", "job-"]] {
        let (_, seen, _) = at_terminal(words);
        assert!(!seen.contains(['\u{1b}', '\u{202e}', '\u{2067}']), "{words:?}: {seen}");
    }
}

/// Each reason why a text is not there has words of its own.
#[test]
fn a_text_that_is_not_there_is_told_by_its_cause() {
    let home = Home::new("lacks");
    home.write("work/sum.toml", include_str!("../../../docs/sum.toml"));
    assert_eq!(home.run(["run", "sum.toml"]).code, 0);
    assert_eq!(home.run(["ask", "--require", "oracle", "Good morning!"]).code, 1);
    for prompt in ["Say a.", "Say b.", "Say c.", "Say d."] {
        assert_eq!(home.run(["ask", prompt]).code, 0);
    }
    let input = |job: &str| {
        let entries = entries(&home);
        let of_job = entries.iter().find(|entry| entry["job"] == job && entry["kind"] == "admitted");
        of_job.expect("an admission")["body"]["subject_blob"].as_str().expect("a digest").to_owned()
    };
    let path = |blob: &str| home.ledger().join("blobs").join(&blob[..2]).join(blob);
    let jobs = jobs(&home);
    for job in &jobs[2..4] {
        // The blob of the prompt as it was sent is kept too.
        let shown = show(&home, &[job]).out;
        let sent =
            shown.lines().find_map(|line| line.trim_start().strip_prefix("prompt ")).expect("a digest");
        for blob in [sent.to_owned(), input(job)] {
            if *job == jobs[2] {
                let forgotten = home.run(["ledger", "forget", &blob, "--reason", "a private word"]);
                assert_eq!(forgotten.code, 0, "{forgotten:?}");
            } else {
                std::fs::remove_file(path(&blob)).expect("the blob");
            }
        }
    }
    let shown = show(&home, &[&jobs[4]]).out;
    let sent = shown.lines().find_map(|line| line.trim_start().strip_prefix("prompt ")).expect("a digest");
    std::fs::write(path(sent), "Say z.").expect("the blob");
    std::fs::write(path(&input(&jobs[4])), "Say z.").expect("the blob");
    let told = [
        "(no task of this job has a prompt)",
        "Good morning!",
        "(forgotten: a private word)",
        "(missing: its blob is not there, and was not forgotten; see nmk ledger verify)",
        "(changed: its blob does not have its digest; see nmk ledger verify)",
        "Say d.",
    ];
    for (job, told) in jobs.iter().zip(told) {
        let list = show(&home, &[]).out;
        let block = list.split("job-").find(|block| {
            job.ends_with(block.lines().next().unwrap_or("").split(' ').next().unwrap_or(""))
                && !block.is_empty()
        });
        let block = block.expect("the job");
        let cut: String = told.chars().take(60).collect();
        assert!(block.contains(&format!("  asked: {cut}")), "{told} is not in {block}");
        assert!(block.lines().next().is_some_and(|line| line.contains(" UTC")), "no time: {block}");
        assert!(show(&home, &[job]).out.contains(told), "{told}");
    }
}
