//! Serves a request of the Phone object to its end.

use super::messages::{ApplyNameRequest, PhoneReply, PhoneRequest};
use super::record::PhoneRecord;
use super::register::Next;
use crate::resources::key_rotation::reseal;
use crate::workflow::{CommitError, Host};
use core::cell::RefCell;
use embark_protocol::PhoneNumberId;
use embark_protocol::signup_calls::SignupCalls;

/// Serves one request. The record is stored before each call to Meta and after each response.
///
/// # Errors
/// The record could not be stored.
pub async fn serve<H: Host<PhoneRecord>>(
    phone: &RefCell<PhoneRecord>,
    id: &PhoneNumberId,
    request: PhoneRequest,
    host: &H,
) -> Result<PhoneReply, CommitError> {
    let register = match request {
        PhoneRequest::Claim(owner) => {
            let reply = phone.borrow_mut().claim(owner);
            host.save(&phone.borrow())?;
            return Ok(reply);
        }
        PhoneRequest::Owner => {
            return Ok(PhoneReply::Owner {
                owner: phone.borrow().owner.clone(),
            });
        }
        PhoneRequest::Transfer { from, to } => {
            let reply = phone.borrow_mut().transfer(&from, to);
            host.save(&phone.borrow())?;
            return Ok(reply);
        }
        PhoneRequest::ErasePin { signup } => {
            let reply = phone.borrow_mut().erase_pin(&signup);
            host.save(&phone.borrow())?;
            return Ok(reply);
        }
        // The journal is beside the record.
        PhoneRequest::Calls { .. } => return Ok(PhoneReply::Calls(SignupCalls::default())),
        PhoneRequest::Reseal { .. } => {
            let count = reseal(&mut *phone.borrow_mut(), id.as_str(), &host.context());
            host.save(&phone.borrow())?;
            return Ok(PhoneReply::Resealed(count));
        }
        PhoneRequest::Register(register) => register,
        PhoneRequest::ApplyName(asked) => return apply_name(phone, id, &asked, host).await,
    };
    let mut next = phone.borrow_mut().register(id, &register, &host.context());
    loop {
        host.save(&phone.borrow())?;
        next = match next {
            Next::Reply(reply) => return Ok(reply),
            Next::ReadNumber(request) => {
                let result = host.call(request).await;
                phone
                    .borrow_mut()
                    .on_number_read(id, &register, result, &host.context())
            }
            Next::Register(request) => {
                let result = host.call(request).await;
                phone
                    .borrow_mut()
                    .on_register_response(id, &register, result, &host.context())
            }
            Next::Deregister(request) => {
                let result = host.call(request).await;
                phone
                    .borrow_mut()
                    .on_deregister_response(id, &register, result, &host.context())
            }
        };
    }
}

async fn apply_name<H: Host<PhoneRecord>>(
    phone: &RefCell<PhoneRecord>,
    id: &PhoneNumberId,
    asked: &ApplyNameRequest,
    host: &H,
) -> Result<PhoneReply, CommitError> {
    let mut next = phone.borrow().apply_name(id, asked, &host.context());
    loop {
        host.save(&phone.borrow())?;
        next = match next {
            Next::Reply(reply) => return Ok(reply),
            Next::ReadNumber(request) => {
                let result = host.call(request).await;
                let cx = host.context();
                phone
                    .borrow_mut()
                    .on_named_number_read(id, asked, result, &cx)
            }
            Next::Register(request) | Next::Deregister(request) => {
                let result = host.call(request).await;
                let cx = host.context();
                Next::Reply(phone.borrow_mut().on_name_response(asked, result, &cx))
            }
        };
    }
}
