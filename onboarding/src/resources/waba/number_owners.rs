//! Which site a number of the account belongs to. The Phone objects decide it; what follows for messages, events and the token is
//! here.

use super::record::WabaRecord;
use super::signups::ConnectedSignup;
use embark_protocol::{PhoneNumberId, SiteId};

impl WabaRecord {
    /// A number was transferred to a site. The one that it belonged to does not own the account from then on, if no other number
    /// of it is its own. Repeated, it changes nothing.
    pub(super) fn transfer_number(&mut self, number: PhoneNumberId, site: SiteId) {
        let former = self.site_of_number(&number).cloned();
        self.transferred.insert(number, site);
        if let Some(former) = former.filter(|former| !self.keeps(former)) {
            self.owners.retain(|owner| *owner != former);
        }
    }

    /// The site that a number belongs to: the one it was transferred to, else the one whose signup claimed it. `None`: no signup
    /// did.
    pub(super) fn site_of_number(&self, number: &PhoneNumberId) -> Option<&SiteId> {
        let claimed = self.signups.iter().find_map(|signup| {
            let is_it = signup.number.as_ref()?.id == *number;
            is_it.then_some(&signup.site)
        });
        self.transferred.get(number).or(claimed)
    }

    /// Of these sites the ones that get the messages of a number: the site that it belongs to, and all if that is not known.
    pub(super) fn sites_for_messages(
        &self,
        sites: &[SiteId],
        number: Option<&PhoneNumberId>,
    ) -> Vec<SiteId> {
        let owner = number.and_then(|number| self.site_of_number(number));
        let is_meant = |site: &&SiteId| owner.is_none_or(|owner| owner == *site);
        let owners = sites.iter().filter(|site| self.owners.contains(site));
        owners.filter(is_meant).cloned().collect()
    }

    /// Whether a site has a number of the account, or connected the account without one.
    fn keeps(&self, site: &SiteId) -> bool {
        let mut signups = self.signups.iter().filter(|signup| signup.site == *site);
        let mut received = self.transferred.values();
        let is_kept = |signup: &ConnectedSignup| match &signup.number {
            Some(number) => self.site_of_number(&number.id) == Some(site),
            None => true,
        };
        received.any(|owner| owner == site) || signups.any(is_kept)
    }
}

#[cfg(test)]
mod tests {
    use super::super::signups::ClaimedNumber;
    use super::*;
    use crate::time::UnixMillis;
    use embark_protocol::{AppKey, SignupId};

    fn site(name: &str) -> SiteId {
        SiteId::parse(name).unwrap()
    }

    fn number(last: u8) -> PhoneNumberId {
        PhoneNumberId::parse(&format!("610000000000000{last}")).unwrap()
    }

    /// An account of which each of these sites has claimed these numbers.
    fn record(claims: &[(&str, &[u8])]) -> WabaRecord {
        let mut record = WabaRecord::default();
        for (name, numbers) in claims {
            record.add_owner(site(name));
            for last in *numbers {
                record.signups.push(ConnectedSignup {
                    signup: SignupId::parse(&"a".repeat(32)).unwrap(),
                    site: site(name),
                    app: AppKey::parse("main").unwrap(),
                    issued_at: UnixMillis(1),
                    number: Some(ClaimedNumber {
                        id: number(*last),
                        digits: None,
                        registers: true,
                    }),
                });
            }
        }
        record
    }

    #[test]
    fn messages_go_to_the_site_of_the_number() {
        let mut record = record(&[("acme", &[1, 2]), ("other", &[3])]);
        let all = [site("acme"), site("other"), site("rival")];
        let sites = |record: &WabaRecord, last: u8| {
            let sites = record.sites_for_messages(&all, Some(&number(last)));
            let names: Vec<String> = sites.iter().map(ToString::to_string).collect();
            names.join(" ")
        };
        assert_eq!(sites(&record, 1), "acme");
        assert_eq!(sites(&record, 3), "other");
        // No signup claimed it.
        assert_eq!(sites(&record, 9), "acme other");
        assert_eq!(record.sites_for_messages(&all, None).len(), 2);
        record.add_owner(site("rival"));
        record.transfer_number(number(1), site("rival"));
        assert_eq!(sites(&record, 1), "rival");
        assert_eq!(sites(&record, 2), "acme");
        assert_eq!(record.owners.len(), 3, "acme has another number");
        assert_eq!(record.sites_for_messages(&all[..1], Some(&number(1))), []);
    }

    #[test]
    fn site_without_a_number_of_its_own_owns_the_account_no_more() {
        let mut record = record(&[("acme", &[1]), ("other", &[])]);
        record.add_owner(site("rival"));
        for _ in 0..2 {
            record.transfer_number(number(1), site("rival"));
            assert_eq!(record.owners, [site("other"), site("rival")]);
        }
        // Back again.
        record.add_owner(site("acme"));
        record.transfer_number(number(1), site("acme"));
        assert_eq!(record.site_of_number(&number(1)), Some(&site("acme")));
        assert_eq!(record.owners, [site("other"), site("acme")]);
    }
}
