//! One phone number's Durable Object. Models `edge/src/durable_objects/phone.rs`: claims and transfers are one
//! synchronous change each; registrations are served one at a time.

use crate::credentials::Unreadable;
use crate::executor::Incarnation;
use crate::invariants;
use crate::state::in_flight::OutgoingRequest;
use crate::state::phone::{CommittedBy, PhoneMemory, PhoneObject};
use crate::state::world::World;
use embark_onboarding::meta::{AppCredentials, GraphRequest};
use embark_onboarding::resources::phone_number::{
    PhoneRecord, PhoneReply, PhoneRequest, RegisterRequest, serve,
};
use embark_onboarding::signup::PeerReply;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{AppContext, CommitError, Host, SharedRecord};
use embark_protocol::{PhoneNumberId, ProblemCode, SignupId, SiteId};
use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

impl PhoneObject {
    fn receive(&self, world: &World) -> Rc<PhoneMemory> {
        self.incarnations.receive(world, &self.storage)
    }

    fn load(&self, world: &World, incarnation: &Incarnation) -> PhoneRecord {
        self.storage.load_by(world, incarnation).unwrap_or_default()
    }

    fn commit(
        &self,
        world: &World,
        incarnation: &Rc<Incarnation>,
        record: &PhoneRecord,
        by: CommittedBy,
    ) -> Result<(), CommitError> {
        let before = self.storage.record.borrow().clone().unwrap_or_default();
        let on_stored = || {
            world.enforce(invariants::phone_commit_changes_its_own_part(
                self, &before, record, by,
            ));
            let before = undecided(&before);
            if undecided(record) > before {
                let mut committed = self.attempts_committed_at.borrow_mut();
                committed.push(world.now.get());
            }
            world.enforce(invariants::number_keeps_its_owner(world, self, record));
        };
        self.storage.commit(world, incarnation, record, on_stored)
    }
}

/// Every attempt increments it, and is stored before anything else happens.
fn undecided(record: &PhoneRecord) -> u8 {
    record.undecided_attempts
}

impl PhoneMemory {
    fn record(&self, world: &World, object: &PhoneObject) -> Rc<RefCell<PhoneRecord>> {
        let load = || Ok::<_, Infallible>(object.load(world, &self.incarnation));
        if world.reads_own_record("phone") {
            return SharedRecord::default().get(load).unwrap_or_default();
        }
        self.record.get(load).unwrap_or_default()
    }

    /// `None`: it could not be committed, and nothing changed.
    fn change(
        &self,
        world: &World,
        object: &PhoneObject,
        change: impl FnOnce(&mut PhoneRecord) -> PhoneReply,
    ) -> Option<PhoneReply> {
        let load = || Ok(object.load(world, &self.incarnation));
        let store = |changed: &PhoneRecord| {
            object.commit(world, &self.incarnation, changed, CommittedBy::Claim)
        };
        if world.reads_own_record("phone") {
            return SharedRecord::default().change(load, store, change).ok();
        }
        self.record.change(load, store, change).ok()
    }
}

impl World {
    pub fn phone(&self, id: &PhoneNumberId) -> Rc<PhoneObject> {
        let found = self.phones.iter().find(|object| object.id == *id);
        found
            .expect("signups know numbers of this world only")
            .clone()
    }

    /// A request reaches a Phone object. `request_index`: its position in the world's requests, for the reply.
    pub fn phone_receives(
        self: &Rc<Self>,
        id: &PhoneNumberId,
        request: PhoneRequest,
        request_index: usize,
    ) {
        let object = self.phone(id);
        let memory = object.receive(self);
        let reply = match request {
            PhoneRequest::Claim(owner) => {
                memory.change(self, &object, |record| record.claim(owner))
            }
            PhoneRequest::Transfer { from, to } => {
                memory.change(self, &object, |record| record.transfer(&from, to))
            }
            PhoneRequest::Register(register) => {
                return self.spawn_registration(&object, &memory, register, request_index);
            }
            PhoneRequest::ErasePin { signup } => {
                memory.change(self, &object, |record| record.erase_pin(&signup))
            }
            PhoneRequest::Owner => {
                let owner = memory.record(self, &object).borrow().owner.clone();
                Some(PhoneReply::Owner { owner })
            }
            // No signup asks for these.
            PhoneRequest::ApplyName(_)
            | PhoneRequest::Reseal { .. }
            | PhoneRequest::Calls { .. } => None,
        };
        self.phone_replies(&memory, reply, request_index);
    }

    /// The operator moves a number from the site that owns it to another.
    pub fn transfer(&self, object: &PhoneObject, from: SiteId, to: SiteId) {
        let memory = object.receive(self);
        memory.change(self, object, |record| record.transfer(&from, to));
    }

    fn phone_replies(&self, memory: &PhoneMemory, reply: Option<PhoneReply>, request_index: usize) {
        self.log(|| format!("  phone number replied {reply:?}"));
        if !memory.incarnation.ended.get() {
            self.send_peer_reply(request_index, reply.map(PeerReply::Phone));
        }
    }

    fn spawn_registration(
        self: &Rc<Self>,
        object: &Rc<PhoneObject>,
        memory: &Rc<PhoneMemory>,
        request: Box<RegisterRequest>,
        request_index: usize,
    ) {
        if !memory.lock.try_acquire(self.clock()) {
            let until = UnixMillis::default();
            let busy = PeerReply::Phone(PhoneReply::Busy { until });
            return self.send_peer_reply(request_index, Some(busy));
        }
        memory.incarnation.idle.set(false);
        let (world, object, memory) = (self.clone(), object.clone(), memory.clone());
        self.tasks.spawn(&memory.incarnation.clone(), async move {
            let reply = register(&world, &object, &memory, request).await;
            memory.lock.release();
            memory.incarnation.idle.set(true);
            world.phone_replies(&memory, reply, request_index);
        });
    }
}

/// Serves a registration. `None`: the record could not be committed.
async fn register(
    world: &Rc<World>,
    object: &Rc<PhoneObject>,
    memory: &Rc<PhoneMemory>,
    request: Box<RegisterRequest>,
) -> Option<PhoneReply> {
    world.sleep(world.random.millis(1..=30)).await;
    let credentials = match world.read_credentials() {
        Ok(Some(read)) => read.credentials,
        Ok(None) => {
            return Some(PhoneReply::Failed {
                code: ProblemCode::AppMisconfigured,
                meta_code: None,
                fbtrace_id: None,
            });
        }
        Err(Unreadable) => return Some(PhoneReply::Retry),
    };
    let host = PhoneHost {
        world: world.clone(),
        object: object.clone(),
        memory: memory.clone(),
        credentials,
        signup: request.owner.signup.clone(),
    };
    let record = memory.record(world, object);
    let reply = serve(&record, &object.id, PhoneRequest::Register(request), &host).await;
    if reply.is_err() {
        memory.record.invalidate();
    }
    reply.ok()
}

struct PhoneHost {
    world: Rc<World>,
    object: Rc<PhoneObject>,
    memory: Rc<PhoneMemory>,
    credentials: AppCredentials,
    /// The signup that asks for the registration.
    signup: SignupId,
}

impl Host<PhoneRecord> for PhoneHost {
    fn context(&self) -> AppContext<'_> {
        self.world.app_context(&self.credentials)
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        let (world, incarnation) = (&self.world, &self.memory.incarnation);
        if request.name == "register" && !incarnation.ended.get() {
            world.enforce(invariants::register_budget_is_kept(world, &self.object));
            let check = invariants::disabled_site_registers_no_number(world, &self.signup);
            world.enforce(check);
        }
        let request = OutgoingRequest::Meta(request);
        world.call(incarnation, request, Some(&self.signup)).await
    }

    fn save(&self, record: &PhoneRecord) -> Result<(), CommitError> {
        self.memory.lock.renew(self.world.clock());
        self.object.commit(
            &self.world,
            &self.memory.incarnation,
            record,
            CommittedBy::Registration,
        )
    }
}
