//! The proxy through which connections to endpoints go.

use std::ffi::OsString;

use ureq::ProxyProtocol;
use ureq::http::Uri;

use crate::Endpoint;

/// The environment variables that can name a proxy, in the order in which they are tried.
const ADDRESSES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// The environment variables that can list hosts which are reached without the proxy.
const EXEMPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// A proxy for endpoints on other machines, and a list of hosts that are reached without it.
///
/// Endpoints on this machine are always reached directly.
#[derive(Clone, Debug)]
pub struct Proxy {
    address: ureq::Proxy,
    exempt: Vec<String>,
}

impl Proxy {
    /// Returns the proxy that the environment variables `ALL_PROXY`, `HTTPS_PROXY` and `HTTP_PROXY` name, in
    /// upper or lower case. Returns `None` if none of them has a usable address.
    ///
    /// `read` returns the content of a variable. `NO_PROXY` lists exempt hosts, separated by commas: a host,
    /// `.suffix`, `*.suffix` or `*`.
    #[must_use]
    pub fn from_variables(read: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let text = |name: &str| read(name)?.into_string().ok();
        let address = ADDRESSES.iter().find_map(|name| ureq::Proxy::new(&text(name)?).ok())?;
        let exempt = EXEMPTIONS.iter().find_map(|name| text(name)).unwrap_or_default();
        Some(Self { address, exempt: exempt.split(',').map(str::to_owned).collect() })
    }

    /// Returns the proxy for connections to `endpoint`, or `None` if they go there directly.
    pub(crate) fn for_endpoint(&self, endpoint: &Endpoint) -> Option<ureq::Proxy> {
        if endpoint.is_loopback() || self.exempts(endpoint) {
            return None;
        }
        Some(self.address.clone())
    }

    fn exempts(&self, endpoint: &Endpoint) -> bool {
        let Ok(address) = endpoint.to_string().parse::<Uri>() else { return false };
        // The client knows the forms of an exemption, but only as a property of a proxy: this one is never used.
        let builder = ureq::Proxy::builder(ProxyProtocol::Http);
        let listed = self.exempt.iter().fold(builder, |builder, host| builder.no_proxy(host)).build();
        listed.is_ok_and(|listed| listed.is_no_proxy(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)]) -> Option<Proxy> {
        Proxy::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, content)| OsString::from(content))
        })
    }

    #[test]
    fn the_first_usable_variable_names_the_proxy() {
        let host = |variables: &[(&str, &str)]| proxy(variables).map(|proxy| proxy.address.host().to_owned());
        assert_eq!(host(&[]), None);
        assert_eq!(host(&[("HTTP_PROXY", "http://one:3128")]), Some("one".to_owned()));
        assert_eq!(host(&[("http_proxy", "one"), ("HTTPS_PROXY", "http://two")]), Some("two".to_owned()));
        assert_eq!(
            host(&[("ALL_PROXY", "no such scheme://x"), ("HTTP_PROXY", "one")]),
            Some("one".to_owned())
        );
    }

    #[test]
    fn this_machine_and_exempt_hosts_are_reached_directly() {
        let variables = [("HTTPS_PROXY", "http://one:3128"), ("NO_PROXY", "plain.example,.inner.example")];
        let proxy = proxy(&variables).expect("a proxy");
        let goes_through =
            |address: &str| proxy.for_endpoint(&Endpoint::parse(address).expect("an address")).is_some();
        for direct in ["http://localhost:1/v1", "http://PLAIN.example/v1", "https://a.inner.example"] {
            assert!(!goes_through(direct), "{direct}");
        }
        for through in ["http://sub.plain.example/v1", "https://inner.example", "http://192.168.1.5/v1"] {
            assert!(goes_through(through), "{through}");
        }
    }
}
