//! Free ports on this machine, which no two of us choose at once.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;

/// Neighbouring ports that nobody else of us takes while this lives.
pub struct Block {
    pub first: u16,
    _locks: Vec<File>,
}

/// Claims `count` neighbouring free ports: exactly from `wanted` on, or else the first from `at_least` on.
/// Locks in `folder` keep two clones that start together from choosing the same ones.
pub fn claim(folder: &Path, wanted: Option<u16>, at_least: u16, count: u16) -> Result<Block> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    if let Some(first) = wanted {
        let claimed = try_claim(folder, first, count)?;
        return claimed.with_context(|| format!("not all {count} ports from {first} on are free"));
    }
    let mut first = at_least;
    while first.checked_add(count).is_some() {
        if let Some(block) = try_claim(folder, first, count)? {
            return Ok(block);
        }
        first += count;
    }
    bail!("no {count} free ports from {at_least} on")
}

fn try_claim(folder: &Path, first: u16, count: u16) -> Result<Option<Block>> {
    let mut locks = Vec::new();
    for port in (0..count).map(|n| first.checked_add(n)) {
        let Some(port) = port else { return Ok(None) };
        let lock = File::create(folder.join(format!("port-{port}.lock")))?;
        if lock.try_lock().is_err() || !is_free(port) {
            return Ok(None);
        }
        locks.push(lock);
    }
    Ok(Some(Block {
        first,
        _locks: locks,
    }))
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

    const COUNT: u16 = 4;

    #[test]
    fn a_claimed_or_taken_port_moves_the_whole_block() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("embark-ports-{}", std::process::id()));
        let one = claim(&folder, None, 20_000, COUNT)?;
        let two = claim(&folder, None, one.first, COUNT)?;
        assert!(two.first >= one.first + COUNT);
        assert!(claim(&folder, Some(one.first), 0, COUNT).is_err());
        assert!(claim(&folder, Some(one.first + COUNT - 1), 0, 1).is_err());

        let freed = one.first;
        drop(one);
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, freed + 1))?;
        assert!(claim(&folder, Some(freed), 0, COUNT).is_err());
        drop(taken);
        assert_eq!(claim(&folder, Some(freed), 0, COUNT)?.first, freed);
        Ok(std::fs::remove_dir_all(folder)?)
    }
}
