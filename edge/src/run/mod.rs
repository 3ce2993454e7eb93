//! The one loop that drives every run, fresh or resumed. A procedure says what it wants next and takes
//! what came back; the loop journals before every effect and after every answer. It is written against
//! `Host` and never names the runtime, so the same loop runs in a Durable Object, in the tests with a
//! fuse at every operation, and in the simulation.

mod host;
mod pace;

pub use host::{Act, Answer, Ask, Ctx, Desk, Host, Superseded, Told};
pub use pace::{Pace, Verdict, judge};

use core::cell::RefCell;
use embark_protocol::Step;
use futures_util::stream::{FuturesUnordered, StreamExt};

/// Milliseconds since 1970.
pub type Ms = u64;

/// Names one effect in flight: a slot of a step, or a message owed to another object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Step(Step, u8),
    /// Asking the site whether it still takes this signup.
    Admit,
    Owed(u32),
}

/// A journaled procedure: a record that knows what it wants next.
pub trait Procedure {
    /// What to do now, of what is not `busy`. Whatever is returned has been noted in the record as
    /// begun; the loop saves the record before it acts. An effect noted as begun but not busy belongs
    /// to an incarnation that died, and the step's repeat rule decides.
    fn next(&mut self, busy: &[Key], ctx: &Ctx<'_>) -> Vec<(Key, Act)>;

    /// Takes an answer in. Secrets in it are sealed before this returns.
    fn take(&mut self, key: Key, told: Told, ctx: &Ctx<'_>);
}

/// Drives until nothing is in flight and nothing is wanted now. The record's own `wake` says when to
/// drive again. Borrows of the record never live across an await: posts may change it in between.
pub async fn drive<P: Procedure, H: Host<P>>(run: &RefCell<P>, host: &H) -> Result<(), Superseded> {
    let mut flying = FuturesUnordered::new();
    let mut busy: Vec<Key> = Vec::new();
    loop {
        let acts = run.borrow_mut().next(&busy, &host.ctx());
        host.save(&run.borrow())?;
        for (key, act) in acts {
            busy.push(key);
            flying.push(perform(host, key, act));
        }
        let Some((key, told)) = flying.next().await else {
            return Ok(());
        };
        busy.retain(|other| *other != key);
        run.borrow_mut().take(key, told, &host.ctx());
    }
}

async fn perform<P, H: Host<P>>(host: &H, key: Key, act: Act) -> (Key, Told) {
    match act {
        Act::Graph(request) => (key, Told::Graph(host.call(request).await)),
        Act::Ask(ask) => (key, Told::Peer(host.ask(ask).await)),
    }
}
