//! One phone number: serves asks one at a time.

use super::published::access;
use super::shell::{Shell, World};
use super::{answer, read};
use crate::phone::{self, Answer, Ask};
use core::cell::RefCell;
use embark_protocol::{Code, PhoneNumberId};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

#[durable_object]
pub struct Phone {
    shell: Shell,
}

impl DurableObject for Phone {
    fn new(state: State, env: Env) -> Self {
        Self {
            shell: Shell::new(state, env),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        crate::pulse::beat();
        let (name, ask) = read::<Ask>(request).await?;
        let id = PhoneNumberId::parse(&name).map_err(|_| "not a phone number id")?;
        let said = match ask {
            // These wait for nobody: one synchronous look or commit.
            Ask::Claim(owner) => self.change(|record| record.claim(owner))?,
            Ask::Transfer { from, to } => self.change(|record| record.transfer(&from, to))?,
            Ask::Owner => {
                let record = self.shell.load::<phone::Phone>()?.unwrap_or_default();
                Answer::Owner {
                    owner: record.owner,
                }
            }
            Ask::Register(_) if !self.shell.begin() => Answer::Busy { until: 0 },
            Ask::Register(register) => {
                let said = self.register(&id, *register).await;
                self.shell.finish();
                said?
            }
        };
        answer(&said)
    }
}

impl Phone {
    fn change(&self, change: impl FnOnce(&mut phone::Phone) -> Answer) -> Result<Answer> {
        let mut record = self.shell.load::<phone::Phone>()?.unwrap_or_default();
        let said = change(&mut record);
        self.shell.commit(&record).map_err(|_| "not committed")?;
        Ok(said)
    }

    async fn register(&self, id: &PhoneNumberId, register: phone::Register) -> Result<Answer> {
        let settings = self.shell.settings();
        let access = match &settings {
            Some(settings) => access(&self.shell.env, settings, &register.app).await,
            None => None,
        };
        let (Some(settings), Some(access)) = (&settings, access) else {
            let code = Code::AppMisconfigured;
            return Ok(Answer::Failed {
                code,
                meta_code: None,
                fbtrace_id: None,
            });
        };
        // Read after the last await: a claim may have come in between.
        let record = RefCell::new(self.shell.load::<phone::Phone>()?.unwrap_or_default());
        let world = World {
            shell: &self.shell,
            settings,
            access,
        };
        let served = phone::serve(&record, id, Ask::Register(Box::new(register)), &world).await;
        served.map_err(|_| worker::Error::from("superseded"))
    }
}
