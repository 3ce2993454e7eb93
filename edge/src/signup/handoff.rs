//! Another provider is told of the account, and is waited for until it has the number: Infobip, or whoever
//! the site's template names. Infobip says by webhook how far it is; what it says is believed of a failure,
//! and checked at Meta of a success, with the customer's own token. News that never come are replaced by
//! looking, ever more seldom.

use super::record::Hold;
use super::{Acts, End, Flow, Signup};
use crate::fault;
use crate::graph::{Class, Failure, Heard, answer, call, check, error};
use crate::provider::infobip::{News, Status};
use crate::provider::{Facts, Far, Provider, Taken, is_passing, template};
use crate::run::{Act, Ctx, Desk, Key, Ms, Pace, Told, Verdict, judge};
use embark_protocol::report::Sender;
use embark_protocol::{Code, Problem, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handoff {
    pub at: At,
    pub pace: Pace,
    /// When the provider accepted the order.
    pub accepted: Option<Ms>,
    /// Where it is asked how far it is.
    pub watch: Option<String>,
    /// The provider's own last word.
    pub word: Option<String>,
    /// Of the provider's latest news, by its clock.
    pub heard: Ms,
    pub senders: Vec<Sender>,
    /// By the provider's word; what Meta says of the number still counts.
    pub failed: bool,
    pub finished: bool,
    pub told_operator: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    #[default]
    Todo,
    /// Begun; the answer is not stored.
    Telling,
    /// Before a repeat: is the number there already?
    Looking,
    Waiting,
    Done,
    /// The template speaks of a number, and there is none.
    Skipped,
}

const KEY: Key = Key::Step(Step::Handoff, 0);

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    if matches!(run.handoff.at, At::Done | At::Skipped) {
        return Flow::Done;
    }
    if busy.contains(&KEY) {
        return Flow::Pending;
    }
    if run.token(ctx).is_none() {
        return fail(run, fault::in_step(Code::TokenInvalid, Step::Handoff), ctx);
    }
    if run.handoff.at == At::Telling {
        // Told by an incarnation that died: perhaps.
        run.handoff.at = At::Looking;
    }
    let terms = run.terms.clone();
    let Some(provider) = Provider::of(&terms) else {
        return fail(
            run,
            fault::in_step(Code::AppMisconfigured, Step::Handoff),
            ctx,
        );
    };
    if run.handoff.at == At::Waiting && waits(run, &provider, ctx) == Flow::Done {
        return Flow::Pending;
    }
    if !run.handoff.pace.is_due(ctx.now) {
        run.wake_by(run.handoff.pace.not_before);
        return Flow::Pending;
    }
    let Some(act) = act(run, &provider, ctx) else {
        run.handoff.at = At::Skipped;
        return Flow::Done;
    };
    run.handoff.pace = run.handoff.pace.begin(ctx.now);
    acts.push((KEY, act));
    Flow::Pending
}

/// What is to be done now. `None`: nothing, ever.
fn act(run: &mut Signup, provider: &Provider<'_>, ctx: &Ctx<'_>) -> Option<Act> {
    let (look, watch) = {
        let found = run.inspect.found.as_ref()?;
        let phone = found.phone.as_ref().zip(run.token(ctx));
        let look = phone.map(|(phone, token)| call::phone(&phone.id).sign(ctx.access, &token));
        let watch = run.handoff.watch.as_ref().and_then(|url| match provider {
            Provider::Template(template) => template::watch(template, url, &facts(run)?),
            Provider::Infobip(_) => None,
        });
        (look, watch)
    };
    match (run.handoff.at, watch, look) {
        (At::Waiting, Some(watch), _) => return Some(Act::Provider(Box::new(watch))),
        (At::Waiting, None, Some(look)) => return Some(Act::Graph(look)),
        (At::Looking, _, Some(look)) if matches!(provider, Provider::Infobip(_)) => {
            return Some(Act::Graph(look));
        }
        _ => {}
    }
    let order = provider.order(&facts(run)?)?;
    run.handoff.at = At::Telling;
    Some(Act::Provider(Box::new(order)))
}

/// While the provider works: shown, with an end. `Flow::Done`: the waiting is over.
fn waits(run: &mut Signup, provider: &Provider<'_>, ctx: &Ctx<'_>) -> Flow {
    let since = run.handoff.accepted.unwrap_or(ctx.now);
    if ctx.now >= since + provider.patience() {
        let problem = fault::in_step(Code::ProviderUnavailable, Step::Handoff);
        return fail(run, problem, ctx);
    }
    let late = since + provider.late_after();
    if ctx.now < late {
        run.wake_by(late);
    } else if !run.handoff.told_operator {
        run.handoff.told_operator = true;
        run.tell_operator("handoff.late", None, ctx.now);
    }
    run.wake_by(since + provider.patience());
    if run.hold.is_none() {
        run.hold = Some(Hold {
            until: run.handoff.pace.not_before.max(ctx.now + 1),
            problem: fault::in_step(Code::ProviderPending, Step::Handoff),
        });
    }
    Flow::Pending
}

pub(super) fn take(run: &mut Signup, told: Told, ctx: &Ctx<'_>) {
    let Told::Heard(heard) = told else { return };
    let terms = run.terms.clone();
    let Some(provider) = Provider::of(&terms) else {
        return;
    };
    match (run.handoff.at, &provider) {
        (At::Telling, _) => {
            let Some(facts) = facts(run) else { return };
            match provider.taken(heard, &facts) {
                Ok(taken) => accepted(run, taken, &provider, ctx),
                Err(failure) => refused(run, &failure, &provider, ctx),
            }
        }
        (At::Waiting, Provider::Template(template)) => {
            let Some(status) = &template.status else {
                return;
            };
            match template::far(status, heard) {
                Ok(Far::Done) => done(run),
                Ok(Far::Failed(word)) => {
                    let problem = fault::in_step(Code::ProviderRefused, Step::Handoff);
                    let detail = Some(word);
                    fail(run, Problem { detail, ..problem }, ctx);
                }
                Ok(Far::Pending(word)) => {
                    run.handoff.word = Some(word);
                    rest(run, &provider, ctx);
                }
                // Whether it is still at it is not known; its deadline ends this.
                Err(_) => rest(run, &provider, ctx),
            }
        }
        (At::Looking | At::Waiting, _) => looked(run, heard, &provider, ctx),
        _ => {}
    }
}

/// The number as Meta sees it, after an order that was not heard of or while Infobip works.
fn looked(run: &mut Signup, heard: Heard, provider: &Provider<'_>, ctx: &Ctx<'_>) {
    let read = check(heard).and_then(|body| answer::phone(&body).ok_or_else(error::unreadable));
    let phone = match read {
        Ok(phone) => phone,
        Err(failure) => {
            let mut pace = run.handoff.pace;
            if run.handoff.at == At::Waiting {
                // The provider may take days; Meta's bad moment begins now.
                pace.since = ctx.now;
            }
            return match judge(&failure, pace, Step::Handoff, ctx) {
                Verdict::Again(pace) => run.handoff.pace = pace,
                Verdict::Relaunch(problem) => run.end(End::Relaunch(problem), ctx.now),
                Verdict::Failed(problem) => run.end(End::Failed(problem), ctx.now),
            };
        }
    };
    if run.handoff.at == At::Looking {
        // The order names the account: telling it twice is one order, and a number that is there proves it.
        run.handoff.at = At::Todo;
    }
    // A number that was connected before says nothing about this provider: only its own word does.
    let proves = run.handoff.finished || !was_connected(run);
    if phone.is_connected() && proves {
        return done(run);
    }
    if run.handoff.failed {
        let word = run.handoff.word.clone();
        let problem = fault::in_step(Code::ProviderRefused, Step::Handoff);
        fail(
            run,
            Problem {
                detail: word,
                ..problem
            },
            ctx,
        );
    } else if run.handoff.at == At::Waiting {
        rest(run, provider, ctx);
    }
}

fn accepted(run: &mut Signup, taken: Taken, provider: &Provider<'_>, ctx: &Ctx<'_>) {
    let has_number = run
        .inspect
        .found
        .as_ref()
        .is_some_and(|found| found.phone.is_some());
    run.handoff.pace = Pace::default();
    match taken {
        Taken::Pending(watch) if watch.is_some() || has_number => {
            run.handoff.at = At::Waiting;
            run.handoff.accepted = Some(ctx.now);
            run.handoff.watch = watch;
            rest(run, provider, ctx);
            if run.handoff.finished || run.handoff.failed {
                // Its news overtook its answer.
                run.handoff.pace.not_before = ctx.now;
            }
        }
        _ => done(run),
    }
}

fn refused(run: &mut Signup, failure: &Failure, provider: &Provider<'_>, ctx: &Ctx<'_>) {
    let status = failure.status.to_string();
    let problem = |code| Problem {
        detail: Some(["the provider answered ", &status].concat()),
        ..fault::in_step(code, Step::Handoff)
    };
    if !is_passing(failure) {
        let code = match failure.class {
            Class::Config | Class::Token => Code::AppMisconfigured,
            _ => Code::ProviderRefused,
        };
        fail(run, problem(code), ctx);
        return;
    }
    match judge(failure, run.handoff.pace, Step::Handoff, ctx) {
        Verdict::Again(pace) if pace.tries < provider.tries() => {
            run.handoff.pace = pace;
            if pace.not_before > ctx.now + super::NOTICED_MS {
                run.hold = Some(Hold {
                    until: pace.not_before,
                    problem: problem(Code::ProviderUnavailable),
                });
            }
            // It may have landed: one look before it is told again.
            run.handoff.at = match failure.class {
                Class::Unheard => At::Looking,
                _ => At::Todo,
            };
        }
        _ => {
            fail(run, problem(Code::ProviderUnavailable), ctx);
        }
    }
}

/// Until the next look.
fn rest(run: &mut Signup, provider: &Provider<'_>, ctx: &Ctx<'_>) {
    let state = &mut run.handoff;
    let pause = match state.finished {
        // By its own word; Meta will show it any moment.
        true => FINISHED_LOOK_MS,
        false => provider.interval(state.pace.tries),
    };
    state.pace.not_before = ctx.now + pause;
    run.hold = None;
}

fn done(run: &mut Signup) {
    run.hold = None;
    run.handoff.at = At::Done;
}

fn fail(run: &mut Signup, problem: Problem, ctx: &Ctx<'_>) -> Flow {
    run.hold = None;
    run.tell_operator("handoff.failed", Some(problem.clone()), ctx.now);
    run.end(End::Failed(problem), ctx.now);
    Flow::Done
}

/// Infobip's news. They move only a signup that waits for this account; older ones than the last move none.
pub fn news(run: &mut Signup, news: News, desk: &Desk<'_>) {
    let found = run.inspect.found.as_ref();
    let ours = found.is_some_and(|found| found.waba.id.as_str() == news.waba);
    let state = &mut run.handoff;
    let waits = matches!(state.at, At::Telling | At::Looking | At::Waiting);
    let runs = matches!(run.stage, super::Stage::Running);
    if !(ours && waits && runs) || news.at < state.heard {
        return;
    }
    let phone = found.and_then(|found| found.phone.as_ref());
    let own = phone.and_then(|phone| {
        let is_ours = |sender: &&Sender| sender.phone_number_id == phone.id.as_str();
        news.senders.iter().find(is_ours)
    });
    let failed = |sender: &Sender| sender.status.eq_ignore_ascii_case("FAILED");
    state.failed = news.status == Status::Failed || own.is_some_and(failed);
    state.finished = news.status == Status::Finished && !state.failed;
    state.word = own.map(|sender| sender.status.clone());
    state.heard = news.at;
    state.senders = news.senders;
    if state.at == At::Waiting && (state.finished || state.failed) {
        // Meta is asked at once.
        state.pace = Pace {
            not_before: desk.now,
            ..Pace::default()
        };
    }
}

const FINISHED_LOOK_MS: Ms = 30_000;

fn was_connected(run: &Signup) -> bool {
    let found = run.inspect.found.as_ref();
    found
        .and_then(|found| found.phone.as_ref())
        .is_some_and(answer::Phone::is_connected)
}

fn facts(run: &Signup) -> Option<Facts<'_>> {
    let found = run.inspect.found.as_ref()?;
    let phone = found.phone.as_ref();
    Some(Facts {
        site: &run.site,
        signup: &run.id,
        waba: &found.waba.id,
        phone: phone.map(|phone| &phone.id),
        business: run.inspect.owner(),
        number: phone.and_then(|phone| phone.display_phone_number.as_deref()),
        name: phone.and_then(|phone| phone.verified_name.as_deref()),
    })
}
