//! What is still to be done once it is connected, and whether Meta has moved since.

use crate::scene::{Scene, Setting};
use anyhow::Result;
use embark_tests::stage::HOST;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn next_steps_are_listed_and_looked_at_again() -> Result<()> {
    let scene = high().await?;
    scene.goto(&format!("{HOST}/")).await?;
    scene.connected_with_next_steps("Next steps").await?;
    let lines = json!([
        ["embark-line-display_name", "problem"],
        ["embark-line-health", "problem"],
        ["embark-line-business_verification", "active"],
        ["embark-line-payment", "todo"],
    ]);
    assert_eq!(scene.lines().await?, lines);
    let seen = scene.until(&["connected"]).await?;
    for words in [
        "Choose another display name in WhatsApp Manager",
        "Meta is still reviewing your business.",
        "Add a payment method in WhatsApp Manager",
        REASON,
    ] {
        seen.says(words);
    }
    seen.offers("embark-check");
    let promised = seen.text.contains("ready for WhatsApp");
    assert!(!promised, "Meta holds its messages back: {seen:#?}");
    scene.picture("report").await?;

    // What is Meta's is text, whatever it looks like.
    let markup = "<b>Nothing</b> of this is markup.";
    scene.stands("VERIFIED", &blocked(markup)).await?;
    let paid = json!({"primary_funding_id": "1"});
    scene.stage.patch(WABA, paid).await?;
    // What was read a moment ago is not read again.
    sleep(Duration::from_secs(31)).await;
    scene.click("embark-check").await?;
    let seen = scene
        .until_seen("what has changed", |seen| seen.text.contains(markup))
        .await?;
    seen.says("Check again");
    assert!(!seen.text.contains("Add a payment method"), "{seen:#?}");
    let lines = json!([
        ["embark-line-display_name", "problem"],
        ["embark-line-health", "problem"],
    ]);
    assert_eq!(scene.lines().await?, lines);
    let events = scene.events().await?;
    assert_eq!(events.names().last(), Some(&"connected"), "{events:#?}");
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn in_arabic_they_read_from_right_to_left() -> Result<()> {
    let scene = high().await?;
    scene.goto(&format!("{HOST}/?lang=ar")).await?;
    scene.connected_with_next_steps("الخطوات التالية").await?;
    scene.picture("report_arabic").await
}

#[tokio::test]
async fn where_nothing_is_left_to_do_nothing_is_listed() -> Result<()> {
    let scene = Scene::open("/").await?;
    let paid = json!({"primary_funding_id": "1"});
    scene.stage.patch(WABA, paid).await?;
    scene.connect().await?;
    // The report is there within a moment.
    sleep(Duration::from_secs(4)).await;
    assert_eq!(scene.lines().await?, json!([]));
    let seen = scene.until(&["connected"]).await?;
    assert!(!seen.text.contains("Next steps"), "{seen:#?}");
    Ok(())
}

impl Scene {
    /// Connects a number that Meta is not done with.
    async fn connected_with_next_steps(&self, title: &str) -> Result<()> {
        self.stands("PENDING", &blocked(REASON)).await?;
        let name = json!({"name_status": "DECLINED"});
        self.stage.patch("phones/6000000000000001", name).await?;
        self.connect().await?;
        let listed = |seen: &crate::seen::Seen| seen.text.contains(title);
        self.until_seen(title, listed).await?;
        Ok(())
    }

    async fn connect(&self) -> Result<()> {
        self.until(&["ready"]).await?;
        self.click("embark-button").await?;
        self.popup().await?.finish().await?;
        self.until(&["connected"]).await?;
        Ok(())
    }

    /// How Meta sees business and number.
    async fn stands(&self, verification: &str, health: &Value) -> Result<()> {
        let business = json!({"business_verification_status": verification});
        self.stage.patch(WABA, business).await?;
        let health = json!({"health_status": health});
        self.stage.patch("phones/6000000000000001", health).await
    }

    /// The list as it stands on the page: each line and its state.
    async fn lines(&self) -> Result<Value> {
        let script = "return [...document.querySelectorAll('.em-line')]
            .map((line) => [line.dataset.testid, line.dataset.state])";
        self.inside(script).await
    }
}

/// A page that the whole list fits on.
async fn high() -> Result<Scene> {
    let size = Some((720, 760));
    Scene::with(Setting {
        size,
        ..Setting::default()
    })
    .await
}

fn blocked(why: &str) -> Value {
    json!({"can_send_message": "BLOCKED", "entities": [{
        "entity_type": "WABA", "id": "5000000000000001", "can_send_message": "BLOCKED",
        "errors": [{"error_code": 141006, "error_description": why, "possible_solution": ""}],
    }]})
}

const WABA: &str = "wabas/5000000000000001";
/// As in Meta's documentation ("Messaging health status").
const REASON: &str =
    "There is an error with the payment method. This will block business initiated conversations.";
