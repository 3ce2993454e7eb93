//! Which path of the console is which route.

use super::*;
use crate::http::route::{Audience, Route, find as find_route};

#[test]
fn console_is_on_the_operators_origin_alone() {
    for path in [
        "/console",
        "/console/sign-in",
        "/console/signups",
        "/console/sites/acme",
        "/console/audit",
    ] {
        let operator = find_route(Audience::Operator, "GET", path);
        assert!(matches!(operator, Ok(Route::Console(_))), "{path}");
        let public = find_route(Audience::Public, "GET", path);
        assert_eq!(public, Err(ProblemCode::NotFound), "{path}");
    }
}

#[test]
fn session_is_opened_and_closed_outside_of_pages_and_actions() {
    for (method, path, route) in [
        ("GET", "/console/sign-in", ConsoleRoute::SignInPage),
        ("POST", "/console/sign-in", ConsoleRoute::SignIn),
        ("POST", "/console/sign-out", ConsoleRoute::SignOut),
    ] {
        let found = find_route(Audience::Operator, method, path);
        assert_eq!(found, Ok(Route::Console(route)), "{method} {path}");
    }
}

#[test]
fn page_and_form_of_one_path_differ_by_method() {
    let get = find_route(Audience::Operator, "GET", "/console/sites");
    assert_eq!(
        get,
        Ok(Route::Console(ConsoleRoute::Page(ConsolePage::Sites)))
    );
    let post = find_route(Audience::Operator, "POST", "/console/sites");
    let add = ConsoleRoute::Action(ConsoleAction::AddSite);
    assert_eq!(post, Ok(Route::Console(add)));
    for (method, path, want) in [
        ("POST", "/console", ProblemCode::MethodNotAllowed),
        ("PUT", "/console/sites", ProblemCode::MethodNotAllowed),
        ("GET", "/console/sign-out", ProblemCode::MethodNotAllowed),
        ("PUT", "/console/sign-in", ProblemCode::MethodNotAllowed),
        (
            "GET",
            "/console/sites/acme/settings",
            ProblemCode::MethodNotAllowed,
        ),
        ("GET", "/console/nothing", ProblemCode::NotFound),
        ("POST", "/console/sites/acme/nothing", ProblemCode::NotFound),
        ("GET", "/console/sites/Not_A_Site", ProblemCode::BadId),
        (
            "POST",
            "/console/sites/acme/wabas/x/token",
            ProblemCode::BadId,
        ),
    ] {
        let found = find_route(Audience::Operator, method, path);
        assert_eq!(found, Err(want), "{method} {path}");
    }
}
