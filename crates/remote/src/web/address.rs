//! Addresses of pages, and the hosts and ports in them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::excerpt;

/// The longest address of a page, in bytes. A ledger keeps it as the name of an origin.
const MAX_BYTES: usize = abi::bounds::MAX_NAME_BYTES;

/// A checked address of a page: `http` or `https`, a host in one unambiguous form, a port, and a path with its query.
///
/// The address has no credentials and no fragment. Nothing is said about the place that the host resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAddress {
    encrypted: bool,
    place: HostPort,
    /// The path and the query, in ASCII. Invariant: begins with a slash.
    path: String,
}

/// A host with a port, as the authority of an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// The host in lower case: a name, an IPv4 address in four decimal numbers, or an IPv6 address in brackets.
    host: String,
    port: u16,
}

/// The reason why a text is not the address of a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text has no host, or a character that no address has.
    #[error("`{shown}` is not the address of a page: give one such as https://example.com/page")]
    NotAnAddress {
        /// The start of the text, as an excerpt.
        shown: String,
    },
    /// The address has another scheme than http or https.
    #[error("`{shown}` is not an http or https address: give one that begins with https://")]
    Scheme {
        /// The start of the address, as an excerpt.
        shown: String,
    },
    /// The address has a user name or a password, which is not sent and not repeated.
    #[error("the address has a user name or password in it (not shown): leave out what stands before the @")]
    Credentials,
    /// The host is a number in an unusual form, which programs read as different addresses.
    #[error(
        "the host `{shown}` is a number in an unusual form: write an IPv4 address as four decimal numbers"
    )]
    Numeric {
        /// The host, as an excerpt.
        shown: String,
    },
    /// The host is not a name in ASCII.
    #[error(
        "`{shown}` is not the name of a host: write it in letters, digits, hyphens and dots (xn--… for others)"
    )]
    Host {
        /// The host, as an excerpt.
        shown: String,
    },
    /// The port is not a number from 1 to 65535.
    #[error("`{shown}` has no port from 1 to 65535: write HOST:PORT")]
    Port {
        /// The host and the port, as an excerpt.
        shown: String,
    },
    /// The address is too long.
    #[error("the address has {bytes} bytes: give one of at most {MAX_BYTES}")]
    TooLong {
        /// The length of the address.
        bytes: usize,
    },
}

impl PageAddress {
    /// Reads the address `text`. A fragment is dropped, and characters beyond ASCII in the path are percent-encoded.
    ///
    /// # Errors
    /// [`AddressError`] names the rule that the address breaks.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let refused = || AddressError::NotAnAddress { shown: excerpt::from_text(text) };
        if text.len() > MAX_BYTES {
            return Err(AddressError::TooLong { bytes: text.len() });
        }
        // A browser drops some of these and reads a backslash as a slash, so two readers would see two addresses.
        if text.chars().any(|c| excerpt::is_unsafe(c) || c.is_whitespace() || c == '\\') {
            return Err(refused());
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        let encrypted = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(AddressError::Scheme { shown: excerpt::from_text(text) }),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(AddressError::Credentials);
        }
        if authority.is_empty() {
            return Err(refused());
        }
        let place = HostPort::read(authority, Some(if encrypted { 443 } else { 80 }))?;
        let address = Self { encrypted, place, path: encoded(path.split('#').next().unwrap_or_default()) };
        let bytes = address.to_string().len();
        if bytes > MAX_BYTES { Err(AddressError::TooLong { bytes }) } else { Ok(address) }
    }

    /// Returns the address that `reference`, for example of a redirect, stands for on the page at this address.
    ///
    /// # Errors
    /// [`AddressError`] as [`parse`](Self::parse).
    pub fn join(&self, reference: &str) -> Result<Self, AddressError> {
        let reference = reference.trim_matches(|c: char| c.is_ascii_whitespace());
        let scheme = if self.encrypted { "https" } else { "http" };
        if reference.starts_with("//") {
            return Self::parse(&format!("{scheme}:{reference}"));
        }
        if has_scheme(reference) {
            return Self::parse(reference);
        }
        let path = self.path.split('?').next().unwrap_or_default();
        let (stated, query) = match reference.find(['?', '#']) {
            Some(at) => reference.split_at(at),
            None => (reference, ""),
        };
        let path = match stated {
            "" => path.to_owned(),
            stated if stated.starts_with('/') => without_dots(stated),
            stated => without_dots(&format!("{}{stated}", &path[..=path.rfind('/').unwrap_or(0)])),
        };
        Self::parse(&format!("{scheme}://{}{path}{query}", self.place))
    }

    /// Returns true if the connection is encrypted: the address begins with `https`.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Returns the host and the port of the address. The port is that of the scheme if the address states none.
    #[must_use]
    pub fn place(&self) -> &HostPort {
        &self.place
    }

    /// Returns the path and the query of the address.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for PageAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.encrypted { ("https", 443) } else { ("http", 80) };
        let HostPort { host, port } = &self.place;
        match *port == usual {
            true => write!(f, "{scheme}://{host}{}", self.path),
            false => write!(f, "{scheme}://{host}:{port}{}", self.path),
        }
    }
}

impl HostPort {
    /// Reads a host with its port, for example `127.0.0.1:8080`, `[::1]:8080` or `search.example:443`.
    ///
    /// # Errors
    /// [`AddressError`] names the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Self::read(text, None)
    }

    fn read(text: &str, usual: Option<u16>) -> Result<Self, AddressError> {
        let shown = || excerpt::from_text(text);
        let (host, port) = match text.rsplit_once(':') {
            // The colons of an address in brackets begin no port.
            Some((host, port)) if !port.contains(']') => {
                let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                (host, port.parse().ok().filter(|port| is_number && *port > 0))
            }
            _ => (text, usual),
        };
        let host = checked_host(host)?;
        let port = port.ok_or_else(|| AddressError::Port { shown: shown() })?;
        Ok(Self { host, port })
    }

    /// Returns the host as name resolution takes it: without the brackets of an IPv6 address.
    #[must_use]
    pub fn name(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// Returns the port, which is not 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Returns the host in its one form. Fails for a form that programs read differently.
fn checked_host(host: &str) -> Result<String, AddressError> {
    let wrong = || AddressError::Host { shown: excerpt::from_text(host) };
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or_else(wrong)?;
        let address: Ipv6Addr = inner.parse().map_err(|_| wrong())?;
        return Ok(format!("[{address}]"));
    }
    // A dot at the end says that the name is complete, and changes nothing else.
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(wrong());
    }
    // Resolvers read 127.1, 0177.0.0.1, 0x7f000001 and 2130706433 as addresses.
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_hexadecimal =
        last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if (last.bytes().all(|byte| byte.is_ascii_digit()) || is_hexadecimal) && host.parse::<Ipv4Addr>().is_err()
    {
        return Err(AddressError::Numeric { shown: excerpt::from_text(&host) });
    }
    Ok(host)
}

/// Returns true if a reference begins with a scheme, as `mailto:someone` does.
fn has_scheme(reference: &str) -> bool {
    let scheme = reference.split(['/', '?', '#']).next().and_then(|start| start.split_once(':'));
    scheme.is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Returns a path and query that begins with a slash and has only characters that a request line takes.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        out.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'`' | b'{' | b'|' | b'}' | b'^' => push_encoded(byte, &mut out),
            0x21..=0x7e => out.push(char::from(byte)),
            _ => push_encoded(byte, &mut out),
        }
    }
    out
}

/// Appends `%` and the byte in hexadecimal.
pub(super) fn push_encoded(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// Returns an absolute path without the segments `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    for segment in &segments {
        match *segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    // A path that ends in such a segment names a folder.
    let is_folder = segments.last().is_some_and(|last| matches!(*last, "." | ".."));
    format!("/{}{}", kept.join("/"), if is_folder && !kept.is_empty() { "/" } else { "" })
}
