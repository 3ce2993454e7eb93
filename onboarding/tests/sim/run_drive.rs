//! The drive of a Run object: when its workflow runs, with which credentials, and how its effects are performed.
//! Models `edge/src/durable_objects/run/drive.rs`.

use crate::executor::Incarnation;
use crate::invariants;
use crate::run_object::{RunMemory, RunObject, SharedSignup};
use crate::world::World;
use core::time::Duration;
use embark_onboarding::meta::{AppCredentials, GraphRequest};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::signup::{Effect, End, Outcome, PeerReply, PeerRequest, Signup, Stage};
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{AppContext, CommitError, Host, WorkflowHost, run_to_idle};
use embark_protocol::{Problem, ProblemCode};
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

/// Runs the workflow until it is idle, and sets the alarm for the next time. Does nothing while another drive runs.
async fn drive(world: Rc<World>, object: Rc<RunObject>, memory: Rc<RunMemory>) {
    let Some(signup) = memory.signup(&world, &object) else {
        return;
    };
    let now = world.clock();
    if !memory.lock.try_acquire(now) {
        return;
    }
    memory.incarnation.idle.set(false);
    let expired = {
        let signup = signup.borrow();
        signup.outbox.is_empty() && signup.expires_at().is_some_and(|at| now >= at)
    };
    if expired {
        world.log(|| format!("signup {}: erased", object.index));
        *memory.signup.borrow_mut() = None;
        return object.erase();
    }
    drive_once(&world, &object, &memory, &signup).await;
    if memory.incarnation.ended.get() {
        return;
    }
    memory.lock.release();
    memory.incarnation.idle.set(true);
    let now = world.clock();
    let wake_at = signup.borrow().wake_at(now);
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
) {
    world.set_alarm(object, DRIVE_DIED_AFTER);
    world.sleep(world.random.millis(1..=30)).await;
    let Some(credentials) = world.credentials() else {
        return end_unconfigured(world, object, &memory.incarnation, signup);
    };
    let host = RunHost {
        world: world.clone(),
        object: object.clone(),
        memory: memory.clone(),
        credentials,
    };
    if run_to_idle(signup, &host).await.is_err() {
        *memory.signup.borrow_mut() = None;
    }
}

/// The app or its secret is not set up: a running signup ends.
fn end_unconfigured(
    world: &World,
    object: &RunObject,
    incarnation: &Rc<Incarnation>,
    signup: &SharedSignup,
) {
    let mut signup = signup.borrow_mut();
    if matches!(signup.stage, Stage::Running) {
        let problem = Problem::new(ProblemCode::AppMisconfigured);
        signup.end(End::Failed(problem), world.clock());
        signup.bump_seq_if_changed(world.clock());
        // After a failed commit a later drive comes here again.
        let _ = object.commit(world, incarnation, &signup, false);
    }
    signup.next_wake_at = None;
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
        let result = world.call(incarnation, request, None).await;
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
            Effect::Peer(request) => Outcome::Peer(self.request_peer(request).await),
            Effect::Provider(_) => unreachable!("the sites of the simulation have no hand-off"),
        }
    }

    fn changed(&self) -> impl Future<Output = ()> {
        let seen = self.memory.posts.get();
        poll_fn(move |cx| {
            if self.memory.posts.get() != seen {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            self.memory.post_wakers.borrow_mut().push(waker);
            Poll::Pending
        })
    }
}

impl RunHost {
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
