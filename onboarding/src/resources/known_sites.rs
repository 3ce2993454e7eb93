//! Which sites there are, and which of them have open signups.

use super::partner::PartnerRecord;
use crate::time::UnixMillis;
use embark_protocol::SiteId;

impl PartnerRecord {
    /// Stores that a site exists. Returns whether the record changed.
    pub fn add_site(&mut self, site: SiteId) -> bool {
        match self.sites.binary_search(&site) {
            Ok(_) => false,
            Err(at) => {
                self.sites.insert(at, site);
                true
            }
        }
    }

    /// Stores whether a site has open signups. Returns whether the record changed.
    pub fn set_site_open(&mut self, site: SiteId, open: bool) -> bool {
        match (self.open_sites.binary_search(&site), open) {
            (Err(at), true) => {
                self.open_sites.insert(at, site);
                true
            }
            (Ok(at), false) => {
                self.open_sites.remove(at);
                true
            }
            _ => false,
        }
    }

    /// Up to `limit` sites after the cursor, cyclically, and each once. Moves the cursor to the last of them.
    pub fn next_open_sites(&mut self, limit: usize) -> Vec<SiteId> {
        let start = match &self.cursor {
            Some(cursor) => self.open_sites.partition_point(|site| site <= cursor),
            None => 0,
        };
        let count = limit.min(self.open_sites.len());
        let sites: Vec<SiteId> = self
            .open_sites
            .iter()
            .cycle()
            .skip(start)
            .take(count)
            .cloned()
            .collect();
        self.cursor = sites.last().cloned();
        sites
    }

    /// The cron trigger asks for the next sites.
    pub fn on_cron(&mut self, limit: usize, now: UnixMillis) -> Vec<SiteId> {
        self.cron_ran_at = Some(now);
        self.next_open_sites(limit)
    }
}
