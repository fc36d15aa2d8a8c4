//! Name resolution before a request, and the resolver that then says nothing new.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::{HostPort, SpecialAddress, WebFault};

/// The most addresses of a host that a connection tries.
const MOST_ADDRESSES: usize = 8;

/// A resolver that returns the addresses that were checked, whatever the name would resolve to now.
#[derive(Debug)]
pub(super) struct Pinned {
    addresses: Vec<SocketAddr>,
}

impl Pinned {
    /// Resolves the host within `limit` and checks each of its addresses. With `is_allowed` the addresses may be special.
    pub(super) fn resolve(place: &HostPort, is_allowed: bool, limit: Duration) -> Result<Self, WebFault> {
        let addresses = looked_up(place, limit)?;
        if !is_allowed {
            check(place, &addresses)?;
        }
        Ok(Self { addresses })
    }
}

/// Fails if an address is special, even if others are not: whoever answers for the name could otherwise mix them.
pub(super) fn check(place: &HostPort, addresses: &[SocketAddr]) -> Result<(), WebFault> {
    let special = addresses.iter().find_map(|found| Some((found.ip(), SpecialAddress::find(found.ip())?)));
    match special {
        None => Ok(()),
        Some((address, kind)) => Err(WebFault::Special { place: place.clone(), address, kind }),
    }
}

/// Asks the system for the addresses of a host. A thread does it, because the call has no limit of its own.
fn looked_up(place: &HostPort, limit: Duration) -> Result<Vec<SocketAddr>, WebFault> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let (name, port) = (place.name().to_owned(), place.port());
    let look = move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // Nobody listens any more after the limit.
        drop(sender.send(found));
    };
    let thread = std::thread::Builder::new().name("resolve".to_owned()).spawn(look);
    let cause =
        |cause: std::io::Error| WebFault::Failed { cause: crate::excerpt::from_text(&cause.to_string()) };
    thread.map_err(cause)?;
    match receiver.recv_timeout(limit) {
        Err(_) => Err(WebFault::TooSlow { received: 0 }),
        Ok(Ok(found)) if !found.is_empty() => Ok(found),
        Ok(_) => Err(WebFault::HostNotFound { name: place.name().to_owned() }),
    }
}

impl Resolver for Pinned {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        self.addresses.iter().take(MOST_ADDRESSES).for_each(|address| found.push(*address));
        Ok(found)
    }
}
