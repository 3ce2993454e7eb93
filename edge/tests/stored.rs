//! Stored rows outlive a deploy: each release's rows stand in `golden/` and must open in this one. A file
//! is never changed; a release that stores something new adds files of its own.

use embark_edge::signup::{Signup, view};
use embark_edge::{partner::Partner, phone::Phone, site::Site, waba::Waba};
use embark_protocol::Status;
use serde::de::DeserializeOwned;

fn open<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn runs_of_0_1_0_open_and_show_what_they_showed() {
    for (name, status) in [
        ("0.1.0/run-launched", Status::Launched),
        ("0.1.0/run-exchanging", Status::Running),
        ("0.1.0/run-asking-pin", Status::NeedsInput),
        ("0.1.0/run-connected", Status::Connected),
        ("0.1.0/run-relaunch", Status::Relaunch),
        ("0.1.0/run-handed-off", Status::Waiting),
        ("0.1.0/run-sharing-credit", Status::Running),
    ] {
        let run: Signup = open(name);
        assert_eq!(view::render(&run, run.touched).status, status, "{name}");
    }
}

#[test]
fn objects_of_0_1_0_open() {
    let phone: Phone = open("0.1.0/phone");
    assert!(phone.accepted.is_some() && phone.owner.is_some());
    let waba: Waba = open("0.1.0/waba");
    assert_eq!((waba.owners.len(), waba.tokens.len()), (1, 1));
    let site: Site = open("0.1.0/site");
    assert!(site.config.is_some());
    let partner: Partner = open("0.1.0/partner");
    assert_eq!((partner.apps.len(), partner.open.len()), (1, 1));
}
