//! Expired credentials: the page was open for longer than its grant is valid, or the code could not be delivered
//! while it was valid.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn expired_grant_is_replaced_and_signup_connects() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: expiry does not depend on the browser",
    ) {
        return Ok(());
    }
    let options = FixtureOptions {
        local_build: true,
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    fixture.until_state(&["ready"]).await?;
    // The page's clock does not change: it learns of the expiry from the Worker's response.
    fixture
        .deployment
        .advance_clock(Duration::from_hours(25))
        .await?;
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    let events = fixture.events().await?;
    assert_eq!(events.count("failed") + events.count("cancelled"), 0);
    let (launched, connected) = (
        events.only_detail("launched"),
        events.only_detail("connected"),
    );
    // A signup cannot begin with an expired grant: the new grant belongs to another signup.
    assert_ne!(launched["signup"], connected["signup"]);
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn code_undelivered_until_expiry_leads_back_to_meta() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: waits until a code expires",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    fixture.finish_while_worker_is_down().await?;
    sleep(CODE_LIFETIME).await;
    fixture.deployment.workerd.restart().await?;
    let dom = fixture
        .until_state(&["stopped", "relaunch", "failed"])
        .await?;
    dom.assert_text("Meta’s answer could not be delivered in time.");
    dom.assert_enabled("embark-restart");
    let events = fixture.events().await?;
    let failed = events.only_detail("failed");
    assert_eq!(failed["code"], "unsent");
    assert_eq!(failed["remedy"], "relaunch");

    // The expired code is not sent; the same signup continues.
    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let events = fixture.events().await?;
    assert_eq!(events.only_detail("connected")["signup"], failed["signup"]);
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

/// A little longer than Meta's codes are valid (30 s).
const CODE_LIFETIME: Duration = Duration::from_secs(33);
