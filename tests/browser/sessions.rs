//! A tag with a session of the partner's back end.

use crate::fixture::{BrowserFixture, FixtureOptions};
use anyhow::{Context, Result};
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Url;
use serde_json::{Value, json};

#[tokio::test]
async fn signup_of_a_tag_with_a_session_is_the_customers_that_the_back_end_named() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    let settings = json!({"sessions": "required"});
    fixture.deployment.put_site("acme", &settings, &[]).await?;
    let first = fixture.session("customer-7").await?;
    fixture.open_with_session(&first).await?;
    fixture.until_state(&["ready"]).await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let connected = fixture
        .deployment
        .wait_for_listed_event("acme", "signup.connected")
        .await?;
    let proven = json!({"id": "customer-7", "verified": true});
    assert_eq!(connected["data"]["reference"], proven);
    let backend = fixture.deployment.backend("acme", &["read"]).await?;
    let list = backend.get("/signups?reference=customer-7").await?;
    assert_eq!(list["signups"][0]["reference"], proven);

    // The session is used up: another tab shows no button, until it is given another one.
    fixture.browser.open_tab().await?;
    fixture.switch_to_new_tab().await?;
    fixture.set_framed(true);
    fixture.open_with_session(&first).await?;
    let dom = fixture.until_state(&["stopped"]).await?;
    dom.assert_text("Please reload the page and start again.");
    let second = fixture.session("customer-8").await?;
    let change = format!("document.querySelector('embark-signup').dataset.session = '{second}'");
    fixture.run_on_page(&change).await?;
    fixture.until_state(&["ready"]).await?;
    // Nothing starts without one.
    fixture
        .run_on_page("delete document.querySelector('embark-signup').dataset.session")
        .await?;
    fixture.until_state(&["stopped"]).await?;
    Ok(())
}

#[tokio::test]
async fn reloaded_page_goes_on_with_the_signup_of_its_session() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    let session = fixture.session("customer-7").await?;
    fixture.open_with_session(&session).await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": crate::happy_path::SLOW_MS});
    fixture.deployment.add_fault(slow).await?;
    fixture.open_popup().await?.finish().await?;
    fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;
    let launched = fixture.until_event("launched").await?;
    fixture.reload().await?;
    let connected = fixture.until_event("connected").await?;
    assert_eq!(connected["signup"], launched["signup"]);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn page_loaded_again_with_its_used_session_shows_what_became_of_it() -> Result<()> {
    for mode in ["frame", "inline"] {
        let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
        fixture.set_framed(mode == "frame");
        let session = fixture.session("customer-7").await?;
        fixture.open_in_mode(&session, mode).await?;
        fixture.open_popup().await?.finish().await?;
        fixture.until_state(&["connected"]).await?;
        let connected = fixture.until_event("connected").await?;
        for load in 1..=2 {
            fixture.reload().await?;
            let dom = fixture.until_state(&["connected"]).await?;
            dom.assert_text("+1 631-555-0101");
            let restored = fixture.until_event("connected").await?;
            assert_eq!(restored["signup"], connected["signup"], "{mode}, {load}");
            assert_eq!(restored["restored"], true, "{mode}, {load}");
        }
        // With another session of the customer, another signup can be begun.
        let second = fixture.session("customer-7").await?;
        fixture.open_in_mode(&second, mode).await?;
        fixture.until_state(&["ready"]).await?;
    }
    Ok(())
}

impl BrowserFixture {
    /// A session for the pages of the shop.
    async fn session(&self, reference: &str) -> Result<String> {
        let backend = self.deployment.backend("acme", &["write"]).await?;
        let order = json!({"reference": reference, "origin": SHOP_ORIGIN});
        let created = backend.create_session("acme", &order).await?;
        let created: Value = created.error_for_status()?.json().await?;
        let text = created["session"].as_str().context("no session")?;
        Ok(text.to_owned())
    }

    async fn open_with_session(&self, session: &str) -> Result<()> {
        self.open_in_mode(session, "frame").await
    }

    async fn open_in_mode(&self, session: &str, mode: &str) -> Result<()> {
        let body = format!(
            r#"<script src="https://signup.partner.example/embark.js"></script>
               <embark-signup data-site="acme" data-session="{session}" data-mode="{mode}"></embark-signup>"#
        );
        let page = format!("{SHOP_ORIGIN}/page");
        let url = Url::parse_with_params(&page, [("body", body)]).context("no URL")?;
        self.goto(url.as_str()).await
    }
}
