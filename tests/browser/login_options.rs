//! Options of Meta's login dialog: set by the site, and by its tag where the site allows it.

use crate::fixture::{BrowserFixture, FixtureOptions};
use anyhow::{Result, ensure};
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};

#[tokio::test]
async fn tag_option_not_allowed_falls_back_to_link_with_reason() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    fixture.goto(&format!("{SHOP_ORIGIN}/prefilled")).await?;
    let link = "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('a')?.href ?? null";
    fixture.until_script(link, |link| !link.is_null()).await?;
    let has_reason = |text: &Value| {
        let text = text.as_str().unwrap_or_default();
        text.contains("bad_request") && text.contains("featureType")
    };
    let text = "return document.body.innerText";
    fixture.until_widget_script(text, has_reason).await?;
    Ok(())
}

#[tokio::test]
async fn tag_prefill_and_feature_type_reach_meta() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    let allowed = json!({"tag_may": ["prefill", "feature_type"], "es_version": "v3"});
    fixture.put_site_options(allowed).await?;
    fixture.goto(&format!("{SHOP_ORIGIN}/prefilled")).await?;
    let popup = fixture.open_popup().await?;
    let name = popup.field_value("business-name").await?;
    assert_eq!(name.as_deref(), Some("Lucky Sprout"));
    popup.continue_to("PHONE_NUMBER_SETUP").await?;
    let name = popup.field_value("display-name").await?;
    assert_eq!(name.as_deref(), Some("Sprout"));
    popup.finish().await?;
    let dom = fixture.until_state(&["connected"]).await?;
    dom.assert_text("You can go on using it in the WhatsApp Business app.");
    assert_eq!(
        fixture.events().await?.only_detail("connected")["coexistence"],
        true
    );
    fixture.deployment.assert_calls("*/register", 0).await?;
    Ok(())
}

#[tokio::test]
async fn site_app_only_install_options_reach_meta() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    fixture.put_site_options(json!({"features": ["app_only_install"], "es_version": "v4", "graph_version": "v24.0", "sdk_locale": "de_DE"})).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    fixture.until_state(&["ready"]).await?;
    let sdk = "return document.querySelector('#facebook-jssdk').src";
    fixture
        .until_widget_script_returns(sdk, "https://connect.facebook.net/de_DE/sdk.js")
        .await?;
    fixture.click("embark-button").await?;
    let popup = fixture.popup().await?;
    fixture
        .until("the dialog's request", async || {
            let calls = fixture.deployment.call_log().await?;
            let is_dialog = |call: &Value| call.to_string().contains("/v24.0/dialog/oauth");
            ensure!(calls.iter().any(is_dialog), "{calls:#?}");
            Ok(())
        })
        .await?;
    popup.finish().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    Ok(())
}

impl BrowserFixture {
    /// Stores the site with these additional settings.
    pub async fn put_site_options(&self, options: Value) -> Result<()> {
        self.deployment.put_site("acme", &options, &[]).await
    }
}
