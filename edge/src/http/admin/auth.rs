//! Who calls the operator's API, by the token of the request.

use super::access::RouteAccess;
use crate::http::incoming::Incoming;
use crate::http::rate_limit::{self, TokenKind};
use crate::operations::operators;
use embark_protocol::{Problem, ProblemCode};

/// Finds out whose token `Authorization: Bearer <token>` is, and whether that operator has the role that is needed.
///
/// # Errors
/// `unauthorized`: it is nobody's. `too_many_requests` after too many wrong ones. `insufficient_scope`: the operator has a
/// lesser role.
pub async fn authorize(incoming: &Incoming<'_>, needed: &RouteAccess) -> Result<(), Problem> {
    rate_limit::check_wrong_tokens(incoming, TokenKind::Operator)?;
    let operator = match incoming.bearer_token() {
        Some(token) => operators::identify(incoming.deployment(), &token).await?,
        None => None,
    };
    let Some(operator) = operator else {
        rate_limit::count_wrong_token(incoming, TokenKind::Operator).await?;
        return Err(Problem::new(ProblemCode::Unauthorized));
    };
    let checked = needed.check(&operator);
    incoming.sign_in(operator);
    checked
}
