//! Histories of one account: a customer comes by Meta's hosted page, a signup is started for the account and claims it, and
//! Meta approves display names of its number. Webhooks, requests between objects and calls to Meta are lost, late and
//! doubled, a page or an operator comes in between, and the Phone object is killed while it registers.
//!
//! | invariant | what must hold |
//! |---|---|
//! | `one_hosted_signup_per_account` | for an account that nobody owns one signup is started, and for one site, however often Meta and the objects repeat themselves |
//! | `customer_of_hosted_page_gets_a_signup` | a customer who came, and whom one site takes, has a signup in the end, or the account an owner |
//! | `name_is_applied_once_per_approval` | Meta registers a number at most once for an approval, and in the end has, or the site gets the event that it has not |
//! | `name_is_applied_with_the_accepted_pin` | each of these calls has the PIN that Meta accepted |
//!
//! `world` holds what there is at one moment, and what happens next; `waba` plays the Waba object and what it asks of others,
//! `phone` the Phone object and Meta.

mod phone;
mod waba;
mod world;

use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use world::{ARRIVALS, Event, World};

/// Plays the history of a seed. `verbose`: prints every event.
///
/// # Errors
/// The first violation.
pub fn play(seed: u64, verbose: bool) -> Check {
    let mut world = World::new(seed, verbose);
    let faults = world.faults;
    world.customer_comes()?;
    world.settle()?;
    world.customer_has_a_signup()?;
    if !world.waba.is_owned() {
        return Ok(());
    }
    for approval in 0..world.random.below(3) as usize {
        world.faults = faults;
        world.schedule(Duration::ZERO, Event::NameIsApproved(approval));
        let minutes = world.random.pick(&[1, 10, 60, 600, 2 * 1_440]);
        world.run(world.now + Duration::from_mins(minutes))?;
        world.settle()?;
        world.name_is_applied(approval)?;
    }
    Ok(())
}

impl World {
    fn customer_comes(&mut self) -> Check {
        let minutes = self.random.pick(&[70, 90, 180, 600, 2 * 1_440]);
        let mut events: Vec<_> = (0..self.random.within(1..=3))
            .map(|_| Event::CustomerComes(self.random.index(ARRIVALS.len())))
            .collect();
        for (event, permille) in [
            (Event::PageClaims, 250),
            (Event::OperatorAssigns(0), 150),
            (Event::OperatorAssigns(1), 150),
            (Event::SiteTakesHosted(0, true), 800),
            (Event::SiteTakesHosted(1, true), 200),
            (Event::SiteTakesHosted(1, false), 150),
        ] {
            if self.random.chance(permille) {
                events.push(event);
            }
        }
        for event in events {
            // Much happens while a page may still claim the account.
            let latest = self.random.pick(&[60_000, 7_200_000, minutes * 60_000]);
            let delay = self.random.millis(0..=latest);
            self.schedule(delay, event);
        }
        self.run(self.now + Duration::from_mins(minutes))
    }

    /// Nothing fails any more. A number may be locked for three days.
    fn settle(&mut self) -> Check {
        self.log(|| "quiescence".into());
        self.faults = 0;
        self.run(self.now + Duration::from_hours(100))
    }

    fn customer_has_a_signup(&self) -> Check {
        let Some(customer) = &self.waba.hosted else {
            return Ok(());
        };
        let is_taken = customer.site.is_some() || self.partner.hosted_site(&customer.app).is_some();
        let has_signup = self.waba.is_owned() || self.started.len() == 1;
        let name = "customer_of_hosted_page_gets_a_signup";
        ensure(!is_taken || has_signup, name, || format!("{customer:?}"))
    }

    fn name_is_applied(&self, approval: usize) -> Check {
        let name = "name_is_applied_once_per_approval";
        let open = &self.waba.name_approvals;
        ensure(open.is_empty(), name, || format!("still open: {open:?}"))?;
        let applied = self.number.verified_name == self.number.approved_name;
        let is_reported = self
            .reported
            .iter()
            .any(|name| name == SiteEventType::NumberNameNotApplied.as_str());
        ensure(applied || is_reported, name, || {
            format!("{approval} is not")
        })
    }
}
