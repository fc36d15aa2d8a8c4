//! Connections to other machines go through the proxy that the caller passes, and no others do.

use std::ffi::OsString;
use std::time::Duration;

use abi::{Decoding, Proposer, Request};
use remote::{Endpoint, Limits, Proxy, RemoteProposer};
use synthetic::stub::{Stub, says, whole};

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    stall: Duration::from_secs(5),
    total: Duration::from_secs(20),
    max_bytes: 1 << 20,
};

const REQUEST: Request<'_> =
    Request { prompt: "How many?", facts: "", schema: None, max_new: 16, decoding: Decoding::Greedy };

/// Returns a proposer for the model at `address`, through the proxy that `stub` plays.
fn proposer(address: &str, stub: &Stub) -> RemoteProposer {
    let endpoint = Endpoint::parse(address).expect("an address");
    let content = OsString::from(stub.base().trim_end_matches("/v1"));
    let proxy = Proxy::from_variables(|name| (name == "HTTP_PROXY").then(|| content.clone()));
    let proxy = proxy.expect("an address");
    assert!(proxy.is_some(), "the stub's address is that of a proxy");
    RemoteProposer::new(endpoint, "small".to_owned(), None, LIMITS, proxy.as_ref())
}

#[test]
fn an_endpoint_elsewhere_is_reached_through_the_proxy() {
    let proxy = Stub::start(|_| whole("502 Bad Gateway", "text/plain", b"no such host"));
    let mut proposer = proposer("http://model.example/v1", &proxy);
    proposer.propose(&REQUEST, &mut |_| {}).expect_err("the proxy refuses");
    let seen = proxy.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("CONNECT", "model.example:80"));
}

#[test]
fn an_endpoint_on_this_machine_is_reached_directly() {
    let (proxy, endpoint) = (Stub::start(|_| Vec::new()), Stub::start(|_| says("Answer: 3")));
    let mut proposer = proposer(&endpoint.base(), &proxy);
    assert_eq!(proposer.propose(&REQUEST, &mut |_| {}).expect("a reply").value.text, "Answer: 3");
    assert!(proxy.seen().is_empty(), "the proxy heard nothing");
}
