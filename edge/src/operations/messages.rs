//! Applies a site's settings of messages to the numbers that are connected already.

use super::Deployment;
use super::site_client::ask;
use crate::durable_objects::rpc;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply, BackendRequest};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::admin::{AppliedMessages, ApplyMessagesRequest};
use embark_protocol::{Problem, ProblemCode, SiteId};
use futures_util::future::try_join_all;

/// The last signup of each number reads the site's settings of messages, and Meta's addresses, and changes what differs, which
/// is done after this. For one page of accounts; repeatable.
///
/// # Errors
/// `unknown_site`; `internal`: an object did not reply, and the same page may be asked for again.
pub async fn apply(
    deployment: Deployment<'_>,
    site: &SiteId,
    order: ApplyMessagesRequest,
) -> Result<AppliedMessages, Problem> {
    let ApplyMessagesRequest { after } = order;
    let limit = ACCOUNTS_AT_ONCE;
    let query = BackendRequest::Query(BackendQuery::Accounts { after, limit });
    let BackendReply::Accounts(page) = ask(deployment.env, site, query).await? else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let numbers = page.wabas.into_iter().flat_map(|account| account.numbers);
    let applied = numbers.map(async |number| {
        let request = RunRequest::ApplyMessages;
        match rpc::call(deployment.env, &number.signup, &request).await? {
            RunReply::Document(_) => Ok(None),
            RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
                Ok(Some(number.phone_number_id))
            }
            RunReply::Refused(problem) => Err(*problem),
        }
    });
    let applied: Vec<_> = try_join_all(applied).await?;
    let all = applied.len();
    let not_kept: Vec<_> = applied.into_iter().flatten().collect();
    Ok(AppliedMessages {
        numbers: u32::try_from(all.saturating_sub(not_kept.len())).unwrap_or(u32::MAX),
        not_kept,
        next: page.next,
    })
}

/// An account may have up to twenty numbers, and each is a request to an object.
const ACCOUNTS_AT_ONCE: u32 = 20;
