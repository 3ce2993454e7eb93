//! Which request has which route.

use super::*;
use embark_protocol::user_callbacks::UserCallbackKind;
use embark_protocol::{AppKey, SiteId};

#[test]
fn route_exists_on_its_own_origin_only() {
    let id = "a".repeat(32);
    let public = [
        "/frame",
        "/go/acme",
        "/go/acme/dialog",
        "/go/callback",
        "/v1/sites/acme",
        &format!("/v1/signups/{id}"),
    ];
    for path in public {
        assert!(find(Audience::Public, "GET", path).is_ok(), "{path}");
        assert_eq!(
            find(Audience::Operator, "GET", path),
            Err(ProblemCode::NotFound),
            "{path}"
        );
    }
    for verb in ["launched", "outcome", "assets", "ended", "input", "report"] {
        let path = format!("/v1/signups/{id}/{verb}");
        assert!(find(Audience::Public, "POST", &path).is_ok(), "{path}");
        assert_eq!(
            find(Audience::Operator, "POST", &path),
            Err(ProblemCode::NotFound),
            "{path}"
        );
    }
    for path in [
        "/v1/admin/apps/main",
        "/v1/admin/sites/acme",
        "/v1/admin/secrets/app/main/app_secret",
        "/v1/admin/secrets/site/acme/infobip",
    ] {
        assert!(find(Audience::Operator, "PUT", path).is_ok(), "{path}");
        assert_eq!(
            find(Audience::Public, "PUT", path),
            Err(ProblemCode::NotFound),
            "{path}"
        );
    }
}

#[test]
fn head_has_the_route_of_get_and_a_slash_too_many_moves_pages() {
    let get = |path| find(Audience::Public, "GET", path);
    let head = |path| find(Audience::Public, "HEAD", path);
    for path in [
        "/frame",
        "/go/acme",
        "/go/acme/dialog",
        "/go/callback",
        "/favicon.ico",
    ] {
        assert!(get(path).is_ok());
        assert_eq!(head(path), get(path), "{path}");
    }
    for (path, page) in [
        ("/go/acme/", "/go/acme"),
        ("/frame/", "/frame"),
        ("/go/callback/", "/go/callback"),
        ("/go/acme/dialog/", "/go/acme/dialog"),
    ] {
        assert_eq!(get(path), Ok(Route::Moved(page.to_owned())), "{path}");
        assert_eq!(head(path), Ok(Route::Moved(page.to_owned())), "{path}");
    }
    // One slash at a time, so that no browser reads the target as another host.
    assert_eq!(get("/go/acme//"), Ok(Route::Moved("/go/acme/".to_owned())));
}

#[test]
fn preflight_of_any_api_path_is_public_only() {
    let path = "/v1/signups/any/thing";
    let public = find(Audience::Public, "OPTIONS", path);
    assert_eq!(public, Ok(Route::Preflight));
    let operator = find(Audience::Operator, "OPTIONS", path);
    assert_eq!(operator, Err(ProblemCode::NotFound));
    let page = find(Audience::Public, "OPTIONS", "/frame");
    assert_eq!(page, Err(ProblemCode::MethodNotAllowed));
}

#[test]
fn unknown_path_method_or_id_has_its_own_code() {
    for (method, path, want) in [
        ("DELETE", "/frame", ProblemCode::MethodNotAllowed),
        ("GET", "/v1/signups/abc/outcome", ProblemCode::BadId),
        ("POST", "/v1/signups/NOTHEX", ProblemCode::BadId),
        ("GET", "/go/Not_A_Site", ProblemCode::BadId),
        ("GET", "/", ProblemCode::NotFound),
        ("GET", "/v1/signups", ProblemCode::NotFound),
        ("GET", "/go/", ProblemCode::BadId),
        ("GET", "/v1/sites/acme/", ProblemCode::NotFound),
        ("POST", "/go/acme/", ProblemCode::NotFound),
        ("POST", "/go/acme/dialog", ProblemCode::MethodNotAllowed),
        ("GET", "/go/Not_A_Site/dialog", ProblemCode::BadId),
        ("GET", "/go/acme/other", ProblemCode::NotFound),
        (
            "POST",
            &format!("/v1/signups/{}/nothing", "a".repeat(32)),
            ProblemCode::NotFound,
        ),
    ] {
        assert_eq!(
            find(Audience::Public, method, path),
            Err(want),
            "{method} {path}"
        );
    }
}

#[test]
fn webhook_of_meta_has_two_methods_and_the_largest_body() {
    let path = "/v1/webhooks/meta/main";
    let app = AppKey::parse("main").unwrap();
    let handshake = Route::Public(PublicRoute::MetaHandshake(app.clone()));
    let webhook = Route::Public(PublicRoute::MetaWebhook(app));
    for method in ["GET", "HEAD"] {
        assert_eq!(find(Audience::Public, method, path), Ok(handshake.clone()));
    }
    assert_eq!(find(Audience::Public, "POST", path), Ok(webhook.clone()));
    for method in ["PUT", "DELETE", "PATCH"] {
        let refused = find(Audience::Public, method, path);
        assert_eq!(refused, Err(ProblemCode::MethodNotAllowed), "{method}");
    }
    for (audience, path) in [
        (Audience::Operator, path),
        (Audience::Public, "/v1/webhooks/meta/Not-An-App"),
        (Audience::Public, "/v1/webhooks/meta/"),
        (Audience::Public, "/v1/webhooks/meta/main/other"),
    ] {
        assert_eq!(
            find(audience, "POST", path),
            Err(ProblemCode::NotFound),
            "{path}"
        );
    }
    assert_eq!(
        (webhook.body_cap(), handshake.body_cap()),
        (3 << 20, BODY_CAP)
    );
}

#[test]
fn callbacks_about_people_are_public_and_their_list_is_the_operators() {
    let app = AppKey::parse("main").unwrap();
    for (word, kind) in [
        ("deauthorize", UserCallbackKind::Deauthorize),
        ("delete", UserCallbackKind::Delete),
    ] {
        let path = format!("/v1/callbacks/meta/main/{word}");
        let route = Route::Public(PublicRoute::UserCallback(app.clone(), kind));
        assert_eq!(find(Audience::Public, "POST", &path), Ok(route));
        let refused = find(Audience::Public, "GET", &path);
        assert_eq!(refused, Err(ProblemCode::MethodNotAllowed));
        let operator = find(Audience::Operator, "POST", &path);
        assert_eq!(operator, Err(ProblemCode::NotFound));
    }
    let page = Route::Public(PublicRoute::DeletionPage(app, "c0de".to_owned()));
    let path = "/v1/callbacks/meta/main/deletions/c0de";
    assert_eq!(find(Audience::Public, "GET", path), Ok(page));
    for path in [
        "/v1/callbacks/meta/main/other",
        "/v1/callbacks/meta/Not-An-App/delete",
        "/v1/callbacks/meta/main",
        "/v1/admin/callbacks",
    ] {
        let refused = find(Audience::Public, "POST", path);
        assert_eq!(refused, Err(ProblemCode::NotFound), "{path}");
    }
    let list = find(Audience::Operator, "GET", "/v1/admin/callbacks");
    assert_eq!(list, Ok(Route::Operator(OperatorRoute::ListUserCallbacks)));
}

#[test]
fn settings_of_messages_are_applied_by_the_operator_alone() {
    let path = "/v1/admin/sites/acme/messages";
    let acme = SiteId::parse("acme").unwrap();
    let route = OperatorRoute::OfSite(acme, SiteRoute::ApplyMessages);
    assert_eq!(
        find(Audience::Operator, "POST", path),
        Ok(Route::Operator(route))
    );
    let refused = find(Audience::Operator, "GET", path);
    assert_eq!(refused, Err(ProblemCode::MethodNotAllowed));
    let public = find(Audience::Public, "POST", path);
    assert_eq!(public, Err(ProblemCode::NotFound));
}

#[test]
fn path_says_which_methods_it_takes() {
    for (audience, path, allowed) in [
        (Audience::Public, "/v1/backend/renewals", "POST"),
        (
            Audience::Public,
            "/v1/webhooks/meta/main",
            "GET, HEAD, POST",
        ),
        (
            Audience::Operator,
            "/v1/admin/sites/acme",
            "GET, HEAD, PUT, PATCH",
        ),
        (
            Audience::Operator,
            "/v1/admin/sites/acme/endpoint",
            "GET, HEAD, PUT, DELETE",
        ),
        (Audience::Public, "/v1/nothing", ""),
    ] {
        let methods = allowed_methods(audience, path).join(", ");
        assert_eq!(methods, allowed, "{path}");
    }
}

#[test]
fn each_origin_has_a_description_of_its_own() {
    let path = "/v1/openapi.json";
    let public = find(Audience::Public, "GET", path);
    assert_eq!(public, Ok(Route::Public(PublicRoute::ApiDescription)));
    let operator = find(Audience::Operator, "GET", path);
    assert_eq!(operator, Ok(Route::Operator(OperatorRoute::ApiDescription)));
    for audience in [Audience::Public, Audience::Operator] {
        let file = find(audience, "GET", "/v1/openapi-admin.json");
        assert_eq!(file, Err(ProblemCode::NotFound));
        let refused = find(audience, "POST", path);
        assert_eq!(refused, Err(ProblemCode::MethodNotAllowed));
    }
}
