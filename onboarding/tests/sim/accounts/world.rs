//! What there is at one moment of a history of an account, and what happens next.

use crate::random::Random;
use crate::violation::Check;
use core::time::Duration;
use embark_onboarding::crypto::{Keyring, Secret};
use embark_onboarding::meta::webhook::{MetaChange, parse_webhook};
use embark_onboarding::meta::{AppCredentials, RedirectUriVariant};
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::phone_number::PhoneRecord;
use embark_onboarding::resources::run::HostedSignup;
use embark_onboarding::resources::waba::WabaRecord;
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, MetaAppId, PhoneNumberId, SignupId, SiteId, WabaId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// One history.
pub struct World {
    pub random: Random,
    pub now: UnixMillis,
    /// Probability of each fault, in a thousandth.
    pub faults: u64,
    pub waba: WabaRecord,
    /// The keys of changes that were taken in.
    pub seen: BTreeSet<String>,
    pub alarm: Option<UnixMillis>,
    /// Which sites take hosted signups.
    pub partner: PartnerRecord,
    /// The signups that were started without a page.
    pub started: BTreeMap<SignupId, HostedSignup>,
    /// The Phone object, as stored.
    pub phone: PhoneRecord,
    /// The number at Meta.
    pub number: Number,
    /// The events that the owners' sites got since the last name was approved.
    pub reported: Vec<String>,
    pub keyring: Keyring,
    pub credentials: AppCredentials,
    pub broken: Option<Broken>,
    events: BTreeMap<(UnixMillis, u64), Event>,
    scheduled: u64,
    verbose: bool,
}

/// A number at Meta.
#[derive(Debug, Default, Clone)]
pub struct Number {
    /// The name that Meta shows.
    pub verified_name: String,
    /// The name that it has approved, and shows once the number is registered again.
    pub approved_name: String,
    /// The bodies of the register calls that took effect since then.
    pub registers: Vec<String>,
}

/// A rule that is broken on purpose (`EMBARK_SIM_BROKEN_ACCOUNT`): the invariants must see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A signup that is started again gets another id.
    SignupIds,
    /// The Phone object forgets what it began for an approval.
    Applications,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Meta says so, by the change of [`ARRIVALS`] at this position.
    CustomerComes(usize),
    /// A signup that a page began claims the account.
    PageClaims,
    /// The hosted signup claims it.
    HostedClaims,
    /// The operator assigns the account to the site at this position.
    OperatorAssigns(usize),
    /// The site at this position takes the hosted signups of the app, or does not any more.
    SiteTakesHosted(usize, bool),
    /// Meta approves the name with this number.
    NameIsApproved(usize),
    /// Meta says so.
    NameIsSent(usize),
    /// The Waba object's alarm, unless another time was set meanwhile.
    WabaAlarm(UnixMillis),
}

impl World {
    pub fn new(seed: u64, verbose: bool) -> Self {
        let random = Random::new(seed ^ 0xacc0);
        let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
        Self {
            now: START,
            faults: random.pick(&[0, 20, 50, 120, 300]),
            random,
            waba: WabaRecord::default(),
            seen: BTreeSet::new(),
            alarm: None,
            partner: PartnerRecord::default(),
            started: BTreeMap::new(),
            phone: PhoneRecord::default(),
            number: Number::default(),
            reported: vec![],
            keyring: Keyring::parse(&[(1, key.to_owned())]).unwrap(),
            credentials: AppCredentials {
                app_id: MetaAppId::parse("1000000000000001").unwrap(),
                version: "v25.0".into(),
                secret: Secret::new("app-secret".into()),
                redirect_uri_variant: RedirectUriVariant::default(),
                system_token: None,
                partner_business: None,
                webhook_url: "https://x.example/".into(),
            },
            broken: broken(),
            events: BTreeMap::new(),
            scheduled: 0,
            verbose,
        }
    }

    /// Lets everything happen that is scheduled until then.
    pub fn run(&mut self, until: UnixMillis) -> Check {
        while let Some(first) = self.events.first_entry() {
            if first.key().0 > until {
                break;
            }
            let ((at, _), event) = first.remove_entry();
            self.now = at;
            self.log(|| format!("{event:?}"));
            self.process(event)?;
            self.set_alarm();
        }
        self.now = until;
        Ok(())
    }

    fn process(&mut self, event: Event) -> Check {
        match event {
            Event::CustomerComes(arrival) => {
                let (event_name, app) = ARRIVALS[arrival];
                let info =
                    json!({"waba_id": waba().as_str(), "owner_business_id": "4000000000000001"});
                let value = json!({"event": event_name, "waba_info": info});
                self.meta_sends(event, app, "account_update", &value, arrival as u64);
            }
            Event::NameIsApproved(number) => {
                self.number.approved_name = format!("name {number}");
                self.number.registers.clear();
                self.reported.clear();
                self.schedule(Duration::ZERO, Event::NameIsSent(number));
            }
            Event::NameIsSent(number) => {
                let value = json!({"display_phone_number": DIGITS, "decision": "APPROVED",
                    "requested_verified_name": format!("name {number}")});
                let field = "phone_number_name_update";
                self.meta_sends(
                    event,
                    "main",
                    field,
                    &value,
                    1_000_000 * (number as u64 + 1),
                );
            }
            Event::PageClaims => self.claims(&page_signup(), &site(0)),
            Event::HostedClaims => {
                let started = self.started.iter().next();
                let started = started.map(|(id, hosted)| (id.clone(), hosted.site.clone()));
                if let Some((signup, site)) = started {
                    self.claims(&signup, &site);
                }
            }
            Event::OperatorAssigns(number) => {
                let now = self.now;
                self.waba.assign(&waba(), &app("main"), &site(number), now);
            }
            Event::SiteTakesHosted(number, takes) => {
                let app = takes.then(|| app("main"));
                self.partner.put_hosted_site(&site(number), app);
            }
            Event::WabaAlarm(at) if self.alarm == Some(at) => {
                self.alarm = None;
                return self.waba_alarm_fires();
            }
            Event::WabaAlarm(_) => {}
        }
        Ok(())
    }

    /// Meta repeats what was not answered with 200, and some of what was. `time`: makes it another change.
    fn meta_sends(&mut self, event: Event, app_key: &str, field: &str, value: &Value, time: u64) {
        let is_stored = !self.fault_occurs();
        if is_stored {
            let change = change(app_key, field, value, time);
            if self.seen.insert(change.key.clone()) {
                let (id, now) = (waba(), self.now);
                let changes = vec![change];
                self.waba.receive(&id, &app(app_key), changes, &[], 0, now);
            }
        }
        if !is_stored || self.fault_occurs() {
            let delay = self.random.millis(1_000..=3_600_000);
            self.schedule(delay, event);
        }
    }

    /// The object is awake by its alarm, which may be late.
    fn set_alarm(&mut self) {
        let Some(at) = self.waba.next_wake_at(self.now) else {
            return;
        };
        let late = if self.fault_occurs() { 600_000 } else { 10 };
        let at = at.max(self.now) + self.random.millis(1..=late);
        if self.alarm.is_none_or(|alarm| at < alarm) {
            self.alarm = Some(at);
            let delay = at.since(self.now);
            self.schedule(delay, Event::WabaAlarm(at));
        }
    }

    pub fn schedule(&mut self, delay: Duration, event: Event) {
        self.scheduled += 1;
        self.events
            .insert((self.now + delay, self.scheduled), event);
    }

    pub fn fault_occurs(&self) -> bool {
        self.random.chance(self.faults)
    }

    pub fn log(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            let millis = self.now.since(START).as_millis();
            println!("{millis:>12} account: {}", line());
        }
    }
}

fn change(app_key: &str, field: &str, value: &Value, time: u64) -> MetaChange {
    let time = START.as_secs() + time;
    let entry =
        json!({"id": waba().as_str(), "time": time, "changes": [{"field": field, "value": value}]});
    let body = json!({"entry": [entry]}).to_string();
    let received = UnixMillis::from_secs(time + 1);
    let webhook = parse_webhook(&app(app_key), body.as_bytes(), received).unwrap();
    webhook.changes.into_iter().next().unwrap().1
}

fn broken() -> Option<Broken> {
    static BROKEN: OnceLock<Option<Broken>> = OnceLock::new();
    let read = || match std::env::var("EMBARK_SIM_BROKEN_ACCOUNT").ok()?.as_str() {
        "signup_ids" => Some(Broken::SignupIds),
        "applications" => Some(Broken::Applications),
        _ => None,
    };
    *BROKEN.get_or_init(read)
}

/// Meta's event, and the app whose webhook says so.
pub const ARRIVALS: [(&str, &str); 4] = [
    ("PARTNER_ADDED", "main"),
    ("PARTNER_APP_INSTALLED", "main"),
    ("PARTNER_ADDED", "main"),
    ("PARTNER_ADDED", "other"),
];
pub const DIGITS: &str = "16315550101";
/// Some day in 2026.
pub const START: UnixMillis = UnixMillis(1_770_000_000_000);

pub fn waba() -> WabaId {
    WabaId::parse("5000000000000001").unwrap()
}

pub fn app(key: &str) -> AppKey {
    AppKey::parse(key).unwrap()
}

pub fn site(number: usize) -> SiteId {
    SiteId::parse(["acme", "rival"][number]).unwrap()
}

pub fn number_id() -> PhoneNumberId {
    PhoneNumberId::parse("6000000000000001").unwrap()
}

fn page_signup() -> SignupId {
    SignupId::parse(&"a".repeat(32)).unwrap()
}
