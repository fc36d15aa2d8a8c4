//! Addresses of the internet that are not those of a public host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The reason why an address is not that of a public host. Addresses follow the special-purpose registries of IANA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialAddress {
    /// The address stands for no host, or for this host on this network: `0.0.0.0/8` and `::`.
    Unspecified,
    /// The address is of this machine: `127.0.0.0/8` and `::1`.
    Loopback,
    /// The address is of a private network: `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, `fc00::/7`, `fec0::/10`.
    Private,
    /// The address is of the network behind a provider: `100.64.0.0/10`.
    Shared,
    /// The address is of the local link: `169.254.0.0/16` and `fe80::/10`. Clouds keep secrets of a machine there.
    LinkLocal,
    /// The address is of a group of hosts: `224.0.0.0/4` and `ff00::/8`.
    Multicast,
    /// The address is of all hosts: `255.255.255.255`.
    Broadcast,
    /// The address is for examples: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`, `3fff::/20`.
    Documentation,
    /// The address is for measurements of networks: `198.18.0.0/15`, `2001:2::/48`.
    Benchmarking,
    /// The IPv6 address carries an IPv4 address: mapped, compatible, 6to4, NAT64, Teredo or ISATAP.
    Embedded,
    /// The address is reserved, or of a block that nobody may use yet.
    Reserved,
}

impl SpecialAddress {
    /// Returns the reason why `address` is not that of a public host, or None if it is one.
    ///
    /// ```
    /// use remote::web::SpecialAddress;
    ///
    /// assert_eq!(SpecialAddress::find("169.254.169.254".parse()?), Some(SpecialAddress::LinkLocal));
    /// assert_eq!(SpecialAddress::find("1.1.1.1".parse()?), None);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn find(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => in_version_4(address),
            IpAddr::V6(address) => in_version_6(address),
        }
    }

    /// Returns the words that follow "is" in a message.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unspecified => "an address of no host",
            Self::Loopback => "an address of this machine",
            Self::Private => "an address of a private network",
            Self::Shared => "an address of a provider's inner network",
            Self::LinkLocal => "an address of the local link",
            Self::Multicast => "an address of a group of hosts",
            Self::Broadcast => "the address of all hosts",
            Self::Documentation => "an address for examples",
            Self::Benchmarking => "an address for measurements",
            Self::Embedded => "an IPv6 address that carries an IPv4 address",
            Self::Reserved => "a reserved address",
        }
    }
}

fn in_version_4(address: Ipv4Addr) -> Option<SpecialAddress> {
    let found = match address.octets() {
        [0, ..] => SpecialAddress::Unspecified,
        [127, ..] => SpecialAddress::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => SpecialAddress::Private,
        [100, 64..=127, ..] => SpecialAddress::Shared,
        [169, 254, ..] => SpecialAddress::LinkLocal,
        [224..=239, ..] => SpecialAddress::Multicast,
        [255, 255, 255, 255] => SpecialAddress::Broadcast,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => SpecialAddress::Documentation,
        [198, 18 | 19, ..] => SpecialAddress::Benchmarking,
        // Protocol assignments, the old relays of 6to4, and the last sixteenth.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => SpecialAddress::Reserved,
        _ => return None,
    };
    Some(found)
}

fn in_version_6(address: Ipv6Addr) -> Option<SpecialAddress> {
    let found = match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => SpecialAddress::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => SpecialAddress::Loopback,
        // Compatible, mapped, translated (SIIT), NAT64, 6to4, Teredo.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, ..]
        | [0x2002, ..]
        | [0x2001, 0, ..]
        // ISATAP, in whatever network.
        | [_, _, _, _, 0 | 0x200, 0x5efe, ..] => SpecialAddress::Embedded,
        [0xfe80..=0xfebf, ..] => SpecialAddress::LinkLocal,
        [0xfec0..=0xfeff, ..] | [0xfc00..=0xfdff, ..] => SpecialAddress::Private,
        [0xff00..=0xffff, ..] => SpecialAddress::Multicast,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => SpecialAddress::Documentation,
        [0x2001, 2, 0, ..] => SpecialAddress::Benchmarking,
        // Protocol assignments.
        [0x2001, 0..=0x1ff, ..] => SpecialAddress::Reserved,
        // The only block in which addresses of hosts are given away.
        [0x2000..=0x3fff, ..] => return None,
        _ => SpecialAddress::Reserved,
    };
    Some(found)
}
