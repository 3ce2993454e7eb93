//! A signup is handed over to one window at a time, and by its own page only.

use crate::end_code;
use embark_edge::grant::Grant;
use embark_edge::signup::handover::{check, next, take};
use embark_edge::signup::{End, Signup, Stage};
use embark_protocol::{AppKey, Code, SignupId, SiteId};

fn signup() -> Signup {
    let (id, site, app) = ids();
    Signup::launched(id, site, app, "https://shop.example".into(), 0)
}

fn ids() -> (SignupId, SiteId, AppKey) {
    (
        SignupId::parse(&"a".repeat(32)).unwrap(),
        SiteId::parse("acme").unwrap(),
        AppKey::parse("main").unwrap(),
    )
}

fn grant(handover: Option<usize>, holder: &str) -> Grant {
    let (id, site, app) = ids();
    Grant {
        handover,
        holder: handover.map(|_| holder.into()),
        ..Grant::new(id, site, app, "https://shop.example".into(), 0)
    }
}

#[test]
fn the_first_to_post_holds_a_handover() {
    let mut run = signup();
    // Each row: which handover, who, whether it may look, whether it may post.
    for (n, who, look, post) in [
        (None, "the page", true, true),
        (Some(0), "one", true, true),
        (Some(0), "one", true, true),
        (Some(0), "two", false, false),
        (Some(2), "two", false, false),
        (None, "the page", true, true),
        // The page is given the next once the first is used.
        (Some(1), "two", true, true),
        (Some(0), "one", true, true),
        (Some(1), "one", false, false),
        (Some(0), "two", false, false),
    ] {
        let grant = grant(n, who);
        assert_eq!(check(&run, &grant).is_ok(), look, "{n:?} {who}");
        let said = take(&mut run, &grant).map_err(|problem| problem.code);
        let want = if post { Ok(()) } else { Err(Code::GrantUsed) };
        assert_eq!(said, want, "{n:?} {who}");
    }
    assert_eq!(run.holders, ["one", "two"]);
}

#[test]
fn looking_holds_nothing() {
    let mut run = signup();
    for who in ["a scanner", "another", "the customer"] {
        assert!(check(&run, &grant(Some(0), who)).is_ok(), "{who}");
    }
    assert!(take(&mut run, &grant(Some(0), "the customer")).is_ok());
    assert!(check(&run, &grant(Some(0), "a scanner")).is_err());
}

#[test]
fn another_is_offered_while_somebody_may_go_on_elsewhere() {
    let mut run = signup();
    for n in 0..8 {
        assert_eq!(next(&run), Some(n));
        take(&mut run, &grant(Some(n), &n.to_string())).unwrap();
    }
    assert_eq!(next(&run), None, "nobody opens so many windows");

    let at = 0;
    let problem = || embark_edge::fault::problem(Code::CodeExpired);
    for (end, offered) in [
        (End::Relaunch(problem()), true),
        (End::Abandoned, true),
        (End::Failed(problem()), false),
        (
            End::Connected {
                without_number: false,
            },
            false,
        ),
    ] {
        let mut run = signup();
        run.stage = Stage::Ended { end, at };
        assert_eq!(next(&run).is_some(), offered, "{:?}", end_code(&run));
    }
    let mut run = signup();
    run.stage = Stage::Running;
    assert_eq!(next(&run), Some(0), "it may be asked something there");
}
