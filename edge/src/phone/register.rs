//! Registering: the look before the call, the PIN, the budget, and what Meta's answer means
//! ("Registration"; "Two-step verification").

use super::{Answer, Phone, Register, Turn, pin_name, typed_pin_name};
use crate::graph::{Class, Failure, Heard, answer, call, check, error};
use crate::run::{Ctx, Ms};
use crate::seal::Secret;
use crate::waba::token_name;
use embark_protocol::{Code, PhoneNumberId};

impl Phone {
    /// Decides on a register ask. An open call of a dead incarnation is looked at before anything else.
    pub fn register(&mut self, id: &PhoneNumberId, ask: &Register, ctx: &Ctx<'_>) -> Turn {
        if self
            .owner
            .as_ref()
            .is_some_and(|held| held.site != ask.owner.site)
        {
            return Turn::Answer(Answer::OwnedElsewhere);
        }
        // A call that was not heard, or one that was accepted, for whichever run: inspect's look is old.
        if self.open.is_some() || self.registered.is_some() {
            return match token(ask, ctx) {
                Some(token) => Turn::Look(call::phone(id).sign(ctx.access, &token)),
                None => Turn::Answer(misconfigured()),
            };
        }
        self.attempt(id, ask, &ask.seen, ctx)
    }

    /// The look after an unheard register: connected means it landed.
    pub fn looked(
        &mut self,
        id: &PhoneNumberId,
        ask: &Register,
        heard: Heard,
        ctx: &Ctx<'_>,
    ) -> Turn {
        match check(heard).map(|body| answer::phone(&body)) {
            Ok(Some(seen)) if seen.is_connected() => {
                self.accept(ask);
                Turn::Answer(Answer::Registered)
            }
            // What was sent may be on its way still: a second call would land beside it.
            Ok(Some(seen)) => match self.in_flight(ctx) {
                Some(until) => Turn::Answer(Answer::Busy { until }),
                None => {
                    self.open = None;
                    self.attempt(id, ask, &seen, ctx)
                }
            },
            Ok(None) => Turn::Answer(Answer::Again),
            Err(failure) => Turn::Answer(generic(&failure, ctx)),
        }
    }

    fn attempt(
        &mut self,
        id: &PhoneNumberId,
        ask: &Register,
        seen: &answer::Phone,
        ctx: &Ctx<'_>,
    ) -> Turn {
        if seen.is_connected() || seen.is_coexistence() {
            return Turn::Answer(Answer::Registered);
        }
        if seen.is_unverified() {
            return Turn::Answer(Answer::NeedsVerification);
        }
        self.registers
            .retain(|at| ctx.now.saturating_sub(*at) < BUDGET_WINDOW_MS);
        if self.registers.len() >= BUDGET {
            let oldest = self.registers.first().copied().unwrap_or(ctx.now);
            return Turn::Answer(wait(oldest + BUDGET_WINDOW_MS, Code::RegisterBudget, None));
        }
        let due = self.due();
        if ctx.now < due {
            return Turn::Answer(wait(due, Code::MetaUnavailable, None));
        }
        let Some(pin) = self.pin(id, ask, seen, ctx) else {
            return Turn::Answer(Answer::NeedsPin { wrong: false });
        };
        let Some(token) = token(ask, ctx) else {
            return Turn::Answer(misconfigured());
        };
        self.registers.push(ctx.now);
        self.undecided = self.undecided.saturating_add(1);
        self.open = Some(ctx.now);
        Turn::Call(call::register(id, &pin).sign(ctx.access, &token))
    }

    /// The PIN to send: the accepted one, then what a person typed, then the candidate, then a fresh one
    /// where two-step verification is off. PINs are never guessed.
    fn pin(
        &mut self,
        id: &PhoneNumberId,
        ask: &Register,
        seen: &answer::Phone,
        ctx: &Ctx<'_>,
    ) -> Option<Secret> {
        let held = self.accepted.as_ref().or(self.candidate.as_ref());
        if let (None, Some(typed)) = (&self.accepted, &ask.typed_pin) {
            let pin = ctx.vault.open(&typed_pin_name(id), typed).ok()?;
            self.candidate = ctx.vault.seal(&pin_name(id), &pin, ctx.nonce()).ok();
            return Some(pin);
        }
        if let Some(sealed) = held {
            return ctx.vault.open(&pin_name(id), sealed).ok();
        }
        if seen.is_pin_enabled == Some(true) {
            return None;
        }
        let pin = draw_pin(ctx);
        self.candidate = Some(ctx.vault.seal(&pin_name(id), &pin, ctx.nonce()).ok()?);
        Some(pin)
    }

    /// Takes the answer of a register call.
    pub fn called(&mut self, ask: &Register, heard: Heard, ctx: &Ctx<'_>) -> Answer {
        let failure = match check(heard) {
            Ok(body) if answer::success(&body).is_some() => {
                self.accept(ask);
                return Answer::Registered;
            }
            Ok(_) => error::unreadable(),
            Err(failure) => failure,
        };
        // What Meta did not decide stays open: the next ask looks first, which costs none of the few
        // tries while Meta is away, and the candidate is kept unchanged.
        match (failure.class, failure.code) {
            (Class::Unheard, _) => return Answer::Again,
            (_, Some(133015 | 133016)) => {}
            (Class::Transient | Class::Rate, _) => {
                self.not_before = ctx.now + failure.wait_ms.unwrap_or(0).max(PAUSE_MS);
                return wait(self.due(), Code::MetaUnavailable, Some(&failure));
            }
            _ => {}
        }
        self.open = None;
        self.undecided = 0;
        match failure.code {
            Some(133005) => {
                self.candidate = None;
                self.accepted = None;
                Answer::NeedsPin { wrong: true }
            }
            Some(133006) => Answer::NeedsVerification,
            Some(code @ (133008 | 133009)) => {
                let until = ctx.now + failure.wait_ms.unwrap_or(3_600_000);
                let why = if code == 133008 {
                    Code::PinLocked
                } else {
                    Code::PinTooSoon
                };
                wait(until, why, Some(&failure))
            }
            Some(133015) => wait(ctx.now + 300_000, Code::MetaUnavailable, Some(&failure)),
            Some(133016) => {
                let until = ctx.now + failure.wait_ms.unwrap_or(BUDGET_WINDOW_MS);
                wait(until, Code::RegisterBudget, Some(&failure))
            }
            Some(131031 | 368) => failed(Code::AccountLocked, &failure),
            _ => generic(&failure, ctx),
        }
    }

    /// Until when an open call may land. Where the clock was put back since, that is counted from now.
    fn in_flight(&mut self, ctx: &Ctx<'_>) -> Option<Ms> {
        let began = self.open?.min(ctx.now);
        self.open = Some(began);
        Some(began + IN_FLIGHT_MS).filter(|until| ctx.now < *until)
    }

    /// When the next try may be: the last of the few is not spent while Meta is away for a moment.
    fn due(&self) -> Ms {
        match self.registers.last() {
            Some(last) if self.undecided >= 2 => self.not_before.max(last + LAST_TRY_MS),
            _ => self.not_before,
        }
    }

    fn accept(&mut self, ask: &Register) {
        self.open = None;
        self.undecided = 0;
        self.registered = Some(ask.owner.run.clone());
        if let Some(candidate) = self.candidate.take() {
            self.accepted = Some(candidate);
        }
    }
}

fn generic(failure: &Failure, ctx: &Ctx<'_>) -> Answer {
    match failure.class {
        Class::Unheard | Class::Transient => Answer::Again,
        Class::Rate => {
            let until = ctx.now + failure.wait_ms.unwrap_or(60_000);
            wait(until, Code::MetaUnavailable, Some(failure))
        }
        Class::Token => failed(Code::TokenInvalid, failure),
        Class::Config => failed(Code::AppMisconfigured, failure),
        Class::Unreachable => failed(Code::PhoneNotInWaba, failure),
        Class::Refused => failed(Code::MetaRefused, failure),
    }
}

fn failed(code: Code, failure: &Failure) -> Answer {
    Answer::Failed {
        code,
        meta_code: failure.meta_code(),
        fbtrace_id: failure.fbtrace_id.clone(),
    }
}

fn misconfigured() -> Answer {
    Answer::Failed {
        code: Code::AppMisconfigured,
        meta_code: None,
        fbtrace_id: None,
    }
}

fn wait(until: Ms, code: Code, failure: Option<&Failure>) -> Answer {
    let meta_code = failure.and_then(Failure::meta_code);
    Answer::Wait {
        until,
        code,
        meta_code,
        fbtrace_id: failure.and_then(|f| f.fbtrace_id.clone()),
    }
}

fn token(ask: &Register, ctx: &Ctx<'_>) -> Option<Secret> {
    ctx.vault
        .open(&token_name(&ask.app, &ask.owner.waba), &ask.token)
        .ok()
}

/// Six digits, uniform: a draw that would favour some digits is thrown away.
fn draw_pin(ctx: &Ctx<'_>) -> Secret {
    let mut pin = String::new();
    while pin.len() < 6 {
        for byte in (ctx.draw)() {
            if byte < 250 && pin.len() < 6 {
                pin.push(char::from(b'0' + byte % 10));
            }
        }
    }
    Secret::new(pin)
}

/// Ours, of Meta's ten per 72 h: looping on register locks the number.
const BUDGET: usize = 3;
/// A call that was not heard lands within its deadline, or not at all.
const IN_FLIGHT_MS: u64 = 22_000;
const PAUSE_MS: u64 = 60_000;
const LAST_TRY_MS: u64 = 1_800_000;
const BUDGET_WINDOW_MS: u64 = 72 * 3_600_000;
