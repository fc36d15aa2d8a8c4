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
    /// upper or lower case. The first of them that is set and not empty decides. Returns `None` if none is.
    ///
    /// `read` returns the content of a variable. `NO_PROXY` lists exempt hosts, separated by commas: a host,
    /// which stands for the hosts below it too, `.suffix`, `*.suffix` or `*`.
    ///
    /// # Errors
    /// [`ProxyError`] if the variable that decides, or `NO_PROXY`, cannot be read. Another variable does not take its
    /// place, because the connection would then go where nobody meant it to go.
    pub fn from_variables(read: impl Fn(&str) -> Option<OsString>) -> Result<Option<Self>, ProxyError> {
        let Some((name, address)) = first(&ADDRESSES, &read)? else { return Ok(None) };
        let read_address = ureq::Proxy::new(&address).ok().filter(|_| has_sound_port(&address));
        let address = read_address.ok_or(ProxyError { variable: name, fault: ProxyFault::NoAddress })?;
        let exempt = first(&EXEMPTIONS, &read)?.map(|(_, content)| content).unwrap_or_default();
        Ok(Some(Self { address, exempt: exempt.split(',').map(str::to_owned).collect() }))
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
        // A host by its name stands for the hosts below it too, as other clients take it.
        let hosts = self.exempt.iter().map(|host| host.trim()).filter(|host| !host.is_empty());
        let listed = hosts.fold(builder, |builder, host| {
            let host = without_port(host);
            match host.starts_with(['.', '*', '[']) || host.parse::<std::net::IpAddr>().is_ok() {
                true => builder.no_proxy(host),
                false => builder.no_proxy(host).no_proxy(&format!(".{host}")),
            }
        });
        let listed = listed.build();
        listed.is_ok_and(|listed| listed.is_no_proxy(&address))
    }
}

/// Returns true if the address of a proxy has no port, or one that exists. The client takes its default for another.
fn has_sound_port(address: &str) -> bool {
    let behind_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = behind_scheme.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    // The colons of an address in brackets begin no port.
    let port = host.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
    port.is_none_or(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Returns a host of `NO_PROXY` without its port, which exempts the host on every port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() && !name.contains(':') => name,
        _ => host,
    }
}

/// Returns the first of some variables that is set and not empty, with its content.
fn first(
    names: &[&'static str],
    read: &impl Fn(&str) -> Option<OsString>,
) -> Result<Option<(&'static str, String)>, ProxyError> {
    let set = names.iter().find_map(|name| Some((*name, read(name).filter(|content| !content.is_empty())?)));
    let Some((variable, content)) = set else { return Ok(None) };
    let content = content.into_string().map_err(|_| ProxyError { variable, fault: ProxyFault::NoText })?;
    Ok(Some((variable, content)))
}

/// An environment variable for proxies that cannot be read. The message has no part of its content, in which a password
/// may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {variable} {fault}; correct it, or unset it to connect without a proxy")]
pub struct ProxyError {
    /// The name of the variable.
    variable: &'static str,
    fault: ProxyFault,
}

/// The fault of a variable for proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum ProxyFault {
    #[error("is not UTF-8")]
    NoText,
    #[error("is not the address of a proxy, such as http://HOST:PORT or socks5://HOST:PORT")]
    NoAddress,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)]) -> Result<Option<Proxy>, ProxyError> {
        Proxy::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, content)| OsString::from(content))
        })
    }

    #[test]
    fn the_first_variable_names_the_proxy_or_is_an_error() {
        let host = |variables: &[(&str, &str)]| {
            proxy(variables).map(|proxy| proxy.map(|proxy| proxy.address.host().to_owned()))
        };
        let one = Ok(Some("one".to_owned()));
        assert_eq!(host(&[]), Ok(None));
        for content in ["http://one:3128", "one", "one:80", "http://user:a:b@one:3128/", "socks5://one:1080"]
        {
            assert_eq!(host(&[("HTTP_PROXY", content)]), one, "{content}");
        }
        assert_eq!(host(&[("HTTP_PROXY", "http://[::1]:3128")]), Ok(Some("[::1]".to_owned())));
        assert_eq!(host(&[("http_proxy", "two"), ("HTTPS_PROXY", "http://one")]), one);
        assert_eq!(host(&[("ALL_PROXY", ""), ("HTTP_PROXY", "one")]), one, "an empty one is not set");
        assert_eq!(
            host(&[("ALL_PROXY", "one"), ("HTTP_PROXY", "no such scheme://x")]),
            one,
            "it is not used"
        );
        for content in [
            "no such scheme://user:secret@x",
            "http://one:99999",
            "one:port",
            "one:0",
            "ftp://one",
            "://",
            "http://",
        ] {
            for name in ADDRESSES {
                let refused = host(&[(name, content), ("http_proxy", "one")]);
                let Err(refused) = refused else { panic!("{name}={content} gives {refused:?}") };
                let words = refused.to_string();
                assert!(words.contains(name) && !words.contains("secret"), "{words}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_named() {
        use std::os::unix::ffi::OsStringExt as _;

        for wrong in ["HTTPS_PROXY", "no_proxy"] {
            let read = |name: &str| match name {
                name if name == wrong => Some(OsString::from_vec(vec![0xff, b'a'])),
                "http_proxy" => Some(OsString::from("one")),
                _ => None,
            };
            let refused = Proxy::from_variables(read).expect_err("no text").to_string();
            assert!(refused.contains(wrong) && refused.contains("UTF-8"), "{refused}");
        }
    }

    #[test]
    fn this_machine_and_exempt_hosts_are_reached_directly() {
        let variables = [
            ("HTTPS_PROXY", "http://one:3128"),
            ("NO_PROXY", "plain.example, port.example:8000,.inner.example"),
        ];
        let proxy = proxy(&variables).expect("they can be read").expect("a proxy");
        let goes_through =
            |address: &str| proxy.for_endpoint(&Endpoint::parse(address).expect("an address")).is_some();
        for direct in [
            "http://localhost:1/v1",
            "http://PLAIN.example/v1",
            "http://sub.plain.example/v1",
            "http://port.example:8000/v1",
            "https://a.inner.example",
        ] {
            assert!(!goes_through(direct), "{direct}");
        }
        for through in ["http://notplain.example/v1", "https://inner.example", "http://192.168.1.5/v1"] {
            assert!(goes_through(through), "{through}");
        }
    }
}
