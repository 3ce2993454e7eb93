//! The world of one history: the clock, the queue of what happens next, everybody's records, and the book
//! of what must not have happened.

use crate::browser::{Act, Tab};
use crate::dice::Dice;
use crate::exec::{Life, Slot, Tasks, Wait};
use crate::flight::{AskFlight, CallFlight};
use crate::kv::Kv;
use crate::meta::{self, Meta};
use crate::peers::Peers;
use crate::phone_object::PhoneObject;
use crate::posted::Posted;
use crate::run_object::RunObject;
use crate::weather::Weather;
use embark_edge::graph::{Access, Redirect};
use embark_edge::run::{Ctx, Desk, Ms};
use embark_edge::seal::{Sealed, Vault};
use embark_protocol::config::App;
use embark_protocol::{AppKey, MetaAppId};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

pub const EDGE: &str = "https://signup.partner.example";
pub const CALLBACK: &str = "https://signup.partner.example/go/callback";
pub const SECRET_NAME: &str = "sealed/app/main/app_secret";

/// What happens next.
pub enum Event {
    CallLands(usize),
    CallHeard(usize),
    AskLands(usize),
    AskTold(usize),
    Wakes(Rc<Slot<()>>),
    /// An alarm of a run, with its number: a later one replaces it.
    Alarm(usize, u64),
    Posted(usize, Box<Posted>),
    /// A page asks how its run stands.
    Polled(usize),
    Poked(usize),
    Tab(usize, Act),
    Crash(Object),
    Retire(Rc<Life>),
    Leap(i64),
    Operator(Operation),
}

#[derive(Clone, Copy)]
pub enum Object {
    Run(usize),
    Phone(usize),
}

/// What people do elsewhere.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// The site is switched off or on.
    Enable(usize, bool),
    /// The app secret is changed, at Meta and here.
    Rotate,
    /// The number is moved to the other site.
    Transfer(usize),
    /// The number is deregistered at Meta.
    Deregister(usize),
    /// The customer removes the app: tokens die.
    Revoke,
    /// Nobody hears anything of this for so long.
    Outage(Down, Ms),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    Sites,
    Accounts,
    Meta,
}

struct Due(Ms, u64, Event);

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

pub struct World {
    pub dice: Dice,
    pub weather: Cell<Weather>,
    /// True time; the objects' clock may be off.
    pub now: Cell<Ms>,
    pub skew: Cell<i64>,
    /// Nothing fails from here on.
    pub calm_at: Ms,
    queue: RefCell<BinaryHeap<Reverse<Due>>>,
    count: Cell<u64>,
    pub tasks: Tasks,
    pub calls: RefCell<Vec<Option<CallFlight>>>,
    pub asks: RefCell<Vec<Option<AskFlight>>>,
    pub meta: RefCell<Meta>,
    pub runs: RefCell<Vec<Rc<RunObject>>>,
    pub phones: Vec<Rc<PhoneObject>>,
    pub peers: Peers,
    pub tabs: RefCell<Vec<Tab>>,
    pub app_kv: RefCell<Kv<App>>,
    pub secret_kv: RefCell<Kv<Sealed>>,
    /// When the app secret last changed.
    pub rotated: Cell<Ms>,
    pub vault: Vault,
    draw: Box<dyn Fn() -> [u8; 32]>,
    wrong: RefCell<Option<String>>,
    pub loud: bool,
    steps: Cell<u32>,
    /// What is down, and until when.
    pub down: Cell<Option<(Down, Ms)>>,
    /// An operator is moving a number.
    pub moving: Cell<bool>,
    /// Somebody died since the tasks were last looked through.
    pub died: Cell<bool>,
}

impl World {
    pub fn new(seed: u64, loud: bool) -> Self {
        let dice = Dice::new(seed);
        let weather = Weather::draw(&dice);
        let drawn = Dice::new(!seed);
        let calm = match dice.below(20) {
            0 | 1 => dice.range(3_600_000, 4 * 86_400_000),
            _ => dice.range(60_000, 30 * 60_000),
        };
        let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned();
        let (app_kv, secret_kv) = (Kv::new(&dice), Kv::new(&dice));
        Self {
            weather: Cell::new(weather),
            now: Cell::new(START),
            skew: Cell::new(0),
            calm_at: START + calm,
            queue: RefCell::default(),
            count: Cell::new(0),
            tasks: Tasks::default(),
            calls: RefCell::default(),
            asks: RefCell::default(),
            meta: RefCell::default(),
            runs: RefCell::default(),
            phones: (0..3).map(PhoneObject::new).collect(),
            peers: Peers::new(),
            tabs: RefCell::default(),
            app_kv: RefCell::new(app_kv),
            secret_kv: RefCell::new(secret_kv),
            rotated: Cell::new(0),
            vault: Vault::parse(&[(1, key)]).unwrap(),
            draw: Box::new(move || drawn.bytes()),
            wrong: RefCell::new(None),
            loud,
            died: Cell::new(false),
            steps: Cell::new(0),
            moving: Cell::new(false),
            down: Cell::new(None),
            dice,
        }
    }

    /// What the objects' clock shows.
    pub fn clock(&self) -> Ms {
        self.now.get().saturating_add_signed(self.skew.get())
    }

    pub fn desk(&self) -> Desk<'_> {
        Desk {
            now: self.clock(),
            vault: &self.vault,
            draw: &*self.draw,
        }
    }

    pub fn ctx<'a>(&'a self, access: &'a Access) -> Ctx<'a> {
        Ctx {
            desk: self.desk(),
            access,
        }
    }

    /// `None` where app or secret are not set up, as far as KV and the partner know.
    pub fn access(&self) -> Option<Access> {
        let now = self.now.get();
        let key = AppKey::parse("main").unwrap();
        let copied = self.app_kv.borrow_mut().read(now);
        let app = copied.or_else(|| self.peers.partner.borrow().app(&key).cloned())?;
        let sealed = self.secret_kv.borrow_mut().read(now)?;
        Some(Access {
            app_id: app.app_id,
            version: app.graph_version,
            secret: self.vault.open(SECRET_NAME, &sealed).ok()?,
            redirect: self.dice.pick(&Redirect::ALL),
            system: None,
            partner: None,
        })
    }

    /// The app's settings and secret, put by the operator now.
    pub fn put_app(&self, secret: &str) {
        let app = App {
            key: AppKey::parse("main").unwrap(),
            app_id: MetaAppId::parse(meta::APP).unwrap(),
            graph_version: "v25.0".into(),
            partner_business_id: None,
            weekly_limit: 200,
            block_when_full: false,
        };
        let plain = embark_edge::seal::Secret::new(secret.to_owned());
        let nonce = self.desk().nonce();
        let sealed = self.vault.seal(SECRET_NAME, &plain, nonce).unwrap();
        self.peers.partner.borrow_mut().put_app(app.clone());
        self.app_kv.borrow_mut().put(app, self.now.get());
        self.secret_kv.borrow_mut().put(sealed, self.now.get());
        self.meta.borrow_mut().secret = secret.to_owned();
        self.rotated.set(self.now.get());
    }

    pub fn is_calm(&self) -> bool {
        self.now.get() >= self.calm_at
    }

    /// Whether something of this chance happens now; never in the calm.
    pub fn befalls(&self, permille: u64) -> bool {
        !self.is_calm() && self.dice.chance(permille)
    }

    pub fn is_down(&self, what: Down) -> bool {
        let down = self.down.get();
        down.is_some_and(|(held, until)| held == what && self.now.get() < until) && !self.is_calm()
    }

    pub fn after(&self, ms: Ms, event: Event) {
        let n = self.count.get();
        self.count.set(n + 1);
        let due = Due(self.now.get().saturating_add(ms), n, event);
        self.queue.borrow_mut().push(Reverse(due));
    }

    pub fn sleep(&self, ms: Ms) -> Wait<()> {
        let slot = Slot::new();
        self.after(ms, Event::Wakes(slot.clone()));
        Wait(slot)
    }

    /// Moves the clock to what happens next. `None`: nothing does, before `until`.
    pub fn next(&self, until: Ms) -> Option<Event> {
        let mut queue = self.queue.borrow_mut();
        if queue.peek().is_none_or(|Reverse(due)| due.0 > until) {
            return None;
        }
        let Reverse(Due(at, _, event)) = queue.pop()?;
        self.now.set(at.max(self.now.get()));
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() == MOST_STEPS {
            self.wrong(format!("still busy after {MOST_STEPS} events"));
        }
        Some(event)
    }

    /// Notes what must not have happened; the first one counts.
    pub fn wrong(&self, what: String) {
        self.say(|| format!("WRONG: {what}"));
        self.wrong.borrow_mut().get_or_insert(what);
    }

    pub fn found(&self) -> Option<String> {
        let at_meta = self.meta.borrow().wrong.clone();
        self.wrong.borrow().clone().or(at_meta)
    }

    pub fn say(&self, line: impl FnOnce() -> String) {
        if self.loud {
            let ms = self.now.get() - START;
            println!("{:>9}.{:03} {}", ms / 1_000, ms % 1_000, line());
        }
    }

    /// Ends the history: tasks and records hold the world and each other.
    pub fn clear(&self) {
        self.tasks.clear();
        self.queue.borrow_mut().clear();
        self.calls.borrow_mut().clear();
        self.asks.borrow_mut().clear();
        self.runs.borrow_mut().clear();
    }
}

pub const START: Ms = 1_800_000_000_000;
/// A history takes hundreds of events; one that takes this many runs in circles.
const MOST_STEPS: u32 = 30_000;
