//! The operator's word on which addresses Weir connects to.
//!
//! Private and loopback addresses are fine: model servers live there. Link-local addresses and those
//! where clouds keep their machines' credentials are not, however they are written; a base URL must
//! not be a way to them. Which those are, admin knows, who refuses them when a provider is saved; what
//! protects is the check here, of the address really connected to.

use std::net::IpAddr;

use admin::providers::is_refused;

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
            Self::RefuseLinkLocal => !is_refused(address),
        }
    }
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
            "fd00:ec2::23",
            "64:ff9b:1::169.254.169.254",
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
