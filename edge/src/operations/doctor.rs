//! The doctor: reads what is checked of an app or a site, all of it at once.

use super::{Deployment, apps, sites};
use crate::clock;
use crate::durable_objects::app_credentials::{CredentialsError, app_credentials};
use crate::durable_objects::secrets::provider_secrets;
use crate::fetch;
use crate::kv::KvError;
use core::time::Duration;
use embark_onboarding::doctor::{
    Answer, AppAnswers, CredentialsState, SiteAnswers, app_checks, site_checks,
};
use embark_onboarding::meta::request::{AppToken, Call, SystemToken, subscriptions};
use embark_onboarding::meta::response::{decode, decode_token_info};
use embark_onboarding::meta::webhook_setup::{callback_url, user_callback_url};
use embark_onboarding::meta::{ApiError, AppCredentials, GraphRequest, app_setup, health};
use embark_onboarding::providers::{check_provider, infobip};
use embark_onboarding::telemetry::Subject;
use embark_onboarding::transport::ApiResult;
use embark_onboarding::web::origin::Origin;
use embark_protocol::admin::{AppSettings, SiteSettings};
use embark_protocol::doctor::DoctorReport;
use embark_protocol::user_callbacks::UserCallbackKind;
use embark_protocol::{AppKey, BusinessId, Problem, ProblemCode, SiteId};
use futures_util::future::{join, join_all, join3, join4};
use serde::de::DeserializeOwned;

/// Checks an app.
///
/// # Errors
/// `not_found`: there is no such app; `internal`: the Partner object did not reply.
pub async fn check_app(deployment: Deployment<'_>, key: &AppKey) -> Result<DoctorReport, Problem> {
    let app = apps::get(deployment, key).await?;
    let (state, credentials) = credentials(deployment, key).await;
    let answers = read_app(deployment, app, state, credentials.as_ref()).await;
    Ok(DoctorReport {
        checked_at: answers.now.0,
        checks: app_checks(&answers),
    })
}

/// Checks a site, and the app that its signups belong to.
///
/// # Errors
/// `unknown_site`; `internal`: an object did not reply.
pub async fn check_site(
    deployment: Deployment<'_>,
    site: &SiteId,
) -> Result<DoctorReport, Problem> {
    let settings = sites::get(deployment, site).await?;
    let app = apps::get(deployment, &settings.app).await?;
    let (state, credentials) = credentials(deployment, &settings.app).await;
    let (of_app, of_site) = join(
        read_app(deployment, app, state, credentials.as_ref()),
        read_site(deployment, site, settings, credentials.as_ref()),
    )
    .await;
    let of_site = of_site?;
    let mut checks = app_checks(&of_app);
    checks.extend(site_checks(&of_site));
    Ok(DoctorReport {
        checked_at: of_app.now.0,
        checks,
    })
}

async fn credentials(
    deployment: Deployment<'_>,
    key: &AppKey,
) -> (CredentialsState, Option<AppCredentials>) {
    match app_credentials(deployment.env, deployment.settings, key).await {
        Ok(Some(credentials)) => (CredentialsState::Opened, Some(credentials)),
        Ok(None) => (CredentialsState::Missing, None),
        Err(CredentialsError::Kv(KvError::Unreadable)) => (CredentialsState::Unreadable, None),
        Err(_) => (CredentialsState::Unavailable, None),
    }
}

async fn read_app(
    deployment: Deployment<'_>,
    app: AppSettings,
    state: CredentialsState,
    credentials: Option<&AppCredentials>,
) -> AppAnswers {
    let settings = deployment.settings;
    let partner = credentials.and_then(|credentials| credentials.partner_business.as_ref());
    let of_app = |request: fn(&AppCredentials) -> Call<AppToken>| {
        credentials.map(|credentials| request(credentials).sign(credentials))
    };
    let of_partner =
        |request: fn(&BusinessId) -> Call<SystemToken>| request(partner?).sign(credentials?);
    let system_token = credentials.and_then(|credentials| {
        app_setup::inspect_system_token(credentials).map(|call| call.sign(credentials))
    });
    let clocks = async {
        let theirs = fetch::graph_time(&settings.meta.graph).await?;
        Some((theirs, clock::now()))
    };
    let token = join(clocks, send(deployment, system_token, decode_token_info));
    let of_app = join3(
        read(deployment, of_app(app_setup::app)),
        read(deployment, of_app(app_setup::app_permissions)),
        read(deployment, of_app(subscriptions)),
    );
    let of_partner = join(
        read(deployment, of_partner(app_setup::business)),
        read(deployment, of_partner(app_setup::system_users)),
    );
    let ((clocks, system_token), (details, permissions, webhooks), (portfolio, system_users)) =
        join3(token, of_app, of_partner).await;
    AppAnswers {
        credentials: state,
        origin: settings.origin.clone(),
        deauthorize_url: user_callback_url(
            &settings.origin,
            &app.key,
            UserCallbackKind::Deauthorize,
        ),
        now: clock::now(),
        clocks,
        details,
        permissions,
        portfolio,
        system_token,
        system_users,
        webhooks,
        callback_url: callback_url(&settings.origin, &app.key),
        has_system_token: credentials.is_some_and(|credentials| credentials.system_token.is_some()),
        settings: app,
    }
}

async fn read_site(
    deployment: Deployment<'_>,
    site: &SiteId,
    settings: SiteSettings,
    credentials: Option<&AppCredentials>,
) -> Result<SiteAnswers, Problem> {
    let internal = || Problem::new(ProblemCode::Internal);
    let edge = Origin::parse(&deployment.settings.origin).ok_or_else(internal)?;
    let partner = credentials.and_then(|credentials| credentials.partner_business.as_ref());
    let credit_lines = settings
        .credit
        .as_ref()
        .and_then(|_| app_setup::credit_lines(partner?).sign(credentials?));
    let solution = settings.solution_id.as_ref().zip(credentials);
    let solution = solution.map(|(id, credentials)| health::solution(id).sign(credentials));
    let pages = settings.origins.iter().take(MAX_PAGES).map(async |origin| {
        let url = [origin.as_str(), "/"].concat();
        (origin.clone(), fetch::read_page_headers(&url).await)
    });
    let (credit_lines, solution, infobip, pages) = join4(
        read(deployment, credit_lines),
        read(deployment, solution),
        ask_infobip(deployment, site, &settings),
        join_all(pages),
    )
    .await;
    Ok(SiteAnswers {
        edge,
        now: clock::now(),
        credit_lines,
        solution,
        has_system_token: credentials.map(|credentials| credentials.system_token.is_some()),
        infobip,
        pages,
        settings,
    })
}

/// Asks Infobip for the report of a message that there is not.
async fn ask_infobip(
    deployment: Deployment<'_>,
    site: &SiteId,
    settings: &SiteSettings,
) -> Option<Result<(), ApiError>> {
    let infobip = settings.infobip.as_ref()?;
    let mut request = infobip::delivery_report(infobip, site, "embark-doctor");
    request.deadline = request.deadline.min(DEADLINE);
    let secrets = provider_secrets(deployment.env, &deployment.settings.keyring, &request).await;
    let response = match secrets {
        Ok(secrets) => fetch::send_provider_request(&secrets, &request, &Subject::site(site)).await,
        Err(error) => Err(error),
    };
    Some(check_provider(response).map(|_| ()))
}

async fn read<T: DeserializeOwned>(
    deployment: Deployment<'_>,
    request: Option<GraphRequest>,
) -> Answer<T> {
    send(deployment, request, decode::<T>).await
}

async fn send<T>(
    deployment: Deployment<'_>,
    request: Option<GraphRequest>,
    decode: impl FnOnce(ApiResult) -> Result<T, ApiError>,
) -> Answer<T> {
    let mut request = request?;
    request.deadline = request.deadline.min(DEADLINE);
    let graph = &deployment.settings.meta.graph;
    // Whom it is about, the address of the request says.
    let response = fetch::send_graph_request(graph, &request, &Subject::default()).await;
    Some(decode(response))
}

/// How long a call may take: whoever asks waits for all of them.
const DEADLINE: Duration = Duration::from_secs(8);
/// How many of a site's origins are requested.
const MAX_PAGES: usize = 5;
