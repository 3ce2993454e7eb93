//! After `connected`, off the path: account, number, subscription, the app's webhook and the solution are
//! read, and become the readiness report. What is not as it should be is a line with its next action, and a
//! warning; nothing here can undo a connection.

use super::record::Kind;
use super::{Acts, Flow, Signup, credit};
use crate::graph::standing::{Account, Number};
use crate::graph::{Request, answer, call, check, error, standing};
use crate::readiness::{self, Credit, Facts};
use crate::run::{Act, Ctx, Key, Ms, Pace, Told, Verdict, judge};
use crate::signup::exchange::Exchange;
use crate::signup::record::Admission;
use embark_protocol::Step;
use embark_protocol::report::Line;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    pub phone: Option<answer::Phone>,
    pub number: Option<Number>,
    pub account: Option<Account>,
    pub subscribed: Option<bool>,
    pub listens: Option<bool>,
    pub solution: Option<String>,
    /// Looks that were given up.
    pub missed: Vec<u8>,
    pub pace: Pace,
    pub over: bool,
    /// When it was over.
    pub at: Ms,
}

const PHONE: u8 = 0;
const APPS: u8 = 1;
const ACCOUNT: u8 = 2;
const WEBHOOK: u8 = 3;
const SOLUTION: u8 = 4;

pub(super) fn next(run: &mut Signup, busy: &[Key], ctx: &Ctx<'_>, acts: &mut Acts) -> Flow {
    if run.report.over {
        return Flow::Done;
    }
    let Some(wanted) = wanted(run, ctx) else {
        return Flow::Done;
    };
    if wanted.is_empty() || run.report.pace.tries >= MOST_TRIES {
        conclude(run, ctx.now);
        return Flow::Done;
    }
    if !run.report.pace.is_due(ctx.now) {
        run.wake_by(run.report.pace.not_before);
        return Flow::Pending;
    }
    let before = acts.len();
    for (slot, request) in wanted {
        let key = Key::Step(Step::Report, slot);
        if !busy.contains(&key) {
            acts.push((key, Act::Graph(request)));
        }
    }
    if acts.len() > before {
        run.report.pace = run.report.pace.begin(ctx.now);
    }
    Flow::Pending
}

/// What was not read yet. `None`: nothing can be.
fn wanted(run: &Signup, ctx: &Ctx<'_>) -> Option<Vec<(u8, Request)>> {
    let (found, token) = (run.inspect.found.as_ref()?, run.token(ctx)?);
    let (access, report) = (ctx.access, &run.report);
    let mut wanted = vec![];
    let mut want = |slot, is_read: bool, request: Request| {
        if !is_read && !report.missed.contains(&slot) {
            wanted.push((slot, request));
        }
    };
    if let Some(phone) = &found.phone {
        let look = standing::phone(&phone.id).sign(access, &token);
        want(PHONE, report.phone.is_some(), look);
    }
    let waba = &found.waba.id;
    let apps = call::subscribed_apps(waba).sign(access, &token);
    want(APPS, report.subscribed.is_some(), apps);
    let account = standing::waba(waba).sign(access, &token);
    want(ACCOUNT, report.account.is_some(), account);
    let webhook = call::subscriptions(access).sign(access);
    want(WEBHOOK, report.listens.is_some(), webhook);
    if let Some(solution) = &run.solution {
        let look = standing::solution(solution).sign(access);
        want(SOLUTION, report.solution.is_some(), look);
    }
    Some(wanted)
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    let Told::Heard(heard) = told else { return };
    let report = &mut run.report;
    let read = check(heard).and_then(|body| {
        let understood = match slot {
            PHONE => answer::phone(&body).map(|phone| {
                report.phone = Some(phone);
                report.number = standing::number_of(&body);
            }),
            APPS => answer::subscribes(&body, ctx.access.app_id.as_str())
                .map(|listed| report.subscribed = Some(listed)),
            ACCOUNT => standing::account_of(&body).map(|account| report.account = Some(account)),
            WEBHOOK => {
                answer::listens(&body, &["messages"]).map(|listens| report.listens = Some(listens))
            }
            _ => standing::solution_state(&body).map(|state| report.solution = Some(state)),
        };
        understood.ok_or_else(error::unreadable)
    });
    if let Err(failure) = read {
        match judge(&failure, report.pace, Step::Report, ctx) {
            Verdict::Again(pace) => report.pace = pace,
            // The signup is connected; what cannot be had is only missing.
            Verdict::Relaunch(_) | Verdict::Failed(_) => report.missed.push(slot),
        }
    }
}

impl Signup {
    /// Every line of the report, once it was read.
    pub fn readiness(&self, now: Ms) -> Option<Vec<Line>> {
        let Report {
            account,
            phone,
            number,
            subscribed,
            listens,
            ..
        } = &self.report;
        let Admission::Yes(policy) = self.admission else {
            return None;
        };
        let expires_at = match &self.exchange {
            Exchange::Done { expires_at, .. } => *expires_at,
            _ => None,
        };
        let credit = (self.kind == Kind::Signup).then_some(match self.credit.at {
            credit::At::Done => Credit::Shared,
            credit::At::Open => Credit::Trying,
            credit::At::GivenUp => Credit::Failed,
        });
        let found = self.inspect.found.as_ref()?;
        let debugged = self.inspect.debugged.as_ref();
        let facts = Facts {
            policy,
            has_number: found.phone.is_some(),
            account: account.as_ref(),
            phone: phone.as_ref(),
            number: number.as_ref(),
            subscribed: *subscribed,
            leaves_webhooks: self.leaves_webhooks(),
            app_listens: *listens,
            token: debugged.and_then(|seen| seen.kind.as_deref()),
            expires_at,
            credit,
            solution: self
                .solution
                .as_ref()
                .map(|_| self.report.solution.as_deref()),
        };
        self.report.over.then(|| readiness::lines(&facts, now))
    }

    /// Reads everything anew, unless it was read a moment ago.
    pub fn read_again(&mut self, now: Ms) {
        if self.report.over && now >= self.report.at + READ_AGAIN_MS {
            let own = |word: &String| OWN_WARNINGS.contains(&word.as_str());
            self.warnings.retain(|word| !own(word));
            self.report = Report::default();
        }
    }
}

fn conclude(run: &mut Signup, now: Ms) {
    let has_number = run
        .inspect
        .found
        .as_ref()
        .is_some_and(|found| found.phone.is_some());
    let leaves_webhooks = run.leaves_webhooks();
    run.report.over = true;
    run.report.at = now;
    let mut warn = |word: &str| run.warnings.push(word.to_owned());
    match run.report.subscribed {
        _ if leaves_webhooks => {}
        Some(true) => {}
        Some(false) => warn("not_subscribed"),
        None => warn("subscription_unread"),
    }
    match &run.report.phone {
        Some(phone) => {
            if !phone.is_connected() && !phone.is_coexistence() {
                warn("number_not_connected_yet");
            }
            match phone.name_status.as_deref() {
                Some("DECLINED") => warn("name_declined"),
                Some("EXPIRED") => warn("name_expired"),
                _ => {}
            }
            if phone.quality_rating.as_deref() == Some("RED") {
                warn("quality_red");
            }
        }
        None if has_number => warn("number_unread"),
        None => {}
    }
}

/// A report is a courtesy: it is not tried for a day.
const MOST_TRIES: u16 = 5;
const READ_AGAIN_MS: Ms = 30_000;
const OWN_WARNINGS: &[&str] = &[
    "not_subscribed",
    "subscription_unread",
    "number_not_connected_yet",
    "name_declined",
    "name_expired",
    "quality_red",
    "number_unread",
];
