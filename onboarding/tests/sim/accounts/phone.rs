//! The Phone object, as `edge/src/durable_objects/phone.rs`, and Meta's calls that it makes for an approved name.

use super::world::{Broken, Number, World, number_id};
use crate::meta::response::{graph_error, ok, success};
use crate::violation::{Check, Violation, ensure};
use embark_onboarding::crypto::Secret;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::resources::phone_number::{
    ApplyNameRequest, PhoneRecord, PhoneReply, PhoneRequest, serve,
};
use embark_onboarding::retention::Retention;
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_onboarding::workflow::{AppContext, CommitError, Context, Host};
use futures_util::FutureExt;
use serde_json::json;
use std::cell::{Cell, RefCell};

impl World {
    /// A signup has registered the number.
    pub fn number_is_registered(&mut self) {
        let name = ["phone/", number_id().as_str(), "/pin"].concat();
        let pin = Secret::new(PIN.into());
        let sealed = self.keyring.seal(&name, &pin, [9; 12]).unwrap();
        self.phone.accepted_pin = Some(sealed);
    }

    /// A request reaches the Phone object. `None`: it was killed.
    ///
    /// # Errors
    /// What must hold of the calls to Meta.
    pub fn phone_applies(
        &mut self,
        asked: &ApplyNameRequest,
    ) -> Result<Option<PhoneReply>, Violation> {
        let mut loaded = self.phone.clone();
        if self.broken == Some(Broken::Applications) {
            loaded.name_application = None;
        }
        let (record, number) = (RefCell::new(loaded), RefCell::new(self.number.clone()));
        let host = PhoneHost {
            world: self,
            number: &number,
            stored: RefCell::new(self.phone.clone()),
            is_killed: Cell::new(false),
            random_bytes: &|| self.random.bytes(),
        };
        let request = PhoneRequest::ApplyName(Box::new(asked.clone()));
        let id = number_id();
        let served = serve(&record, &id, request, &host).now_or_never();
        let served = served.expect("nothing is waited for");
        let (stored, is_killed) = (host.stored.take(), host.is_killed.get());
        (self.phone, self.number) = (stored, number.into_inner());
        self.check_registers()?;
        Ok(served.ok().filter(|_| !is_killed))
    }

    fn check_registers(&self) -> Check {
        let bodies = &self.number.registers;
        ensure(
            bodies.len() <= 1,
            "name_is_applied_once_per_approval",
            || format!("{} registrations", bodies.len()),
        )?;
        let pin = json!({"messaging_product": "whatsapp", "pin": PIN}).to_string();
        let is_accepted = bodies.iter().all(|body| *body == pin);
        ensure(is_accepted, "name_is_applied_with_the_accepted_pin", || {
            format!("{bodies:?}")
        })
    }
}

struct PhoneHost<'a> {
    world: &'a World,
    number: &'a RefCell<Number>,
    stored: RefCell<PhoneRecord>,
    is_killed: Cell<bool>,
    random_bytes: &'a dyn Fn() -> [u8; 32],
}

impl PhoneHost<'_> {
    fn meta_acts(&self, request: &GraphRequest) -> ApiResult {
        let world = self.world;
        let mut number = self.number.borrow_mut();
        if request.name == "phone" {
            return ok(
                json!({"id": number_id().as_str(), "verified_name": number.verified_name,
                "display_phone_number": "+1 631-555-0101", "status": "CONNECTED",
                "platform_type": "CLOUD_API", "code_verification_status": "VERIFIED"})
                .to_string(),
            );
        }
        assert_eq!(request.name, "register");
        if world.fault_occurs() {
            return graph_error(500, 2, None, None);
        }
        let body = request.body.as_ref().unwrap();
        number.registers.push(body.text.expose_secret().to_owned());
        number.verified_name = number.approved_name.clone();
        success()
    }
}

impl Host<PhoneRecord> for PhoneHost<'_> {
    fn context(&self) -> AppContext<'_> {
        AppContext {
            context: Context {
                now: self.world.now,
                keyring: &self.world.keyring,
                random_bytes: self.random_bytes,
                retention: Retention::default(),
            },
            credentials: &self.world.credentials,
        }
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        let is_sent = !self.world.fault_occurs();
        let response = match is_sent {
            true => self.meta_acts(&request),
            false => Err(TransportError::Timeout),
        };
        self.is_killed.set(self.world.fault_occurs());
        match self.world.fault_occurs() {
            true => Err(TransportError::Timeout),
            false => response,
        }
    }

    fn save(&self, record: &PhoneRecord) -> Result<(), CommitError> {
        if self.is_killed.get() || self.world.fault_occurs() {
            self.is_killed.set(true);
            return Err(CommitError::Superseded);
        }
        self.stored.replace(record.clone());
        Ok(())
    }
}

/// The PIN that Meta accepted.
const PIN: &str = "731904";
