//! The one loop that drives every run, fresh or resumed. A procedure says what it wants next and takes
//! what came back; the loop journals before every effect and after every answer. It is written against
//! `Host` and never names the runtime, so the same loop runs in a Durable Object, in the tests with a
//! fuse at every operation, and in the simulation.

mod host;
mod pace;

pub use host::{Act, Answer, Ask, Ctx, Desk, Host, Superseded, Told};
pub use pace::{Pace, Verdict, judge};

use core::cell::RefCell;
use core::pin::pin;
use embark_protocol::Step;
use futures_util::future::{Either, select};
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

    /// Moves when the record is put back to its start: an answer to what was asked before is no answer.
    fn epoch(&self) -> u32;

    /// Takes an answer in. Secrets in it are sealed before this returns.
    fn take(&mut self, key: Key, told: Told, ctx: &Ctx<'_>);
}

/// Drives until nothing is in flight and nothing is wanted now. The record's own `wake` says when to
/// drive again. Borrows of the record never live across an await: posts may change it in between.
pub async fn drive<P: Procedure, H: Host<P>>(run: &RefCell<P>, host: &H) -> Result<(), Superseded> {
    let mut flying = FuturesUnordered::new();
    let mut all: Vec<(u32, Key)> = Vec::new();
    loop {
        // A post must not wait for what is out: a code lives for seconds.
        let changed = host.changed();
        let epoch = run.borrow().epoch();
        let of_now = |(asked, key): &(u32, Key)| match key {
            // What is owed to others is owed whatever becomes of the record.
            Key::Owed(_) => Some(*key),
            _ => (*asked == epoch).then_some(*key),
        };
        let busy: Vec<Key> = all.iter().filter_map(of_now).collect();
        let acts = run.borrow_mut().next(&busy, &host.ctx());
        host.save(&run.borrow())?;
        for (key, act) in acts {
            all.push((epoch, key));
            flying.push(perform(host, (epoch, key), act));
        }
        let (asked, told) = match select(flying.next(), pin!(changed)).await {
            Either::Left((Some(landed), _)) => landed,
            Either::Left((None, _)) => return Ok(()),
            Either::Right(_) => continue,
        };
        all.retain(|other| *other != asked);
        let mut run = run.borrow_mut();
        let (epoch, key) = asked;
        if epoch == run.epoch() || matches!(key, Key::Owed(_)) {
            run.take(key, told, &host.ctx());
        }
    }
}

async fn perform<P, H: Host<P>>(host: &H, key: (u32, Key), act: Act) -> ((u32, Key), Told) {
    match act {
        Act::Graph(request) => (key, Told::Heard(host.call(request).await)),
        Act::Provider(request) => (key, Told::Heard(host.provide(*request).await)),
        Act::Ask(ask) => (key, Told::Peer(host.ask(ask).await)),
    }
}
