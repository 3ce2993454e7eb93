//! What is said to Meta at the launch: by the site, and by its tag where the site lets it.

use crate::scene::{Scene, Setting};
use anyhow::{Result, ensure};
use embark_tests::stage::{HOST, site_json};
use serde_json::{Value, json};

#[tokio::test]
async fn a_tag_that_says_what_it_may_not_gets_the_hosted_page_and_says_why() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?;
    scene.goto(&format!("{HOST}/prefilled")).await?;
    let link = "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('a')?.href ?? null";
    scene.until_page(link, |link| !link.is_null()).await?;
    let why = scene.inside("return document.body.innerText").await?;
    let why = why.as_str().unwrap_or_default();
    assert!(
        why.contains("bad_request") && why.contains("featureType"),
        "{why}"
    );
    Ok(())
}

#[tokio::test]
async fn a_number_stays_in_the_app_and_the_form_is_filled_in() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?;
    let may = json!({"tag_may": ["prefill", "feature_type"], "es_version": "v3"});
    scene.site(may).await?;
    scene.goto(&format!("{HOST}/prefilled")).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    let name = popup.value("business-name").await?;
    assert_eq!(name.as_deref(), Some("Lucky Sprout"));
    popup.up_to("PHONE_NUMBER_SETUP").await?;
    let name = popup.value("display-name").await?;
    assert_eq!(name.as_deref(), Some("Sprout"));
    popup.finish().await?;
    let seen = scene.until(&["connected"]).await?;
    seen.says("You can go on using it in the WhatsApp Business app.");
    assert_eq!(scene.events().await?.one("connected")["coexistence"], true);
    assert_eq!(scene.stage.count("*/register", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_app_may_be_installed_alone() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?;
    scene.site(json!({"features": ["app_only_install"], "es_version": "v4", "graph_version": "v24.0", "sdk_locale": "de_DE"})).await?;
    scene.goto(HOST).await?;
    scene.until(&["ready"]).await?;
    let sdk = scene
        .inside("return document.querySelector('#facebook-jssdk').src")
        .await?;
    assert_eq!(sdk, "https://connect.facebook.net/de_DE/sdk.js");
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.enter().await?;
    let dialogs = scene.stage.log().await?;
    let dialogs = dialogs.iter().map(Value::to_string);
    assert!(
        dialogs
            .clone()
            .any(|call| call.contains("/v24.0/dialog/oauth"))
    );
    popup.finish().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    Ok(())
}

impl Scene {
    /// The site with these options more.
    pub async fn site(&self, more: Value) -> Result<()> {
        let mut site = site_json("acme", &[HOST]);
        for (name, value) in more.as_object().into_iter().flatten() {
            site[name] = value.clone();
        }
        let answer = self.stage.put("sites/acme", &site).await?;
        ensure!(answer.status().is_success(), answer.text().await?);
        Ok(())
    }
}
