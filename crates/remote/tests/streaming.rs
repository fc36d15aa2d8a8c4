//! An endpoint streams its reply, in whatever pieces the network makes of it.

use std::ffi::OsStr;
use std::time::Duration;

use abi::{Decoding, Proposer, Request, Step, Stop};
use remote::{ApiKey, Between, Endpoint, Limits, RemoteProposer};
use synthetic::stub::{Stub, chunked, says, stream, whole};

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    stall: Duration::from_secs(5),
    total: Duration::from_secs(20),
    max_bytes: 1 << 20,
};

fn proposer(stub: &Stub, key: Option<ApiKey>) -> RemoteProposer {
    let endpoint = Endpoint::parse(&stub.base()).expect("the stub's address");
    RemoteProposer::new(endpoint, "small".to_owned(), key, LIMITS, None)
}

const REQUEST: Request<'_> =
    Request { prompt: "How many?", facts: "", schema: None, max_new: 16, decoding: Decoding::Greedy };

#[test]
fn pieces_of_any_size_give_the_same_text() {
    let text = ["Dréi", " sind", " es.\n", "Answer: 3"];
    for size in [1, 2, 3, 7, 64, 5000] {
        let stub = Stub::start(move |_| chunked("text/event-stream", &stream(&text, "stop"), size));
        let (mut pieces, mut counts) = (Vec::new(), Vec::new());
        let mut progress = |step: Step<'_>| match step {
            Step::Answer(piece) => pieces.push(piece.to_owned()),
            Step::Tokens(count) => counts.push(count),
            other => panic!("{other:?}"),
        };
        let draft = proposer(&stub, None).propose(&REQUEST, &mut progress).expect("a reply").value;
        assert_eq!(draft.text, text.concat(), "chunks of {size}");
        assert_eq!(draft.stop, Stop::End);
        assert_eq!(
            pieces,
            ["Dréi", " sind", " es.", "\nAnswer: 3"],
            "what was said, without an end that may change"
        );
        assert_eq!(counts, [1, 2, 3, 4]);
        assert!(draft.tokens.is_empty() && draft.logit_digests.is_empty());
    }
}

#[test]
fn thoughts_are_told_as_thoughts() {
    let text = ["<thi", "nk>Is it", " 3?</th", "ink>\n\n", "Yes, ", "3."];
    let stub = Stub::start(move |_| chunked("text/event-stream", &stream(&text, "stop"), 64));
    let (mut answer, mut thoughts) = (Vec::new(), String::new());
    let mut progress = |step: Step<'_>| match step {
        Step::Answer(piece) => answer.push(piece.to_owned()),
        Step::Thought(piece) => thoughts.push_str(piece),
        _ => {}
    };
    let draft = proposer(&stub, None).propose(&REQUEST, &mut progress).expect("a reply").value;
    assert_eq!((answer.concat().as_str(), thoughts.as_str()), ("Yes, 3.", "Is it 3?"));
    assert_eq!((draft.text, draft.thoughts), (answer.concat(), thoughts));
    assert_eq!(answer.len(), 2, "the answer was told in the pieces in which it came");
}

#[test]
fn a_server_that_ignores_streaming_is_understood() {
    let body =
        br#"{"choices":[{"message":{"role":"assistant","content":"Answer: 3"},"finish_reason":"length"}]}"#;
    let stub = Stub::start(move |_| whole("200 OK", "application/json", body));
    let draft = proposer(&stub, None).propose(&REQUEST, &mut |_| {}).expect("a reply").value;
    assert_eq!((draft.text.as_str(), draft.stop), ("Answer: 3", Stop::Length));
}

#[test]
fn the_request_is_the_protocols() {
    let stub = Stub::start(|_| says("Answer: 3"));
    let key = ApiKey::from_variable("K", OsStr::new("sesame")).expect("a key");
    let mut proposer = proposer(&stub, key);
    proposer.propose(&REQUEST, &mut |_| {}).expect("a reply");
    let facts = Request { facts: "letter_count(strawberry, r) = 3", ..REQUEST };
    proposer.propose(&facts, &mut |_| {}).expect("a reply");

    let seen = stub.seen();
    for request in &seen {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/chat/completions"));
        assert_eq!(request.headers["authorization"], "Bearer sesame");
        assert_eq!(request.headers["content-type"], "application/json");
        let body = request.json();
        assert_eq!(body["model"], "small");
        assert_eq!(
            (&body["stream"], &body["temperature"], &body["seed"]),
            (&true.into(), &0.0.into(), &0.into())
        );
        assert_eq!(body["messages"][0]["role"], "system");
    }
    let (bare, facts) = (seen[0].json(), seen[1].json());
    assert_eq!(bare["messages"][0], facts["messages"][0], "facts change nothing but the user's message");
    assert_eq!(bare["messages"][1]["content"], "How many?");
    let content = facts["messages"][1]["content"].as_str().expect("text");
    assert!(content.ends_with("\nletter_count(strawberry, r) = 3\n</facts>\n\nHow many?"), "{content}");
    assert!(!format!("{proposer:?}").contains("sesame"));
}

/// A rule of decoding is sent as it was asked for. An endpoint that refuses a part of it is told no more of that part.
#[test]
fn a_temperature_and_a_seed_are_sent_as_far_as_they_are_taken() {
    const SAMPLED: Request<'_> =
        Request { decoding: Decoding::Sampled { temperature_ppm: 800_000, seed: 7 }, ..REQUEST };
    let whole_rule = Stub::start(|_| says("Answer: 3"));
    let draft = proposer(&whole_rule, None).propose(&SAMPLED, &mut |_| {}).expect("a reply").value;
    assert_eq!(draft.decoding, SAMPLED.decoding);
    let body = whole_rule.seen()[0].json();
    assert_eq!((&body["temperature"], &body["seed"]), (&0.8.into(), &7.into()));

    let seedless = Stub::start(|seen| match seen.json().get("seed") {
        Some(_) => whole(
            "400 Bad Request",
            "application/json",
            br#"{"error":{"message":"unknown parameter: seed"}}"#,
        ),
        None => says("Answer: 3"),
    });
    let (told, heard) = std::sync::mpsc::channel();
    let mut proposer = proposer(&seedless, None).attended(move |between| {
        if let Between::Without { parameter, .. } = between {
            told.send(parameter).expect("the test listens");
        }
    });
    for _ in 0..2 {
        assert_eq!(proposer.propose(&SAMPLED, &mut |_| {}).expect("a reply").value.text, "Answer: 3");
    }
    drop(proposer);
    assert_eq!(heard.iter().collect::<Vec<_>>(), ["seed"], "the refusal is told once");
    let sent: Vec<_> = seedless.seen().iter().map(synthetic::stub::Seen::json).collect();
    assert_eq!(sent.len(), 3, "what was refused is left out from then on");
    assert!(sent.iter().all(|body| body["temperature"] == 0.8), "{sent:?}");
    assert_eq!(sent.iter().filter(|body| body.get("seed").is_some()).count(), 1);
}
