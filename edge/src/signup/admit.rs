//! Whether the site still takes this signup: asked of the Site object beside the exchange, never before
//! it, because the code dies in 30 s. A refusal lets the exchange finish, seals the token and stops.

use super::record::Admission;
use super::{Acts, Flow, Signup};
use crate::run::{Act, Answer, Ask, Ctx, Key, Told};
use crate::site;

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    match run.admission {
        Admission::Yes(_) | Admission::No(_) => Flow::Done,
        Admission::Unknown => {
            if busy.contains(&Key::Admit) {
            } else if !run.admit_pace.is_due(ctx.now) {
                run.wake_by(run.admit_pace.not_before);
            } else {
                run.admit_pace = run.admit_pace.begin(ctx.now);
                let ask = site::Ask::Admit {
                    host: run.host.clone(),
                };
                acts.push((Key::Admit, Act::Ask(Ask::Site(run.site.clone(), ask))));
            }
            Flow::Pending
        }
    }
}

pub(super) fn take(run: &mut Signup, told: Told, ctx: &Ctx<'_>) {
    match told {
        Told::Peer(Some(Answer::Site(site::Answer::Admitted {
            policy,
            solution,
            terms,
        }))) => {
            run.solution = solution;
            run.terms = *terms;
            run.admission = Admission::Yes(policy);
        }
        Told::Peer(Some(Answer::Site(site::Answer::Refused { code }))) => {
            run.admission = Admission::No(code);
        }
        _ => run.admit_pace = run.admit_pace.unheard(ctx),
    }
}
