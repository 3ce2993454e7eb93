//! Ownership of a number: the first site to claim it owns it until an operator transfers it.

use super::messages::PhoneReply;
use super::owner::PhoneOwner;
use super::record::PhoneRecord;
use embark_protocol::SiteId;

impl PhoneRecord {
    /// Claims the number for a site.
    pub fn claim(&mut self, owner: PhoneOwner) -> PhoneReply {
        if self.owned_by_other_site(&owner.site) {
            return PhoneReply::OwnedElsewhere;
        }
        let previously_registered = self
            .registered_by
            .as_ref()
            .is_some_and(|signup| *signup != owner.signup);
        self.owner = Some(owner);
        PhoneReply::Claimed {
            previously_registered,
        }
    }

    /// Moves the number to another site, if it still belongs to `from`. Repeated, it changes nothing.
    pub fn transfer(&mut self, from: &SiteId, to: SiteId) -> PhoneReply {
        match &mut self.owner {
            Some(owner) if owner.site == *from || owner.site == to => {
                owner.site = to;
                PhoneReply::Claimed {
                    previously_registered: self.registered_by.is_some(),
                }
            }
            _ => PhoneReply::OwnedElsewhere,
        }
    }
}
