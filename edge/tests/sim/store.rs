//! The storage of one object: its record as JSON, the boot counter that fences off older incarnations,
//! and one alarm. Mirrors `objects/shell.rs`.

use crate::exec::Life;
use crate::world::World;
use embark_edge::run::Superseded;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Default)]
pub struct Store {
    boot: Cell<Option<i64>>,
    pub json: RefCell<Option<String>>,
    /// Number of the alarm that counts.
    pub alarm: Cell<u64>,
}

impl Store {
    /// A new incarnation. Nothing is written for an object that was never used.
    pub fn boot(&self) -> Rc<Life> {
        let boot = self.boot.get().map_or(0, |boot| boot + 1);
        if boot > 0 {
            self.boot.set(Some(boot));
        }
        Life::new(boot)
    }

    /// Commits, if `life` is the newest incarnation; or the process dies over it, before or after.
    /// `stored` looks at what was stored.
    pub fn commit(
        &self,
        world: &World,
        life: &Rc<Life>,
        json: String,
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
        *self.json.borrow_mut() = Some(json);
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
