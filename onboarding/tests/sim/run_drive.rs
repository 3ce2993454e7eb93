//! The drive of a Run object: when its workflow runs, with which credentials, and how its effects are performed.
//! Models `edge/src/durable_objects/run/drive.rs`.

use crate::credentials::Unreadable;
use crate::invariants;
use crate::provider::is_order;
use crate::provider::order_key;
use crate::state::in_flight::OutgoingRequest;
use crate::state::run::{RunMemory, RunObject, SharedSignup};
use crate::state::world::World;
use core::time::Duration;
use embark_onboarding::meta::{AppCredentials, GraphRequest};
use embark_onboarding::providers::ProviderRequest;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::retention::Retention;
use embark_onboarding::signup::unconfigured::{Unconfigured, credentials_retry_delay};
use embark_onboarding::signup::{Effect, Outcome, PeerReply, PeerRequest, Signup};
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{AppContext, CommitError, Host, WorkflowHost, run_to_idle};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

impl World {
    /// Runs the workflow, unless it has nothing to do.
    pub fn spawn_drive(self: &Rc<Self>, object: &Rc<RunObject>, memory: &Rc<RunMemory>) {
        let now = self.clock();
        let idle = memory.idle_until.get().is_some_and(|until| now < until);
        if idle || memory.incarnation.ended.get() {
            return;
        }
        let drive = drive(self.clone(), object.clone(), memory.clone());
        self.tasks.spawn(&memory.incarnation, drive);
    }
}

/// How a drive ended.
enum DriveEnd {
    /// The workflow is idle until the record's own time, if it has one.
    Idle,
    /// The app's credentials could not be read: the signup is untouched.
    NoCredentials,
    /// The record could not be stored. The alarm that was set at the beginning of the drive continues.
    NotStored,
    /// The record has expired.
    Expired,
}

/// Runs the workflow until it is idle, and sets the alarm for the next time. Does nothing while another drive runs.
async fn drive(world: Rc<World>, object: Rc<RunObject>, memory: Rc<RunMemory>) {
    let Some(signup) = memory.signup(&world, &object) else {
        return;
    };
    if !memory.lock.try_acquire(world.clock()) {
        return;
    }
    memory.incarnation.idle.set(false);
    let end = drive_once(&world, &object, &memory, &signup).await;
    if memory.incarnation.ended.get() {
        return;
    }
    memory.lock.release();
    memory.incarnation.idle.set(true);
    let now = world.clock();
    let wake_at = match end {
        DriveEnd::Idle => signup.borrow().wake_at(now, &Retention::default()),
        DriveEnd::NoCredentials => Some(now + credentials_backoff(&memory)),
        DriveEnd::NotStored => None,
        DriveEnd::Expired => {
            world.log(|| format!("signup {}: erased", object.index));
            memory.forget();
            return object.erase();
        }
    };
    if let Some(at) = wake_at {
        memory.idle_until.set(Some(at));
        world.set_alarm(&object, now.until(at));
    }
}

async fn drive_once(
    world: &Rc<World>,
    object: &Rc<RunObject>,
    memory: &Rc<RunMemory>,
    signup: &SharedSignup,
) -> DriveEnd {
    let now = world.clock();
    let expires_at = signup.borrow().expires_at(&Retention::default());
    if signup.borrow().outbox.is_empty() && expires_at.is_some_and(|at| now >= at) {
        return DriveEnd::Expired;
    }
    world.set_alarm(object, DRIVE_DIED_AFTER);
    world.sleep(world.random.millis(1..=30)).await;
    let credentials = match world.read_credentials() {
        Ok(Some(read)) => {
            if read.are_copies {
                object.observations.copies_used(world.now.get());
            }
            read.credentials
        }
        Ok(None) => return end_unconfigured(world, object, memory, signup),
        Err(Unreadable) => {
            world.log(|| format!("signup {}: no credentials", object.index));
            object.observations.credentials_failed(world.now.get());
            return DriveEnd::NoCredentials;
        }
    };
    memory.credential_failures.set(0);
    let host = RunHost {
        world: world.clone(),
        object: object.clone(),
        memory: memory.clone(),
        credentials,
    };
    if run_to_idle(signup, &host).await.is_err() {
        memory.forget();
        return DriveEnd::NotStored;
    }
    DriveEnd::Idle
}

/// The app or its secret is not set up.
fn end_unconfigured(
    world: &World,
    object: &RunObject,
    memory: &RunMemory,
    signup: &SharedSignup,
) -> DriveEnd {
    let mut changed = signup.borrow().clone();
    match changed.on_unconfigured(world.clock(), &Retention::default()) {
        Unconfigured::Wait => return DriveEnd::NoCredentials,
        Unconfigured::Expired => return DriveEnd::Expired,
        Unconfigured::Idle => {}
    }
    if changed.stage == signup.borrow().stage {
        *signup.borrow_mut() = changed;
    } else {
        let current = Some(signup.clone());
        let replaced = memory.replace(world, object, changed, current, false);
        if replaced.is_err() {
            return DriveEnd::NotStored;
        }
    }
    DriveEnd::Idle
}

fn credentials_backoff(memory: &RunMemory) -> Duration {
    let failures = memory.credential_failures.get();
    memory.credential_failures.set(failures + 1);
    credentials_retry_delay(failures)
}

struct RunHost {
    world: Rc<World>,
    object: Rc<RunObject>,
    memory: Rc<RunMemory>,
    credentials: AppCredentials,
}

impl Host<Signup> for RunHost {
    fn context(&self) -> AppContext<'_> {
        self.world.app_context(&self.credentials)
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        let (world, object) = (&self.world, &*self.object);
        let incarnation = &self.memory.incarnation;
        let check = invariants::cancelled_signup_calls_nobody(object, incarnation);
        world.enforce(check);
        if request.name == "exchange" && !incarnation.ended.get() {
            let check = invariants::code_is_exchanged_at_once(world, object, incarnation);
            world.enforce(check);
        }
        world.enforce(invariants::requests_are_not_repeated_rapidly(
            world,
            object,
            request.name,
        ));
        if request.name == "exchange" {
            world.enforce(invariants::code_is_sent_few_times(object));
        }
        let result = world
            .call(
                incarnation,
                OutgoingRequest::Meta(request),
                Some(&object.id),
            )
            .await;
        if !result.as_ref().is_ok_and(|response| response.status == 200) {
            object.observations.count_fault();
        }
        result
    }

    fn save(&self, signup: &Signup) -> Result<(), CommitError> {
        self.memory.lock.renew(self.world.clock());
        self.object
            .commit(&self.world, &self.memory.incarnation, signup, false)
    }
}

impl WorkflowHost<Signup> for RunHost {
    async fn perform(&self, effect: Effect) -> Outcome {
        match effect {
            Effect::Meta(request) => Outcome::Api(self.call(request).await),
            Effect::Peer(request) => Outcome::Peer(self.request_peer(*request).await),
            Effect::Provider(request) => Outcome::Api(self.order(request).await),
        }
    }

    fn changed(&self) -> impl Future<Output = ()> {
        let seen = self.memory.changes.get();
        poll_fn(move |cx| {
            if self.memory.changes.get() != seen {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            self.memory.change_wakers.borrow_mut().push(waker);
            Poll::Pending
        })
    }
}

impl RunHost {
    /// Sends a request to a provider: the order, or the question for its status.
    async fn order(&self, request: Box<ProviderRequest>) -> ApiResult {
        let (world, object) = (&self.world, &*self.object);
        let name = request.name;
        let check = invariants::requests_are_not_repeated_rapidly(world, object, name);
        world.enforce(check);
        let incarnation = &self.memory.incarnation;
        let check = invariants::cancelled_signup_calls_nobody(object, incarnation);
        world.enforce(check);
        if is_order(name) && !incarnation.ended.get() {
            let key = order_key(&request);
            world.enforce(invariants::order_is_the_same_each_time(object, key));
            world.enforce(invariants::accepted_order_is_not_repeated(object));
        }
        let request = OutgoingRequest::Provider(request);
        world.call(incarnation, request, Some(&object.id)).await
    }

    async fn request_peer(&self, request: PeerRequest) -> Result<PeerReply, RpcError> {
        let (world, object) = (&self.world, &*self.object);
        let check = invariants::requests_are_not_repeated_rapidly(world, object, request.name());
        world.enforce(check);
        let reply = world.request_peer(&self.memory.incarnation, request).await;
        if !matches!(reply, Ok(PeerReply::Site(_) | PeerReply::Waba(_))) {
            object.observations.count_fault();
        }
        reply
    }
}

/// When the alarm fires that is set in advance for the case that a drive dies.
pub const DRIVE_DIED_AFTER: Duration = Duration::from_secs(20);
