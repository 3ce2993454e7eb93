//! Operators, their sessions of the console, and the audit log of what they did.

use super::Deployment;
use super::seed::Seed;
use crate::clock;
use crate::durable_objects::rpc;
use crate::random;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::crypto::{Secret, sha256_hex};
use embark_onboarding::resources::backend::LIFETIME_DAYS;
use embark_onboarding::resources::operators::{
    ConsoleSession, Operator, OperatorsReply, OperatorsRequest, SESSION_VALID, deployment_owner,
    email_address,
};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site_identity::{SHOWN_NAME, is_shown_name};
use embark_onboarding::telemetry::Subject;
use embark_protocol::operators::{AuditPage, OperatorDetails, OperatorIdentity, OperatorRequest};
use embark_protocol::{Problem, ProblemCode};
use subtle::ConstantTimeEq;
use worker::Env;

/// Whose token this is: the deployment's own, or an operator's. `None`: nobody's. The deployment's is compared by its digest
/// in constant time, so that the duration reveals neither length nor content.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn identify(
    deployment: Deployment<'_>,
    token: &str,
) -> Result<Option<OperatorIdentity>, Problem> {
    let digest = sha256_hex(token.as_bytes());
    if let Some(expected) = &deployment.settings.operator_token {
        let expected = sha256_hex(expected.expose_secret().as_bytes());
        if digest.as_bytes().ct_eq(expected.as_bytes()).into() {
            return Ok(Some(deployment_owner()));
        }
    }
    // Only what may be one: a stranger's guesses are not to reach the object.
    if !token.starts_with(TOKEN_PREFIX) {
        return Ok(None);
    }
    identity(deployment.env, OperatorsRequest::Identify { digest }).await
}

/// Adds an operator, whose token is in this result and in no other.
///
/// # Errors
/// `bad_request`: the name is empty, long or not visible, the e-mail address is none, or the lifetime is out of bounds. `conflict`:
/// there are too many, or another one has the name or the address. `internal`: the Partner object did not reply.
pub async fn add(
    deployment: Deployment<'_>,
    order: OperatorRequest,
    seed: &Seed,
) -> Result<OperatorDetails, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if !is_shown_name(&order.name) {
        return Err(bad(&["name: ", SHOWN_NAME].concat()));
    }
    let days = order.expires_in_days;
    if days.is_some_and(|days| !LIFETIME_DAYS.contains(&days)) {
        return Err(bad("expires_in_days: 1 to 3650"));
    }
    let email = match order.email.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(email_address(text).ok_or_else(|| bad(BAD_EMAIL))?),
    };
    let now = clock::now();
    let token = [TOKEN_PREFIX, &seed.token()].concat();
    let operator = Operator {
        id: seed.id(),
        name: order.name,
        role: order.role,
        email,
        digest: sha256_hex(token.as_bytes()),
        created_at: now,
        expires_at: days.map(|days| now + DAY * days),
    };
    let details = operator.details(Some(&token));
    ask(deployment.env, OperatorsRequest::Add(operator)).await?;
    Ok(details)
}

/// The operators, without their tokens.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(deployment: Deployment<'_>) -> Result<Vec<OperatorDetails>, Problem> {
    match ask(deployment.env, OperatorsRequest::List).await? {
        OperatorsReply::Operators(operators) => Ok(operators
            .iter()
            .map(|operator| operator.details(None))
            .collect()),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Removes an operator, whose token and sessions cease to work at once.
///
/// # Errors
/// `not_found`: there is none of this id. `internal`: the Partner object did not reply.
pub async fn remove(deployment: Deployment<'_>, id: String) -> Result<(), Problem> {
    ask(deployment.env, OperatorsRequest::Remove { id }).await?;
    Ok(())
}

/// A session of the console that was just opened.
pub struct OpenedSession {
    /// Its text, for the browser's cookie.
    pub text: Secret,
    /// Whose it is.
    pub operator: OperatorIdentity,
    /// How long it is valid.
    pub valid_for: Duration,
}

/// Opens a session of the console for whoever has this token. `None`: the token is nobody's.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn open_session(
    deployment: Deployment<'_>,
    token: &str,
) -> Result<Option<OpenedSession>, Problem> {
    match identify(deployment, token).await? {
        Some(operator) => store_session(deployment, operator, token, SESSION_VALID)
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// Opens a session of the console for whoever has this e-mail address. `token`: the token of Cloudflare Access that says so;
/// `valid_for`: how long it goes on saying so. `None`: nobody has the address.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn open_session_by_email(
    deployment: Deployment<'_>,
    email: &str,
    token: &str,
    valid_for: Duration,
) -> Result<Option<OpenedSession>, Problem> {
    let email = email.to_owned();
    let found = identity(deployment.env, OperatorsRequest::IdentifyEmail { email }).await?;
    match found {
        Some(operator) => {
            let valid_for = valid_for.min(SESSION_VALID);
            let opened = store_session(deployment, operator, token, valid_for);
            opened.await.map(Some)
        }
        None => Ok(None),
    }
}

async fn store_session(
    deployment: Deployment<'_>,
    operator: OperatorIdentity,
    token: &str,
    valid_for: Duration,
) -> Result<OpenedSession, Problem> {
    let text = Secret::new(random::fresh_token());
    let session = ConsoleSession {
        digest: sha256_hex(text.expose_secret().as_bytes()),
        token_digest: sha256_hex(token.as_bytes()),
        operator: operator.id.clone(),
        until: clock::now() + valid_for,
    };
    ask(deployment.env, OperatorsRequest::OpenSession(session)).await?;
    Ok(OpenedSession {
        text,
        operator,
        valid_for,
    })
}

/// Whose session this is. `None`: it is over.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn session(
    deployment: Deployment<'_>,
    text: &Secret,
) -> Result<Option<OperatorIdentity>, Problem> {
    let digest = sha256_hex(text.expose_secret().as_bytes());
    let at = clock::now();
    identity(deployment.env, OperatorsRequest::Session { digest, at }).await
}

/// Ends a session.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn close_session(deployment: Deployment<'_>, text: &Secret) -> Result<(), Problem> {
    let digest = sha256_hex(text.expose_secret().as_bytes());
    ask(deployment.env, OperatorsRequest::CloseSession { digest }).await?;
    Ok(())
}

/// A page of the audit log, the newest entries first. `after`: where the page before ended.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn audit(
    deployment: Deployment<'_>,
    after: Option<u64>,
    limit: u32,
) -> Result<AuditPage, Problem> {
    match ask(deployment.env, OperatorsRequest::Audit { after, limit }).await? {
        OperatorsReply::Audit(page) => Ok(page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Does something in the operator's name, with an entry of the audit log: written before, so that nothing is done that is not
/// in it, and completed with what came of it.
///
/// # Errors
/// Those of `action`; `internal`: the entry cannot be written, and nothing was done.
pub async fn audited<T>(
    deployment: Deployment<'_>,
    what: String,
    action: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let who = deployment.operator.map(|operator| operator.name.clone());
    let begin = OperatorsRequest::BeginAction {
        at: clock::now(),
        who: who.unwrap_or_default(),
        what: what.chars().take(MAX_ACTION_CHARS).collect(),
    };
    let OperatorsReply::Begun { number } = ask(deployment.env, begin).await? else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let result = action.await;
    let end = OperatorsRequest::EndAction {
        number,
        result: match &result {
            Ok(_) => "done".to_owned(),
            Err(problem) => problem.code.as_str().to_owned(),
        },
    };
    // The entry stays without a result: what was done is done.
    if let Err(problem) = ask(deployment.env, end).await {
        let code = problem.code.as_str();
        let detail = format!("entry {number} has no result: {code}");
        telemetry::failure("audit", &detail, &Subject::default());
    }
    result
}

async fn identity(
    env: &Env,
    request: OperatorsRequest,
) -> Result<Option<OperatorIdentity>, Problem> {
    match ask(env, request).await? {
        OperatorsReply::Identity(identity) => Ok(identity),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

pub(super) async fn ask(env: &Env, request: OperatorsRequest) -> Result<OperatorsReply, Problem> {
    let request = PartnerRequest::Operators(request);
    match rpc::call(env, &Singleton, &request).await? {
        PartnerReply::Operators(OperatorsReply::Refused { code, detail }) => {
            let problem = Problem::new(code);
            Err(match detail {
                Some(detail) => problem.with_detail(&detail),
                None => problem,
            })
        }
        PartnerReply::Operators(reply) => Ok(reply),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// How the token of an operator begins.
const TOKEN_PREFIX: &str = "embark-operator_";
const BAD_EMAIL: &str = "email: an address like ada@partner.example, at most 254 characters";
/// An entry of the audit log has names from paths and forms.
const MAX_ACTION_CHARS: usize = 400;
const DAY: Duration = Duration::from_hours(24);
