//! Too late: the page lay open longer than its grant holds, or the code could not be delivered in its life.

use crate::scene::{Scene, Setting};
use anyhow::Result;
use embark_tests::stage::HOST;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn a_page_whose_grant_has_expired_gets_another_and_connects() -> Result<()> {
    let late = Setting {
        late: true,
        ..Setting::default()
    };
    let scene = Scene::with(late).await?;
    scene.goto(HOST).await?;
    scene.until(&["ready"]).await?;
    // The page's own clock does not say so: only the edge does, once the button is pressed.
    scene.stage.ahead(Duration::from_hours(25)).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    let events = scene.events().await?;
    assert_eq!(events.count("failed") + events.count("cancelled"), 0);
    let (launched, connected) = (events.one("launched"), events.one("connected"));
    // The signup of an expired grant cannot begin any more: the fresh grant is of another one.
    assert_ne!(launched["signup"], connected["signup"]);
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_code_that_could_not_be_delivered_in_its_life_leads_back_to_meta() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.finish_while_the_edge_is_down().await?;
    sleep(CODE_LIVES).await;
    scene.stage.workerd.restart().await?;
    let seen = scene.until(&["stopped", "relaunch", "failed"]).await?;
    seen.says("Meta’s answer could not be delivered in time.");
    seen.offers("embark-restart");
    let events = scene.events().await?;
    let failed = events.one("failed");
    assert_eq!(failed["code"], "unsent");
    assert_eq!(failed["remedy"], "relaunch");

    // A dead code is not sent after all, and the same signup goes on.
    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let events = scene.events().await?;
    assert_eq!(events.one("connected")["signup"], failed["signup"]);
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

/// Meta's 30 s, and a little.
const CODE_LIVES: Duration = Duration::from_secs(33);
