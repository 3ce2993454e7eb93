//! What the token is good for, and which account and number it is about. The browser's ids are hints:
//! the customer's own token must read the WABA, and `/phone_numbers` must hold exactly that number.
//! Without a hint, the one candidate is taken; several end in a question to the person.

use super::policy::Plan;
use super::{Acts, End, Flow, Signup, again};
use crate::fault;
use crate::graph::{Heard, answer, call, check, error};
use crate::run::{Act, Ctx, Key, Ms, Pace, Told};
use crate::seal::Secret;
use crate::signup::exchange::Exchange;
use embark_protocol::{BusinessId, Code, Step, WabaId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inspect {
    pub debugged: Option<answer::Debugged>,
    /// The account the looks below are about.
    pub waba_id: Option<WabaId>,
    pub waba: Option<answer::Waba>,
    pub phones: Option<Vec<answer::Phone>>,
    pub subscribed: Option<bool>,
    pub pace: Pace,
    pub asks: Option<Asks>,
    /// The candidates by name, before a person is asked to choose.
    pub names: Vec<Named>,
    pub found: Option<Found>,
}

/// An account to choose from; without a name where it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub id: WabaId,
    pub name: Option<String>,
}

/// What a person is asked to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    Waba,
    Number,
}

/// What inspect proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub waba: answer::Waba,
    pub phone: Option<answer::Phone>,
    /// Our app was already subscribed.
    pub subscribed: bool,
}

pub(super) fn next(
    run: &mut Signup,
    plan: &Plan,
    busy: &[Key],
    ctx: &Ctx<'_>,
    acts: &mut Acts,
) -> Flow {
    if run.inspect.found.is_some() {
        return Flow::Done;
    }
    if let Some(code) = run
        .inspect
        .debugged
        .as_ref()
        .and_then(|seen| token_problem(seen, plan, ctx))
    {
        run.end(End::Relaunch(fault::in_step(code, Step::Inspect)), ctx.now);
        return Flow::Pending;
    }
    if !run.inspect.pace.is_due(ctx.now) {
        run.wake_by(run.inspect.pace.not_before);
        return Flow::Pending;
    }
    let Some(token) = run.token(ctx) else {
        run.end(
            End::Relaunch(fault::in_step(Code::TokenInvalid, Step::Inspect)),
            ctx.now,
        );
        return Flow::Pending;
    };
    choose_waba(run, ctx);
    let before = acts.len();
    let mut look = |slot, missing: bool, request| {
        let key = Key::Step(Step::Inspect, slot);
        if missing && !busy.contains(&key) {
            acts.push((key, Act::Graph(request)));
        }
    };
    let seen = &run.inspect;
    look(
        DEBUG,
        seen.debugged.is_none(),
        call::debug_token(&token).sign(ctx.access),
    );
    let ids_over = run.ids_came || ctx.now >= run.ids_until();
    if seen.waba_id.is_none() && seen.debugged.is_some() && ids_over {
        for (slot, id) in run.unnamed() {
            look(slot, true, call::waba(id).sign(ctx.access, &token));
        }
    }
    if let Some(id) = &seen.waba_id {
        look(
            WABA,
            seen.waba.is_none(),
            call::waba(id).sign(ctx.access, &token),
        );
        look(
            PHONES,
            seen.phones.is_none(),
            call::phone_numbers(id).sign(ctx.access, &token),
        );
        look(
            APPS,
            seen.subscribed.is_none(),
            call::subscribed_apps(id).sign(ctx.access, &token),
        );
    }
    if acts.len() > before {
        run.inspect.pace = run.inspect.pace.begin(ctx.now);
    }
    conclude(run, ctx)
}

pub(super) fn take(run: &mut Signup, slot: u8, told: Told, ctx: &Ctx<'_>) {
    let Told::Heard(heard) = told else { return };
    if slot >= NAMES {
        return take_name(run, slot, heard);
    }
    let read = check(heard).and_then(|body| {
        let seen = &mut run.inspect;
        let understood = match slot {
            DEBUG => answer::debugged(&body).map(|read| seen.debugged = Some(read)),
            WABA => answer::waba(&body).map(|read| seen.waba = Some(read)),
            PHONES => answer::phone_numbers(&body).map(|read| seen.phones = Some(read)),
            _ => answer::subscribes(&body, ctx.access.app_id.as_str())
                .map(|read| seen.subscribed = Some(read)),
        };
        understood.ok_or_else(error::unreadable)
    });
    let Err(failure) = read else { return };
    if let Some(pace) = again(run, &failure, run.inspect.pace, Step::Inspect, ctx) {
        run.inspect.pace = pace;
    }
}

/// A name is a courtesy: one that cannot be read is shown as its id.
fn take_name(run: &mut Signup, slot: u8, heard: Heard) {
    let Some(id) = run
        .unnamed()
        .find(|(other, _)| *other == slot)
        .map(|(_, id)| id.clone())
    else {
        return;
    };
    let read = check(heard).ok().and_then(|body| answer::waba(&body));
    run.inspect.names.push(Named {
        id,
        name: read.and_then(|waba| waba.name),
    });
}

/// Fixes the account to look at: what was named or chosen, else the token's only one.
fn choose_waba(run: &mut Signup, ctx: &Ctx<'_>) {
    if run.inspect.waba_id.is_some() {
        return;
    }
    if let Some(named) = &run.ids.waba_id {
        run.inspect.waba_id = Some(named.clone());
        run.inspect.asks = None;
        return;
    }
    let Some(debugged) = &run.inspect.debugged else {
        return;
    };
    match debugged.wabas.as_slice() {
        [only] => run.inspect.waba_id = Some(only.clone()),
        several => {
            let late = run.ids_until();
            let nobody = several.is_empty();
            if !run.ids_came && ctx.now < late {
                run.wake_by(late);
            } else if nobody {
                let problem = fault::in_step(Code::AssetsMissing, Step::Inspect);
                run.end(End::Relaunch(problem), ctx.now);
            } else if run.unnamed().next().is_none() {
                run.inspect.asks = Some(Asks::Waba);
            }
        }
    }
}

/// Once all four looks are in: which number, and is everything proven?
fn conclude(run: &mut Signup, ctx: &Ctx<'_>) -> Flow {
    let late = run.ids_until();
    let seen = &run.inspect;
    let (Some(_), Some(waba), Some(phones), Some(subscribed)) =
        (&seen.debugged, &seen.waba, &seen.phones, seen.subscribed)
    else {
        return Flow::Pending;
    };
    let phone = match (&run.ids.phone_number_id, phones.as_slice()) {
        (Some(named), all) => match all.iter().find(|phone| phone.id == *named) {
            Some(phone) => Some(phone.clone()),
            None => {
                let problem = fault::in_step(Code::PhoneNotInWaba, Step::Inspect);
                run.end(End::Relaunch(problem), ctx.now);
                return Flow::Pending;
            }
        },
        (None, []) => None,
        (None, [only]) => Some(only.clone()),
        (None, _) if !run.ids_came && ctx.now < late => {
            run.wake_by(late);
            return Flow::Pending;
        }
        (None, _) => {
            run.inspect.asks = Some(Asks::Number);
            return Flow::Pending;
        }
    };
    if run.bound.as_ref().is_some_and(|bound| *bound != waba.id) {
        let problem = fault::in_step(Code::WabaMismatch, Step::Inspect);
        run.end(End::Relaunch(problem), ctx.now);
        return Flow::Pending;
    }
    let found = Found {
        waba: waba.clone(),
        phone,
        subscribed,
    };
    run.inspect.asks = None;
    run.inspect.found = Some(found);
    Flow::Done
}

/// `is_valid`, our app, the policy's scopes. Target ids that disagree are not fatal.
fn token_problem(seen: &answer::Debugged, plan: &Plan, ctx: &Ctx<'_>) -> Option<Code> {
    let granted = |scope: &&str| seen.scopes.iter().any(|held| held == scope);
    if !seen.is_valid {
        Some(Code::TokenInvalid)
    } else if seen.app_id.as_deref() != Some(ctx.access.app_id.as_str()) {
        Some(Code::TokenForeign)
    } else if !plan.scopes.iter().all(granted) {
        Some(Code::ScopeMissing)
    } else {
        None
    }
}

impl Inspect {
    /// The customer business that owns the account, by Meta's word.
    pub fn owner(&self) -> Option<&BusinessId> {
        self.found
            .as_ref()?
            .waba
            .owner_business_info
            .as_ref()
            .map(|owner| &owner.id)
    }
}

impl Signup {
    /// The business token, opened.
    pub(super) fn token(&self, ctx: &Ctx<'_>) -> Option<Secret> {
        match &self.exchange {
            Exchange::Done { token, .. } => ctx.vault.open(&self.token_name(), token).ok(),
            _ => None,
        }
    }

    /// The candidates whose names were not read yet, each with its slot.
    fn unnamed(&self) -> impl Iterator<Item = (u8, &WabaId)> {
        let candidates = self
            .inspect
            .debugged
            .iter()
            .flat_map(|debugged| &debugged.wabas);
        let named = |id: &WabaId| self.inspect.names.iter().any(|named| named.id == *id);
        (NAMES..NAMES + MOST_CHOICES)
            .zip(candidates)
            .filter(move |(_, id)| !named(id))
    }

    /// Until when late ids are waited for: 2 s from the sealed token.
    fn ids_until(&self) -> Ms {
        match &self.exchange {
            Exchange::Done { at, .. } => at + LATE_IDS_MS,
            _ => Ms::MAX,
        }
    }
}

const DEBUG: u8 = 0;
const WABA: u8 = 1;
const PHONES: u8 = 2;
const APPS: u8 = 3;
/// The first of the slots that read a candidate's name.
const NAMES: u8 = 4;
/// More accounts than a person wants to choose from.
const MOST_CHOICES: u8 = 20;
const LATE_IDS_MS: Ms = 2_000;
