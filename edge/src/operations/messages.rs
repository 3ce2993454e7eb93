//! Applies a site's settings of messages to the numbers that are connected already.

use super::Deployment;
use super::site_client::{OperatorClient, SiteClient};
use crate::durable_objects::rpc;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::admin::{AppliedMessages, ApplyMessagesRequest};
use embark_protocol::backend::ConnectedNumber;
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
    let query = BackendQuery::Accounts { after, limit };
    let client = OperatorClient::new(deployment, site.clone());
    let BackendReply::Accounts(page) = client.ask(query).await? else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let numbers = page.wabas.into_iter().flat_map(|account| account.numbers);
    let applied = numbers.map(async |number| {
        let applied = apply_to(deployment, site, &number).await?;
        Ok::<_, Problem>((number.phone_number_id, applied))
    });
    let mut result = AppliedMessages {
        numbers: 0,
        not_kept: vec![],
        owned_elsewhere: vec![],
        next: page.next,
    };
    for (number, applied) in try_join_all(applied).await? {
        match applied {
            Applied::ToSignup => result.numbers += 1,
            Applied::NotKept => result.not_kept.push(number),
            Applied::OwnedElsewhere => result.owned_elsewhere.push(number),
        }
    }
    Ok(result)
}

enum Applied {
    ToSignup,
    NotKept,
    OwnedElsewhere,
}

async fn apply_to(
    deployment: Deployment<'_>,
    site: &SiteId,
    number: &ConnectedNumber,
) -> Result<Applied, Problem> {
    let owner = PhoneRequest::Owner;
    let owner = rpc::call(deployment.env, &number.phone_number_id, &owner).await?;
    if let PhoneReply::Owner { owner: Some(owner) } = owner
        && owner.site != *site
    {
        return Ok(Applied::OwnedElsewhere);
    }
    let request = RunRequest::ApplyMessages;
    match rpc::call(deployment.env, &number.signup, &request).await? {
        RunReply::Document(_) => Ok(Applied::ToSignup),
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            Ok(Applied::NotKept)
        }
        RunReply::Refused(problem) => Err(*problem),
    }
}

/// An account may have up to twenty numbers, and each is a request to an object.
const ACCOUNTS_AT_ONCE: u32 = 20;
