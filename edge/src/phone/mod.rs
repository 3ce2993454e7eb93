//! One phone number: who owns it, how often it may be registered, and its two-step PIN. This object is
//! the only caller of `register`, so the budget and the PIN are decided in one place.
//!
//! A PIN is drawn and stored as a candidate before the call that carries it. Accepted, it is kept. Met
//! with 133005 it dies. After an unheard answer it is reused unchanged, because it may be the PIN now
//! ("Registration"; "Two-step verification").

mod register;

use crate::graph::{Request, answer};
use crate::run::{Host, Ms, Superseded};
use crate::seal::Sealed;
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
    /// Meta did not take the last register: not again before this time.
    pub not_before: Ms,
    /// Registers sent since Meta last decided on one.
    pub undecided: u8,
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
    /// A register call for this number is under way, or may be; not before this time.
    Busy {
        until: Ms,
    },
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
    /// Meta was not heard: the run should ask again after its own backoff.
    Again,
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
}
