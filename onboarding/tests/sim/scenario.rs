//! What a history consists of: who signs up where, in which state Meta's assets are, what operators do, and when
//! objects crash and clocks jump.

use crate::meta::state::{Number, Waba};
use crate::state::copies::CopyOwner;
use crate::state::event::{CrashTarget, Event};
use crate::state::operation::{Operation, Service};
use crate::state::phone::number_id;
use crate::state::run::RunObject;
use crate::state::tab::{Tab, TabAction};
use crate::state::world::{START, World};
use core::time::Duration;
use embark_onboarding::crypto::Secret;
use embark_onboarding::time::UnixMillis;
use serde_json::json;

impl World {
    /// Draws the scenario and schedules its events.
    pub fn set_up(&self) {
        self.set_up_meta();
        self.set_up_policies();
        let app_is_new = self.random.chance(30);
        if !app_is_new {
            self.now.set(START.before(Duration::from_hours(24)));
        }
        self.put_app_settings(200);
        self.put_app_secret("app-secret-0");
        self.now.set(START);
        for (index, site) in self.peers.sites.iter().enumerate() {
            site.enqueue_copy();
            self.flush_copies(CopyOwner::Site(index));
        }
        let signups = self.random.pick(&[1, 1, 1, 1, 1, 2, 2, 2, 3, 4]);
        for index in 0..signups {
            let site = usize::from(self.random.chance(250));
            self.set_up_signup(index, site);
        }
        self.set_up_crashes(signups);
        self.set_up_clock_jump();
        self.set_up_operation();
        self.set_up_retries();
        self.set_up_settings();
        self.set_up_sweeps();
        self.set_up_messages();
    }

    /// Two accounts and three numbers: two numbers of the first account, one of the second.
    fn set_up_meta(&self) {
        let random = &self.random;
        let mut meta = self.meta.borrow_mut();
        for waba in 0..2u64 {
            meta.wabas.push(Waba {
                id: (5_000_000_000_000_001 + waba).to_string(),
                business_id: (4_000_000_000_000_001 + waba).to_string(),
                subscribed: random.chance(100),
                messages_url: None,
                user_assigned: random.chance(200),
                funding: random
                    .chance(100)
                    .then(|| ("9900000000000001".into(), START)),
            });
        }
        for number in 0..3 {
            let kind = random.below(20);
            let connected = kind == 0;
            meta.numbers.push(Number {
                id: number_id(number),
                waba: number / 2,
                messages_url: None,
                connected,
                coexistence: kind == 1,
                verified: !random.chance(150),
                pin: (connected || random.chance(150)).then(|| "731904".into()),
                verification_code: None,
                accepted_registrations: vec![],
                wrong_pins: 0,
                register_calls: 0,
                synchronisations: vec![],
                deregistered_at: UnixMillis::default(),
            });
        }
    }

    /// What follows Meta's popup: mostly the policy `tech-provider`, else any other.
    fn set_up_policies(&self) {
        let credit = |method: &str| {
            json!({"policy": "solution-partner", "credit": {"line": "8100000000000001",
                "currency": "USD", "method": method, "system_user": "8000000000000001"}})
        };
        let handoff = |fields: serde_json::Value| {
            let mut template = json!({"url": "https://provider.example/senders/{waba_id}",
                "json": {"number": "{phone_number_id}"}, "already": [409]});
            let fields = fields.as_object().unwrap().clone();
            template.as_object_mut().unwrap().extend(fields);
            json!({"policy": "handoff", "handoff": template})
        };
        let status = json!({"url": "https://provider.example/status/{waba_id}",
            "pointer": "/status", "done": ["ONLINE"], "failed": ["FAILED"]});
        for site in &self.peers.sites {
            let policy = match self.random.below(12) {
                0 => credit("share_and_attach"),
                1 => credit("share_then_attach"),
                2 => json!({"policy": "infobip", "solution_id": "7000000000000001",
                    "infobip": {"base_url": "https://xk3v.api.infobip.com"}}),
                3 => handoff(json!({})),
                4 => handoff(json!({"status": status})),
                5 => handoff(json!({"status": status, "skip_register": false})),
                _ => continue,
            };
            site.set_policy(&policy);
        }
    }

    /// Some sites have messages sent to an address of their own, and some had.
    fn set_up_messages(&self) {
        for site in &self.peers.sites {
            if !self.random.chance(250) {
                continue;
            }
            let name = format!("sealed/site/{}/messages_verify_token", site.id);
            let token = Secret::new("verify-token".into());
            let sealed = self.keyring.seal(&name, &token, [3; 12]).unwrap();
            site.record
                .borrow_mut()
                .put_secret(name, sealed, UnixMillis(1));
            let url = format!("https://{}.crm.example/w", site.id);
            site.set_policy(&json!({"messages": {"mode": "override", "callback_url": url}}));
            if self.random.chance(250) {
                let mut meta = self.meta.borrow_mut();
                let waba = self.random.index(meta.wabas.len());
                if meta.wabas[waba].subscribed {
                    meta.wabas[waba].messages_url = Some(url);
                }
                drop(meta);
                site.set_policy(&json!({"messages": {"mode": "forward"}}));
            }
            site.enqueue_copy();
        }
    }

    /// A customer of the site, with a tab and something to connect.
    fn set_up_signup(&self, index: usize, site: usize) {
        let random = &self.random;
        self.runs.borrow_mut().push(RunObject::new(index, site));
        let waba = usize::from(random.chance(250));
        let number = match (waba, random.below(10)) {
            (_, 0) => None,
            (0, n) => Some(usize::from(n > 7)),
            _ => Some(2),
        };
        self.tabs.borrow_mut().push(Tab {
            signup: index,
            waba,
            number,
            launches: 0,
            polls: 0,
            closed: false,
            answered_seq: 0,
        });
        let delay = if index == 0 {
            Duration::ZERO
        } else {
            random.millis(0..=120_000)
        };
        self.schedule_tab(index, delay, TabAction::OpenPopup);
    }

    fn set_up_crashes(&self, signups: usize) {
        let random = &self.random;
        for _ in 0..random.pick(&[0, 0, 0, 1, 2, 5]) {
            let target = match random.below(3) {
                0 => CrashTarget::Phone(random.index(3)),
                _ => CrashTarget::Run(random.index(signups)),
            };
            self.schedule(random.millis(1_000..=300_000), Event::Crash(target));
        }
    }

    fn set_up_clock_jump(&self) {
        let random = &self.random;
        if random.chance(100) {
            let jump = random.pick(&[
                -3_600_000,
                -60_000,
                60_000,
                3_600_000,
                86_400_000,
                30 * 86_400_000,
            ]);
            self.schedule(random.millis(1_000..=600_000), Event::ClockJump(jump));
        }
    }

    /// At most one operation; a site that is disabled is enabled again.
    fn set_up_operation(&self) {
        let random = &self.random;
        let operation = match random.below(24) {
            0 => Operation::SetSiteEnabled(0, false),
            1 => Operation::RotateAppSecret,
            2 => Operation::TransferNumber(random.index(3)),
            3 => Operation::DeregisterNumber(random.index(3)),
            4 => Operation::RevokeTokens,
            8 => Operation::RevokeCredit,
            9 | 10 => Operation::CancelSignup(random.index(self.runs.borrow().len())),
            5..8 => {
                let service = random.pick(&[Service::Sites, Service::Assets, Service::Meta]);
                let seconds = random.pick(&[5, 60, 300]);
                Operation::Outage(service, Duration::from_secs(seconds))
            }
            _ => return,
        };
        self.schedule(random.millis(1_000..=300_000), Event::Operation(operation));
        if let Operation::SetSiteEnabled(site, _) = operation {
            let enable = Event::Operation(Operation::SetSiteEnabled(site, true));
            self.schedule(random.millis(300_000..=1_200_000), enable);
        }
    }

    /// The operator has signups tried again, whatever they wait for or have failed with.
    fn set_up_retries(&self) {
        let random = &self.random;
        if !random.chance(250) {
            return;
        }
        for _ in 0..random.pick(&[1, 1, 2, 4]) {
            let retry = Operation::RetrySignup(random.index(self.runs.borrow().len()));
            self.schedule(random.millis(1_000..=900_000), Event::Operation(retry));
        }
    }

    /// The operator changes the app's settings several times in a row.
    fn set_up_settings(&self) {
        let random = &self.random;
        if random.chance(300) {
            let first = random.millis(1_000..=300_000);
            for limit in 201..=203 {
                let set = Event::Operation(Operation::SetWeeklyLimit(limit));
                self.schedule(first + random.millis(0..=20_000), set);
            }
        }
    }

    /// The cron's sweep wakes every signup at least every quarter of an hour.
    fn set_up_sweeps(&self) {
        let last = START.until(self.quiescent_from) + Duration::from_mins(40);
        let mut delay = Duration::ZERO;
        while delay < last {
            delay += self.random.millis(5 * 60_000..=15 * 60_000);
            for run in 0..self.runs.borrow().len() {
                self.schedule(delay, Event::Sweep(run));
            }
        }
    }
}
