//! Tokens of a site's back end, and who read business tokens.

use super::Deployment;
use super::seed::Seed;
use super::site_client::ask;
use crate::clock;
use core::time::Duration;
use embark_onboarding::resources::backend::{
    BackendReply, BackendRequest, BackendToken, BackendTokenSecret, LIFETIME_DAYS, is_valid_name,
};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::{AuditEntry, BackendTokenDetails, BackendTokenRequest};
use embark_protocol::{Problem, ProblemCode, SiteId};

/// Creates a token, whose text is in this result and in no other.
///
/// # Errors
/// `bad_request`: the name is empty or long, there is no scope, or the lifetime is out of bounds. `conflict`: the site has
/// twenty. `unknown_site`; `internal`: the site did not reply.
pub async fn create(
    deployment: Deployment<'_>,
    site: &SiteId,
    order: BackendTokenRequest,
    seed: &Seed,
) -> Result<BackendTokenDetails, Problem> {
    let BackendTokenRequest {
        name,
        mut scopes,
        expires_in_days,
    } = order;
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if !is_valid_name(&name) {
        return Err(bad("name: 1 to 80 printable characters"));
    }
    if expires_in_days.is_some_and(|days| !LIFETIME_DAYS.contains(&days)) {
        return Err(bad("expires_in_days: 1 to 3650"));
    }
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(bad("scopes: at least one of read, token, write"));
    }
    let now = clock::now();
    let secret = BackendTokenSecret::new(site.clone(), &seed.token());
    let token = BackendToken {
        id: seed.id(),
        name,
        scopes,
        digest: secret.digest(),
        created_at: now,
        expires_at: expires_in_days.map(|days| now + DAY * days),
    };
    let details = token.details(Some(secret.text()));
    ask(deployment.env, site, BackendRequest::CreateToken(token)).await?;
    Ok(details)
}

/// The site's tokens, without their texts.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn list(
    deployment: Deployment<'_>,
    site: &SiteId,
) -> Result<Vec<BackendTokenDetails>, Problem> {
    match ask(deployment.env, site, BackendRequest::Tokens).await? {
        BackendReply::Tokens(tokens) => {
            Ok(tokens.iter().map(|token| token.details(None)).collect())
        }
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Revokes a token, which ceases to work at once.
///
/// # Errors
/// `not_found`: the site has none of this id. `unknown_site`; `internal`: the site did not reply.
pub async fn revoke(deployment: Deployment<'_>, site: &SiteId, id: String) -> Result<(), Problem> {
    ask(deployment.env, site, BackendRequest::RevokeToken { id }).await?;
    Ok(())
}

/// Who read business tokens; the last 500 reads.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn list_reads(
    deployment: Deployment<'_>,
    site: &SiteId,
) -> Result<Vec<AuditEntry>, Problem> {
    match ask(deployment.env, site, BackendRequest::Audit).await? {
        BackendReply::Audit(entries) => Ok(entries),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

const DAY: Duration = Duration::from_hours(24);
