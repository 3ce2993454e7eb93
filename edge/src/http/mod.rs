//! HTTP: the route table, the handlers of both origins, and responses.

pub mod admin;
mod api_description;
pub mod backend;
mod console;
pub mod html;
mod idempotency;
pub mod incoming;
mod launch;
pub mod locale;
mod merge_patch;
mod parameters;
pub mod public;
mod rate_limit;
pub mod response;
pub mod route;
pub mod security_headers;
mod texts;
pub mod widget_view;

use crate::config::{MissingVar, Settings};
use crate::fetch;
use crate::telemetry::{self, RequestTrace};
use core::cell::{Cell, OnceCell};
use embark_onboarding::telemetry::{LogEvent, RequestEvent, Subject};
use embark_onboarding::time::millis;
use embark_onboarding::transport::TransportError;
use embark_onboarding::web::origin::Origin;
use embark_onboarding::web::request_url;
use embark_protocol::{Problem, ProblemCode};
use incoming::Incoming;
use response::{HandlerResponse, into_response, preflight};
use route::{BODY_CAP, Route};
use std::rc::Rc;
use worker::{Env, Request, Response};

/// Serves a request, with a line in the log. The response has the id by which that line is found, and for an operator how
/// long it took.
///
/// # Errors
/// None of ours: each is a response with a problem document. The runtime refused to build a response.
pub async fn serve(request: Request, env: &Env) -> worker::Result<Response> {
    let trace = RequestTrace::begin(&request);
    // As it was sent: the runtime's type reads a method that it does not know as GET.
    let method = request.inner().method();
    telemetry::within(&trace, async {
        let answer = answer(request, env, &trace).await;
        let answer = answer
            .inspect_err(|error| telemetry::failure("respond", error, &Subject::default()))?;
        let headers = answer.response.headers();
        headers.set("x-request-id", trace.id())?;
        if answer.is_operators {
            let timing = trace.spans().to_header(trace.duration());
            headers.set("server-timing", &timing)?;
        }
        if answer.problem == Some(ProblemCode::UnknownSite) {
            trace.forget_subject();
        }
        let event = RequestEvent {
            route: answer.route,
            method,
            status: answer.response.status_code(),
            problem: answer.problem,
            duration_ms: millis(trace.duration()),
        };
        telemetry::record(LogEvent::Request(event), &Subject::default());
        Ok(answer.response)
    })
    .await
}

/// A response, with what the log has of it.
struct Answer {
    response: Response,
    route: String,
    problem: Option<ProblemCode>,
    /// Whether an operator asked.
    is_operators: bool,
}

async fn answer(
    mut request: Request,
    env: &Env,
    trace: &Rc<RequestTrace>,
) -> worker::Result<Answer> {
    let settings = match Settings::load(env) {
        Ok(settings) => settings,
        Err(MissingVar(name)) => {
            let problem = Problem::new(ProblemCode::AppMisconfigured).with_detail(name);
            telemetry::failure("settings", &MissingVar(name), &Subject::default());
            return Ok(Answer {
                response: into_response(Err(problem), None, request.method())?,
                route: NO_ROUTE.to_owned(),
                problem: Some(ProblemCode::AppMisconfigured),
                is_operators: false,
            });
        }
    };
    // Read before anything is decided: a client that is still sending may lose the response to it.
    let route = find_route(&request, &settings);
    let name = match &route {
        Ok(route) => {
            trace.add(&route.subject());
            route.name()
        }
        Err(_) => NO_ROUTE.to_owned(),
    };
    let cap = route.as_ref().map_or(BODY_CAP, Route::body_cap);
    let body = fetch::read_body(&mut request, cap)
        .await
        .map_err(body_problem);
    let origin = origin_of(&request);
    let method = request.method();
    let incoming = Incoming {
        request,
        body,
        origin: origin.as_deref(),
        is_readable: Cell::new(false),
        operator: OnceCell::new(),
        trace: trace.clone(),
        env,
        settings: &settings,
    };
    let result = match route {
        Err(code) => public::refuse(code, &incoming).await,
        Ok(Route::Preflight) => {
            return Ok(Answer {
                response: preflight()?,
                route: name,
                problem: None,
                is_operators: false,
            });
        }
        Ok(Route::Moved(path)) => Ok(HandlerResponse::Moved {
            location: request_url::with_path(&incoming.url(), &path),
        }),
        Ok(Route::Public(route)) => public::handle(route, &incoming).await,
        Ok(Route::Console(route)) => console::handle(route, &incoming).await,
        Ok(Route::Operator(route)) => admin::handle(route, &incoming).await,
    };
    let problem = match &result {
        Err(problem) => Some(problem.code),
        Ok(HandlerResponse::Forbidden(problem)) => Some(problem.code),
        Ok(_) => trace.problem(),
    };
    let reader = incoming.origin.filter(|_| incoming.is_readable.get());
    let response = into_response(result, reader, method)?;
    if response.status_code() == 405 {
        // https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6
        let allowed = allowed_methods(&incoming.request, &settings);
        response.headers().set("allow", &allowed)?;
    }
    Ok(Answer {
        response,
        route: name,
        problem,
        is_operators: incoming.operator.get().is_some(),
    })
}

/// The methods that the address of a request takes, with a comma between them.
fn allowed_methods(request: &Request, settings: &Settings) -> String {
    let requested = request_url::origin(&request.inner().url());
    match route::audience_of(&requested, &settings.origin, &settings.operator_origin) {
        Ok(audience) => route::allowed_methods(audience, &request.path()).join(", "),
        Err(_) => String::new(),
    }
}

fn find_route(request: &Request, settings: &Settings) -> Result<Route, ProblemCode> {
    let requested = request_url::origin(&request.inner().url());
    let audience = route::audience_of(&requested, &settings.origin, &settings.operator_origin)?;
    // As it was sent: the runtime's type reads a method that it does not know as GET.
    route::find(audience, &request.inner().method(), &request.path())
}

/// The `Origin` header. `None`: absent, or not an origin.
fn origin_of(request: &Request) -> Option<String> {
    let text = request.headers().get("origin").ok().flatten()?;
    Origin::parse(&text).map(|origin| origin.as_str().to_owned())
}

fn body_problem(error: TransportError) -> Problem {
    Problem::new(match error {
        TransportError::TooLarge => ProblemCode::BodyTooLarge,
        _ => ProblemCode::BadRequest,
    })
}

/// What the log names a request that no route takes.
const NO_ROUTE: &str = "none";
