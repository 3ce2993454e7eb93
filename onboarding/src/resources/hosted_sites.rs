//! Which site takes the hosted signups of an app.

use super::partner::PartnerRecord;
use embark_protocol::{AppKey, SiteId};

impl PartnerRecord {
    /// Stores whether a site takes the hosted signups of an app. Returns whether that has changed.
    pub fn put_hosted_site(&mut self, site: &SiteId, app: Option<AppKey>) -> bool {
        if self.hosted_sites.get(site) == app.as_ref() {
            return false;
        }
        match app {
            Some(app) => self.hosted_sites.insert(site.clone(), app),
            None => self.hosted_sites.remove(site),
        };
        true
    }

    /// The one site that takes the hosted signups of an app. `None`: none does, or several do.
    pub fn hosted_site(&self, app: &AppKey) -> Option<&SiteId> {
        let mut sites = self.hosted_sites.iter().filter(|(_, of)| *of == app);
        let (site, _) = sites.next()?;
        sites.next().is_none().then_some(site)
    }
}
