//! One phone number as its Durable Object keeps it: asks one at a time, the record shared by all that run
//! in one incarnation. Mirrors `objects/phone.rs`.

use crate::exec::Life;
use crate::store::Store;
use crate::world::World;
use embark_edge::graph::{Access, Heard, Request};
use embark_edge::phone::{self, Answer as Said, Phone};
use embark_edge::run::{Answer, Ask, Ctx, Host, Ms, Superseded};
use embark_protocol::{Code, PhoneNumberId, SiteId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub struct PhoneObject {
    pub id: PhoneNumberId,
    pub store: Store<Phone>,
    lives: RefCell<Vec<Rc<PhoneLife>>>,
    /// The owning site, as last committed.
    pub owner: RefCell<Option<String>>,
    /// When register was sent, by the objects' clock.
    pub sent: RefCell<Vec<Ms>>,
}

pub struct PhoneLife {
    life: Rc<Life>,
    record: RefCell<Option<Rc<RefCell<Phone>>>>,
    busy: Cell<Option<Ms>>,
}

impl PhoneObject {
    pub fn new(at: usize) -> Rc<Self> {
        Rc::new(Self {
            id: PhoneNumberId::parse(&number_id(at)).unwrap(),
            store: Store::new(),
            lives: RefCell::default(),
            owner: RefCell::new(None),
            sent: RefCell::default(),
        })
    }

    fn awake(&self, world: &World) -> Rc<PhoneLife> {
        let mut lives = self.lives.borrow_mut();
        lives.retain(|life| !life.life.dead.get());
        let routed: Vec<_> = lives.iter().map(|life| &life.life).collect();
        if let Some(at) = self.store.route(world, &routed) {
            return lives[at].clone();
        }
        let fresh = Rc::new(PhoneLife::new(self.store.boot(world.now.get())));
        lives.push(fresh.clone());
        fresh
    }

    pub fn crash(&self, world: &World) {
        for life in self.lives.borrow_mut().drain(..) {
            world.kill(&life.life);
        }
    }

    fn commit(&self, world: &World, life: &Rc<Life>, record: &Phone) -> Result<(), Superseded> {
        self.store
            .commit(world, life, record, || world.check_owner(self, record))
    }
}

impl PhoneLife {
    fn new(life: Rc<Life>) -> Self {
        Self {
            life,
            record: RefCell::new(None),
            busy: Cell::new(None),
        }
    }

    fn record(&self, world: &World, object: &PhoneObject) -> Rc<RefCell<Phone>> {
        let mut record = self.record.borrow_mut();
        let stored = || object.store.load(world).unwrap_or_default();
        record
            .get_or_insert_with(|| Rc::new(RefCell::new(stored())))
            .clone()
    }

    /// One synchronous change, worked on a copy.
    fn change(
        &self,
        world: &World,
        object: &PhoneObject,
        change: impl FnOnce(&mut Phone) -> Said,
    ) -> Option<Said> {
        let record = self.record(world, object);
        let mut changed = record.borrow().clone();
        let said = change(&mut changed);
        if object.commit(world, &self.life, &changed).is_err() {
            *self.record.borrow_mut() = None;
            return None;
        }
        *record.borrow_mut() = changed;
        Some(said)
    }
}

impl World {
    pub fn phone(&self, id: &PhoneNumberId) -> Rc<PhoneObject> {
        let found = self.phones.iter().find(|object| object.id == *id);
        found.expect("a number that exists").clone()
    }

    /// An ask arrives.
    pub fn phone_asked(self: &Rc<Self>, id: &PhoneNumberId, ask: phone::Ask, at: usize) {
        let object = self.phone(id);
        let life = object.awake(self);
        let said = match ask {
            phone::Ask::Claim(owner) => life.change(self, &object, |record| record.claim(owner)),
            phone::Ask::Transfer { from, to } => {
                life.change(self, &object, |record| record.transfer(&from, to))
            }
            phone::Ask::Register(register) => return self.register(&object, &life, register, at),
            _ => None,
        };
        self.say(|| format!("  phone said {said:?}"));
        if !life.life.dead.get() {
            self.answered(at, said.map(Answer::Phone));
        }
    }

    /// An operator moves a number that `from` has.
    pub fn transfer(&self, object: &Rc<PhoneObject>, from: SiteId, to: SiteId) {
        let life = object.awake(self);
        life.change(self, object, |record| record.transfer(&from, to));
    }

    fn register(
        self: &Rc<Self>,
        object: &Rc<PhoneObject>,
        life: &Rc<PhoneLife>,
        register: Box<phone::Register>,
        at: usize,
    ) {
        let now = self.clock();
        let held = life.busy.get();
        if held.is_some_and(|since| now.saturating_sub(since) < FLAG_MS) {
            return self.answered(at, Some(Answer::Phone(Said::Busy { until: 0 })));
        }
        life.busy.set(Some(now));
        life.life.idle.set(false);
        let (world, object, inner) = (self.clone(), object.clone(), life.clone());
        self.tasks.spawn(&life.life, async move {
            let said = registered(&world, &object, &inner, register).await;
            inner.busy.set(None);
            inner.life.idle.set(true);
            world.say(|| format!("  phone said {said:?}"));
            if !inner.life.dead.get() {
                world.answered(at, said.map(Answer::Phone));
            }
        });
    }
}

async fn registered(
    world: &Rc<World>,
    object: &Rc<PhoneObject>,
    life: &Rc<PhoneLife>,
    register: Box<phone::Register>,
) -> Option<Said> {
    world.sleep(world.dice.range(1, 30)).await;
    let Some(access) = world.access() else {
        return Some(Said::Failed {
            code: Code::AppMisconfigured,
            meta_code: None,
            fbtrace_id: None,
        });
    };
    let host = PhoneHost {
        world: world.clone(),
        object: object.clone(),
        life: life.clone(),
        access,
        run: register.owner.run.to_string(),
    };
    let record = life.record(world, object);
    let served = phone::serve(&record, &object.id, phone::Ask::Register(register), &host).await;
    if served.is_err() {
        *life.record.borrow_mut() = None;
    }
    served.ok()
}

struct PhoneHost {
    world: Rc<World>,
    object: Rc<PhoneObject>,
    life: Rc<PhoneLife>,
    access: Access,
    run: String,
}

impl Host<Phone> for PhoneHost {
    fn ctx(&self) -> Ctx<'_> {
        self.world.ctx(&self.access)
    }

    async fn call(&self, request: Request) -> Heard {
        if request.name == "register" && !self.life.life.dead.get() {
            self.world.check_budget(&self.object);
            self.world.check_site(&self.run);
        }
        self.world.call(&self.life.life, request, &self.run).await
    }

    async fn ask(&self, _: Ask) -> Option<Answer> {
        None
    }

    fn save(&self, record: &Phone) -> Result<(), Superseded> {
        self.life.busy.set(Some(self.world.clock()));
        self.object.commit(&self.world, &self.life.life, record)
    }
}

pub fn number_id(at: usize) -> String {
    format!("{}", 6_000_000_000_000_001 + at as u64)
}

const FLAG_MS: Ms = 60_000;
