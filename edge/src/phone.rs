//! One phone number: who owns it, how often it may be registered, and its two-step PIN. This object is
//! the only caller of `register`, so the budget and the PIN are decided in one place.
//!
//! A PIN is drawn and stored as a candidate before the call that carries it. Accepted, it is kept. Met
//! with 133005 it dies. After an unheard answer it is reused unchanged, because it may be the PIN now
//! ("Registration"; "Two-step verification").

use crate::graph::{Class, Failure, Heard, Request, answer, call, check};
use crate::run::{Ctx, Host, Ms, Superseded};
use crate::seal::{Sealed, Secret};
use crate::waba::token_name;
use core::cell::RefCell;
use embark_protocol::{AppKey, Code, PhoneNumberId, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// The stored record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Phone {
    pub owner: Option<Owner>,
    /// When register was called, of the last 72 h.
    pub registers: Vec<Ms>,
    /// Sealed; sent to Meta, not known to be accepted.
    pub candidate: Option<Sealed>,
    /// Sealed; Meta took it.
    pub accepted: Option<Sealed>,
    /// A register call was begun and its answer was not stored.
    pub open: Option<Ms>,
    /// The run that last registered it.
    pub registered: Option<SignupId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub site: SiteId,
    pub waba: WabaId,
    pub run: SignupId,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    Claim(Owner),
    /// Who has it?
    Owner,
    /// An operator's decision: from the site that has it to another.
    Transfer {
        from: SiteId,
        to: SiteId,
    },
    Register(Box<Register>),
}

/// Everything register needs. The number's state is as inspect read it, moments ago or days ago.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Register {
    pub owner: Owner,
    pub app: AppKey,
    /// The business token, sealed as the WABA's token of record.
    pub token: Sealed,
    pub seen: answer::Phone,
    /// A PIN a person typed, sealed under `typed_pin_name`.
    pub typed_pin: Option<Sealed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// `known`: registered through this site before.
    Claimed {
        known: bool,
    },
    OwnedElsewhere,
    Owner {
        owner: Option<Owner>,
    },
    Registered,
    /// A register call for this number is under way.
    Busy,
    /// Two-step verification is on and we do not hold the PIN. `wrong`: the last one was refused.
    NeedsPin {
        wrong: bool,
    },
    NeedsVerification,
    /// Not before this time; why.
    Wait {
        until: Ms,
        code: Code,
        meta_code: Option<String>,
        fbtrace_id: Option<String>,
    },
    /// Meta's failure, for the run to judge. `unheard`: it may have landed.
    Failed {
        code: Code,
        meta_code: Option<String>,
        fbtrace_id: Option<String>,
    },
    /// The run should ask again after its own backoff.
    Again {
        unheard: bool,
    },
}

/// What the object does about an ask.
pub enum Turn {
    Answer(Answer),
    /// Commit the record, make the call, then give its reply to `looked` or `called`.
    Look(Request),
    Call(Request),
}

/// Serves one ask to its end: the record is committed before each call and after each answer.
pub async fn serve<H: Host<Phone>>(
    phone: &RefCell<Phone>,
    id: &PhoneNumberId,
    ask: Ask,
    host: &H,
) -> Result<Answer, Superseded> {
    let register = match ask {
        Ask::Claim(owner) => {
            let answer = phone.borrow_mut().claim(owner);
            host.save(&phone.borrow())?;
            return Ok(answer);
        }
        Ask::Owner => {
            return Ok(Answer::Owner {
                owner: phone.borrow().owner.clone(),
            });
        }
        Ask::Transfer { from, to } => {
            let answer = phone.borrow_mut().transfer(&from, to);
            host.save(&phone.borrow())?;
            return Ok(answer);
        }
        Ask::Register(register) => register,
    };
    let mut turn = phone.borrow_mut().register(id, &register, &host.ctx());
    loop {
        host.save(&phone.borrow())?;
        turn = match turn {
            Turn::Answer(answer) => return Ok(answer),
            Turn::Look(request) => {
                let heard = host.call(request).await;
                phone.borrow_mut().looked(id, &register, heard, &host.ctx())
            }
            Turn::Call(request) => {
                let heard = host.call(request).await;
                Turn::Answer(phone.borrow_mut().called(&register, heard, &host.ctx()))
            }
        };
    }
}

/// The name a typed PIN is sealed under on its way from the run.
pub fn typed_pin_name(phone: &PhoneNumberId) -> String {
    ["phone/", phone.as_str(), "/typed_pin"].concat()
}

fn pin_name(phone: &PhoneNumberId) -> String {
    ["phone/", phone.as_str(), "/pin"].concat()
}

impl Phone {
    /// The first site to claim a number owns it until an operator transfers it.
    pub fn claim(&mut self, owner: Owner) -> Answer {
        match &self.owner {
            Some(held) if held.site != owner.site => Answer::OwnedElsewhere,
            _ => {
                let known = self
                    .registered
                    .as_ref()
                    .is_some_and(|run| *run != owner.run);
                self.owner = Some(owner);
                Answer::Claimed { known }
            }
        }
    }

    /// Moves the number, if it is still where the operator saw it.
    pub fn transfer(&mut self, from: &SiteId, to: SiteId) -> Answer {
        match &mut self.owner {
            Some(owner) if owner.site == *from || owner.site == to => {
                owner.site = to;
                Answer::Claimed {
                    known: self.registered.is_some(),
                }
            }
            _ => Answer::OwnedElsewhere,
        }
    }

    /// Decides on a register ask. An open call of a dead incarnation is looked at before anything else.
    pub fn register(&mut self, id: &PhoneNumberId, ask: &Register, ctx: &Ctx<'_>) -> Turn {
        if self
            .owner
            .as_ref()
            .is_some_and(|held| held.site != ask.owner.site)
        {
            return Turn::Answer(Answer::OwnedElsewhere);
        }
        // A call that was not heard, or a repeat of an ask whose answer was not: inspect's look is old.
        if self.open.is_some() || self.registered.as_ref() == Some(&ask.owner.run) {
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
            Ok(Some(seen)) => {
                self.open = None;
                self.attempt(id, ask, &seen, ctx)
            }
            Ok(None) => Turn::Answer(Answer::Again { unheard: true }),
            Err(failure) => Turn::Answer(generic(&failure)),
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
        let Some(pin) = self.pin(id, ask, seen, ctx) else {
            return Turn::Answer(Answer::NeedsPin { wrong: false });
        };
        let Some(token) = token(ask, ctx) else {
            return Turn::Answer(misconfigured());
        };
        self.registers.push(ctx.now);
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
            Ok(_) => crate::graph::error::unreadable(),
            Err(failure) => failure,
        };
        if failure.class == Class::Unheard {
            // Stays open: the next ask looks first, and the candidate is kept unchanged.
            return Answer::Again { unheard: true };
        }
        self.open = None;
        match failure.code {
            Some(133005) => {
                self.candidate = None;
                self.accepted = None;
                Answer::NeedsPin { wrong: true }
            }
            Some(133006) => Answer::NeedsVerification,
            Some(133008 | 133009) => {
                let until = ctx.now + failure.wait_ms.unwrap_or(3_600_000);
                wait(until, Code::PinLocked, Some(&failure))
            }
            Some(133015) => wait(ctx.now + 300_000, Code::MetaUnavailable, Some(&failure)),
            Some(133016) => {
                let until = ctx.now + failure.wait_ms.unwrap_or(BUDGET_WINDOW_MS);
                wait(until, Code::RegisterBudget, Some(&failure))
            }
            Some(131031 | 368) => failed(Code::NumberRefused, &failure),
            _ => generic(&failure),
        }
    }

    fn accept(&mut self, ask: &Register) {
        self.open = None;
        self.registered = Some(ask.owner.run.clone());
        if let Some(candidate) = self.candidate.take() {
            self.accepted = Some(candidate);
        }
    }
}

fn generic(failure: &Failure) -> Answer {
    match failure.class {
        Class::Unheard => Answer::Again { unheard: true },
        Class::Transient | Class::Rate => Answer::Again { unheard: false },
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
const BUDGET_WINDOW_MS: u64 = 72 * 3_600_000;
