//! What a page may post, applied to the record. Every post is idempotent: a retrying proxy or a second tab
//! gets the same state. A post that contradicts what is stored is refused.

use super::record::{End, Signup, Stage, code_record_name};
use super::state::{AuthorizationCode, RegisterPhase};
use super::steps::report;
use crate::crypto::{Secret, sha256_hex};
use crate::meta::RedirectUriVariant;
use crate::meta::oauth_dialog::is_known_redirect_uri;
use crate::providers::infobip::RegistrationWebhook;
use crate::resources::run::PagePost;
use crate::time::UnixMillis;
use crate::workflow::Context;
use embark_protocol::digits::fold_digits;
use embark_protocol::granted::GrantedIds;
use embark_protocol::requests::{
    AssetsRequest, CodeSource, EndReason, EndedRequest, InputRequest, LaunchedRequest,
    OutcomeRequest, SessionInfoIds,
};
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, ProblemCode, SignupId, Step};

/// `POST …/launched`: Meta's popup was opened, perhaps once more under the same signup. A late or repeated
/// post of an earlier launch changes nothing, nor does one to a cancelled signup.
pub fn launched(signup: &mut Signup, post: LaunchedRequest, cx: &Context<'_>) {
    let launch = post.attempt.unwrap_or(signup.launch_count + 1);
    if launch <= signup.launch_count || signup.check_not_cancelled().is_err() {
        return;
    }
    signup.launch_count = launch;
    let ended_unconnected =
        matches!(&signup.stage, Stage::Ended { end, .. } if !matches!(end, End::Connected { .. }));
    if ended_unconnected {
        signup.forget_hints();
    }
    signup.last_user_activity_at = cx.now;
}

/// `POST …/outcome`: the authorization code, perhaps with ids. `callback`: the deployment's own redirect URI.
///
/// # Errors
/// `bad_request` for a malformed code, `redirect_uri_refused` for a redirect URI that is neither Meta's nor
/// ours, `code_already_sent` if another code is in use or this one was spent, `signup_cancelled`.
pub fn outcome(
    signup: &mut Signup,
    post: OutcomeRequest,
    callback: &str,
    cx: &Context<'_>,
) -> Result<(), Problem> {
    signup.check_not_cancelled()?;
    check_code(&post.code)?;
    check_redirect_uri(post.redirect_uri.as_deref(), post.code_source, callback)?;
    let digest = sha256_hex(post.code.as_bytes());
    if signup.spent_code_digests.contains(&digest) {
        return Err(Problem::new(ProblemCode::CodeAlreadySent));
    }
    let ids = post.ids.unwrap_or_default();
    if let Some(current) = &signup.authorization_code {
        if current.digest == digest {
            // A repeated post. With `Launched` it is a late one, of an earlier launch.
            return match signup.stage {
                Stage::Launched => Ok(()),
                _ => add_ids(signup, &ids, ProblemCode::CodeAlreadySent),
            };
        }
        if in_use(&signup.stage) {
            return Err(Problem::new(ProblemCode::CodeAlreadySent));
        }
        if signup.launch_generation >= MAX_FURTHER_CODES {
            return Err(Problem::new(ProblemCode::TooManyTries));
        }
    }
    if matches!(signup.stage, Stage::Ended { .. }) {
        signup.forget_hints();
    }
    if signup.authorization_code.is_some() {
        signup.reset_for_new_code();
    }
    let code = Secret::new(post.code);
    let sealed = cx
        .keyring
        .seal(&code_record_name(&signup.id), &code, cx.nonce());
    signup.authorization_code = Some(AuthorizationCode {
        code: Some(sealed.map_err(|_| Problem::new(ProblemCode::AppMisconfigured))?),
        digest,
        source: post.code_source,
        redirect_uri: post.redirect_uri,
        received_at: cx.now,
        preferred_variant: RedirectUriVariant::default(),
        accepted_variant: None,
    });
    signup.launch_count = signup.launch_count.max(post.attempt.unwrap_or(0));
    signup.hosted = None;
    store_event(signup, post.event);
    store_granted(signup, post.granted);
    signup.stage = Stage::Running;
    signup.last_user_activity_at = cx.now;
    // Ids that come with the code belong to it; ids posted alone may be an earlier popup's.
    if ids != SessionInfoIds::default() {
        signup.popup.ids = ids;
        signup.popup.ids_received = true;
    }
    Ok(())
}

/// `POST …/assets`: the ids, when Meta's message event came after the code, or before it.
///
/// # Errors
/// `conflict` if other ids were posted before.
pub fn assets(signup: &mut Signup, post: AssetsRequest, cx: &Context<'_>) -> Result<(), Problem> {
    if post
        .attempt
        .is_some_and(|launch| launch < signup.launch_count)
    {
        return Ok(());
    }
    store_event(signup, post.event);
    store_granted(signup, post.granted);
    signup.last_user_activity_at = cx.now;
    add_ids(signup, &post.ids, ProblemCode::Conflict)
}

/// `POST …/ended`: the customer left the popup. After a code it changes nothing. `bearer`: who reports it, see
/// [`Grant::bearer`](crate::auth::grant::Grant::bearer).
pub fn ended(signup: &mut Signup, post: EndedRequest, bearer: String, cx: &Context<'_>) {
    let launch = post.attempt.unwrap_or(signup.launch_count);
    if launch < signup.launch_count {
        return;
    }
    signup.launch_count = launch;
    let without_code = matches!(
        signup.stage,
        Stage::Launched
            | Stage::Ended {
                end: End::Abandoned,
                ..
            }
    );
    if without_code {
        let reason = |ended: &EndedRequest| ended.reason;
        let was_reported = signup.popup.ended.as_ref().map(reason) == Some(EndReason::NoWindow);
        let is_first_report = post.reason == EndReason::NoWindow && !was_reported;
        signup.popup.ended = Some(EndedRequest {
            reason: post.reason,
            current_step: post.current_step.and_then(|text| token(&text)),
            error_code: post.error_code.and_then(|text| token(&text)),
            error_message: post.error_message.map(|text| clip(&text)),
            session_id: post.session_id.and_then(|text| token(&text)),
            attempt: post.attempt,
        });
        signup.popup.ended_by = Some(bearer);
        signup.end(End::Abandoned, cx.now);
        if is_first_report {
            // Meta's SDK refuses a page: the app's list of domains lacks it, or the app is switched off.
            signup.emit_event(SiteEventType::SdkNoWindow, None, cx.now);
        }
    }
}

/// `POST …/input`: what the customer answered.
///
/// # Errors
/// `input_not_asked` if the signup asks for something else, `input_invalid` if the answer is not of the shape
/// asked for, `signup_cancelled`.
pub fn input(signup: &mut Signup, post: InputRequest, cx: &Context<'_>) -> Result<(), Problem> {
    signup.check_not_cancelled()?;
    if !matches!(signup.stage, Stage::Running) {
        return Err(not_asked());
    }
    let steps = &mut signup.steps;
    match post {
        InputRequest::Waba { waba_id } => {
            steps.inspect.select_waba(&waba_id)?;
            signup.popup.ids.waba_id = Some(waba_id);
        }
        InputRequest::Number { phone_number_id } => {
            steps.inspect.select_number(&phone_number_id)?;
            signup.popup.ids.phone_number_id = Some(phone_number_id);
        }
        InputRequest::Pin { pin } => {
            let verified = steps.inspect.verified.as_ref();
            let phone = verified.and_then(|verified| verified.phone.as_ref());
            let phone = phone.ok_or_else(not_asked)?;
            steps.register.check_awaits_pin()?;
            let pin = parse_digits(&pin, "pin: six digits")?;
            steps.register.submit_pin(&phone.id, &pin, cx)?;
        }
        InputRequest::RequestCode { method, language } => {
            let RegisterPhase::Verifying(verification) = &mut steps.register.phase else {
                return Err(not_asked());
            };
            *verification = verification.submit_method(&method, language)?;
        }
        InputRequest::VerifyCode { code } => {
            let RegisterPhase::Verifying(verification) = &mut steps.register.phase else {
                return Err(not_asked());
            };
            verification.check_awaits_code()?;
            let code = parse_digits(&code, "code: six digits")?;
            *verification = verification.submit_code(&signup.id, &code, cx)?;
        }
    }
    signup.last_user_activity_at = cx.now;
    Ok(())
}

/// `POST …/report`: reads the readiness report again, unless it was read a moment ago.
pub fn refresh_report(signup: &mut Signup, now: UnixMillis) {
    if signup.steps.report.may_refresh(now) {
        signup
            .warnings
            .retain(|word| !report::WARNINGS.contains(&word.as_str()));
        signup.steps.report = Default::default();
    }
}

/// A registration webhook of Infobip. Ignored unless the signup's hand-off waits for this account.
pub fn infobip_webhook(signup: &mut Signup, webhook: RegistrationWebhook, cx: &Context<'_>) {
    if signup.stage == Stage::Running {
        let steps = &mut signup.steps;
        steps
            .handoff
            .on_webhook(webhook, steps.inspect.verified.as_ref(), cx);
    }
}

/// What a post costs the site's budget ([`budget`](crate::resources::budget)), as the key it is counted under: the first
/// post of a signup, and each code after its first. `None`: nothing. `current`: the record, if there is one.
pub fn expense(id: &SignupId, current: Option<&Signup>, post: &PagePost) -> Option<String> {
    let Some(signup) = current else {
        return Some(id.to_string());
    };
    let PagePost::Outcome(outcome) = post else {
        return None;
    };
    let code = signup.authorization_code.as_ref()?;
    let is_further = code.digest != sha256_hex(outcome.code.as_bytes()) && !in_use(&signup.stage);
    let generation = signup.launch_generation.saturating_add(1);
    is_further.then(|| [id.as_str(), "/", &generation.to_string()].concat())
}

/// Whether another code may not replace the current one.
fn in_use(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Running
            | Stage::Ended {
                end: End::Connected { .. },
                ..
            }
    )
}

fn add_ids(
    signup: &mut Signup,
    ids: &SessionInfoIds,
    conflict: ProblemCode,
) -> Result<(), Problem> {
    if *ids == SessionInfoIds::default() || *ids == signup.popup.ids {
        return Ok(());
    }
    if signup.popup.ids_received {
        return Err(Problem::new(conflict));
    }
    signup.popup.ids_received = true;
    // Ids that were verified, or that the customer chose, are kept: these are hints of a browser.
    let unknown = signup.popup.ids == SessionInfoIds::default();
    if signup.steps.inspect.verified.is_none() && unknown {
        signup.popup.ids = ids.clone();
    }
    Ok(())
}

/// Keeps the first lists of a launch.
fn store_granted(signup: &mut Signup, granted: GrantedIds) {
    if signup.popup.granted.is_empty() {
        signup.popup.granted = granted;
    }
}

/// Keeps the first event of a launch.
fn store_event(signup: &mut Signup, event: Option<String>) {
    if signup.popup.event.is_none() {
        signup.popup.event = event.map(|event| clip(&event));
    }
}

fn check_code(code: &str) -> Result<(), Problem> {
    let printable = code.bytes().all(|byte| byte.is_ascii_graphic());
    if (1..=2_048).contains(&code.len()) && printable {
        return Ok(());
    }
    let detail = "code: 1 to 2048 printable characters";
    Err(Problem::new(ProblemCode::BadRequest).with_detail(detail))
}

fn check_redirect_uri(
    redirect_uri: Option<&str>,
    source: CodeSource,
    callback: &str,
) -> Result<(), Problem> {
    let known = match (redirect_uri, source) {
        (Some(uri), CodeSource::Sdk) => is_known_redirect_uri(uri, callback),
        (Some(uri), CodeSource::Redirect) => uri == callback,
        (None, CodeSource::Sdk) => true,
        (None, CodeSource::Redirect) => false,
    };
    if known {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::RedirectUriRefused))
    }
}

/// Six decimal digits of any script: a PIN or a verification code.
fn parse_digits(text: &str, otherwise: &str) -> Result<Secret, Problem> {
    let digits = fold_digits(text);
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Secret::new(digits))
    } else {
        Err(Problem::new(ProblemCode::InputInvalid).with_detail(otherwise))
    }
}

fn not_asked() -> Problem {
    Problem::new(ProblemCode::InputNotAsked).at_step(Step::Register)
}

/// Text from Meta or the browser, at most 200 characters long and without characters that are not visible: control
/// characters, and those that change the direction of the text around them
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>).
fn clip(text: &str) -> String {
    let is_format = |c: char| matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let is_visible = |c: &char| !c.is_control() && !is_format(*c);
    text.chars().filter(is_visible).take(200).collect()
}

/// A code, an id or the name of a screen: one word of ASCII, which reads as no sentence. `None`: it is not one.
fn token(text: &str) -> Option<String> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/+=".contains(&byte);
    let text = text.trim();
    ((1..=200).contains(&text.len()) && text.bytes().all(is_part)).then(|| text.to_owned())
}

/// How many codes one signup takes after its first: each costs an exchange with the partner's app secret, and Meta
/// limits those per app.
const MAX_FURTHER_CODES: u32 = 10;
