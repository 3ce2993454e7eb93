//! Whom a client's address stands for, where requests are counted.

use core::net::{IpAddr, Ipv6Addr};

/// The network that an address belongs to: an IPv4 address by itself, and the first 64 bits of an IPv6 address, because
/// every subscriber has all addresses that begin with them (<https://www.rfc-editor.org/rfc/rfc4291#section-2.5.4>).
/// Text that is no address stands for itself.
pub fn network(address: &str) -> String {
    let Ok(address) = address.trim().parse::<IpAddr>() else {
        return address.to_owned();
    };
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [&Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string(), "/64"].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_is_one_ipv4_address_or_64_bits_of_ipv6() {
        for (address, want) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1::1", "2001:db8:1::/64"),
            ("2001:db8:1:0:ffff::2", "2001:db8:1::/64"),
            ("2001:DB8:1:1::2", "2001:db8:1:1::/64"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(network(address), want, "{address}");
        }
    }
}
