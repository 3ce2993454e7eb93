//! A signup is handed over to one window at a time, and by its own page only.

use embark_onboarding::auth::grant::{Grant, LinkKind};
use embark_onboarding::signup::handover::{acquire, acts_for, check_may_read, next_number};
use embark_onboarding::signup::{End, Signup, Stage};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, Problem, ProblemCode, SignupId, SiteId};

const PAGE_ORIGIN: &str = "https://shop.example";
const NOW: UnixMillis = UnixMillis(0);

fn signup() -> Signup {
    let (id, site, app) = ids();
    Signup::launched(id, site, app, PAGE_ORIGIN.into(), NOW)
}

fn ids() -> (SignupId, SiteId, AppKey) {
    (
        SignupId::parse(&"a".repeat(32)).unwrap(),
        SiteId::parse("acme").unwrap(),
        AppKey::parse("main").unwrap(),
    )
}

/// A grant for the handover of this number, as `window` presents it; `None`: the page's own grant.
fn grant(handover: Option<usize>, window: &str) -> Grant {
    let (id, site, app) = ids();
    Grant {
        handover,
        holder: handover.map(|_| window.into()),
        ..Grant::new(id, site, app, PAGE_ORIGIN.into(), NOW)
    }
}

#[test]
fn handover_grant_admits_only_the_first_window_that_posts() {
    let mut signup = signup();
    for (handover, window, may_read, may_post) in [
        (None, "the page", true, true),
        (Some(0), "one", true, true),
        (Some(0), "one", true, true),
        (Some(0), "two", false, false),
        (Some(2), "two", false, false),
        (None, "the page", true, true),
        // The page is given the next handover once the first is used.
        (Some(1), "two", true, true),
        (Some(0), "one", true, true),
        (Some(1), "one", false, false),
        (Some(0), "two", false, false),
    ] {
        let grant = grant(handover, window);
        let read = check_may_read(&signup, &grant);
        assert_eq!(read.is_ok(), may_read, "{handover:?} {window}");
        let posted = acquire(&mut signup, &grant);
        let code = posted.err().map(|problem| problem.code);
        let refused = (!may_post).then_some(ProblemCode::GrantUsed);
        assert_eq!(code, refused, "{handover:?} {window}");
    }
    assert_eq!(signup.window_holders, ["one", "two"]);
}

#[test]
fn read_with_handover_grant_does_not_take_the_handover() {
    let mut signup = signup();
    for window in ["a link scanner", "another one", "the customer"] {
        let read = check_may_read(&signup, &grant(Some(0), window));
        assert!(read.is_ok(), "{window}");
    }
    assert!(acquire(&mut signup, &grant(Some(0), "the customer")).is_ok());
    assert!(check_may_read(&signup, &grant(Some(0), "a link scanner")).is_err());
}

#[test]
fn next_handover_is_offered_until_eight_were_used() {
    let mut signup = signup();
    for number in 0..8 {
        assert_eq!(next_number(&signup), Some(number));
        acquire(&mut signup, &grant(Some(number), &number.to_string())).unwrap();
    }
    assert_eq!(next_number(&signup), None);
}

#[test]
fn next_handover_is_offered_while_the_signup_can_continue() {
    let problem = || Problem::new(ProblemCode::CodeExpired);
    let connected = End::Connected {
        without_number: false,
    };
    for (end, offered) in [
        (End::Relaunch(problem()), true),
        (End::Abandoned, true),
        (End::Failed(problem()), false),
        (connected, false),
    ] {
        let mut signup = signup();
        signup.stage = Stage::Ended { end, at: NOW };
        let number = next_number(&signup);
        assert_eq!(number.is_some(), offered, "{:?}", signup.stage);
    }
    let mut signup = signup();
    signup.stage = Stage::Running;
    assert_eq!(next_number(&signup), Some(0), "it may ask for input");
}

#[test]
fn window_acts_for_the_signup_once_it_holds_it() {
    let mut signup = signup();
    let (looker, customer) = (grant(Some(0), "looker"), grant(Some(0), "customer"));
    assert!(acts_for(&signup, &grant(None, "the page")));
    assert!(!acts_for(&signup, &looker) && !acts_for(&signup, &customer));
    acquire(&mut signup, &customer).unwrap();
    assert!(acts_for(&signup, &customer) && !acts_for(&signup, &looker));
}

#[test]
fn link_to_resume_is_good_for_the_window_that_was_given_it() {
    let mut signup = signup();
    let resume = |handover, window| Grant {
        link: Some(LinkKind::Resume),
        ..grant(handover, window)
    };
    let of_page = resume(None, "");
    assert!(check_may_read(&signup, &of_page).is_ok());
    // A link for a window that does not hold the handover opens nothing, and takes nothing.
    assert!(acquire(&mut signup, &resume(Some(0), "looker")).is_err());
    assert!(signup.window_holders.is_empty());
    acquire(&mut signup, &grant(Some(0), "customer")).unwrap();
    assert!(acquire(&mut signup, &resume(Some(0), "customer")).is_ok());
    assert!(acquire(&mut signup, &resume(Some(0), "looker")).is_err());
    assert!(acquire(&mut signup, &of_page).is_ok());
    assert_eq!(signup.window_holders, ["customer"]);
}
