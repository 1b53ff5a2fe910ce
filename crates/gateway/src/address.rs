//! Which addresses Weir connects to.
//!
//! Private and loopback addresses are fine: model servers live there. Link-local addresses and those
//! where clouds keep their machines' credentials are not, however they are written; a base URL must
//! not be a way to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Azure's and Alibaba's metadata services; everyone else's is link-local.
const METADATA_V4: [Ipv4Addr; 2] = [
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 100, 100, 200),
];
/// AWS's metadata service over IPv6.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
const LINK_LOCAL_V4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16);
const LINK_LOCAL_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10);
/// IPv6 addresses that a translator turns into the IPv4 address in their last four bytes.
const NAT64: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// The operator's word on link-local and metadata addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressPolicy {
    /// They are refused.
    #[default]
    RefuseLinkLocal,
    /// They are as good as any (`--allow-link-local-upstreams`).
    AllowAll,
}

impl AddressPolicy {
    /// Whether Weir may connect to the address.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::AllowAll => true,
            Self::RefuseLinkLocal => !is_link_local_or_metadata(address),
        }
    }
}

fn is_link_local_or_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => LINK_LOCAL_V4.contains(&v4) || METADATA_V4.contains(&v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_link_local_or_metadata(IpAddr::V4(v4)),
            None => LINK_LOCAL_V6.contains(&v6) || v6 == METADATA_V6,
        },
    }
}

/// The IPv4 address that an IPv6 address stands for, where it does.
fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let compatible = matches!(v6.segments(), [0, 0, 0, 0, 0, 0, high, _] if high != 0);
    if compatible || NAT64.contains(&v6) {
        let [.., a, b, c, d] = v6.octets();
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    v6.to_ipv4_mapped()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_and_metadata_are_refused_in_every_spelling() {
        for refused in [
            "169.254.169.254",
            "169.254.0.1",
            "168.63.129.16",
            "100.100.100.200",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "::ffff:168.63.129.16",
        ] {
            let address: IpAddr = refused.parse().unwrap();
            assert!(!AddressPolicy::RefuseLinkLocal.allows(address), "{refused}");
            assert!(AddressPolicy::AllowAll.allows(address), "{refused}");
        }
    }

    #[test]
    fn private_loopback_and_public_addresses_are_fine() {
        for fine in [
            "127.0.0.1",
            "::1",
            "10.0.0.8",
            "192.168.1.2",
            "172.16.0.1",
            "8.8.8.8",
            "fd00::1",
            "fec0::1",
            "2606:4700::1",
        ] {
            assert!(
                AddressPolicy::RefuseLinkLocal.allows(fine.parse().unwrap()),
                "{fine}"
            );
        }
    }
}
