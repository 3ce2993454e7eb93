//! The operator's token.

use crate::http::incoming::Incoming;
use crate::http::rate_limit::{self, TokenKind};
use embark_onboarding::crypto::sha256_hex;
use embark_protocol::{Problem, ProblemCode};
use subtle::ConstantTimeEq;

/// Checks `Authorization: Bearer <EMBARK_OPERATOR_TOKEN>`. Compares digests in constant time, so that the duration
/// reveals neither length nor content.
///
/// # Errors
/// `unauthorized`, also if the deployment has no token; `too_many_requests` after too many wrong ones.
pub async fn authorize(incoming: &Incoming<'_>) -> Result<(), Problem> {
    rate_limit::check_wrong_tokens(incoming, TokenKind::Operator)?;
    let checked = check_token(incoming);
    if checked.is_err() {
        rate_limit::count_wrong_token(incoming, TokenKind::Operator).await?;
    }
    checked
}

fn check_token(incoming: &Incoming<'_>) -> Result<(), Problem> {
    let refused = || Problem::new(ProblemCode::Unauthorized);
    let expected = incoming.settings.operator_token.as_ref();
    let expected = expected.ok_or_else(refused)?.expose_secret();
    let given = incoming.bearer_token().ok_or_else(refused)?;
    let given = sha256_hex(given.as_bytes());
    let expected = sha256_hex(expected.as_bytes());
    if bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        Ok(())
    } else {
        Err(refused())
    }
}
