//! Which pages may read a response: our own, those that the site lists, and the one that a grant was issued to.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const EVIL: &str = "https://evil.example";

#[tokio::test]
async fn faults_are_injected_by_tests_and_by_no_page() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let inject = || {
        let url = format!("{}/v1/local/clock", deployment.origin);
        let request = deployment.client.post(url);
        let request = request.header("content-type", "text/plain");
        request.body(r#"{"ahead_ms":1000}"#)
    };
    for (header, value) in [
        ("origin", EVIL),
        ("origin", deployment.origin.as_str()),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-origin"),
    ] {
        let refused = inject().header(header, value).send().await?;
        assert_eq!(refused.status().as_u16(), 403, "{header}: {value}");
    }
    assert_eq!(inject().send().await?.status().as_u16(), 204);
    Ok(())
}

#[tokio::test]
async fn response_is_readable_by_listed_and_granted_origins_only() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let get = |path: &str| {
        deployment
            .client
            .get(format!("{}{path}", deployment.origin))
    };
    let forged = || {
        let request = deployment.client.get(format!(
            "{}/v1/signups/{}",
            deployment.origin,
            widget.signup_id()
        ));
        request.bearer_auth("g1.1.e30.AAAA")
    };
    let own = deployment.origin.as_str();
    let launched = || widget.request("POST", "/launched").json(&json!({}));
    let cases: Vec<(&str, RequestBuilder, &str, bool)> = vec![
        ("document", get("/v1/sites/acme"), SHOP_ORIGIN, true),
        ("document", get("/v1/sites/acme"), EVIL, false),
        ("document of no site", get("/v1/sites/none"), EVIL, false),
        ("hosted page", get("/go/acme"), EVIL, false),
        (
            "frame",
            get("/frame?site=acme&host=https%3A%2F%2Fshop.example"),
            EVIL,
            false,
        ),
        (
            "frame",
            get("/frame?site=acme&host=https%3A%2F%2Fshop.example"),
            SHOP_ORIGIN,
            false,
        ),
        ("post", launched(), SHOP_ORIGIN, true),
        ("post", launched(), own, true),
        ("post", launched(), EVIL, false),
        ("post", launched(), "null", false),
        ("poll", widget.request("GET", ""), SHOP_ORIGIN, true),
        ("poll", widget.request("GET", ""), EVIL, false),
        ("forged grant", forged(), SHOP_ORIGIN, false),
        ("unknown path", get("/v1/nothing"), EVIL, false),
    ];
    for (name, request, origin, is_readable) in cases {
        let response = request.header("origin", origin).send().await?;
        let allowed = response.headers().get("access-control-allow-origin");
        let allowed = allowed.map(|value| value.to_str()).transpose()?;
        assert_eq!(allowed, is_readable.then_some(origin), "{name} {origin}");
    }
    let operator = deployment.operator_url("/v1/admin/sites/acme");
    let refused = deployment.client.get(operator).header("origin", EVIL);
    let refused = refused.send().await?;
    assert_eq!(refused.status().as_u16(), 401);
    assert!(
        !refused
            .headers()
            .contains_key("access-control-allow-origin")
    );

    // A preflight says what may be sent, and reflects nobody.
    let url = format!("{}/v1/signups/{}", deployment.origin, widget.signup_id());
    let preflight = deployment.client.request(Method::OPTIONS, url);
    let preflight = preflight.header("origin", EVIL).send().await?;
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    Ok(())
}
