//! A world of plain values for the run loop: a small Meta with memory, the other objects, a clock that is
//! moved by hand, and a fuse that can blow at any operation.

// Every test crate uses its own part of this world.
#![allow(dead_code, unused_imports)]

mod credit;
mod meta;
mod provider;

use embark_edge::graph::{Access, Heard, Redirect, Request, Unheard};
use embark_edge::outbound;
use embark_edge::phone::{self, Phone};
use embark_edge::run::{Answer, Ask, Ctx, Desk, Host, Ms, Procedure, Superseded, drive};
use embark_edge::seal::{Secret, Vault};
use embark_edge::signup::{Signup, Stage, accept};
use embark_edge::site::Site;
use embark_edge::waba::Waba;
use embark_protocol::post::{CodeSource, Ids, Outcome};
use embark_protocol::{AppKey, BusinessId, MetaAppId, SignupId, SiteId};
use futures_util::FutureExt;
use std::cell::{Cell, RefCell};

pub use credit::OURS;
pub use meta::{Meta, Twist, error, ids, ok, phone_json};
pub use provider::{Provider, said};

pub const APP: &str = "1000000000000001";
pub const WABA: &str = "5000000000000001";
pub const PHONE: &str = "6000000000000001";
pub const HOST: &str = "https://shop.example";
pub const EDGE: &str = "https://signup.partner.example";
pub const CALLBACK: &str = "https://signup.partner.example/go/callback";

/// How the fuse blows at operation `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// The process dies before the operation.
    DieBefore,
    /// The operation is done; the process dies before it hears.
    DieAfter,
    /// The operation is not done, and nothing is heard of it.
    Lost,
    /// The operation is done, and nothing is heard of it.
    Landed,
}

pub struct World {
    pub meta: RefCell<Meta>,
    pub provider: RefCell<Provider>,
    pub events: RefCell<Vec<embark_edge::waba::Event>>,
    pub phone: RefCell<Phone>,
    pub waba: RefCell<Waba>,
    pub site: RefCell<Site>,
    pub now: Cell<Ms>,
    pub stored: RefCell<Option<String>>,
    pub fuse: Cell<Option<(u32, Blow)>>,
    pub operations: Cell<u32>,
    /// The operation at which the fuse blew, by name.
    pub blown: Cell<Option<&'static str>>,
    dead: Cell<bool>,
    draw: Box<dyn Fn() -> [u8; 32]>,
    pub access: Access,
    vault: Vault,
}

impl World {
    pub fn new() -> Self {
        let site = serde_json::json!({"config": {"key": "acme", "app": "main", "origins": [HOST],
            "config_id": "3000000000000001"}, "version": 1});
        Self {
            meta: RefCell::new(Meta::new()),
            provider: RefCell::default(),
            events: RefCell::default(),
            phone: RefCell::default(),
            waba: RefCell::default(),
            site: RefCell::new(serde_json::from_value(site).unwrap()),
            now: Cell::new(1_800_000_000_000),
            stored: RefCell::new(None),
            fuse: Cell::new(None),
            operations: Cell::new(0),
            blown: Cell::new(None),
            dead: Cell::new(false),
            draw: dice(1),
            access: Access {
                app_id: MetaAppId::parse(APP).unwrap(),
                version: "v25.0".into(),
                secret: Secret::new("app-secret".into()),
                redirect: Redirect::Omitted,
                system: Some(Secret::new("system-token".into())),
                partner: BusinessId::parse("2000000000000001").ok(),
            },
            vault: Vault::parse(&[(1, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".into())])
                .unwrap(),
        }
    }

    pub fn with_desk<T>(&self, act: impl FnOnce(&Desk<'_>) -> T) -> T {
        act(&Desk {
            now: self.now.get(),
            vault: &self.vault,
            draw: &*self.draw,
        })
    }

    pub fn launched(&self) -> Signup {
        let id = SignupId::parse(&"a".repeat(32)).unwrap();
        let (site, app) = (
            SiteId::parse("acme").unwrap(),
            AppKey::parse("main").unwrap(),
        );
        Signup::launched(id, site, app, HOST.into(), self.now.get())
    }

    /// A run that has just been given a code, with or without ids, stored.
    pub fn started(&self, code: &str, ids: Option<Ids>) -> Signup {
        let mut run = self.launched();
        self.submit(&mut run, code, ids);
        run
    }

    pub fn submit(&self, run: &mut Signup, code: &str, ids: Option<Ids>) {
        let post = outcome(code, ids, None);
        self.with_desk(|desk| accept::outcome(run, post, CALLBACK, desk))
            .unwrap();
        *self.stored.borrow_mut() = Some(serde_json::to_string(run).unwrap());
    }

    /// `run_to_rest`, from this record.
    pub fn run_to_rest_from(&self, run: Signup) -> Signup {
        *self.stored.borrow_mut() = Some(serde_json::to_string(&run).unwrap());
        self.run_to_rest()
    }

    /// Drives to rest: over crashes (a new incarnation reads what was stored) and over waits (the clock
    /// moves to the run's alarm). Stops when a person is needed or the run is over.
    pub fn run_to_rest(&self) -> Signup {
        for _ in 0..4_000 {
            let Some(run) = self.drive_once() else {
                continue;
            };
            let snapshot = embark_edge::signup::view::render(&run, self.now.get());
            let at_rest = run.owed.is_empty() && (snapshot.input.is_some() || over(&run));
            match run.wake {
                _ if at_rest => return run,
                Some(at) => self.now.set(at.max(self.now.get() + 1)),
                None => return run,
            }
        }
        panic!("never came to rest");
    }

    /// One drive of the stored record, to where it parks. `None`: the process died.
    pub fn drive_once(&self) -> Option<Signup> {
        let stored = self.stored.borrow().clone().unwrap();
        let run: RefCell<Signup> = RefCell::new(serde_json::from_str(&stored).unwrap());
        self.dead.set(false);
        let ended = drive(&run, self).now_or_never();
        matches!(ended, Some(Ok(()))).then(|| run.into_inner())
    }

    /// A call, and what the fuse makes of it.
    async fn sent(
        &self,
        name: &'static str,
        deadline_ms: u32,
        answer: impl FnOnce() -> Heard,
    ) -> Heard {
        if self.dead.get() {
            return std::future::pending().await;
        }
        let blow = self.tick(name);
        if blow == Some(Blow::DieBefore) {
            self.dead.set(true);
            return std::future::pending().await;
        }
        if blow == Some(Blow::Lost) {
            return Err(Unheard::Timeout);
        }
        let heard = answer();
        if let Err(Unheard::Timeout) = heard {
            self.now.set(self.now.get() + Ms::from(deadline_ms));
        }
        match blow {
            Some(Blow::DieAfter) => {
                self.dead.set(true);
                std::future::pending().await
            }
            Some(Blow::Landed) => Err(Unheard::Broken),
            _ => heard,
        }
    }

    /// The site's settings, changed.
    pub fn settle(&self, more: serde_json::Value) {
        let mut site = serde_json::to_value(&*self.site.borrow()).unwrap();
        let config = site["config"].as_object_mut().unwrap();
        config.extend(more.as_object().unwrap().clone());
        *self.site.borrow_mut() = serde_json::from_value(site).unwrap();
    }

    /// Counts an operation and says how the fuse blows at it.
    fn tick(&self, name: &'static str) -> Option<Blow> {
        let n = self.operations.get();
        self.operations.set(n + 1);
        match self.fuse.get() {
            Some((at, blow)) if at == n => {
                self.fuse.set(None);
                self.blown.set(Some(name));
                Some(blow)
            }
            _ => None,
        }
    }
}

/// What a page posts when the SDK gave it a code.
pub fn outcome(code: &str, ids: Option<Ids>, attempt: Option<u32>) -> Outcome {
    Outcome {
        code: code.into(),
        code_source: CodeSource::Sdk,
        redirect_uri: None,
        event: None,
        ids,
        attempt,
    }
}

/// Repeatable dice: different at each draw, the same in each test.
fn dice(seed: u64) -> Box<dyn Fn() -> [u8; 32]> {
    let drawn = Cell::new(seed);
    Box::new(move || {
        drawn.set(drawn.get() + 1);
        let mut state = drawn.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        std::array::from_fn(|_| {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state >> 32) as u8
        })
    })
}

fn over(run: &Signup) -> bool {
    match &run.stage {
        Stage::Ended {
            end: embark_edge::signup::End::Connected { .. },
            ..
        } => run.report.over,
        Stage::Ended { .. } => true,
        _ => false,
    }
}

impl<P> Host<P> for World
where
    P: Procedure + serde::Serialize,
{
    fn ctx(&self) -> Ctx<'_> {
        let desk = Desk {
            now: self.now.get(),
            vault: &self.vault,
            draw: &*self.draw,
        };
        Ctx {
            desk,
            access: &self.access,
        }
    }

    async fn call(&self, request: Request) -> Heard {
        self.sent(request.name, request.deadline_ms, || {
            self.meta.borrow_mut().answer(&request)
        })
        .await
    }

    async fn provide(&self, request: outbound::Request) -> Heard {
        self.sent(request.name, request.deadline_ms, || {
            let meta = &mut *self.meta.borrow_mut();
            self.provider.borrow_mut().answer(&request, meta)
        })
        .await
    }

    async fn ask(&self, ask: Ask) -> Option<Answer> {
        if self.dead.get() {
            return std::future::pending().await;
        }
        let name = match &ask {
            Ask::Site(..) => "ask site",
            Ask::Phone(_, ask) if matches!(**ask, phone::Ask::Register(_)) => "ask register",
            Ask::Phone(..) => "ask phone",
            Ask::Waba(..) => "ask waba",
            Ask::Partner(..) => "ask partner",
        };
        let blow = self.tick(name);
        if blow == Some(Blow::DieBefore) {
            self.dead.set(true);
            return std::future::pending().await;
        }
        if blow == Some(Blow::Lost) {
            return None;
        }
        let answer = match ask {
            Ask::Site(_, ask) => Answer::Site(match ask {
                embark_edge::site::Ask::Admit { host } => self.site.borrow().admit(&host, EDGE),
                embark_edge::site::Ask::Event(event) => {
                    self.events.borrow_mut().push(event);
                    embark_edge::site::Answer::Noted
                }
                _ => embark_edge::site::Answer::Noted,
            }),
            Ask::Waba(id, ask) => Answer::Waba(self.waba.borrow_mut().answer(&id, ask)),
            Ask::Partner(_) => Answer::Partner(embark_edge::partner::Answer::Noted),
            Ask::Phone(id, ask) => {
                let inside = Inside(self);
                let served = phone::serve(&self.phone, &id, *ask, &inside);
                match Box::pin(served).await {
                    Ok(answer) => Answer::Phone(answer),
                    Err(Superseded) => return None,
                }
            }
        };
        match blow {
            Some(Blow::DieAfter) => {
                self.dead.set(true);
                std::future::pending().await
            }
            Some(Blow::Landed) => None,
            _ => Some(answer),
        }
    }

    fn save(&self, run: &P) -> Result<(), Superseded> {
        if self.dead.get() {
            return Err(Superseded);
        }
        match self.tick("save") {
            Some(Blow::DieBefore | Blow::Lost) => {
                self.dead.set(true);
                return Err(Superseded);
            }
            blow => {
                *self.stored.borrow_mut() = Some(serde_json::to_string(run).unwrap());
                if blow.is_some() {
                    self.dead.set(true);
                    return Err(Superseded);
                }
            }
        }
        Ok(())
    }
}

/// The phone object's view of the same world: its record is `World::phone` itself, kept over crashes.
struct Inside<'w>(&'w World);

impl Host<Phone> for Inside<'_> {
    fn ctx(&self) -> Ctx<'_> {
        <World as Host<Signup>>::ctx(self.0)
    }

    async fn call(&self, request: Request) -> Heard {
        <World as Host<Signup>>::call(self.0, request).await
    }

    async fn ask(&self, _: Ask) -> Option<Answer> {
        None
    }

    fn save(&self, _: &Phone) -> Result<(), Superseded> {
        Ok(())
    }
}
