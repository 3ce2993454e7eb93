//! What a run needs from the world. Time and randomness come through this door, so that a test can
//! hold the clock and replay the dice.

use super::Ms;
use crate::graph::{Access, Heard, Request, Unheard};
use crate::outbound;
use crate::seal::Vault;
use crate::{partner, phone, site, waba};
use core::future::Future;
use embark_protocol::{PhoneNumberId, SiteId, WabaId};

/// One remote effect or look.
#[derive(Debug)]
pub enum Act {
    Graph(Request),
    Provider(Box<outbound::Request>),
    Ask(Ask),
}

/// A question or a message to another object.
#[derive(Debug, Clone)]
pub enum Ask {
    Site(SiteId, site::Ask),
    Phone(PhoneNumberId, Box<phone::Ask>),
    Waba(WabaId, waba::Ask),
    Partner(partner::Ask),
}

impl Ask {
    /// For journals.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Site(_, site::Ask::Admit { .. }) => "admit",
            Self::Site(_, site::Ask::Event(_)) => "event",
            Self::Site(..) => "index",
            Self::Phone(_, ask) => match **ask {
                phone::Ask::Register(_) => "ask_register",
                _ => "claim_phone",
            },
            Self::Waba(..) => "claim_waba",
            Self::Partner(..) => "count",
        }
    }
}

/// What came back. `Peer(None)`: the object was not heard; asking again is always right, because every
/// ask is idempotent.
#[derive(Debug)]
pub enum Told {
    /// Of Meta, or of another provider.
    Heard(Heard),
    Peer(Option<Answer>),
}

#[derive(Debug, Clone)]
pub enum Answer {
    Site(site::Answer),
    Phone(phone::Answer),
    Waba(waba::Answer),
    Partner(partner::Answer),
}

/// Another incarnation of this object took over: nothing of ours may be stored any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superseded;

/// What rules may look at. Borrowed for one synchronous call.
pub struct Desk<'a> {
    pub now: Ms,
    pub vault: &'a Vault,
    /// Fresh randomness, different at each call.
    pub draw: &'a dyn Fn() -> [u8; 32],
}

/// A desk from which Meta is called.
pub struct Ctx<'a> {
    pub desk: Desk<'a>,
    /// The Meta app of this run.
    pub access: &'a Access,
}

impl<'a> core::ops::Deref for Ctx<'a> {
    type Target = Desk<'a>;

    fn deref(&self) -> &Desk<'a> {
        &self.desk
    }
}

impl Desk<'_> {
    /// A fresh nonce for the vault.
    pub fn nonce(&self) -> [u8; 12] {
        let drawn = (self.draw)();
        let mut nonce = [0; 12];
        nonce
            .iter_mut()
            .zip(drawn)
            .for_each(|(to, from)| *to = from);
        nonce
    }

    /// A number below `bound`, for jitter.
    pub fn below(&self, bound: u64) -> u64 {
        let drawn = (self.draw)();
        let wide = drawn
            .iter()
            .take(8)
            .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
        wide.checked_rem(bound).unwrap_or(0)
    }
}

/// The world of a run of `P`.
pub trait Host<P> {
    fn ctx(&self) -> Ctx<'_>;
    fn call(&self, request: Request) -> impl Future<Output = Heard>;
    /// Calls another provider, with the site's own secrets. Not every procedure does.
    fn provide(&self, _: outbound::Request) -> impl Future<Output = Heard> {
        core::future::ready(Err(Unheard::Unset))
    }
    fn ask(&self, ask: Ask) -> impl Future<Output = Option<Answer>>;
    /// Resolves once somebody else has changed the record since this was called: a post, mostly.
    fn changed(&self) -> impl Future<Output = ()> {
        core::future::pending()
    }
    /// Commits the record, and tells those who follow it. Synchronous, and refused once another
    /// incarnation runs.
    fn save(&self, run: &P) -> Result<(), Superseded>;
}
