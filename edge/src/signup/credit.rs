//! The customer's account is paid from our credit line ("Share and revoke credit lines"). A line that is
//! attached can never be changed, so it is looked at first: ours is done, another's is left alone, and what
//! was attached is held against the allocation. A share that fails does not cost the signup: the number is
//! registered after a minute of trying, and the operator is told if it never succeeds.

use super::record::Kind;
use super::{Acts, Flow, Signup};
use crate::fault;
use crate::graph::{Class, Failure, Request, answer, call, check, credit as meta, error};
use crate::run::{Act, Ctx, Key, Ms, Pace, Told, Verdict, judge};
use crate::seal::Secret;
use embark_protocol::partner::{Credit as Line, CreditMethod};
use embark_protocol::{BusinessId, Code, Problem, Remedy, Step, WabaId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Credit {
    pub at: At,
    pub since: Option<Ms>,
    /// The number waits for it no longer.
    pub late: bool,
    pub pace: Pace,
    /// What pays for the account, as last read.
    pub funding: Read,
    /// What our line shares with the customer; `None`: to be read.
    pub shared: Option<Vec<Allocation>>,
    /// Whether our system user is on the account; `None`: to be read.
    pub assigned: Option<bool>,
    /// The call that changes something and was not heard of yet.
    pub posting: Option<u8>,
    /// It was attached; now the account must show it.
    pub attached: bool,
    /// How often it was looked for since.
    pub looks: u8,
    /// Which change Meta refused, and why; what is read after that decides.
    pub refused: Option<(u8, Problem)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    #[default]
    Open,
    Done,
    GivenUp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    #[default]
    Not,
    Nothing,
    Id(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    pub id: String,
    /// The funding it lends.
    pub lends: Read,
}

impl Credit {
    pub fn is_done(&self) -> bool {
        self.at == At::Done
    }

    /// Given up, or going on off the path.
    pub fn is_aside(&self) -> bool {
        self.late || self.at == At::GivenUp
    }

    /// What was read before a change is worth nothing after it.
    fn forget(&mut self) {
        self.funding = Read::Not;
        self.shared = None;
        self.posting = None;
    }
}

impl Read {
    fn of(id: Option<String>) -> Self {
        id.map_or(Self::Nothing, Self::Id)
    }
}

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    let (Some(line), Kind::Signup, At::Open) = (run.terms.credit.clone(), run.kind, run.credit.at)
    else {
        return Flow::Done;
    };
    let since = *run.credit.since.get_or_insert_with(|| {
        // Inspect read it a moment ago.
        let found = run.inspect.found.as_ref();
        run.credit.funding = found.map_or(Read::Not, |found| {
            Read::of(found.waba.primary_funding_id.clone())
        });
        ctx.now
    });
    run.credit.late = ctx.now >= since + IN_PATH_MS;
    let flow = if !run.credit.late {
        run.wake_by(since + IN_PATH_MS);
        Flow::Pending
    } else {
        Flow::Done
    };
    if ctx.now > since + LAST_MS {
        let unavailable = fault::in_step(Code::MetaUnavailable, Step::Credit);
        give_up(run, unavailable, ctx);
        return Flow::Done;
    }
    if busy
        .iter()
        .any(|key| matches!(key, Key::Step(Step::Credit, _)))
    {
        return flow;
    }
    if run.credit.posting.is_some() {
        // Sent by an incarnation that died: what came of it is read.
        run.credit.forget();
    }
    if !run.credit.pace.is_due(ctx.now) {
        run.wake_by(run.credit.pace.not_before);
        return flow;
    }
    match decide(run, &line, ctx) {
        Next::Done => run.credit.at = At::Done,
        Next::GiveUp(problem) => give_up(run, problem, ctx),
        Next::LookAgain => {
            run.credit.forget();
            let later = SHOWS_AFTER_MS << run.credit.looks.min(9);
            run.credit.looks = run.credit.looks.saturating_add(1);
            run.credit.pace.not_before = ctx.now + later;
            run.wake_by(run.credit.pace.not_before);
            return flow;
        }
        Next::Call(slots) => {
            run.credit.pace = run.credit.pace.begin(ctx.now);
            for (slot, request) in slots {
                if slot >= FIRST_CHANGE {
                    run.credit.posting = Some(slot);
                }
                acts.push((Key::Step(Step::Credit, slot), Act::Graph(request)));
            }
            return flow;
        }
    }
    Flow::Done
}

enum Next {
    Done,
    GiveUp(Problem),
    /// It was attached, and does not show yet.
    LookAgain,
    Call(Vec<(u8, Request)>),
}

fn decide(run: &Signup, line: &Line, ctx: &Ctx<'_>) -> Next {
    let misconfigured = || {
        let detail = "the app needs a system_token secret";
        Next::GiveUp(Problem {
            detail: Some(detail.to_owned()),
            ..fault::in_step(Code::AppMisconfigured, Step::Credit)
        })
    };
    let (Some(found), Some(token)) = (&run.inspect.found, run.token(ctx)) else {
        return Next::GiveUp(fault::in_step(Code::TokenInvalid, Step::Credit));
    };
    let (waba, owner) = (&found.waba.id, run.inspect.owner());
    let Some(owner) = owner else {
        return Next::GiveUp(fault::in_step(Code::AssetsMissing, Step::Credit));
    };
    let state = &run.credit;
    let mut looks = vec![];
    if state.funding == Read::Not {
        looks.push((FUNDING, Some(call::waba(waba).sign(ctx.access, &token))));
    }
    // Where nothing pays and both happens in one call, there is nothing to compare with yet.
    let compares = state.funding != Read::Nothing || line.method == CreditMethod::ShareThenAttach;
    if state.shared.is_none() && compares {
        looks.push((SHARED, meta::allocations(line, owner).sign(ctx.access)));
    }
    if looks.is_empty() {
        let (slot, request) = match &state.funding {
            Read::Id(funding) => {
                let mut shared = state.shared.iter().flatten();
                let ours = |one: &Allocation| matches!(&one.lends, Read::Id(id) if id == funding);
                if shared.clone().any(ours) {
                    return Next::Done;
                }
                let Some(unread) = shared.find(|one| one.lends == Read::Not) else {
                    return Next::GiveUp(fault::in_step(Code::CreditElsewhere, Step::Credit));
                };
                (LENDS, meta::allocation(&unread.id).sign(ctx.access))
            }
            _ if state.attached => return Next::LookAgain,
            _ => change(run, line, waba, owner, &token, ctx),
        };
        if let Some((_, problem)) = state.refused.as_ref().filter(|(at, _)| *at == slot) {
            return Next::GiveUp(problem.clone());
        }
        looks.push((slot, request));
    }
    let signed = looks
        .into_iter()
        .map(|(slot, request)| Some((slot, request?)));
    match signed.collect() {
        Some(calls) => Next::Call(calls),
        None => misconfigured(),
    }
}

/// What is to be done where nothing pays for the account yet.
fn change(
    run: &Signup,
    line: &Line,
    waba: &WabaId,
    owner: &BusinessId,
    token: &Secret,
    ctx: &Ctx<'_>,
) -> (u8, Option<Request>) {
    let access = ctx.access;
    let nothing_shared = run.credit.shared.iter().flatten().next().is_none();
    match (run.credit.assigned, &access.partner, line.method) {
        (None, Some(partner), _) => (ASSIGNED, meta::assigned_users(waba, partner).sign(access)),
        (None | Some(false), ..) => {
            let tasks = tasks(run.solution.is_some());
            (ASSIGN, meta::assign(waba, line, tasks).sign(access))
        }
        (Some(true), _, CreditMethod::ShareAndAttach) => {
            (BOTH, meta::share_and_attach(line, waba).sign(access))
        }
        (Some(true), _, CreditMethod::ShareThenAttach) if nothing_shared => {
            (SHARE, meta::share(line, owner).sign(access))
        }
        (Some(true), _, CreditMethod::ShareThenAttach) => {
            (ATTACH, Some(meta::attach(line, waba).sign(access, token)))
        }
    }
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    let (Told::Heard(heard), Some(line)) = (told, run.terms.credit.clone()) else {
        return;
    };
    let state = &mut run.credit;
    let read = check(heard).and_then(|body| {
        let understood = match slot {
            FUNDING => answer::waba(&body).map(|waba| {
                state.funding = Read::of(waba.primary_funding_id);
            }),
            SHARED => meta::allocation_ids(&body).map(|ids| {
                let unread = |id| Allocation {
                    id,
                    lends: Read::Not,
                };
                state.shared = Some(ids.into_iter().map(unread).collect());
            }),
            LENDS => meta::credential(&body).map(|lent| {
                let mut shared = state.shared.iter_mut().flatten();
                if let Some(unread) = shared.find(|one| one.lends == Read::Not) {
                    unread.lends = Read::of(lent);
                }
            }),
            ASSIGNED => {
                let user = line.system_user.as_str();
                let there = meta::has_task(&body, user, BILLING);
                there.map(|there| state.assigned = Some(there))
            }
            ASSIGN => answer::success(&body).map(|()| state.assigned = Some(true)),
            _ => meta::shared(&body).map(|_| {
                state.forget();
                state.attached = slot != SHARE;
            }),
        };
        understood.ok_or_else(error::unreadable)
    });
    match read {
        Ok(()) => {
            state.posting = None;
            state.pace.not_before = 0;
        }
        Err(failure) => failed(run, slot, &failure, ctx),
    }
}

fn failed(run: &mut Signup, slot: u8, failure: &Failure, ctx: &Ctx<'_>) {
    let verdict = judge(failure, run.credit.pace, Step::Credit, ctx);
    let problem = match verdict {
        Verdict::Again(pace) => {
            run.credit.pace = pace;
            if slot >= FIRST_CHANGE && failure.class == Class::Unheard {
                run.credit.forget();
            }
            run.credit.posting = None;
            return;
        }
        // Of the customer's token alone a new signup could mend anything; this is the partner's side.
        Verdict::Relaunch(problem) | Verdict::Failed(problem) => Problem {
            remedy: Remedy::Operator,
            ..problem
        },
    };
    if slot < FIRST_CHANGE {
        return give_up(run, problem, ctx);
    }
    // Refused may mean "done before": what is there now decides.
    run.credit.forget();
    run.credit.refused = Some((slot, problem));
}

fn give_up(run: &mut Signup, problem: Problem, ctx: &Ctx<'_>) {
    run.credit.at = At::GivenUp;
    run.credit.posting = None;
    run.warnings.push("credit_not_shared".to_owned());
    run.tell_operator("credit.failed", Some(problem), ctx.now);
}

/// Where we lack MESSAGING inside a partner solution, `MANAGE` as a whole is refused.
const fn tasks(in_solution: bool) -> &'static [&'static str] {
    match in_solution {
        true => GRANULAR,
        false => &["MANAGE"],
    }
}

const GRANULAR: &[&str] = &[
    "DEVELOP",
    "MANAGE_TEMPLATES",
    "MANAGE_PHONE",
    "VIEW_COST",
    "MANAGE_EXTENSIONS",
    "VIEW_PHONE_ASSETS",
    "MANAGE_PHONE_ASSETS",
    "VIEW_TEMPLATES",
    "VIEW_INSIGHTS",
    "MANAGE_USERS",
    "MANAGE_BILLING",
];
/// Either of them lets credit be shared.
const BILLING: &[&str] = &["MANAGE", "MANAGE_BILLING"];

const FUNDING: u8 = 0;
const SHARED: u8 = 1;
const LENDS: u8 = 2;
const ASSIGNED: u8 = 3;
/// From here on a call changes something.
const FIRST_CHANGE: u8 = ASSIGN;
const ASSIGN: u8 = 4;
const BOTH: u8 = 5;
const SHARE: u8 = 6;
const ATTACH: u8 = 7;

/// How long the number waits for the credit line.
const IN_PATH_MS: Ms = 60_000;
const SHOWS_AFTER_MS: Ms = 5_000;
const LAST_MS: Ms = 24 * 3_600_000;
