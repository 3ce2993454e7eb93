//! Who owns account and number. The WABA object takes the token of record, the phone object the owner.
//! The same site goes on; a number of another site stays with it until an operator transfers it.

use super::{Acts, End, Flow, Signup};
use crate::fault;
use crate::phone::{self, Owner};
use crate::run::{Act, Answer, Ask, Ctx, Key, Pace, Told};
use crate::seal::Sealed;
use crate::signup::exchange::Exchange;
use crate::signup::record::Kind;
use crate::waba::{self, Held, token_name};
use embark_protocol::{Code, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// The token, sealed under the WABA's name; what the WABA object was or will be given.
    pub token: Option<Sealed>,
    pub waba: bool,
    pub phone: bool,
    /// The account had a token of this site's already.
    pub renewed: bool,
    /// The number was registered through this site already.
    pub known: bool,
    pub pace: Pace,
}

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    let Some(found) = run.inspect.found.clone() else {
        return Flow::Pending;
    };
    let phone_done = run.claim.phone || found.phone.is_none();
    if run.claim.waba && phone_done {
        // A connected customer who signs up again renews; a second number of theirs is a signup, and so
        // is a number that was deregistered in between.
        let stands = found.phone.as_ref().is_none_or(|phone| {
            run.claim.known && (phone.is_connected() || phone.is_coexistence())
        });
        if run.claim.renewed && stands {
            run.kind = Kind::Renew;
        }
        return Flow::Done;
    }
    if !run.claim.pace.is_due(ctx.now) {
        run.wake_by(run.claim.pace.not_before);
        return Flow::Pending;
    }
    // The number first: a run that is refused it must not have replaced the account's token.
    let (slot, ask) = match found.phone {
        Some(phone) if !run.claim.phone => {
            let (site, waba, run) = (run.site.clone(), found.waba.id, run.id.clone());
            let claim = Box::new(phone::Ask::Claim(Owner { site, waba, run }));
            (PHONE, Ask::Phone(phone.id, claim))
        }
        _ => {
            let (Some(token), Exchange::Done { expires_at, at, .. }) =
                (reseal(run, ctx), run.exchange.clone())
            else {
                run.end(
                    End::Failed(fault::in_step(Code::Internal, Step::Claim)),
                    ctx.now,
                );
                return Flow::Pending;
            };
            let (app, id) = (run.app.clone(), run.id.clone());
            let held = Held {
                app,
                token,
                expires_at,
                run: id,
                issued: at,
                noticed: 0,
            };
            let claim = waba::Ask::Claim {
                site: run.site.clone(),
                held,
                at: ctx.now,
            };
            (WABA, Ask::Waba(found.waba.id, claim))
        }
    };
    let key = Key::Step(Step::Claim, slot);
    if !busy.contains(&key) {
        run.claim.pace = run.claim.pace.begin(ctx.now);
        acts.push((key, Act::Ask(ask)));
    }
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    match (slot, told) {
        (WABA, Told::Peer(Some(Answer::Waba(waba::Answer::Claimed { renewed })))) => {
            run.claim.waba = true;
            run.claim.renewed = renewed;
        }
        (PHONE, Told::Peer(Some(Answer::Phone(phone::Answer::Claimed { known })))) => {
            run.claim.phone = true;
            run.claim.known = known;
        }
        (PHONE, Told::Peer(Some(Answer::Phone(phone::Answer::OwnedElsewhere)))) => {
            let problem = fault::in_step(Code::OwnedElsewhere, Step::Claim);
            run.end(End::Failed(problem), ctx.now);
        }
        // Not heard: asked again, every ask is idempotent.
        _ => run.claim.pace = run.claim.pace.unheard(ctx),
    }
}

/// The token under the name it has for good. Sealed once, so that a repeated ask says the same.
fn reseal(run: &mut Signup, ctx: &Ctx<'_>) -> Option<Sealed> {
    if run.claim.token.is_none() {
        let waba = &run.inspect.found.as_ref()?.waba.id;
        let name = token_name(&run.app, waba);
        let token = run.token(ctx)?;
        run.claim.token = Some(ctx.vault.seal(&name, &token, ctx.nonce()).ok()?);
    }
    run.claim.token.clone()
}

const WABA: u8 = 0;
const PHONE: u8 = 1;
