//! Whether the site still takes this signup: asked of the Site object beside the exchange, never before
//! it, because the code dies in 30 s. A refusal lets the exchange finish, seals the token and stops.

use super::policy::{self, Plan};
use super::record::Admission;
use super::{Acts, Flow, Signup};
use crate::run::{Act, Answer, Ask, Ctx, Key, Told};
use crate::site;

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    match run.admission {
        Admission::Yes(_) | Admission::No(_) => Flow::Done,
        Admission::Unknown => {
            if !busy.contains(&Key::Admit) {
                let ask = site::Ask::Admit {
                    host: run.host.clone(),
                };
                acts.push((Key::Admit, Act::Ask(Ask::Site(run.site.clone(), ask))));
            }
            run.wake_by(ctx.now + ASK_AGAIN_MS);
            Flow::Pending
        }
    }
}

pub(super) fn take(run: &mut Signup, told: Told, _: &Ctx<'_>) {
    match told {
        Told::Peer(Some(Answer::Site(site::Answer::Admitted { policy, solution }))) => {
            run.solution = solution;
            run.admission = Admission::Yes(policy);
        }
        Told::Peer(Some(Answer::Site(site::Answer::Refused { code }))) => {
            run.admission = Admission::No(code);
        }
        // Not heard: asked again by the next `next`.
        _ => {}
    }
}

/// The plan of an admitted signup.
pub(super) fn plan(run: &Signup) -> Option<&'static Plan> {
    match run.admission {
        Admission::Yes(policy) => Some(policy::plan(policy, run.kind)),
        _ => None,
    }
}

const ASK_AGAIN_MS: u64 = 1_000;
