//! A signup without a page: every operation fails once, in every way.

use crate::fake::{FaultPoint, PlannedFault, World};
use crate::{all_faults, is_connected};
use embark_onboarding::resources::run::HostedSignup;
use embark_onboarding::signup::Signup;
use embark_protocol::{BusinessId, WabaId};

fn run(fault: Option<PlannedFault>) -> (World, Signup) {
    let world = World::new();
    let mut signup = world.launched();
    signup.start_hosted(HostedSignup {
        site: signup.site.clone(),
        app: signup.app.clone(),
        waba: WabaId::parse("5000000000000001").unwrap(),
        business: BusinessId::parse("4000000000000001").unwrap(),
    });
    world.fault.set(fault);
    let signup = world.run_until_idle_from(signup);
    (world, signup)
}

#[test]
fn hosted_signup_ends_connected_whatever_fails_once() {
    let (world, signup) = run(None);
    assert!(is_connected(&signup), "{:?}", signup.stage);
    for fault in all_faults(world.operations.get()) {
        let (world, signup) = run(Some(fault));
        let cell = format!("{:?} {:?}", world.failed.get(), fault.point);
        assert!(is_connected(&signup), "{cell}: {:?}", signup.stage);
        assert_eq!(world.meta.borrow().accepted_registrations, 1, "{cell}");
        let may_repeat = fault.point != FaultPoint::RequestLost;
        assert!(
            may_repeat || world.count_calls("system_user_token") <= 2,
            "{cell}"
        );
    }
}
