//! The operator's console: pages on the operator's origin, rendered here, that work without a script. What they show and do are
//! the operations that the operator's API has too.

mod access;
mod accounts;
mod actions;
mod apps;
mod callbacks;
mod checklist;
mod checks;
mod doctor;
mod form;
mod funnel;
mod health;
mod keys;
mod layout;
mod operation;
mod outcome;
mod overview;
mod preview;
mod session;
mod signups;
mod site_actions;
mod site_choice;
mod sites;
mod team;
mod transfers;

use super::incoming::Incoming;
use super::public::launch;
use super::rate_limit::{self, TokenKind};
use super::response::HandlerResponse;
use super::route::{ConsoleAction, ConsolePage, ConsoleRoute};
use crate::operations::operators;
use access::AccessSession;
use embark_protocol::{Problem, ProblemCode};
use form::Form;
use maud::html;
use session::Session;

/// Handles a route of the console.
///
/// # Errors
/// None of ours while an operator is signed in: a problem is a page. Else `too_many_requests`, or `internal` if the Partner
/// object did not reply.
pub async fn handle(
    route: ConsoleRoute,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    rate_limit::check_address(incoming).await?;
    match route {
        ConsoleRoute::SignInPage => Ok(sign_in_page(incoming, None)),
        ConsoleRoute::SignIn => sign_in(incoming).await,
        ConsoleRoute::SignOut => {
            let answer = async |session: &Session| sign_out(incoming, session).await;
            signed_in(incoming, answer).await
        }
        ConsoleRoute::Page(page) => {
            let answer = async |session: &Session| show(page, incoming, session).await;
            signed_in(incoming, answer).await
        }
        ConsoleRoute::Action(action) => {
            let answer = async |session: &Session| act(action, incoming, session).await;
            signed_in(incoming, answer).await
        }
    }
}

/// Answers an operator who is signed in, or whom Cloudflare Access has signed in; anybody else is sent to the page that asks for a
/// token.
async fn signed_in(
    incoming: &Incoming<'_>,
    answer: impl AsyncFnOnce(&Session) -> Result<HandlerResponse, Problem>,
) -> Result<HandlerResponse, Problem> {
    if let Some(session) = Session::of(incoming).await? {
        return Ok(answer_to(incoming, &session, answer).await);
    }
    match AccessSession::open(incoming).await {
        Ok(Some(opened)) => {
            let response = answer_to(incoming, &opened.session, answer).await;
            Ok(opened.add_cookie(response))
        }
        Ok(None) => Ok(redirect(incoming, "/console/sign-in", vec![])),
        Err(problem) => Ok(sign_in_page(incoming, Some(&problem))),
    }
}

async fn answer_to(
    incoming: &Incoming<'_>,
    session: &Session,
    answer: impl AsyncFnOnce(&Session) -> Result<HandlerResponse, Problem>,
) -> HandlerResponse {
    incoming.sign_in(session.operator.clone());
    let result = answer(session).await;
    result.unwrap_or_else(|problem| {
        incoming.trace.set_problem(problem.code);
        layout::problem_page(session, &problem)
    })
}

/// The page that asks for a token. `problem`: why the request before was refused.
fn sign_in_page(incoming: &Incoming<'_>, problem: Option<&Problem>) -> HandlerResponse {
    if let Some(problem) = problem {
        incoming.trace.set_problem(problem.code);
    }
    layout::sign_in_page(problem, access::is_named(incoming))
}

async fn show(
    page: ConsolePage,
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    let nothing = html! {};
    match page {
        ConsolePage::Overview => overview::overview(incoming, session).await,
        ConsolePage::Signups => signups::list(incoming, session).await,
        ConsolePage::Signup(site, id) => {
            signups::one(incoming, session, &site, &id, &nothing).await
        }
        ConsolePage::Export(site) => signups::export(incoming, session, site).await,
        ConsolePage::Sites => sites::list(incoming, session).await,
        ConsolePage::Site(site) => sites::one(incoming, session, &site, &nothing).await,
        ConsolePage::Preview(site) => launch::preview(incoming, site).await,
        ConsolePage::Apps => apps::list(incoming, session).await,
        ConsolePage::App(app) => apps::one(incoming, session, &app, &nothing).await,
        ConsolePage::SiteDoctor(site) => doctor::of_site(incoming, session, &site).await,
        ConsolePage::AppDoctor(app) => doctor::of_app(incoming, session, &app).await,
        ConsolePage::Checklist(app) => checklist::one(incoming, session, &app, &nothing).await,
        ConsolePage::Health => health::show(incoming, session).await,
        ConsolePage::Accounts => accounts::accounts(incoming, session, &nothing).await,
        ConsolePage::Events => accounts::events(incoming, session, &nothing).await,
        ConsolePage::Unclaimed => accounts::unclaimed(incoming, session).await,
        ConsolePage::Callbacks => callbacks::list(incoming, session, &nothing).await,
        ConsolePage::Transfer(number) => transfers::show(incoming, session, &number).await,
        ConsolePage::Audit => team::audit(incoming, session).await,
        ConsolePage::Keys => keys::show(incoming, session, &nothing).await,
        ConsolePage::Operators => team::list(incoming, session, &nothing).await,
    }
}

/// Carries out what a form of one of our own pages asks for, if the operator may.
async fn act(
    action: ConsoleAction,
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    let form = own_form(incoming, session)?;
    let access = operation::access_of(&action, &form)?;
    access.check(&session.operator)?;
    let what = access.action.unwrap_or_default();
    actions::perform(action, what, &form, incoming, session).await
}

/// The form of the request, which one of the session's own pages has sent.
fn own_form(incoming: &Incoming<'_>, session: &Session) -> Result<Form, Problem> {
    let form = Form::of(incoming)?;
    if !session::is_own_page(incoming) || !session.has_csrf_token(form.text("csrf")) {
        let detail = "the form is not of this session: open the page again";
        return Err(Problem::new(ProblemCode::OriginNotAllowed).with_detail(detail));
    }
    Ok(form)
}

/// `POST /console/sign-out`
async fn sign_out(incoming: &Incoming<'_>, session: &Session) -> Result<HandlerResponse, Problem> {
    own_form(incoming, session)?;
    operators::close_session(incoming.deployment(), session.text()).await?;
    let cookie = session::delete_cookie(&incoming.settings.operator_origin);
    Ok(redirect(incoming, "/console/sign-in", vec![cookie]))
}

/// `POST /console/sign-in`: a session for whoever has an operator's token.
async fn sign_in(incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    rate_limit::check_wrong_tokens(incoming, TokenKind::Operator)?;
    if !session::is_own_page(incoming) {
        // Another site's form would sign the browser in as somebody else.
        let problem = Problem::new(ProblemCode::OriginNotAllowed);
        return Ok(sign_in_page(incoming, Some(&problem)));
    }
    let form = Form::of(incoming)?;
    let opened = operators::open_session(incoming.deployment(), form.text("token")).await?;
    let Some(opened) = opened else {
        rate_limit::count_wrong_token(incoming, TokenKind::Operator).await?;
        let problem = Problem::new(ProblemCode::Unauthorized);
        return Ok(sign_in_page(incoming, Some(&problem)));
    };
    let origin = &incoming.settings.operator_origin;
    let cookie = session::set_cookie(&opened.text, opened.valid_for, origin);
    Ok(redirect(incoming, "/console", vec![cookie]))
}

/// 303 to a page of the console.
fn redirect(incoming: &Incoming<'_>, path: &str, cookies: Vec<String>) -> HandlerResponse {
    HandlerResponse::Redirect {
        location: [&incoming.settings.operator_origin, path].concat(),
        cookies,
    }
}
