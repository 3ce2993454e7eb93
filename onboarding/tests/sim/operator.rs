//! What operators, customers and platforms do outside the signups.

use crate::state::copies::CopyOwner;
use crate::state::operation::Operation;
use crate::state::world::World;
use embark_protocol::SiteId;
use std::rc::Rc;

impl World {
    pub fn operate(self: &Rc<Self>, operation: Operation) {
        self.log(|| format!("{operation:?}"));
        let now = self.now.get();
        match operation {
            Operation::SetSiteEnabled(site, enabled) => {
                self.peers.sites[site].set_enabled(enabled, now);
                self.flush_copies(CopyOwner::Site(site));
            }
            Operation::RotateAppSecret => self.put_app_secret("app-secret-1"),
            Operation::SetWeeklyLimit(limit) => self.put_app_settings(limit),
            Operation::TransferNumber(number) => self.transfer_to_other_site(number),
            Operation::DeregisterNumber(number) => {
                self.meta.borrow_mut().numbers[number].deregister(now);
            }
            Operation::RevokeCredit => self.meta.borrow_mut().revoke_credit(now),
            Operation::RevokeTokens => {
                for token in &mut self.meta.borrow_mut().tokens {
                    token.valid = false;
                }
            }
            Operation::CancelSignup(run) => {
                // One that has ended stays as it is.
                self.run_receives_change(run, |signup, world| {
                    let site = signup.site.clone();
                    let _ = signup.cancel(&site, world.clock());
                });
            }
            Operation::RetrySignup(run) => {
                let object = self.run(run);
                let retried = &object.observations.retried;
                self.run_receives_change(run, |signup, world| {
                    let site = signup.site.clone();
                    retried.set(signup.retry(&site, &world.context()).is_ok());
                });
                retried.set(false);
            }
            Operation::Outage(service, duration) => {
                self.outage.set(Some((service, now + duration)));
            }
        }
    }

    /// Does nothing if no site owns the number.
    fn transfer_to_other_site(self: &Rc<Self>, number: usize) {
        let object = &self.phones[number];
        let owner = object.owner.borrow().clone();
        let Some(from) = owner else { return };
        let to = if from == "acme" { "rival" } else { "acme" };
        let (from, to) = (SiteId::parse(&from).unwrap(), SiteId::parse(to).unwrap());
        self.transfer_in_progress.set(true);
        self.transfer(object, from, to);
        self.transfer_in_progress.set(false);
    }
}
