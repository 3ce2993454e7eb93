//! Transfers of a number to another site of the partner.

use super::{Deployment, sites};
use crate::clock;
use crate::durable_objects::app_credentials::app_credentials;
use crate::durable_objects::rpc;
use crate::fetch;
use crate::telemetry;
use embark_onboarding::meta::ErrorClass;
use embark_onboarding::meta::request::phone_numbers;
use embark_onboarding::meta::response::decode_phone_numbers;
use embark_onboarding::resources::phone_number::{PhoneOwner, PhoneReply, PhoneRequest};
use embark_onboarding::resources::waba::{WabaReply, WabaRequest, token_name};
use embark_onboarding::telemetry::Subject;
use embark_protocol::admin::TransferRequest;
use embark_protocol::{AppKey, PhoneNumberId, Problem, ProblemCode};
use worker::Env;

/// Makes another site the owner of a number. First reads the account's numbers from Meta, with the customer's token.
/// Repeatable.
///
/// # Errors
/// `not_found`, `unknown_site`, `conflict` if the site's app has no token for the account or the number changed
/// its owner meanwhile, `waba_unreachable`, `phone_not_in_waba`.
pub async fn transfer(
    deployment: Deployment<'_>,
    number: &PhoneNumberId,
    order: TransferRequest,
) -> Result<TransferRequest, Problem> {
    let env = deployment.env;
    let owner = owner(deployment, number).await?;
    let app = sites::get(deployment, &order.site).await?.app;
    check_number_is_reachable(deployment, number, &owner, &app).await?;

    // The new site gets the account's events before the former one loses them. What fails halfway is done by the next attempt.
    let add_owner = |number| WabaRequest::AddOwner {
        site: order.site.clone(),
        number,
    };
    rpc::call(env, &owner.waba, &add_owner(None)).await?;
    let request = PhoneRequest::Transfer {
        from: owner.site,
        to: order.site.clone(),
    };
    let PhoneReply::Claimed { .. } = rpc::call(env, number, &request).await? else {
        return Err(conflict("the number changed hands meanwhile; look again"));
    };
    rpc::call(env, &owner.waba, &add_owner(Some(number.clone()))).await?;
    Ok(order)
}

/// Who owns a number.
///
/// # Errors
/// `not_found`: no signup ever claimed it; `internal`: its object did not reply.
pub async fn owner(
    deployment: Deployment<'_>,
    number: &PhoneNumberId,
) -> Result<PhoneOwner, Problem> {
    match rpc::call(deployment.env, number, &PhoneRequest::Owner).await? {
        PhoneReply::Owner { owner: Some(owner) } => Ok(owner),
        _ => {
            Err(Problem::new(ProblemCode::NotFound)
                .with_detail("no signup ever claimed this number"))
        }
    }
}

/// Checks that the token of record of `app` reaches the account, and that the number is one of it.
async fn check_number_is_reachable(
    deployment: Deployment<'_>,
    number: &PhoneNumberId,
    owner: &PhoneOwner,
    app: &AppKey,
) -> Result<(), Problem> {
    let (env, settings) = (deployment.env, deployment.settings);
    let request = WabaRequest::Token {
        app: app.clone(),
        at: clock::now(),
    };
    let WabaReply::Token {
        token: Some(sealed),
    } = rpc::call(env, &owner.waba, &request).await?
    else {
        return Err(conflict(
            "the site's app holds no token for this account; sign it up there instead",
        ));
    };
    let internal = || Problem::new(ProblemCode::Internal);
    let token = settings
        .keyring
        .open(&token_name(app, &owner.waba), &sealed)
        .map_err(|_| internal())?;
    let credentials = app_credentials(env, settings, app)
        .await
        .map_err(|_| internal())?
        .ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))?;
    let request = phone_numbers(&owner.waba).sign(&credentials, &token);
    let subject = Subject {
        app: Some(app.clone()),
        ..Subject::site(&owner.site)
    };
    let graph = &settings.meta.graph;
    let response = fetch::send_graph_request(graph, &request, &subject).await;
    let numbers = match decode_phone_numbers(response) {
        Ok(numbers) => numbers,
        Err(error) => {
            if error.class == ErrorClass::Token {
                report_refused_token(env, owner, app).await;
            }
            return Err(Problem::new(ProblemCode::WabaUnreachable));
        }
    };
    if numbers.iter().any(|found| found.id == *number) {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::PhoneNotInWaba))
    }
}

/// The customer is asked to renew it. If the account's object does not reply, the next call that Meta refuses does so.
async fn report_refused_token(env: &Env, owner: &PhoneOwner, app: &AppKey) {
    let request = WabaRequest::TokenRefused {
        app: app.clone(),
        at: clock::now(),
        signup: None,
    };
    if let Err(error) = rpc::call(env, &owner.waba, &request).await {
        let detail = format!("{}: {error}", owner.waba);
        telemetry::failure("refused_token", &detail, &Subject::site(&owner.site));
    }
}

fn conflict(detail: &str) -> Problem {
    Problem::new(ProblemCode::Conflict).with_detail(detail)
}
