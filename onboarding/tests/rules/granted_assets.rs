//! What else the customer granted: kept as Meta's event names it, confirmed where the token lists it, and never in the way.

use crate::fake::{CALLBACK, World, outcome_post, session_ids};
use embark_onboarding::signup::{Signup, commands};
use embark_protocol::SignupStatus;
use embark_protocol::requests::OutcomeRequest;
use serde_json::{Value, json};

/// A signup whose page posted these lists, as they came.
fn run(world: &World, granted: &Value) -> Signup {
    let mut post = serde_json::to_value(outcome_post("code-1", Some(session_ids()), None)).unwrap();
    post["granted"] = granted.clone();
    let post: OutcomeRequest = serde_json::from_value(post).unwrap();
    let mut signup = world.launched();
    world
        .with_context(|cx| commands::outcome(&mut signup, post, CALLBACK, cx))
        .unwrap();
    world.run_until_idle_from(signup)
}

#[test]
fn assets_are_confirmed_where_the_token_lists_them() {
    for (granted, want) in [
        (json!({}), json!(null)),
        (json!("none"), json!(null)),
        (json!({"page_ids": 7, "catalog_ids": [{}]}), json!(null)),
        (
            json!({"page_ids": ["7000000000000001", "7000000000000002"], "ad_account_ids": ["act_7000000000000003"],
                "waba_ids": ["5000000000000001"], "next_years_ids": ["7000000000000009"]}),
            json!({
                "page_ids": [{"id": "7000000000000001", "confirmed": true}, {"id": "7000000000000002", "confirmed": false}],
                "ad_account_ids": [{"id": "act_7000000000000003", "confirmed": false}],
                "waba_ids": [{"id": "5000000000000001", "confirmed": true}],
            }),
        ),
    ] {
        let world = World::new();
        let signup = run(&world, &granted);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{granted}");
        let connected = serde_json::to_value(world.snapshot(&signup).connected).unwrap();
        assert_eq!(connected["granted"], want, "{granted}");
        let events = world.events.borrow();
        let event = events.iter().find(|event| event.name == "signup.connected");
        let told = serde_json::to_value(event.unwrap().connected.clone()).unwrap();
        assert_eq!(told["granted"], want, "{granted}");
    }
}
