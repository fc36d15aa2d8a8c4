//! An endpoint fails in every way that endpoints fail; each is one line that says what to do.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use abi::{Decoding, Proposer, Request};
use remote::{ApiKey, Endpoint, Limits, RemoteError, RemoteProposer};
use synthetic::stub::{Seen, Step, Stub, chunk, chunked, chunked_head, says, stream, whole};

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    stall: Duration::from_millis(200),
    total: Duration::from_millis(900),
    max_bytes: 64 << 10,
};

const SSE: &str = "text/event-stream";

fn ask(base: &str) -> RemoteError {
    let endpoint = Endpoint::parse(base).expect("an address");
    let key = ApiKey::from_variable("MY_KEY", OsStr::new("sesame")).expect("a key");
    let mut proposer = RemoteProposer::new(endpoint, "small".to_owned(), key, LIMITS, None);
    let request =
        Request { prompt: "How many?", facts: "", schema: None, max_new: 16, decoding: Decoding::Greedy };
    proposer.propose(&request, &mut |_| {}).expect_err("the endpoint is at fault")
}

/// Asks a server that follows `script`, and checks the line that a user then reads.
fn check(script: impl Fn(&Seen) -> Vec<Step> + Send + 'static, expected: &str) {
    let stub = Stub::start(script);
    let started = Instant::now();
    let line = ask(&stub.base()).to_string();
    assert!(started.elapsed() < Duration::from_secs(4), "it took {:?}: {line}", started.elapsed());
    assert!(line.contains(expected), "`{expected}` is not in: {line}");
    assert!(line.contains(&stub.base()), "it does not say where: {line}");
    assert!(!line.contains("sesame"), "it gives the key away: {line}");
    assert!(!line.chars().any(char::is_control), "it is not one clean line: {line:?}");
}

#[test]
fn nothing_listens() {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let error = ask(&format!("http://{address}/v1"));
    assert!(matches!(error, RemoteError::Refused { .. }), "{error}");
}

#[test]
fn silence_ends_the_wait() {
    const LONG: Step = Step::Wait(Duration::from_secs(30));
    check(|_| vec![LONG], "stalled: 0.2 s of silence after 0 bytes");
    check(|_| vec![chunked_head(SSE), LONG], "stalled");
    check(|_| vec![chunked_head(SSE), chunk(&stream(&["3"], "stop")[..60]), LONG], "silence after 60 bytes");
}

#[test]
fn a_slow_drip_ends_at_the_total() {
    let drip = |_: &Seen| {
        let mut steps = vec![chunked_head(SSE)];
        for _ in 0..200 {
            steps.extend([chunk(b": keep-alive\n\n"), Step::Wait(Duration::from_millis(50))]);
        }
        steps
    };
    check(drip, "longer than 0.9 s");
}

#[test]
fn a_huge_reply_is_cut() {
    let piece = br#"data: {"choices":[{"delta":{"content":"and more "}}]}"#;
    let flood = || Step::Flood([b"40\r\n".as_slice(), piece, &[b'\n'; 0x40 - 53], b"\r\n"].concat());
    check(move |_| vec![chunked_head(SSE), flood()], "larger than 65536 bytes");
    check(|_| whole("200 OK", SSE, &[b'd'; 70_000]), "larger than 65536 bytes");
}

#[test]
fn garbage_is_shown_in_part_and_harmless() {
    check(
        |_| whole("200 OK", "text/html", b"<html>\x1b[2J\r\nlogin</html>"),
        "not a chat completion: `<html> [2J login",
    );
    check(|_| whole("200 OK", "application/json", b"{\"choices\": 7}"), "not a chat completion");
    check(|_| chunked(SSE, b"data: sesame nonsense\n\n", 5), "not a chat completion: `[key] nonsense`");
    check(|_| chunked(SSE, b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n\n", 9), "not UTF-8");
    check(|_| vec![Step::Send(b"220 smtp.example.com ESMTP\r\n".to_vec())], "not HTTP");
    check(|_| vec![Step::Send(b"\x00\x01\x02\x03\r\n\r\n".to_vec())], "not HTTP");
}

#[test]
fn a_reply_that_is_cut_off_is_not_an_answer() {
    check(|_| vec![], "cut off");
    let body = stream(&["Answer:", " 3"], "stop");
    let before_end = body.windows(6).position(|window| window == b"\"stop\"").expect("the reason") - 20;
    let cut = body[..before_end].to_vec();
    let head_only = cut.clone();
    check(move |_| vec![chunked_head(SSE), chunk(&head_only)], "cut off");
    let whole_events = body.windows(2).position(|window| window == b"\n\n").expect("an event") + 2;
    check(move |_| chunked(SSE, &cut[..whole_events], 64), "cut off");
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\"";
    check(move |_| vec![Step::Send(short.to_vec())], "cut off");
}

#[test]
fn statuses_say_what_to_do() {
    let json = "application/json";
    check(|_| whole("500 Internal Server Error", "text/plain", b"boom\x07"), "HTTP 500: `boom` ");
    check(|_| whole("404 Not Found", "text/plain", b"404 page"), "ends in the API's base path");
    check(|_| whole("302 Found", "text/plain", b""), "redirects are not followed");
    check(
        move |_| whole("401 Unauthorized", json, br#"{"error":{"message":"bad key sesame"}}"#),
        "`bad key [key]`",
    );
    check(|_| whole("403 Forbidden", "text/plain", b"no"), "check the variable MY_KEY");
    check(|_| whole("429 Too Many Requests", "text/plain", b"slow down"), "wait, or use another key");
    let reported = b"data: {\"error\":{\"message\":\"out of memory\"}}\n\n";
    check(move |_| chunked(SSE, reported, 64), "reported an error: `out of memory`");
    check(|_| chunked(SSE, &stream(&[], "stop"), 64), "the reply has no text");
}

/// The remedy follows the words of the server, and no guess stands in their place.
#[test]
fn a_refusal_has_the_remedy_that_its_words_call_for() {
    let cases = [
        (
            "400 Bad Request",
            "The response was filtered due to our content management policy.",
            "word the question",
        ),
        (
            "400 Bad Request",
            "Failed to generate JSON. Please adjust your prompt.",
            "did not keep to the schema",
        ),
        ("400 Bad Request", "No models loaded. Please load a model.", "load a model at the server"),
        (
            "402 Payment Required",
            "This request requires more credits, or fewer max_tokens.",
            "raise the credit",
        ),
        (
            "403 Forbidden",
            "Country, region, or territory not supported",
            "another account or another network",
        ),
        (
            "404 Not Found",
            "The thing does not exist or you do not have access to it.",
            "that the key may use",
        ),
        ("400 Bad Request", "Something is not as we like it.", "the server's words say"),
    ];
    for (status, words, remedy) in cases {
        let body = serde_json::json!({"error": {"message": words}}).to_string().into_bytes();
        check(move |_| whole(status, "application/json", &body), remedy);
    }
    let long = format!("{} the cause", "a line of a template ".repeat(20));
    let body = serde_json::json!({"error": {"message": long}}).to_string().into_bytes();
    check(move |_| whole("500 Internal Server Error", "application/json", &body), "the cause` ");
    let event = b"data: {}\n\nerror: {\"code\":500,\"message\":\"context shift is disabled\"}\n\n";
    check(move |_| chunked(SSE, event, 64), "context shift is disabled");
}

#[test]
fn the_usual_path_is_tried_below_a_path_without_a_version() {
    let stub = Stub::start(|seen| match seen.path.as_str() {
        "/openai/v1/chat/completions" => says("Answer: 12"),
        _ => whole("404 Not Found", "text/plain", b"nope"),
    });
    let base = stub.base();
    let origin = base.trim_end_matches("/v1");
    let endpoint = Endpoint::parse(&format!("{origin}/openai")).expect("an address");
    let mut proposer = RemoteProposer::new(endpoint, "small".to_owned(), None, LIMITS, None);
    let request =
        Request { prompt: "How many?", facts: "", schema: None, max_new: 16, decoding: Decoding::Greedy };
    let draft = proposer.propose(&request, &mut |_| {}).expect("a draft");
    assert_eq!(draft.value.text, "Answer: 12");
    // A version in the path is what the user means.
    assert!(matches!(ask(&format!("{origin}/v2")), RemoteError::Status { status: 404, .. }));
}

#[test]
fn an_unknown_model_is_answered_with_the_names_that_exist() {
    let script = |seen: &Seen| match seen.path.as_str() {
        "/v1/models" => whole("200 OK", "application/json", br#"{"data":[{"id":"tiny"},{"id":"large"}]}"#),
        _ => {
            whole("404 Not Found", "application/json", br#"{"error":{"message":"model 'small' not found"}}"#)
        }
    };
    check(script, "no model `small`");
    check(script, "--model-name with one of tiny, large");
    let without_list = |seen: &Seen| match seen.path.as_str() {
        "/v1/models" => whole("404 Not Found", "text/plain", b""),
        _ => {
            whole("404 Not Found", "application/json", br#"{"error":{"message":"model 'small' not found"}}"#)
        }
    };
    check(without_list, "HTTP 404: `model 'small' not found`");
}
