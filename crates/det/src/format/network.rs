//! Host names, addresses of hosts, and mailboxes.

use core::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && (label.get(2..4) != Some("--")
                || label.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("xn")))
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = match local.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"').is_some_and(is_quoted),
        None => local.split('.').all(|word| !word.is_empty() && word.bytes().all(is_atom)),
    };
    local.len() <= 64 && is_local && (is_hostname(domain) || is_bracketed(domain))
}

/// Returns true if a domain is an address in brackets, such as `[127.0.0.1]` or `[IPv6:::1]`.
fn is_bracketed(domain: &str) -> bool {
    let inside = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|address| address.strip_prefix("IPv6:").map_or_else(|| is_ipv4(address), is_ipv6))
}

/// Returns true for the inside of a quoted string: printable characters and blanks, with a backslash before each
/// quote and each backslash.
fn is_quoted(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_plain = (b' '..=b'~').contains(&byte) && byte != b'"';
        let is_escaped = byte != b'\\' || bytes.next().is_some_and(|next| (b' '..=b'~').contains(&next));
        if !is_plain || !is_escaped {
            return false;
        }
    }
    true
}

fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}
