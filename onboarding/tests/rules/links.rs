//! The link by which a customer goes on with a signup: for which signups there is one, and until when.

use crate::fake::{World, graph_error, session_ids};
use core::time::Duration;
use embark_onboarding::auth::grant::{Grant, GrantKind};
use embark_onboarding::signup::link::resume_link;
use embark_onboarding::signup::{Signup, commands};
use embark_protocol::{Problem, ProblemCode, SignupStatus, SiteId};
use serde_json::json;

const ORIGIN: &str = "https://signup.example";

fn link(world: &World, signup: &Signup, site: &str) -> Result<(Grant, Duration), Problem> {
    let site = SiteId::parse(site).unwrap();
    world.with_context(|cx| {
        let link = resume_link(signup, &site, cx, ORIGIN)?;
        let prefix = format!("{ORIGIN}/go/acme#embark={}.", signup.id);
        let grant = link.url.strip_prefix(&prefix).unwrap();
        let text = format!("{grant}~{}", "w".repeat(36));
        let grant = Grant::verify(&text, &signup.id, cx.keyring, cx.now).unwrap();
        let lifetime = Duration::from_millis(link.expires_at - cx.now.0);
        Ok((grant, lifetime))
    })
}

fn abandoned(world: &World) -> Signup {
    let mut signup = world.launched();
    let post = serde_json::from_value(json!({"reason": "closed"})).unwrap();
    world.with_context(|cx| commands::ended(&mut signup, post, "page/".into(), cx));
    signup
}

#[test]
fn signup_that_waits_for_its_customer_has_a_link() {
    let hours = Duration::from_hours;
    let asking = || {
        let world = World::new();
        world.unverify_number();
        let signup = world.run_signup(Some(session_ids()));
        (world, signup)
    };
    let launched = || {
        let world = World::new();
        let signup = world.launched();
        (world, signup)
    };
    let left = || {
        let world = World::new();
        let signup = abandoned(&world);
        (world, signup)
    };
    let refused = || {
        let world = World::new();
        world.script([("exchange", graph_error(400, 100, Some(36_007)))]);
        let signup = world.run_signup(Some(session_ids()));
        (world, signup)
    };
    for ((world, signup), status, at_most) in [
        (launched(), SignupStatus::Launched, hours(24)),
        (left(), SignupStatus::Abandoned, hours(24)),
        (asking(), SignupStatus::NeedsInput, hours(14 * 24)),
        (refused(), SignupStatus::Relaunch, hours(24)),
    ] {
        assert_eq!(world.status(&signup), status);
        let (grant, lifetime) = link(&world, &signup, "acme").unwrap();
        assert_eq!(grant.kind(), GrantKind::Resume, "{status:?}");
        assert!(lifetime <= at_most && lifetime > hours(23), "{lifetime:?}");
        let rival = link(&world, &signup, "rival").unwrap_err();
        assert_eq!(rival.code, ProblemCode::NotFound);
        world.advance(hours(15 * 24));
        let late = link(&world, &signup, "acme").unwrap_err();
        assert_eq!(late.code, ProblemCode::DeadlinePassed, "{status:?}");
    }
}

#[test]
fn signup_that_goes_on_by_itself_or_has_ended_has_none() {
    let world = World::new();
    let running = world.with_code("code-1", Some(session_ids()));
    let connected = world.run_until_idle();
    for signup in [&running, &connected] {
        let refused = link(&world, signup, "acme").unwrap_err();
        assert_eq!(refused.code, ProblemCode::Conflict);
    }
    assert_eq!(world.status(&running), SignupStatus::Running);
    assert_eq!(world.status(&connected), SignupStatus::Connected);
}
