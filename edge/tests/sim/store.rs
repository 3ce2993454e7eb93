//! The storage of one object: its record, the boot counter that fences off older incarnations, and one
//! alarm. Mirrors `objects/shell.rs`. What is read was JSON in between, often enough to know that nothing
//! is lost by it and no secret stands in it.

use crate::exec::Life;
use crate::world::{Event, World};
use embark_edge::run::{Ms, Superseded};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub struct Store<P> {
    boot: Cell<Option<i64>>,
    pub record: RefCell<Option<P>>,
    /// Number of the alarm that counts.
    pub alarm: Cell<u64>,
    /// The newest incarnation there ever was.
    newest: Cell<i64>,
}

impl<P: Clone + Serialize + DeserializeOwned> Store<P> {
    pub fn new() -> Self {
        Self {
            boot: Cell::new(None),
            record: RefCell::new(None),
            alarm: Cell::new(0),
            newest: Cell::new(0),
        }
    }

    /// The record, as an incarnation that starts reads it.
    pub fn load(&self, world: &World) -> Option<P> {
        let record = self.record.borrow();
        let record = record.as_ref()?;
        if !world.dice.chance(250) {
            return Some(record.clone());
        }
        let json = serde_json::to_string(record).unwrap();
        world.check_no_secret(&json);
        Some(serde_json::from_str(&json).unwrap())
    }

    /// A new incarnation, with a number of its own. Nothing is written for an object that was never used.
    pub fn boot(&self, now: Ms) -> Rc<Life> {
        let boot = self.newest.get() + 1;
        self.newest.set(boot);
        if self.boot.get().is_some() {
            self.boot.set(Some(boot));
        }
        Life::new(boot, now)
    }

    /// Which of the incarnations gets the next event, by its place; `None`: a new one must come up. The
    /// newest gets it, or now and then, while that one lives, an older one that has not noticed yet. One
    /// that was idle for long is no longer there.
    pub fn route(&self, world: &World, lives: &[&Rc<Life>]) -> Option<usize> {
        let newest = lives.len().checked_sub(1)?;
        if lives[newest].boot < self.newest.get() {
            return None;
        }
        let idle = world.now.get() - lives[newest].used.replace(world.now.get()) > IDLE_MS;
        if idle && lives[newest].idle.get() {
            return None;
        }
        if world.befalls(world.weather.get().twins) {
            world.say(|| "a twin comes up".into());
            let old = lives[newest].clone();
            world.after(world.dice.range(10, 30_000), Event::Retire(old));
            return None;
        }
        let stale = newest > 0 && world.befalls(300);
        Some(if stale { newest - 1 } else { newest })
    }

    pub fn erase(&self) {
        self.boot.set(None);
        self.record.take();
        self.alarm.set(self.alarm.get() + 1);
    }

    /// Commits, if `life` is the newest incarnation; or the process dies over it, before or after.
    /// `stored` looks at what was stored.
    pub fn commit(
        &self,
        world: &World,
        life: &Rc<Life>,
        record: &P,
        stored: impl FnOnce(),
    ) -> Result<(), Superseded> {
        if life.dead.get() || world.dies(life) {
            return Err(Superseded);
        }
        match self.boot.get() {
            None => self.boot.set(Some(life.boot)),
            Some(boot) if boot != life.boot => {
                world.say(|| format!("  boot {} is superseded by {boot}", life.boot));
                return Err(Superseded);
            }
            Some(_) => {}
        }
        *self.record.borrow_mut() = Some(record.clone());
        stored();
        if world.dies(life) {
            return Err(Superseded);
        }
        Ok(())
    }
}

impl World {
    /// Whether the process of `life` dies now.
    pub fn dies(&self, life: &Rc<Life>) -> bool {
        let dies = self.befalls(self.weather.get().crashes);
        if dies {
            self.kill(life);
        }
        dies
    }

    pub fn kill(&self, life: &Rc<Life>) {
        self.say(|| format!("  incarnation {} dies", life.boot));
        life.dead.set(true);
        self.died.set(true);
    }
}

/// An object that nobody asks is put out of memory.
const IDLE_MS: Ms = 90_000;
