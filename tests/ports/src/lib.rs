//! Claims free ports of this machine. Processes that claim in the same folder never get the same port, also when
//! they start at the same time in different clones of this repository.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;

/// Consecutive ports, claimed until the value is dropped.
pub struct Block {
    pub first: u16,
    /// Advisory locks on one file per port; the system releases them also when the process is killed.
    _locks: Vec<File>,
}

/// Claims `count` consecutive free ports, with lock files in `folder`. They begin at `exact`; if that is `None`,
/// at the first port from `at_least` on where all are free.
///
/// # Errors
/// When a port from `exact` on is in use, when there are no such free ports, or when `folder` cannot be written.
pub fn claim(folder: &Path, exact: Option<u16>, at_least: u16, count: u16) -> Result<Block> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    if let Some(first) = exact {
        let block = try_claim(folder, first, count)?;
        return block.with_context(|| format!("not all {count} ports from {first} on are free"));
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

/// `None` if one of the ports is claimed or in use.
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

/// Browsers resolve `localhost` to both loopback addresses, so the port must be free on both.
fn is_free(port: u16) -> bool {
    let in_use_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port))
        .is_err_and(|e| e.kind() == ErrorKind::AddrInUse);
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && !in_use_v6
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: u16 = 4;

    #[test]
    fn claimed_or_used_port_moves_whole_block() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("embark-ports-{}", std::process::id()));
        let block = claim(&folder, None, 20_000, COUNT)?;
        let next = claim(&folder, None, block.first, COUNT)?;
        assert!(next.first >= block.first + COUNT);
        assert!(claim(&folder, Some(block.first), 0, COUNT).is_err());
        assert!(claim(&folder, Some(block.first + COUNT - 1), 0, 1).is_err());

        let freed = block.first;
        drop(block);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, freed + 1))?;
        assert!(claim(&folder, Some(freed), 0, COUNT).is_err());
        drop(listener);
        assert_eq!(claim(&folder, Some(freed), 0, COUNT)?.first, freed);
        Ok(std::fs::remove_dir_all(folder)?)
    }
}
