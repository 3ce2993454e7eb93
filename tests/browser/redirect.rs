//! No popup comes up on the hosted page: it goes to Meta's page itself and comes back with the code.

use crate::scene::{Scene, Setting, hosted};
use anyhow::{Context, Result};
use embark_tests::stage::PUBLIC;
use reqwest::Url;
use serde_json::{Value, json};

#[tokio::test]
async fn a_code_that_this_browser_did_not_ask_for_is_not_taken() -> Result<()> {
    let scene = blocked().await?;
    let launch = "return JSON.parse(document.getElementById('embark-launch').textContent).signup";
    let signup = scene.on_page(launch).await?;
    let signup = signup.as_str().context("no signup")?;
    // The signup is no secret: the host page knows it. Before and after the browser has left for Meta.
    let forged = format!(
        "{PUBLIC}/go/callback?code=FORGED&state={signup}.00000000-0000-4000-8000-000000000000"
    );
    scene.goto(&forged).await?;
    scene.refused("grant_missing").await?;
    scene.goto(&hosted()).await?;
    scene.leave_for_meta().await?;
    scene.meta_here().up_to("PERMISSIONS").await?;
    for state in [
        forged.as_str(),
        &format!("{PUBLIC}/go/callback?code=FORGED"),
        &format!("{PUBLIC}/go/callback?code=F&state=."),
    ] {
        scene.goto(state).await?;
        scene.refused("grant_").await?;
    }
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn metas_page_takes_the_place_of_ours_and_brings_back() -> Result<()> {
    let scene = blocked().await?;
    let seen = scene.until(&["popup_blocked"]).await?;
    seen.says("brings you back");
    seen.offers("embark-here");
    seen.offers("embark-restart");
    scene.picture("popup_blocked_hosted").await?;
    scene.click("embark-here").await?;
    let meta = scene.meta_here();
    meta.up_to("PHONE_NUMBER_SETUP").await?;
    meta.press("cancel").await?;
    // Turned back: the button is there, and nothing of Meta's answer is left in the address.
    scene.until(&["ready"]).await?.offers("embark-button");
    assert_eq!(scene.on_page("return location.href").await?, hosted());

    scene.leave_for_meta().await?;
    meta.to_the_end().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    assert_eq!(scene.on_page("return location.href").await?, hosted());
    let cookies = scene
        .chrome
        .devtools(
            "Network.getCookies",
            json!({"urls": [format!("{PUBLIC}/go/callback")]}),
        )
        .await?;
    assert_eq!(
        cookies["cookies"],
        json!([]),
        "the grant is not left in a cookie"
    );
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);

    // The browser's own way back does not send the code again.
    scene.chrome.client.back().await?;
    scene.goto(&hosted()).await?;
    scene.until(&["connected", "ready"]).await?;
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn metas_script_is_not_needed_for_it() -> Result<()> {
    let no_sdk = Setting {
        no_sdk: true,
        ..Setting::default()
    };
    let scene = Scene::with(no_sdk).await?.unframed();
    scene.goto(&hosted()).await?;
    scene.until(&["sdk_blocked"]).await?.offers("embark-here");
    scene.picture("sdk_blocked_hosted").await?;
    scene.click("embark-here").await?;
    scene.meta_here().to_the_end().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_the_page_was_asked_for_is_not_lost_on_the_way() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?.unframed();
    scene.site(json!({"tag_may": ["prefill"]})).await?;
    let prefill = json!({"business_name": "Lucky; Sprout", "email": "a@sprout.example",
        "website": "https://sprout.example", "country": "DE"});
    let asked = [("lang", "de,en"), ("prefill", &prefill.to_string())];
    let address = Url::parse_with_params(&hosted(), asked)?.to_string();
    scene.goto(&address).await?;
    scene.leave_for_meta().await?;
    let meta = scene.meta_here();
    meta.up_to("PHONE_NUMBER_SETUP").await?;
    meta.press("cancel").await?;

    scene.until(&["ready"]).await?.says("WhatsApp verbinden");
    assert_eq!(scene.on_page("return location.href").await?, address);
    scene.leave_for_meta().await?;
    let name = meta.value("business-name").await?;
    assert_eq!(name.as_deref(), Some("Lucky; Sprout"));
    Ok(())
}

/// The hosted page, after a click that brought no window up.
async fn blocked() -> Result<Scene> {
    let scene = Scene::with(Setting::default()).await?.unframed();
    scene.goto(&hosted()).await?;
    scene.press_in_vain().await?;
    Ok(scene)
}

impl Scene {
    /// The button brings no window up.
    async fn press_in_vain(&self) -> Result<()> {
        self.until(&["ready"]).await?;
        self.block().await?;
        self.click("embark-button").await?;
        self.until(&["popup_blocked"]).await?;
        Ok(())
    }

    async fn leave_for_meta(&self) -> Result<()> {
        self.press_in_vain().await?;
        self.click("embark-here").await
    }

    /// As some browsers inside of apps do.
    async fn block(&self) -> Result<Value> {
        self.inside("window.open = () => null").await
    }

    /// A page that says why, and nothing of the callback's.
    async fn refused(&self, code: &str) -> Result<()> {
        let text = self.on_page("return document.body.innerText").await?;
        let text = text.as_str().context("no text")?;
        assert!(text.contains(code) && !text.contains("FORGED"), "{text}");
        Ok(())
    }
}
