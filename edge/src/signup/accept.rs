//! What a page may post, against what the record holds. Every post is idempotent: a retrying proxy or a
//! second tab gets the same state, and only a post that contradicts what is there is refused.

use super::inspect::Asks;
use super::record::Sent;
use super::register::At;
use super::verify::{self, Verify};
use super::{End, Signup, Stage};
use crate::fault;
use crate::graph::Redirect;
use crate::origin::is_known_redirect;
use crate::phone::typed_pin_name;
use crate::run::{Desk, Pace};
use crate::seal::{Secret, sha256_hex};
use embark_protocol::post::{Assets, CodeSource, Ended, Ids, Input, Launched, Outcome};
use embark_protocol::{Code, Problem};

/// The popup was opened, maybe once more under the same signup. News of a launch that is known already,
/// late or doubled, undoes nothing.
pub fn launched(run: &mut Signup, post: Launched, desk: &Desk<'_>) {
    let attempt = post.attempt.unwrap_or(run.attempt + 1);
    if attempt <= run.attempt {
        return;
    }
    run.attempt = attempt;
    if matches!(&run.stage, Stage::Ended { end, .. } if !matches!(end, End::Connected { .. })) {
        run.reopen();
    }
    run.touched = desk.now;
}

/// The code came, perhaps with ids. `callback` is the deployment's own redirect URI.
pub fn outcome(
    run: &mut Signup,
    post: Outcome,
    callback: &str,
    desk: &Desk<'_>,
) -> Result<(), Problem> {
    let shape = !post.code.is_empty()
        && post.code.len() <= 2_048
        && post.code.bytes().all(|byte| byte.is_ascii_graphic());
    if !shape {
        return Err(fault::because(
            Code::BadRequest,
            "code: 1 to 2048 printable characters",
        ));
    }
    let known = match (&post.redirect_uri, post.code_source) {
        (Some(uri), CodeSource::Sdk) => is_known_redirect(uri, callback),
        (Some(uri), CodeSource::Redirect) => uri == callback,
        (None, CodeSource::Sdk) => true,
        (None, CodeSource::Redirect) => false,
    };
    if !known {
        return Err(fault::problem(Code::RedirectUriRefused));
    }
    let digest = sha256_hex(post.code.as_bytes());
    if run.spent.contains(&digest) {
        return Err(fault::problem(Code::CodeAlreadySent));
    }
    let ids = post.ids.unwrap_or_default();
    match (&run.sent, &run.stage) {
        // The same again: a retry. Other ids with it would be another answer.
        (Some(sent), stage) if sent.digest == digest => {
            if *stage == Stage::Launched {
                // A late one, of an earlier launch.
                return Ok(());
            }
            return add_ids(run, &ids, Code::CodeAlreadySent);
        }
        (
            Some(_),
            Stage::Running
            | Stage::Ended {
                end: End::Connected { .. },
                ..
            },
        ) => {
            return Err(fault::problem(Code::CodeAlreadySent));
        }
        _ => {}
    }
    if matches!(run.stage, Stage::Ended { .. }) {
        run.reopen();
    }
    if run.sent.is_some() {
        run.rewind();
    }
    let code = Secret::new(post.code);
    let Ok(sealed) = desk.vault.seal(&run.code_name(), &code, desk.nonce()) else {
        return Err(fault::problem(Code::AppMisconfigured));
    };
    run.sent = Some(Sent {
        code: Some(sealed),
        digest,
        source: post.code_source,
        redirect_uri: post.redirect_uri,
        at: desk.now,
        first: Redirect::default(),
        taken: None,
    });
    run.attempt = run.attempt.max(post.attempt.unwrap_or(0));
    run.event = run.event.take().or(post.event.map(|event| clip(&event)));
    run.stage = Stage::Running;
    run.touched = desk.now;
    // What came with the code is the code's own; ids alone may be an older popup's.
    if ids != Ids::default() {
        run.ids = ids;
        run.ids_came = true;
    }
    Ok(())
}

/// The ids, when they came after the code, or before it.
pub fn assets(run: &mut Signup, post: Assets, desk: &Desk<'_>) -> Result<(), Problem> {
    if post.attempt.is_some_and(|attempt| attempt < run.attempt) {
        return Ok(());
    }
    run.event = run.event.take().or(post.event.map(|event| clip(&event)));
    run.touched = desk.now;
    add_ids(run, &post.ids, Code::Conflict)
}

fn add_ids(run: &mut Signup, ids: &Ids, conflict: Code) -> Result<(), Problem> {
    if *ids == Ids::default() || *ids == run.ids {
        return Ok(());
    }
    if run.ids_came {
        return Err(fault::problem(conflict));
    }
    run.ids_came = true;
    // What inspect proved, or a person chose, stands: these are a browser's hints.
    if run.inspect.found.is_none() && run.ids == Ids::default() {
        run.ids = ids.clone();
    }
    Ok(())
}

/// The person left the popup. News of a closed window after a code came changes nothing.
pub fn ended(run: &mut Signup, post: Ended, desk: &Desk<'_>) {
    let attempt = post.attempt.unwrap_or(run.attempt);
    if attempt < run.attempt {
        return;
    }
    run.attempt = attempt;
    if matches!(
        run.stage,
        Stage::Launched
            | Stage::Ended {
                end: End::Abandoned,
                ..
            }
    ) {
        run.left = Some(Ended {
            reason: post.reason,
            current_step: post.current_step.map(|text| clip(&text)),
            error_code: post.error_code.map(|text| clip(&text)),
            error_message: post.error_message.map(|text| clip(&text)),
            session_id: post.session_id.map(|text| clip(&text)),
            attempt: post.attempt,
        });
        run.end(End::Abandoned, desk.now);
    }
}

/// What the signup asked a person for.
pub fn input(run: &mut Signup, post: Input, desk: &Desk<'_>) -> Result<(), Problem> {
    if !matches!(run.stage, Stage::Running) {
        return Err(verify::not_asked());
    }
    let digits = |text: &str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let invalid = |detail| Err(fault::because(Code::InputInvalid, detail));
    match (post, run.inspect.asks, run.register.at.clone()) {
        (Input::Waba { waba_id }, Some(Asks::Waba), _) => {
            let offered = run
                .inspect
                .debugged
                .iter()
                .any(|debugged| debugged.wabas.contains(&waba_id));
            if !offered {
                return invalid("waba_id: not one of the choices");
            }
            run.ids.waba_id = Some(waba_id);
            run.inspect.asks = None;
            run.inspect.pace = Pace::default();
        }
        (Input::Number { phone_number_id }, Some(Asks::Number), _) => {
            let offered = run
                .inspect
                .phones
                .iter()
                .flatten()
                .any(|phone| phone.id == phone_number_id);
            if !offered {
                return invalid("phone_number_id: not one of the choices");
            }
            run.ids.phone_number_id = Some(phone_number_id);
            run.inspect.asks = None;
            run.inspect.pace = Pace::default();
        }
        (Input::Pin { pin }, None, At::Pin { .. }) => {
            if !digits(&pin) {
                return invalid("pin: six digits");
            }
            let phone = run
                .inspect
                .found
                .as_ref()
                .and_then(|found| found.phone.as_ref());
            let name = phone
                .map(|phone| typed_pin_name(&phone.id))
                .ok_or_else(verify::not_asked)?;
            let sealed = desk.vault.seal(&name, &Secret::new(pin), desk.nonce());
            run.register.typed = Some(sealed.map_err(|_| fault::problem(Code::Internal))?);
            run.register.pins_typed = run.register.pins_typed.saturating_add(1);
            run.register.pace = Pace::default();
            run.register.at = At::Todo;
        }
        (Input::RequestCode { method }, None, At::Verify(at)) => {
            if !matches!(at, Verify::Method { .. } | Verify::Code { .. }) {
                return Err(verify::not_asked());
            }
            let Some(voice) = verify::method(&method.to_ascii_lowercase()) else {
                return invalid("method: sms or voice");
            };
            run.register.at = At::Verify(Verify::Requesting {
                voice,
                pace: Pace::default(),
            });
        }
        (Input::VerifyCode { code }, None, At::Verify(Verify::Code { tries, .. })) => {
            let code: String = code.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
            if !digits(&code) {
                return invalid("code: six digits");
            }
            let sealed =
                desk.vault
                    .seal(&verify::verify_name(run), &Secret::new(code), desk.nonce());
            let code = sealed.map_err(|_| fault::problem(Code::Internal))?;
            run.register.at = At::Verify(Verify::Checking {
                code,
                tries,
                pace: Pace::default(),
            });
        }
        _ => return Err(verify::not_asked()),
    }
    run.touched = desk.now;
    Ok(())
}

/// Meta's words and the browser's, kept short and free of control characters.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
