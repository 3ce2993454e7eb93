//! Popups are blocked on the hosted page: it redirects to Meta's page, which redirects back with the code.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::requirement::runs_in;
use anyhow::{Context, Result};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::PUBLIC_ORIGIN;
use reqwest::Url;
use serde_json::{Value, json};

#[tokio::test]
async fn callback_with_unrequested_code_is_refused() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: the redirect flow is not part of the Firefox suite",
    ) {
        return Ok(());
    }
    let fixture = hosted_page_with_popups_blocked().await?;
    let launch = "return JSON.parse(document.getElementById('embark-launch').textContent).signup";
    let signup = fixture.run_on_page(launch).await?;
    let signup = signup.as_str().context("no signup")?;
    // The signup id is not secret: the host page knows it. Tried before and after the redirect to Meta.
    let forged = format!(
        "{PUBLIC_ORIGIN}/go/callback?code=FORGED&state={signup}.00000000-0000-4000-8000-000000000000"
    );
    fixture.goto(&forged).await?;
    fixture.assert_error_page("grant_missing").await?;
    fixture.goto(&hosted_page_url()).await?;
    fixture.continue_at_meta().await?;
    fixture.meta_page().continue_to("PERMISSIONS").await?;
    for url in [
        forged.as_str(),
        &format!("{PUBLIC_ORIGIN}/go/callback?code=FORGED"),
        &format!("{PUBLIC_ORIGIN}/go/callback?code=F&state=."),
    ] {
        fixture.goto(url).await?;
        fixture.assert_error_page("grant_").await?;
    }
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 0)
        .await?;
    Ok(())
}

#[tokio::test]
async fn popup_blocked_on_hosted_page_redirects_to_meta_and_back() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to read cookies") {
        return Ok(());
    }
    let fixture = hosted_page_with_popups_blocked().await?;
    let dom = fixture.until_state(&["popup_blocked"]).await?;
    dom.assert_text("brings you back");
    dom.assert_enabled("embark-here");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("popup_blocked_hosted").await?;
    fixture.click("embark-here").await?;
    let meta = fixture.meta_page();
    meta.continue_to("PHONE_NUMBER_SETUP").await?;
    meta.click("cancel").await?;
    // After a cancel the button is shown again, and the URL holds nothing of Meta's response.
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    fixture
        .until_script_returns("return location.href", hosted_page_url())
        .await?;

    fixture.continue_at_meta().await?;
    meta.finish_in_place().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture
        .until_script_returns("return location.href", hosted_page_url())
        .await?;
    let cookies = fixture
        .browser
        .devtools(
            "Network.getCookies",
            json!({"urls": [format!("{PUBLIC_ORIGIN}/go/callback")]}),
        )
        .await?;
    assert_eq!(
        cookies["cookies"],
        json!([]),
        "the grant's cookie is deleted"
    );
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    fixture.deployment.assert_calls("*/register", 1).await?;

    // Going back in the browser's history does not send the code again.
    fixture.browser.client.back().await?;
    fixture.goto(&hosted_page_url()).await?;
    fixture.until_state(&["connected", "ready"]).await?;
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    Ok(())
}

#[tokio::test]
async fn sdk_blocked_on_hosted_page_redirects_to_meta_and_back() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: the redirect flow is not part of the Firefox suite",
    ) {
        return Ok(());
    }
    let options = FixtureOptions {
        sdk_blocked: true,
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?.without_frame();
    fixture.goto(&hosted_page_url()).await?;
    fixture
        .until_state(&["sdk_blocked"])
        .await?
        .assert_enabled("embark-here");
    fixture.screenshot("sdk_blocked_hosted").await?;
    fixture.click("embark-here").await?;
    fixture.meta_page().finish_in_place().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn hosted_page_query_survives_redirect() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: the redirect flow is not part of the Firefox suite",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture
        .put_site_options(json!({"tag_may": ["prefill"]}))
        .await?;
    let prefill = json!({"business_name": "Lucky; Sprout", "email": "a@sprout.example",
        "website": "https://sprout.example", "country": "DE"});
    let query = [("lang", "de,en"), ("prefill", &prefill.to_string())];
    let url = Url::parse_with_params(&hosted_page_url(), query)?.to_string();
    fixture.goto(&url).await?;
    fixture.continue_at_meta().await?;
    let meta = fixture.meta_page();
    meta.continue_to("PHONE_NUMBER_SETUP").await?;
    meta.click("cancel").await?;

    fixture
        .until_state(&["ready"])
        .await?
        .assert_text("WhatsApp verbinden");
    fixture
        .until_script_returns("return location.href", url)
        .await?;
    fixture.continue_at_meta().await?;
    let name = meta.field_value("business-name").await?;
    assert_eq!(name.as_deref(), Some("Lucky; Sprout"));
    Ok(())
}

/// The hosted page after a click whose popup was blocked.
async fn hosted_page_with_popups_blocked() -> Result<BrowserFixture> {
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto(&hosted_page_url()).await?;
    fixture.click_with_popups_blocked().await?;
    Ok(fixture)
}

impl BrowserFixture {
    /// Clicks the widget's button while popups are blocked.
    async fn click_with_popups_blocked(&self) -> Result<()> {
        self.until_state(&["ready"]).await?;
        self.block_popups().await?;
        self.click("embark-button").await?;
        self.until_state(&["popup_blocked"]).await?;
        Ok(())
    }

    /// The same, then accepts to continue on Meta's page in this window.
    async fn continue_at_meta(&self) -> Result<()> {
        self.click_with_popups_blocked().await?;
        self.click("embark-here").await
    }

    /// Like the browsers in some apps, which open no windows.
    async fn block_popups(&self) -> Result<Value> {
        self.run_in_widget("window.open = () => null").await
    }

    /// Waits for a page that shows this problem code, and asserts that it shows nothing of the forged callback.
    async fn assert_error_page(&self, code: &str) -> Result<()> {
        let has_code = |text: &Value| text.to_string().contains(code);
        let text = "return document.body.innerText";
        let text = self.until_script(text, has_code).await?;
        assert!(!text.to_string().contains("FORGED"), "{text}");
        Ok(())
    }
}
