//! Only in builds with the feature `local`, which are never deployed: a fuse that blows at a counted
//! operation, and other ways to hurt an instance, so that tests can prove what survives.
//!
//! `POST /v1/local/fuse {"at":7,"place":"before","how":"panic","of":["<signup>","<phone number id>"]}` arms
//! the fuse, and answers the names of the operations since it was last set; `{"at":null}` arms nothing.
//! Only operations of the runs and phones in `of` are counted; of all, if there are none.
//! `POST /v1/local/harm {"how":"panic|abort|memory"}` hurts the Worker at once.
//! `POST /v1/local/clock {"ahead_ms":660000}` puts the clock ahead, until the instance ends.

use crate::fault;
use crate::load::LOCAL_MARKER;
use crate::objects::{PHONE, RUN};
use crate::reply::Good;
use crate::run::Ms;
use core::cell::{Cell, RefCell};
use embark_protocol::{Code, Problem};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, State};

thread_local! {
    /// Names of the operations since the fuse was last set.
    static PASSED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static AHEAD: Cell<Ms> = const { Cell::new(0) };
    static FUSE: RefCell<Option<Fuse>> = const { RefCell::new(None) };
    /// Objects whose operations are counted; of all, if it is empty.
    static COUNTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[derive(Deserialize, Clone)]
struct Fuse {
    at: Option<usize>,
    #[serde(default)]
    place: Place,
    #[serde(default)]
    how: How,
    #[serde(default)]
    ahead_ms: Ms,
    #[serde(default)]
    of: Vec<String>,
}

/// Where in an operation.
#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    #[default]
    Before,
    /// While a call's answer is out.
    During,
    After,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum How {
    #[default]
    Panic,
    /// What a CPU or memory limit does: the running JavaScript is terminated, uncatchably.
    Abort,
    /// Stands still, so that the test can kill the process at exactly this point.
    Halt,
    /// Asks for more memory than there is.
    Memory,
}

/// How far ahead of the real one the clock is.
pub fn ahead() -> Ms {
    AHEAD.with(Cell::get)
}

/// Counts an operation and returns its number; `None`: it is not of an object that is watched.
pub fn count(name: &'static str, state: &State) -> Option<usize> {
    let id = state.id().to_string();
    let watched = COUNTED.with(|counted| {
        let counted = counted.borrow();
        counted.is_empty() || counted.contains(&id)
    });
    watched.then(|| {
        PASSED.with(|passed| {
            let mut passed = passed.borrow_mut();
            passed.push(name);
            passed.len() - 1
        })
    })
}

/// Whether the fuse is set for this operation, while its answer is out.
pub fn blows_during(n: Option<usize>) -> bool {
    n.and_then(|n| armed(n, Place::During)).is_some()
}

/// Blows the fuse if it is set for this operation and place.
pub fn pass(n: Option<usize>, place: Place, name: &str, state: &State) {
    let Some((n, how)) = n.and_then(|n| Some((n, armed(n, place)?))) else {
        return;
    };
    FUSE.with(|fuse| fuse.borrow_mut().take());
    let place = match place {
        Place::Before => "before",
        Place::During => "during",
        Place::After => "after",
    };
    worker::console_log!("EMBARK-FUSE {n} {place} {name} ({LOCAL_MARKER})");
    hurt(how, Some(state));
}

/// The routes of this file.
pub fn handle(verb: &str, body: &[u8], env: &Env) -> Result<Good, Problem> {
    let order: Fuse = crate::json::from_slice(body).map_err(|_| fault::problem(Code::BadJson))?;
    match verb {
        "fuse" => {
            let passed = PASSED.with(|passed| passed.take());
            COUNTED.with(|counted| *counted.borrow_mut() = ids(&order.of, env));
            FUSE.with(|fuse| *fuse.borrow_mut() = order.at.map(|_| order));
            let json = serde_json::to_string(&passed);
            json.map(Good::Json)
                .map_err(|_| fault::problem(Code::Internal))
        }
        "clock" => {
            AHEAD.with(|ahead| ahead.set(order.ahead_ms));
            Ok(Good::Empty)
        }
        "harm" => {
            hurt(order.how, None);
            Ok(Good::Empty)
        }
        _ => Err(fault::problem(Code::NotFound)),
    }
}

/// The ids of the runs and phones of these names.
fn ids(names: &[String], env: &Env) -> Vec<String> {
    let of = |binding: &str| env.durable_object(binding).ok();
    let spaces: Vec<_> = [RUN, PHONE].into_iter().filter_map(of).collect();
    let id = |name: &String| {
        let ids = spaces.iter().map(|space| space.id_from_name(name));
        ids.filter_map(|id| Some(id.ok()?.to_string()))
            .collect::<Vec<_>>()
    };
    names.iter().flat_map(id).collect()
}

fn armed(n: usize, place: Place) -> Option<How> {
    FUSE.with(|fuse| {
        let fuse = fuse.borrow();
        fuse.as_ref()
            .filter(|fuse| fuse.at == Some(n) && fuse.place == place)
            .map(|fuse| fuse.how)
    })
}

#[expect(
    clippy::panic,
    clippy::infinite_loop,
    reason = "this file exists to do harm"
)]
fn hurt(how: How, state: Option<&State>) {
    match how {
        How::Panic => panic!("injected"),
        How::Abort => {
            // `ctx.abort()` of a Durable Object; a Worker has none and is left to the object tests.
            if let Some(state) = state {
                let raw: &JsValue = state.as_raw();
                let abort = js_sys::Reflect::get(raw, &"abort".into());
                if let Ok(Ok(abort)) = abort.map(|abort| abort.dyn_into::<js_sys::Function>()) {
                    let _ = abort.call1(raw, &"injected".into());
                }
            }
        }
        How::Halt => loop {
            core::hint::spin_loop();
        },
        How::Memory => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            // Untouched, so that the machine has nothing to give: the instance's own 4 GiB run out.
            for _ in 0..8 {
                hoard.push(Vec::with_capacity(1 << 30));
            }
            worker::console_log!("{}", hoard.len());
        }
    }
}
