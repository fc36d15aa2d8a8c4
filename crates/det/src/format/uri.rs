//! Addresses with a scheme, by the grammar of RFC 3986.

use super::network::is_ipv6;

pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let (rest, fragment) = rest.split_once('#').map_or((rest, ""), |(rest, fragment)| (rest, fragment));
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    let is_located = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            is_authority(authority) && has_only(path, is_path)
        }
        None => has_only(rest, is_path),
    };
    is_scheme(scheme) && is_located && has_only(query, is_query) && has_only(fragment, is_query)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, port)) => return has_only(user, is_user) && is_literal(inside) && is_port(port),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    has_only(user, is_user) && has_only(host, is_name) && is_port(port)
}

/// Returns true for what may stand in brackets: an IPv6 address, or a form of a later version.
fn is_literal(inside: &str) -> bool {
    match inside.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.')) {
        Some((version, rest)) => {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !rest.is_empty()
                && rest.bytes().all(is_user)
        }
        None => is_ipv6(inside),
    }
}

fn is_port(port: &str) -> bool {
    port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns true if a text has only these bytes and escapes, each `%` with two hexadecimal digits.
fn has_only(text: &str, is_allowed: fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    let is_hex = |bytes: &mut core::str::Bytes<'_>| bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
    while let Some(byte) = bytes.next() {
        let is_escape = byte == b'%' && is_hex(&mut bytes) && is_hex(&mut bytes);
        if !is_escape && !is_allowed(byte) {
            return false;
        }
    }
    true
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

fn is_user(byte: u8) -> bool {
    is_name(byte) || byte == b':'
}

fn is_path(byte: u8) -> bool {
    is_user(byte) || b"@/".contains(&byte)
}

fn is_query(byte: u8) -> bool {
    is_path(byte) || byte == b'?'
}
