//! The person leaves Meta's popup early: each way of leaving is reported as its own reason and can be resumed.

use crate::fixture::BrowserFixture;
use anyhow::{Context, Result};

#[tokio::test]
async fn popup_cancelled_names_step_and_can_be_resumed() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let popup = fixture.open_popup().await?;
    popup.cancel_at("PHONE_NUMBER_SETUP").await?;

    let dom = fixture.until_state(&["cancelled"]).await?;
    dom.assert_text("You left while adding your phone number.");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("cancelled").await?;
    let events = fixture.events().await?;
    let cancelled = events.only_detail("cancelled");
    assert_eq!(cancelled["reason"], "cancelled");
    assert_eq!(cancelled["step"], "PHONE_NUMBER_SETUP");

    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let events = fixture.events().await?;
    assert_eq!(events.count("launched"), 2);
    assert_eq!(
        events.only_detail("connected")["signup"],
        cancelled["signup"]
    );
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    Ok(())
}

#[tokio::test]
async fn popup_error_report_is_quoted() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let popup = fixture.open_popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    popup.click("report").await?;
    popup.wait_until_closed().await?;

    let dom = fixture.until_state(&["cancelled"]).await?;
    dom.assert_text("Something went wrong on this screen.");
    dom.assert_text("524126");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("cancelled_error").await?;
    let events = fixture.events().await?;
    let cancelled = events.only_detail("cancelled");
    assert_eq!(cancelled["reason"], "error");
    assert_eq!(cancelled["error_code"], "524126");
    let session = cancelled["session_id"].as_str().context("no session id")?;
    dom.assert_text(session);
    Ok(())
}

#[tokio::test]
async fn popup_closed_is_detected_and_can_be_reopened() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.open_popup().await?.close().await?;

    let dom = fixture.until_state(&["popup_closed"]).await?;
    dom.assert_text("The window was closed");
    fixture.screenshot("popup_closed").await?;
    assert_eq!(
        fixture.events().await?.only_detail("cancelled")["reason"],
        "closed"
    );

    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn popup_finish_without_code_is_not_success() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let popup = fixture.open_popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    popup.run_script(FINISH_WITHOUT_CODE).await?;
    popup.close().await?;

    let dom = fixture.until_state(&["popup_silent"]).await?;
    dom.assert_text("Meta’s confirmation did not arrive");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("popup_silent").await?;
    assert_eq!(fixture.events().await?.count("connected"), 0);
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 0)
        .await?;

    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    Ok(())
}

const FINISH_WITHOUT_CODE: &str = r#"
  const data = { waba_id: "5000000000000001", phone_number_id: "6000000000000001" };
  opener.postMessage(JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event: "FINISH", version: "3", data }), "*");
"#;
