//! Addresses that no upstream may have: link-local ones and the cloud providers' metadata services,
//! which hand out credentials to whoever asks.
//!
//! Checked here when a provider is saved, so that a mistake shows at once. What protects is the check
//! of the address really connected to, in the data plane.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Names under which clouds serve their metadata.
const REFUSED_NAMES: &[&str] = &[
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Metadata addresses outside of the link-local ranges.
const REFUSED_V4: &[Ipv4Addr] = &[
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];
const REFUSED_V6: &[Ipv6Addr] = &[Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// Whether an address is link-local or a cloud's metadata service, in whatever form it is written:
/// IPv4 inside IPv6 (mapped, compatible, translated, 6to4) counts as the IPv4 address that it means.
#[must_use]
pub fn is_refused(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || REFUSED_V4.contains(&v4),
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local()
                || is_of_aws(v6)
                || REFUSED_V6.contains(&v6)
                || inner_v4(v6).is_some_and(|v4| is_refused(IpAddr::V4(v4)))
        }
    }
}

/// `fd00:ec2::/32`: the metadata service of an instance, and the agents that give containers and pods theirs.
fn is_of_aws(v6: Ipv6Addr) -> bool {
    matches!(v6.segments(), [0xfd00, 0xec2, ..])
}

/// The IPv4 address that an IPv6 address stands for.
fn inner_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => from(high, low),
        [0, 0, 0, 0, 0xffff, 0, high, low] => from(high, low),
        // Of the network's own prefix the last 32 bits are the address in the usual layout.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 1, .., high, low] => from(high, low),
        [0x2002, high, low, ..] => from(high, low),
        _ => None,
    }
}

/// Why an address is refused, and what to do.
pub(crate) const REFUSED_ADDRESS: &str = "link-local and cloud metadata addresses are refused, since they hand out the machine's own credentials; start Weir with --allow-link-local-upstreams if this is meant";

/// Whether the host of a base URL is refused by its name or by the address that it is.
#[must_use]
pub fn is_refused_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(v4)) => is_refused(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => is_refused(IpAddr::V6(v6)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            REFUSED_NAMES.contains(&name.as_str())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests;
