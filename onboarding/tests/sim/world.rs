//! The state of one history: true time and the objects' clock, the events to come, all objects, Meta and the
//! browsers, and the first violation.

use crate::browser::Tab;
use crate::event::{Event, EventQueue};
use crate::executor::{Completion, OneShot, Tasks};
use crate::fault_model::FaultRates;
use crate::in_flight::{CallInFlight, PeerRequestInFlight};
use crate::invariants::{Check, Violation, ensure};
use crate::kv::Kv;
use crate::kv_copies::{CopyOwner, app_settings_key};
use crate::meta::{APP_ID, Meta};
use crate::operator::Service;
use crate::peer_objects::PeerObjects;
use crate::phone_object::PhoneObject;
use crate::random::Random;
use crate::run_object::RunObject;
use core::time::Duration;
use embark_onboarding::crypto::{Keyring, Sealed, Secret};
use embark_onboarding::meta::{AppCredentials, RedirectUriVariant};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::{AppContext, Context};
use embark_protocol::admin::AppSettings;
use embark_protocol::{AppKey, MetaAppId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The public origin of the deployment.
pub const DEPLOYMENT_ORIGIN: &str = "https://signup.partner.example";
/// The deployment's own redirect URI.
pub const CALLBACK_URI: &str = "https://signup.partner.example/go/callback";

/// What [`World::read_credentials`] has read.
pub struct ReadCredentials {
    pub credentials: AppCredentials,
    /// They may be older than what the Partner object has.
    pub are_copies: bool,
}

/// Neither the Partner object nor KV gives the app's credentials.
#[derive(Debug)]
pub struct Unreadable;

/// One history.
pub struct World {
    pub random: Random,
    pub fault_rates: Cell<FaultRates>,
    /// True time. The objects read [`World::clock`].
    pub now: Cell<UnixMillis>,
    /// What the objects' clock is ahead of true time, in milliseconds.
    pub clock_skew_ms: Cell<i64>,
    /// From here on no fault occurs.
    pub quiescent_from: UnixMillis,
    queue: RefCell<EventQueue>,
    /// How many events were processed.
    processed_events: Cell<u32>,
    pub tasks: Tasks,
    /// An incarnation ended during the current event.
    pub incarnation_ended: Cell<bool>,
    /// By position. `None`: neither effect nor response is to come.
    pub calls: RefCell<Vec<Option<CallInFlight>>>,
    pub peer_requests: RefCell<Vec<PeerRequestInFlight>>,
    pub meta: RefCell<Meta>,
    pub runs: RefCell<Vec<Rc<RunObject>>>,
    pub phones: Vec<Rc<PhoneObject>>,
    pub peers: PeerObjects,
    pub tabs: RefCell<Vec<Tab>>,
    pub kv: RefCell<Kv>,
    /// When a copy was last enqueued.
    pub last_copy_enqueued_at: Cell<UnixMillis>,
    /// When the operator last put the app and its secret.
    pub app_secret_put_at: Cell<UnixMillis>,
    pub keyring: Keyring,
    random_bytes: Box<dyn Fn() -> [u8; 32]>,
    /// What fails as a whole, and until when.
    pub outage: Cell<Option<(Service, UnixMillis)>>,
    /// The operator is transferring a number.
    pub transfer_in_progress: Cell<bool>,
    violation: RefCell<Option<Violation>>,
    /// Every event is printed.
    verbose: bool,
}

impl World {
    /// The empty world of a seed.
    pub fn new(seed: u64, verbose: bool) -> Self {
        let random = Random::new(seed);
        let fault_rates = FaultRates::random(&random);
        let with_faults = match random.below(20) {
            0 | 1 => random.millis(3_600_000..=4 * 86_400_000),
            _ => random.millis(60_000..=30 * 60_000),
        };
        let kv = Kv::new(Duration::from_secs(random.pick(&[0, 0, 1, 20, 60])));
        let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned();
        // The rules' own random numbers: how many they ask for does not change what happens around them.
        let random_of_rules = Random::new(!seed);
        Self {
            random,
            fault_rates: Cell::new(fault_rates),
            now: Cell::new(START),
            clock_skew_ms: Cell::new(0),
            quiescent_from: START + with_faults,
            queue: RefCell::default(),
            processed_events: Cell::new(0),
            tasks: Tasks::default(),
            incarnation_ended: Cell::new(false),
            calls: RefCell::default(),
            peer_requests: RefCell::default(),
            meta: RefCell::default(),
            runs: RefCell::default(),
            phones: (0..3).map(PhoneObject::new).collect(),
            peers: PeerObjects::new(),
            tabs: RefCell::default(),
            kv: RefCell::new(kv),
            last_copy_enqueued_at: Cell::default(),
            app_secret_put_at: Cell::new(UnixMillis::default()),
            keyring: Keyring::parse(&[(1, key)]).unwrap(),
            random_bytes: Box::new(move || random_of_rules.bytes()),
            outage: Cell::new(None),
            transfer_in_progress: Cell::new(false),
            violation: RefCell::new(None),
            verbose,
        }
    }

    /// The objects' clock.
    pub fn clock(&self) -> UnixMillis {
        let now = self.now.get().0;
        UnixMillis(now.saturating_add_signed(self.clock_skew_ms.get()))
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.clock(),
            keyring: &self.keyring,
            random_bytes: &*self.random_bytes,
        }
    }

    pub fn app_context<'a>(&'a self, credentials: &'a AppCredentials) -> AppContext<'a> {
        AppContext {
            context: self.context(),
            credentials,
        }
    }

    /// The app's credentials, as an object reads them: what the Partner object has, or the copies in KV if it does not
    /// reply. `None`: there are none. KV always has a copy of the system token, which was put long ago.
    ///
    /// # Errors
    /// Neither can be read.
    pub fn read_credentials(&self) -> Result<Option<ReadCredentials>, Unreadable> {
        if !self.fault_occurs(self.fault_rates.get().credential_reads) {
            let partner = self.peers.partner.borrow();
            let (app, secret) = (
                partner.app(&app_key()),
                partner.secrets.get(APP_SECRET_NAME),
            );
            let credentials = app.zip(secret);
            return Ok(credentials.map(|(app, secret)| self.open_credentials(app, secret, false)));
        }
        if self.fault_occurs(self.fault_rates.get().credential_reads) {
            return Err(Unreadable);
        }
        let (mut kv, now) = (self.kv.borrow_mut(), self.now.get());
        let app = kv.read(&app_settings_key(), now).ok_or(Unreadable)?;
        let secret = kv.read(APP_SECRET_NAME, now).ok_or(Unreadable)?;
        let app: AppSettings = serde_json::from_str(&app).unwrap();
        let secret = Sealed::from_stored(secret);
        Ok(Some(self.open_credentials(&app, &secret, true)))
    }

    fn open_credentials(
        &self,
        app: &AppSettings,
        secret: &Sealed,
        are_copies: bool,
    ) -> ReadCredentials {
        let credentials = AppCredentials {
            app_id: app.app_id.clone(),
            version: app.graph_version.clone(),
            secret: self.keyring.open(APP_SECRET_NAME, secret).unwrap(),
            redirect_uri_variant: self.random.pick(&RedirectUriVariant::ALL),
            system_token: None,
            partner_business: None,
        };
        ReadCredentials {
            credentials,
            are_copies,
        }
    }

    /// The operator puts the app's settings.
    pub fn put_app_settings(&self, weekly_limit: u32) {
        let app = AppSettings {
            partner_name: None,
            key: app_key(),
            app_id: MetaAppId::parse(APP_ID).unwrap(),
            graph_version: "v25.0".into(),
            partner_business_id: None,
            weekly_limit,
            block_when_full: false,
        };
        let copy = serde_json::to_string(&app).unwrap();
        let mut partner = self.peers.partner.borrow_mut();
        partner.put_app(app);
        partner.pending_copies.enqueue(app_settings_key(), copy);
        drop(partner);
        self.flush_copies(CopyOwner::Partner);
    }

    /// The operator puts the app's secret; Meta has the same one from now on.
    pub fn put_app_secret(&self, secret: &str) {
        let plain = Secret::new(secret.to_owned());
        let nonce = self.context().nonce();
        let sealed = self.keyring.seal(APP_SECRET_NAME, &plain, nonce).unwrap();
        let now = self.now.get();
        let mut partner = self.peers.partner.borrow_mut();
        partner.put_secret(APP_SECRET_NAME.to_owned(), sealed);
        drop(partner);
        self.flush_copies(CopyOwner::Partner);
        self.meta.borrow_mut().app_secret = secret.to_owned();
        self.app_secret_put_at.set(now);
    }

    /// The Run object at this position.
    pub fn run(&self, index: usize) -> Rc<RunObject> {
        self.runs.borrow()[index].clone()
    }

    pub fn is_quiescent(&self) -> bool {
        self.now.get() >= self.quiescent_from
    }

    /// Whether a fault of this rate, in a thousandth, occurs now.
    pub fn fault_occurs(&self, rate: u64) -> bool {
        !self.is_quiescent() && self.random.chance(rate)
    }

    /// Whether a service fails as a whole.
    pub fn is_out(&self, service: Service) -> bool {
        let outage = self.outage.get();
        let now = self.now.get();
        !self.is_quiescent() && outage.is_some_and(|(out, until)| out == service && now < until)
    }

    /// Lets an event happen after a delay.
    pub fn schedule(&self, delay: Duration, event: Event) {
        let at = self.now.get() + delay;
        self.queue.borrow_mut().schedule(at, event);
    }

    pub fn sleep(&self, duration: Duration) -> Completion<()> {
        let slept = OneShot::new();
        self.schedule(duration, Event::SleepEnds(slept.clone()));
        Completion(slept)
    }

    /// Moves true time to the next event. `None`: there is none by `until`. More events than [`MAX_EVENTS`] are a
    /// violation: something repeats itself for ever.
    pub fn next_event(&self, until: UnixMillis) -> Option<Event> {
        let (at, event) = self.queue.borrow_mut().pop_until(until)?;
        self.now.set(at.max(self.now.get()));
        let count = self.processed_events.get() + 1;
        self.processed_events.set(count);
        self.enforce(ensure(count < MAX_EVENTS, "history_ends", || {
            format!("still busy after {count} events")
        }));
        Some(event)
    }

    /// Keeps the violation of a failed check, if it is the first.
    pub fn enforce(&self, check: Check) {
        if let Err(violation) = check {
            self.log(|| format!("VIOLATION {violation}"));
            self.violation.borrow_mut().get_or_insert(violation);
        }
    }

    /// Whether every check has passed so far.
    pub fn verdict(&self) -> Check {
        let first = self.violation.borrow().clone();
        first
            .or_else(|| self.meta.borrow().violation.clone())
            .map_or(Ok(()), Err)
    }

    /// Prints a line with the time since the start of the history, in seconds.
    pub fn log(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            let seconds = self.now.get().since(START).as_secs_f64();
            println!("{seconds:>13.3} {}", line());
        }
    }

    /// Drops what holds the world: without this, neither is ever freed.
    pub fn clear(&self) {
        self.tasks.clear();
        self.queue.borrow_mut().clear();
        self.calls.borrow_mut().clear();
        self.peer_requests.borrow_mut().clear();
        self.runs.borrow_mut().clear();
    }
}

fn app_key() -> AppKey {
    AppKey::parse("main").unwrap()
}

/// When every history starts.
pub const START: UnixMillis = UnixMillis(1_800_000_000_000);
/// The name that the app secret is sealed under.
const APP_SECRET_NAME: &str = "sealed/app/main/app_secret";
/// A history has hundreds of events.
const MAX_EVENTS: u32 = 30_000;
