//! The Waba object, as `edge/src/durable_objects/waba_account_updates.rs`, and the Run objects that it asks.

use super::world::{Broken, DIGITS, Event, World, app, number_id, waba};
use crate::violation::{Check, ensure};
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::kv_copies::PendingCopies;
use embark_onboarding::resources::phone_number::PhoneOwner;
use embark_onboarding::resources::run::HostedSignup;
use embark_onboarding::resources::waba::{ClaimedNumber, TokenOfRecord, WabaRequest, token_name};
use embark_protocol::{SignupId, SiteId};

impl World {
    pub fn waba_alarm_fires(&mut self) -> Check {
        for event in self.waba.outbox.clone() {
            let is_lost = self.fault_occurs();
            if !is_lost {
                self.reported.push(event.name.clone());
            }
            if !is_lost && !self.fault_occurs() {
                self.waba.outbox.retain(|entry| *entry != event);
            }
        }
        for entry in self.waba.account_updates.clone() {
            if entry.not_before > self.now {
                continue;
            }
            match self.fault_occurs() {
                true => self.waba.on_unacknowledged(&entry, self.now),
                false => self.waba.on_acknowledged(&entry, false),
            }
        }
        for approval in self.waba.name_approvals.clone() {
            if approval.not_before > self.now {
                continue;
            }
            let request = self.waba.name_request(&waba(), &approval, self.now);
            let reply = match request.filter(|_| !self.fault_occurs()) {
                Some(request) => self.phone_applies(&request)?,
                None => None,
            };
            let reply = reply.filter(|_| !self.fault_occurs());
            self.log(|| format!("  Phone replied {reply:?}"));
            self.waba.on_name_reply(&waba(), &approval, reply, self.now);
        }
        self.start_hosted()
    }

    fn start_hosted(&mut self) -> Check {
        self.waba.forget_customer(self.now);
        if let Some(app) = self.waba.hosted_site_due(self.now).cloned() {
            let found = self.partner.hosted_site(&app).cloned();
            let site = found.filter(|_| !self.fault_occurs());
            self.waba.on_hosted_site(site, self.now);
        }
        let Some((signup, hosted)) = self.waba.hosted_signup_due(&waba(), self.now) else {
            return Ok(());
        };
        let is_started = !self.fault_occurs();
        if is_started {
            self.run_starts(signup, hosted)?;
        }
        let is_answered = is_started && !self.fault_occurs();
        self.waba.on_hosted_signup(is_answered, self.now);
        Ok(())
    }

    /// A signup that is started once has begun.
    fn run_starts(&mut self, mut signup: SignupId, hosted: HostedSignup) -> Check {
        if self.broken == Some(Broken::SignupIds) {
            let number = self.started.len();
            signup = SignupId::parse(&format!("{number:032x}")).unwrap();
        }
        self.log(|| format!("  starts {signup} for {}", hosted.site));
        let is_new = !self.started.contains_key(&signup);
        let site = hosted.site.clone();
        let stored = self.started.entry(signup).or_insert(hosted);
        let is_same = stored.site == site;
        let started = &self.started;
        let holds = is_same && started.len() == 1;
        ensure(holds, "one_hosted_signup_per_account", || {
            format!("{started:?}, now for {site}")
        })?;
        // Of some no token can be fetched.
        if is_new && self.random.chance(800) {
            let delay = self.random.millis(1_000..=7_200_000);
            self.schedule(delay, Event::HostedClaims);
        }
        Ok(())
    }

    /// A signup claims the number, then the account, and registers the number, unless another site owns it.
    pub fn claims(&mut self, signup: &SignupId, site: &SiteId) {
        let owner = PhoneOwner {
            site: site.clone(),
            waba: waba(),
            signup: signup.clone(),
        };
        let is_elsewhere = self.phone.owner.as_ref().is_some_and(|it| it.site != *site);
        if is_elsewhere {
            return;
        }
        self.phone.claim(owner);
        self.number_is_registered();
        let (app, name) = (app("main"), token_name(&app("main"), &waba()));
        let token = Secret::new("EAAtoken".into());
        let token = self.keyring.seal(&name, &token, [7; 12]).unwrap();
        let claim = WabaRequest::Claim {
            site: site.clone(),
            token: TokenOfRecord {
                app,
                site: Some(site.clone()),
                scopes: vec![],
                token,
                expires_at: None,
                signup: signup.clone(),
                user_id: None,
                issued_at: self.now,
                is_renewal: false,
                refused_at: None,
                notices_sent: 0,
            },
            at: self.now,
            number: Some(ClaimedNumber {
                id: number_id(),
                digits: Some(DIGITS.into()),
                registers: true,
            }),
        };
        self.waba.handle(&waba(), claim);
        // KV is another model's.
        self.waba.pending_copies = PendingCopies::default();
    }
}
