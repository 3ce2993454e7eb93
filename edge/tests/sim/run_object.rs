//! One run as its Durable Object keeps it: posts, drives, alarms. Mirrors `objects/run.rs` statement by
//! statement, with incarnations that come, go, and sometimes live side by side.

use crate::exec::Life;
use crate::peers::SITES;
use crate::posted::{Posted, named};
use crate::store::Store;
use crate::world::{CALLBACK, Event, World};
use embark_edge::fault;
use embark_edge::graph::{Access, Heard, Request};
use embark_edge::run::{Answer, Ask, Ctx, Host, Ms, Superseded, drive};
use embark_edge::signup::{End, Signup, Stage, accept, view};
use embark_protocol::post::Launched;
use embark_protocol::{AppKey, Code, Problem, SignupId, SiteId, Snapshot};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

pub struct RunObject {
    pub at: usize,
    pub id: SignupId,
    pub site: usize,
    pub store: Store<Signup>,
    lives: RefCell<Vec<Rc<RunLife>>>,
    pub seen: RefCell<crate::check::Seen>,
    /// When the code came that is being used, and for which the exchange was last sent.
    pub code_at: Cell<Ms>,
    pub exchanged: Cell<Ms>,
    /// How often that code was sent.
    pub exchanges: Cell<u32>,
    /// Faults its calls and messages met since then.
    pub faults: Cell<u32>,
    /// Messages sent, by the minute.
    pub asked: Cell<(Ms, u32)>,
    /// Until when its grant is taken.
    pub submit_by: Cell<Ms>,
}

pub struct RunLife {
    pub life: Rc<Life>,
    record: RefCell<Option<Rc<RefCell<Signup>>>>,
    parked: Cell<Option<Ms>>,
    busy: Cell<Option<Ms>>,
    /// Posts that changed the record, and who waits for one.
    posts: Cell<u32>,
    wakers: RefCell<Vec<Waker>>,
}

impl RunObject {
    pub fn new(at: usize, site: usize) -> Rc<Self> {
        Rc::new(Self {
            at,
            id: SignupId::parse(&format!("{:032x}", at + 1)).unwrap(),
            site,
            store: Store::new(),
            lives: RefCell::default(),
            seen: RefCell::default(),
            submit_by: Cell::new(0),
            code_at: Cell::new(0),
            exchanged: Cell::new(0),
            faults: Cell::new(0),
            exchanges: Cell::new(0),
            asked: Cell::new((0, 0)),
        })
    }

    /// The incarnation that gets the next event.
    fn awake(&self, world: &World) -> Rc<RunLife> {
        let mut lives = self.lives.borrow_mut();
        lives.retain(|life| !life.life.dead.get());
        let routed: Vec<_> = lives.iter().map(|life| &life.life).collect();
        if let Some(at) = self.store.route(world, &routed) {
            return lives[at].clone();
        }
        let fresh = Rc::new(RunLife::new(self.store.boot(world.now.get())));
        lives.push(fresh.clone());
        fresh
    }

    pub fn crash(&self, world: &World) {
        for life in self.lives.borrow_mut().drain(..) {
            world.kill(&life.life);
        }
    }

    fn erase(&self) {
        self.store.erase();
        self.seen.take();
        self.lives.borrow_mut().clear();
    }

    /// The stored record; it does not know when it wanted to be driven again.
    pub fn stored(&self, world: &World) -> Option<Signup> {
        let mut run = self.store.load(world)?;
        run.wake = None;
        Some(run)
    }

    pub fn is_stored(&self) -> bool {
        self.store.record.borrow().is_some()
    }
}

impl RunLife {
    fn new(life: Rc<Life>) -> Self {
        Self {
            life,
            record: RefCell::new(None),
            parked: Cell::new(None),
            busy: Cell::new(None),
            posts: Cell::new(0),
            wakers: RefCell::default(),
        }
    }

    fn record(&self, world: &World, object: &RunObject) -> Option<Rc<RefCell<Signup>>> {
        let mut record = self.record.borrow_mut();
        if record.is_none() {
            *record = object.stored(world).map(|run| Rc::new(RefCell::new(run)));
        }
        record.clone()
    }
}

impl World {
    /// A browser's post reaches the object.
    pub fn run_posted(self: &Rc<Self>, at: usize, post: Posted) {
        let object = self.runs.borrow()[at].clone();
        if object.submit_by.get() == 0 {
            object.submit_by.set(self.clock() + GRANT_MS);
        }
        if self.clock() > object.submit_by.get() {
            return;
        }
        let life = object.awake(self);
        let answer = self.post(&object, &life, post.clone());
        self.say(|| {
            let said = answer.as_ref().map(|shown| (shown.seq, shown.status));
            let said = said.map_err(|problem| problem.code);
            format!("run {at}: {} -> {said:?}", named(&post))
        });
        self.go(&object, &life);
    }

    /// A page asks how its run stands. `None`: nothing is answered.
    pub fn run_polled(self: &Rc<Self>, at: usize) -> Option<Snapshot> {
        let object = self.runs.borrow()[at].clone();
        let life = object.awake(self);
        let run = life.record(self, &object)?;
        let shown = view::render(&run.borrow(), self.clock());
        self.go(&object, &life);
        Some(shown)
    }

    fn post(
        &self,
        object: &Rc<RunObject>,
        life: &Rc<RunLife>,
        post: Posted,
    ) -> Result<Snapshot, Problem> {
        let desk = self.desk();
        let run = life.record(self, object).unwrap_or_else(|| {
            let (site, host) = SITES[object.site];
            let fresh = Signup::launched(
                object.id.clone(),
                SiteId::parse(site).unwrap(),
                AppKey::parse("main").unwrap(),
                host.to_owned(),
                desk.now,
            );
            let run = Rc::new(RefCell::new(fresh));
            *life.record.borrow_mut() = Some(run.clone());
            run
        });
        let mut changed = run.borrow().clone();
        let was_over = matches!(changed.stage, Stage::Ended { .. });
        let click = match &post {
            Posted::Launched(click) => (*click, false),
            Posted::Outcome(click, _) => (*click, true),
            _ => (u8::MAX, false),
        };
        match post {
            Posted::Launched(click) => {
                let attempt = Some(u32::from(click));
                accept::launched(&mut changed, Launched { attempt }, &desk);
            }
            Posted::Outcome(_, post) => accept::outcome(&mut changed, post, CALLBACK, &desk)?,
            Posted::Assets(post) => accept::assets(&mut changed, post, &desk)?,
            Posted::Ended(post) => accept::ended(&mut changed, post, &desk),
            Posted::Input(post) => accept::input(&mut changed, post, &desk)?,
        }
        changed.settle(desk.now);
        self.commit_run(object, &life.life, &changed, true)
            .map_err(|Superseded| fault::problem(Code::Conflict))?;
        self.check_click(object, click, was_over);
        life.parked.set(None);
        let snapshot = view::render(&changed, desk.now);
        *run.borrow_mut() = changed;
        life.posts.set(life.posts.get() + 1);
        for waker in life.wakers.borrow_mut().drain(..) {
            waker.wake();
        }
        Ok(snapshot)
    }

    /// An alarm fires, or somebody pokes.
    pub fn run_touched(self: &Rc<Self>, at: usize, alarm: bool) {
        let object = self.runs.borrow()[at].clone();
        if !object.is_stored() {
            return;
        }
        let life = object.awake(self);
        if alarm {
            life.parked.set(None);
            let now = self.clock();
            let busy = life.busy.get();
            if busy.is_some_and(|since| now.saturating_sub(since) < FLAG_MS) {
                self.alarm_in(&object, DEAD_MAN_MS);
            }
        }
        self.go(&object, &life);
    }

    fn go(self: &Rc<Self>, object: &Rc<RunObject>, life: &Rc<RunLife>) {
        let parked = life.parked.get().is_some_and(|until| self.clock() < until);
        if parked || life.life.dead.get() {
            return;
        }
        let (world, object, inner) = (self.clone(), object.clone(), life.clone());
        self.tasks.spawn(
            &life.life,
            async move { driven(world, object, inner).await },
        );
    }

    fn alarm_in(&self, object: &RunObject, ms: Ms) {
        let n = object.store.alarm.get() + 1;
        object.store.alarm.set(n);
        if self.befalls(self.weather.get().alarms) {
            self.say(|| format!("run {}: an alarm is lost", object.at));
        } else {
            self.after(ms.max(1), Event::Alarm(object.at, n));
        }
    }

    fn commit_run(
        &self,
        object: &RunObject,
        life: &Rc<Life>,
        run: &Signup,
        by_post: bool,
    ) -> Result<(), Superseded> {
        object.store.commit(self, life, run, || {
            self.check_run(object, run, by_post);
        })
    }
}

async fn driven(world: Rc<World>, object: Rc<RunObject>, life: Rc<RunLife>) {
    let Some(run) = life.record(&world, &object) else {
        return;
    };
    let now = world.clock();
    let held = life.busy.get();
    if held.is_some_and(|since| now.saturating_sub(since) < FLAG_MS) {
        return;
    }
    life.busy.set(Some(now));
    life.life.idle.set(false);
    let expired = {
        let run = run.borrow();
        run.expires().is_some_and(|at| now >= at) && run.owed.is_empty()
    };
    if expired {
        world.say(|| format!("run {}: erased", object.at));
        *life.record.borrow_mut() = None;
        return object.erase();
    }
    turn(&world, &object, &life, &run).await;
    if life.life.dead.get() {
        return;
    }
    life.busy.set(None);
    life.life.idle.set(true);
    let next = run.borrow().rises(world.clock());
    if let Some(at) = next {
        life.parked.set(Some(at));
        world.alarm_in(&object, at.saturating_sub(world.clock()));
    }
}

/// One drive to where the run parks.
async fn turn(
    world: &Rc<World>,
    object: &Rc<RunObject>,
    life: &Rc<RunLife>,
    run: &Rc<RefCell<Signup>>,
) {
    world.alarm_in(object, DEAD_MAN_MS);
    world.sleep(world.dice.range(1, 30)).await;
    let Some(access) = world.access() else {
        let mut run = run.borrow_mut();
        if matches!(run.stage, Stage::Running) {
            let problem = fault::problem(Code::AppMisconfigured);
            run.end(End::Failed(problem), world.clock());
            run.settle(world.clock());
            let _ = world.commit_run(object, &life.life, &run, false);
        }
        run.wake = None;
        return;
    };
    let host = RunHost {
        world: world.clone(),
        object: object.clone(),
        life: life.clone(),
        access,
    };
    if drive(run, &host).await.is_err() {
        *life.record.borrow_mut() = None;
    }
}

struct RunHost {
    world: Rc<World>,
    object: Rc<RunObject>,
    life: Rc<RunLife>,
    access: Access,
}

impl Host<Signup> for RunHost {
    fn ctx(&self) -> Ctx<'_> {
        self.world.ctx(&self.access)
    }

    async fn call(&self, request: Request) -> Heard {
        if request.name == "exchange" && !self.life.life.dead.get() {
            self.world.check_code_age(&self.object, self.life.life.born);
        }
        self.world.check_rate(&self.object, request.name);
        let exchanges = self.object.exchanges.get() + u32::from(request.name == "exchange");
        self.object.exchanges.set(exchanges);
        if exchanges > 15 {
            let at = self.object.at;
            self.world
                .wrong(format!("run {at}: a code is sent {exchanges} times"));
        }
        let heard = self.world.call(&self.life.life, request, "").await;
        if !heard.as_ref().is_ok_and(|reply| reply.status == 200) {
            self.object.faults.set(self.object.faults.get() + 1);
        }
        heard
    }

    async fn ask(&self, ask: Ask) -> Option<Answer> {
        self.world.check_rate(&self.object, ask.name());
        let answer = self.world.ask(&self.life.life, ask).await;
        if !matches!(answer, Some(Answer::Site(_) | Answer::Waba(_))) {
            self.object.faults.set(self.object.faults.get() + 1);
        }
        answer
    }

    fn changed(&self) -> impl Future<Output = ()> {
        let seen = self.life.posts.get();
        poll_fn(move |cx| {
            if self.life.posts.get() != seen {
                return Poll::Ready(());
            }
            self.life.wakers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
    }

    fn save(&self, run: &Signup) -> Result<(), Superseded> {
        self.life.busy.set(Some(self.world.clock()));
        self.world
            .commit_run(&self.object, &self.life.life, run, false)
    }
}

/// `grant::SUBMIT_MS`.
const GRANT_MS: Ms = 24 * 3_600_000;
const FLAG_MS: Ms = 60_000;
const DEAD_MAN_MS: Ms = 20_000;
