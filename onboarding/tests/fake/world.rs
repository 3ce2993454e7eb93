//! The state around one signup, and the ways a test runs it.

use super::fault::{FailedOperation, FaultPoint, PlannedFault};
use super::json::merge;
use super::key_rotation::{KEY_1, assert_resealable};
use super::{
    APP, CALLBACK, FakeMeta, FakeProvider, PAGE_ORIGIN, ScriptedReply, VERIFY_TOKEN, outcome_post,
};
use core::time::Duration;
use embark_onboarding::crypto::{Keyring, Secret};
use embark_onboarding::meta::{AppCredentials, RedirectUriVariant};
use embark_onboarding::resources::key_rotation::reseal;
use embark_onboarding::resources::phone_number::PhoneRecord;
use embark_onboarding::resources::site::{SignupIndexRow, SiteRecord, SiteReply};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::resources::waba::WabaRecord;
use embark_onboarding::retention::Retention;
use embark_onboarding::signup::{End, Signup, Stage, commands, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{Context, run_to_idle};
use embark_protocol::requests::SessionInfoIds;
use embark_protocol::{AppKey, BusinessId, MetaAppId, SignupId, SignupStatus, SiteId, Snapshot};
use futures_util::FutureExt;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Where the clock of every world starts: 2027-01-15T08:00:00Z.
const START: UnixMillis = UnixMillis(1_800_000_000_000);

/// Everything around one signup. The records of the other Durable Objects outlive crashes.
pub struct World {
    /// Meta's Graph API.
    pub meta: RefCell<FakeMeta>,
    /// The provider that the number is handed to.
    pub provider: RefCell<FakeProvider>,
    /// The events that the Site object was sent.
    pub events: RefCell<Vec<SiteEvent>>,
    /// The index rows that the Site object was sent, the newest last.
    pub index_rows: RefCell<Vec<SignupIndexRow>>,
    /// The row of the Phone object.
    pub phone: RefCell<PhoneRecord>,
    /// The row of the Waba object.
    pub waba: RefCell<WabaRecord>,
    /// The row of the Site object.
    pub site: RefCell<SiteRecord>,
    /// The clock. Only tests, waits and timeouts move it.
    pub now: Cell<UnixMillis>,
    /// The signup's row, as last saved. `None`: never saved.
    pub stored: RefCell<Option<String>>,
    /// The fault to come. `None`: no fault, or it has occurred.
    pub fault: Cell<Option<PlannedFault>>,
    /// The operation that failed. `None`: none has.
    pub failed: Cell<Option<FailedOperation>>,
    /// How many operations were begun.
    pub operations: Cell<u32>,
    /// Credentials of the Meta app.
    pub credentials: AppCredentials,
    /// The process has crashed: nothing has an effect until the next run.
    pub(super) crashed: Cell<bool>,
    pub(super) random_bytes: Box<dyn Fn() -> [u8; 32]>,
    pub(super) keyring: Keyring,
}

impl World {
    /// A site of a tech provider, and an account at Meta whose number is ready to be registered.
    pub fn new() -> Self {
        let site = json!({"config": {"key": "acme", "app": "main", "origins": [PAGE_ORIGIN],
            "config_id": "3000000000000001"}, "version": 1});
        Self {
            meta: RefCell::new(FakeMeta::new()),
            provider: RefCell::default(),
            events: RefCell::default(),
            index_rows: RefCell::default(),
            phone: RefCell::default(),
            waba: RefCell::default(),
            site: RefCell::new(serde_json::from_value(site).unwrap()),
            now: Cell::new(START),
            stored: RefCell::new(None),
            fault: Cell::new(None),
            failed: Cell::new(None),
            operations: Cell::new(0),
            credentials: AppCredentials {
                app_id: MetaAppId::parse(APP).unwrap(),
                version: "v25.0".into(),
                secret: Secret::new("app-secret".into()),
                redirect_uri_variant: RedirectUriVariant::Omitted,
                system_token: Some(Secret::new("system-token".into())),
                partner_business: BusinessId::parse("2000000000000001").ok(),
                webhook_url: "https://x.example/".into(),
            },
            crashed: Cell::new(false),
            random_bytes: random_bytes_from(1),
            keyring: Keyring::parse(&[(1, KEY_1.into())]).unwrap(),
        }
    }

    /// A world whose site also has these settings.
    pub fn with_site(settings: Value) -> Self {
        let world = Self::new();
        world.configure_site(settings);
        world
    }

    /// Adds settings to the site's, or replaces them.
    pub fn configure_site(&self, settings: Value) {
        let mut site = serde_json::to_value(&*self.site.borrow()).unwrap();
        merge(&mut site["config"], settings);
        *self.site.borrow_mut() = serde_json::from_value(site).unwrap();
    }

    /// Changes the site's settings as an operator does.
    pub fn put_site(&self, settings: Value) {
        let mut site = serde_json::to_value(&*self.site.borrow()).unwrap();
        merge(&mut site["config"], settings);
        let settings = serde_json::from_value(site["config"].take()).unwrap();
        let reply = self.site.borrow_mut().put(settings);
        assert!(matches!(reply, SiteReply::Put { .. }), "{reply:?}");
    }

    /// The site's messages are sent to this address, whose verify token is put.
    pub fn override_messages(&self, callback_url: &str) {
        let name = "sealed/site/acme/messages_verify_token";
        let token = Secret::new(VERIFY_TOKEN.into());
        let sealed = self.keyring.seal(name, &token, [7; 12]).unwrap();
        self.site
            .borrow_mut()
            .put_secret(name.into(), sealed, UnixMillis(1));
        self.put_site(json!({"messages": {"mode": "override", "callback_url": callback_url}}));
    }

    /// Sets fields of the number at Meta.
    pub fn set_phone(&self, fields: Value) {
        merge(&mut self.meta.borrow_mut().phones[0], fields);
    }

    /// The number stays in the WhatsApp Business app.
    pub fn keep_number_in_business_app(&self) {
        self.set_phone(json!({"platform_type": "CLOUD_API", "is_on_biz_app": true}));
    }

    /// The number must be verified before it can be registered.
    pub fn unverify_number(&self) {
        self.set_phone(json!({"code_verification_status": "NOT_VERIFIED"}));
    }

    /// Meta replies so to the next calls of these names, and does not act on them.
    pub fn script(&self, replies: impl IntoIterator<Item = (&'static str, ApiResult)>) {
        let mut meta = self.meta.borrow_mut();
        let replies = replies.into_iter();
        let replies = replies.map(|(name, reply)| ScriptedReply::new(name, reply));
        meta.scripted.extend(replies);
    }

    /// How many calls of this name Meta and the provider received.
    pub fn count_calls(&self, name: &str) -> usize {
        let meta = self.meta.borrow();
        meta.calls.iter().filter(|call| **call == name).count()
    }

    /// The names of the events that the Site object was sent, but for those of the signup's own status.
    pub fn event_names(&self) -> Vec<String> {
        let mut names = self.all_event_names();
        names.retain(|name| !name.starts_with("signup."));
        names
    }

    /// The names of the events of the signup's own status that the Site object was sent: each event once, however often
    /// it came.
    pub fn status_event_names(&self) -> Vec<String> {
        let mut names = self.all_event_names();
        names.retain(|name| name.starts_with("signup."));
        names
    }

    fn all_event_names(&self) -> Vec<String> {
        let mut known = BTreeSet::new();
        let events = self.events.borrow();
        let first = events.iter().filter(|event| known.insert(&event.id));
        first.map(|event| event.name.clone()).collect()
    }

    /// The time since the world began.
    pub fn elapsed(&self) -> Duration {
        self.now.get().since(START)
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.now.set(self.now.get() + duration);
    }

    /// Moves the clock to when the signup asks to be run again, and forward in any case.
    pub fn advance_to_wake(&self, at: UnixMillis) {
        self.now
            .set(at.max(self.now.get() + Duration::from_millis(1)));
    }

    /// Calls a command with the context as of now.
    pub fn with_context<T>(&self, command: impl FnOnce(&Context<'_>) -> T) -> T {
        command(&Context {
            now: self.now.get(),
            keyring: &self.keyring,
            random_bytes: &*self.random_bytes,
            retention: Retention::default(),
        })
    }

    /// A signup whose popup was opened. Not stored.
    pub fn launched(&self) -> Signup {
        let id = SignupId::parse(&"a".repeat(32)).unwrap();
        let site = SiteId::parse("acme").unwrap();
        let app = AppKey::parse("main").unwrap();
        Signup::launched(id, site, app, PAGE_ORIGIN.into(), self.now.get())
    }

    /// A signup for which a code was posted. Stored.
    pub fn with_code(&self, code: &str, ids: Option<SessionInfoIds>) -> Signup {
        let mut signup = self.launched();
        self.post_code(&mut signup, code, ids);
        signup
    }

    /// Posts a code, and stores the signup.
    pub fn post_code(&self, signup: &mut Signup, code: &str, ids: Option<SessionInfoIds>) {
        let post = outcome_post(code, ids, None);
        self.with_context(|cx| commands::outcome(signup, post, CALLBACK, cx))
            .unwrap();
        self.store(signup);
    }

    /// Stores the signup.
    pub fn store(&self, signup: &Signup) {
        assert_resealable(signup, signup.id.as_str(), |signup, cx| {
            reseal(signup, "", cx)
        });
        *self.stored.borrow_mut() = Some(serde_json::to_string(signup).unwrap());
    }

    /// The signup as stored.
    pub fn open_stored(&self) -> Signup {
        let stored = self.stored.borrow();
        serde_json::from_str(stored.as_ref().unwrap()).unwrap()
    }

    /// A new signup with the first code, run until it is idle.
    pub fn run_signup(&self, ids: Option<SessionInfoIds>) -> Signup {
        self.with_code("code-1", ids);
        self.run_until_idle()
    }

    /// Stores this signup, and runs it until it is idle.
    pub fn run_until_idle_from(&self, signup: Signup) -> Signup {
        self.store(&signup);
        self.run_until_idle()
    }

    /// Runs the stored signup over crashes (the record is opened again) and waits (the clock is moved to
    /// the signup's alarm), until its outbox is empty and it is over or asks the customer for input.
    pub fn run_until_idle(&self) -> Signup {
        for _ in 0..4_000 {
            let Some(signup) = self.run_once() else {
                continue;
            };
            let asks = self.snapshot(&signup).input.is_some();
            if signup.outbox.is_empty() && (asks || is_over(&signup)) {
                return signup;
            }
            match signup.next_wake_at {
                Some(at) => self.advance_to_wake(at),
                None => return signup,
            }
        }
        panic!("the signup is never idle");
    }

    /// Runs the stored signup until it waits. `None`: the process crashed.
    pub fn run_once(&self) -> Option<Signup> {
        let signup = RefCell::new(self.open_stored());
        self.crashed.set(false);
        let result = run_to_idle(&signup, self).now_or_never();
        matches!(result, Some(Ok(()))).then(|| signup.into_inner())
    }

    /// What a page reads of the signup now.
    pub fn snapshot(&self, signup: &Signup) -> Snapshot {
        snapshot::render(signup, self.now.get())
    }

    /// The status that a page reads now.
    pub fn status(&self, signup: &Signup) -> SignupStatus {
        self.snapshot(signup).status
    }

    /// Counts an operation. `Some`: it fails at this point. `stores_token`: see [`FailedOperation`].
    pub(super) fn begin_operation(
        &self,
        name: &'static str,
        stores_token: impl FnOnce() -> bool,
    ) -> Option<FaultPoint> {
        let number = self.operations.get();
        self.operations.set(number + 1);
        let fault = self.fault.get().filter(|fault| fault.operation == number)?;
        self.fault.set(None);
        self.failed.set(Some(FailedOperation {
            name,
            point: fault.point,
            stores_token: stores_token(),
        }));
        Some(fault.point)
    }
}

/// Whether the signup is over; of a connected one, whether its report is complete too.
fn is_over(signup: &Signup) -> bool {
    match &signup.stage {
        Stage::Ended {
            end: End::Connected { .. },
            ..
        } => {
            let addresses = &signup.steps.callback_override;
            signup.steps.report.complete && (addresses.is_default() || addresses.is_settled())
        }
        Stage::Ended { .. } => true,
        Stage::Launched | Stage::Running => false,
    }
}

/// Random bytes that are the same in every run of a test.
fn random_bytes_from(seed: u64) -> Box<dyn Fn() -> [u8; 32]> {
    let random = RefCell::new(Pcg64Mcg::seed_from_u64(seed));
    Box::new(move || {
        let mut bytes = [0; 32];
        random.borrow_mut().fill_bytes(&mut bytes);
        bytes
    })
}
