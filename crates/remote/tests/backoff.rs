//! A busy server that states no wait is asked again on a schedule that is always the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use abi::{Decoding, Proposer, Request};
use remote::{Between, Endpoint, Limits, RemoteError, RemoteProposer};
use synthetic::stub::{Seen, Step, Stub, says, whole, whole_with};

const REQUEST: Request<'_> =
    Request { prompt: "How many?", facts: "", schema: None, max_new: 16, decoding: Decoding::Greedy };
const BUSY: &str = "503 Service Unavailable";

/// A wait: its seconds, and whether the server stated it.
type Wait = (f64, bool);

/// Asks a server that follows `script`, within `total` seconds for one draft, and waits for no time. Returns the
/// outcomes of `drafts` drafts, the waits that were told, and the number of requests.
fn ask(
    script: impl Fn(&Seen) -> Vec<Step> + Send + 'static,
    total: u64,
    drafts: usize,
) -> (Vec<Result<String, RemoteError>>, Vec<Wait>, usize) {
    let stub = Stub::start(script);
    let endpoint = Endpoint::parse(&stub.base()).expect("an address");
    let limits = Limits {
        connect: Duration::from_secs(5),
        stall: Duration::from_secs(5),
        total: Duration::from_secs(total),
        max_bytes: 64 << 10,
    };
    let waits = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&waits);
    let mut proposer =
        RemoteProposer::new(endpoint, "small".to_owned(), None, limits, None).attended(move |between| {
            if let Between::Wait { time, is_stated, .. } = between {
                told.lock().expect("no panic").push((time.as_secs_f64(), is_stated));
            }
        });
    let outcomes =
        (0..drafts).map(|_| proposer.propose(&REQUEST, &mut |_| {}).map(|proposal| proposal.value.text));
    let outcomes = outcomes.collect();
    let waits = waits.lock().expect("no panic").clone();
    (outcomes, waits, stub.seen().len())
}

/// Returns the waits of the schedule whose seconds are `times`.
fn unstated(times: &[u32]) -> Vec<Wait> {
    times.iter().map(|time| (f64::from(*time), false)).collect()
}

#[test]
fn a_server_that_stays_busy_is_asked_six_times() {
    for status in [BUSY, "429 Too Many Requests"] {
        let (outcomes, waits, requests) = ask(move |_| whole(status, "text/plain", b"overloaded"), 100, 1);
        assert_eq!((waits, requests), (unstated(&[1, 2, 4, 8, 16]), 6));
        let words = outcomes[0].as_ref().expect_err("busy").to_string();
        assert!(words.contains(&status[..3]) && words.contains("overloaded"), "{words}");
    }
}

#[test]
fn the_deadline_ends_the_schedule() {
    for (total, times) in
        [(100, &[1, 2, 4, 8, 16][..]), (31, &[1, 2, 4, 8, 16]), (30, &[1, 2, 4, 8]), (5, &[1, 2])]
    {
        let (outcomes, waits, requests) = ask(|_| whole(BUSY, "text/plain", b"overloaded"), total, 1);
        assert_eq!((waits, requests), (unstated(times), times.len() + 1), "{total} s");
        assert!(outcomes[0].is_err());
    }
}

#[test]
fn each_draft_begins_the_schedule_anew_and_ends_it_with_an_answer() {
    let requests = AtomicUsize::new(0);
    let script = move |_: &Seen| match requests.fetch_add(1, Ordering::Relaxed) % 3 {
        2 => says("Answer: 3"),
        _ => whole(BUSY, "text/plain", b"loading"),
    };
    let (outcomes, waits, requests) = ask(script, 60, 2);
    assert_eq!((waits, requests), (unstated(&[1, 2, 1, 2]), 6));
    for outcome in outcomes {
        assert_eq!(outcome.expect("an answer"), "Answer: 3");
    }
}

#[test]
fn a_wait_that_is_stated_is_no_step_of_the_schedule() {
    let requests = AtomicUsize::new(0);
    let script = move |_: &Seen| match requests.fetch_add(1, Ordering::Relaxed) {
        1 => whole_with(BUSY, &["Retry-After: 7"], &serde_json::json!({"error": "busy"})),
        3 => says("Answer: 3"),
        _ => whole(BUSY, "text/plain", b"busy"),
    };
    let (outcomes, waits, _) = ask(script, 60, 1);
    assert_eq!(waits, [(1.0, false), (7.0, true), (2.0, false)]);
    assert!(outcomes[0].is_ok());
}

#[test]
fn nothing_is_tried_again_where_waiting_helps_nobody() {
    let quota = r#"{"error": {"message": "You exceeded your quota.", "code": "insufficient_quota"}}"#;
    let table = [
        ("429 Too Many Requests", quota),
        ("429 Too Many Requests", "add a credit card under billing"),
        ("500 Internal Server Error", "overloaded"),
        ("402 Payment Required", "pay"),
    ];
    for (status, body) in table {
        let (outcomes, waits, requests) =
            ask(move |_| whole(status, "application/json", body.as_bytes()), 60, 1);
        assert_eq!((waits, requests), (Vec::new(), 1), "{status} {body}");
        assert!(outcomes[0].is_err());
    }
}
