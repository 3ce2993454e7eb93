//! Free ports on this machine.

use anyhow::{Result, bail};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

/// The first of `count` neighbouring free ports at or above `wanted`.
pub fn free_block(wanted: u16, count: u16) -> Result<u16> {
    let mut first = wanted;
    while first.checked_add(count).is_some() {
        if (first..first + count).all(is_free) {
            return Ok(first);
        }
        first += count;
    }
    bail!("no {count} free ports above {wanted}")
}

/// Whether every one of `count` ports from `first` on is free.
pub fn is_free_block(first: u16, count: u16) -> bool {
    (0..count).all(|n| first.checked_add(n).is_some_and(is_free))
}

/// Browsers try both loopback addresses for `localhost`, so both must be ours.
fn is_free(port: u16) -> bool {
    let taken_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port))
        .is_err_and(|e| e.kind() == ErrorKind::AddrInUse);
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && !taken_v6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_moves_the_whole_block() -> Result<()> {
        let first = free_block(20_000, 8)?;
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first + 1))?;
        assert!(!is_free_block(first, 4));
        assert_eq!(free_block(first, 4)?, first + 4);
        drop(taken);
        Ok(())
    }
}
