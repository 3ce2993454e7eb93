//! The Phone object: one phone number, named by its phone number id.
//!
//! Stores the [`PhoneRecord`]: who owns the number, when it was registered, its PIN.
//!
//! Answers [`PhoneRequest`]: claims and registrations from Run objects, owner and transfer from the operator's
//! routes. The object is the only caller of Meta's `register` for its number, one call at a time, so that Meta's
//! limit of register calls and the PIN are decided in one place. Claims and transfers are one synchronous change
//! each, and are answered while a registration waits for Meta: both work on the same record in memory.

use super::app_credentials::app_credentials;
use super::backup;
use super::drive_lock::DriveLock;
use super::host::ObjectHost;
use super::record::ObjectRecord;
use super::rpc;
use super::storage::{ObjectStorage, commit_failed};
use crate::liveness;
use crate::telemetry;
use embark_onboarding::resources::key_rotation::reseal;
use embark_onboarding::resources::phone_number::{PhoneRecord, PhoneReply, PhoneRequest, serve};
use embark_onboarding::signup::calls;
use embark_onboarding::telemetry::Subject;
use embark_onboarding::time::UnixMillis;
use embark_protocol::{PhoneNumberId, ProblemCode};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The Durable Object class.
#[durable_object]
pub struct Phone {
    pub(super) storage: ObjectStorage,
    /// Held while a registration is served.
    lock: DriveLock,
    pub(super) record: ObjectRecord<PhoneRecord>,
}

impl DurableObject for Phone {
    fn new(state: State, env: Env) -> Self {
        Self {
            storage: ObjectStorage::open(state, env),
            lock: DriveLock::default(),
            record: ObjectRecord::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        liveness::record_poll();
        if backup::is_request(&request) {
            return backup::respond(self, request).await;
        }
        let (id, request) = rpc::read_request::<PhoneRequest>(request).await?;
        let reply = match request {
            PhoneRequest::Claim(owner) => self.change(|record| record.claim(owner))?,
            PhoneRequest::Transfer { from, to } => {
                self.change(|record| record.transfer(&from, to))?
            }
            PhoneRequest::ErasePin { signup } => self.change(|record| record.erase_pin(&signup))?,
            PhoneRequest::Calls { from, until } => {
                // None where nothing was ever stored.
                let lines = self.storage.journal_lines().unwrap_or_default();
                let all = calls::of_journal(&lines);
                PhoneReply::Calls(calls::sent_within(all, from, until))
            }
            PhoneRequest::Reseal { key } => {
                let settings = self.storage.settings_with_key(key)?;
                let reseal =
                    |record: &mut PhoneRecord| reseal(record, id.as_str(), &settings.context());
                PhoneReply::Resealed(self.record.reseal(&self.storage, reseal)?)
            }
            PhoneRequest::Owner => PhoneReply::Owner {
                owner: self.record.get(&self.storage)?.borrow().owner.clone(),
            },
            PhoneRequest::Register(_) | PhoneRequest::ApplyName(_) if !self.lock.try_acquire() => {
                PhoneReply::Busy {
                    until: UnixMillis::default(),
                }
            }
            PhoneRequest::Register(_) | PhoneRequest::ApplyName(_) => {
                let result = self.register(&id, request).await;
                self.lock.release();
                result?
            }
        };
        rpc::respond(&reply)
    }
}

impl Phone {
    fn change(&self, change: impl FnOnce(&mut PhoneRecord) -> PhoneReply) -> Result<PhoneReply> {
        self.record.change(&self.storage, change)
    }

    async fn register(&self, id: &PhoneNumberId, request: PhoneRequest) -> Result<PhoneReply> {
        let register = match &request {
            PhoneRequest::Register(request) => request,
            PhoneRequest::ApplyName(request) => &request.register,
            _ => return Ok(not_configured()),
        };
        let app = register.app.clone();
        let subject = Subject {
            site: Some(register.owner.site.clone()),
            signup: Some(register.owner.signup.clone()),
            app: Some(app.clone()),
        };
        let Some(settings) = self.storage.settings() else {
            return Ok(not_configured());
        };
        let credentials = app_credentials(self.storage.env(), &settings, &app).await;
        let credentials = match credentials {
            Ok(Some(credentials)) => credentials,
            Ok(None) => return Ok(not_configured()),
            Err(error) => {
                telemetry::failure("app_credentials", &error, &subject);
                return Ok(PhoneReply::Retry);
            }
        };
        let record = self.record.get(&self.storage)?;
        let host = ObjectHost {
            storage: &self.storage,
            lock: &self.lock,
            settings: &settings,
            credentials,
            subject,
        };
        serve(&record, id, request, &host).await.map_err(|error| {
            self.record.invalidate();
            commit_failed(error)
        })
    }
}

fn not_configured() -> PhoneReply {
    PhoneReply::Failed {
        code: ProblemCode::AppMisconfigured,
        meta_code: None,
        fbtrace_id: None,
    }
}
