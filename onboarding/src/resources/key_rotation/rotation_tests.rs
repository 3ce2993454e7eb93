//! Tests of the order of visits, and of the end of a rotation.

use super::*;
use embark_protocol::SignupId;

const START: UnixMillis = UnixMillis(1_800_000_000_000);

fn sites(names: &[&str]) -> Vec<SiteId> {
    names
        .iter()
        .map(|name| SiteId::parse(name).unwrap())
        .collect()
}

fn waba() -> WabaId {
    WabaId::parse("5000000000000001").unwrap()
}

fn run() -> ObjectId {
    ObjectId::Run(SignupId::parse(&"0".repeat(32)).unwrap())
}

const NOTHING: ResealCount = ResealCount {
    resealed: 0,
    unreadable: 0,
};
const ONE: ResealCount = ResealCount {
    resealed: 1,
    unreadable: 0,
};

fn entries(values: &[(&str, Option<&str>)]) -> Visited {
    let entries = values
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)))
        .collect();
    Visited::Entries(KvPage {
        entries,
        ..KvPage::default()
    })
}

/// Visits everything once, in the only order there is, for sites `acme` and `rival`; `change` is what one visit finds.
fn pass(rotation: &mut KeyRotation, now: UnixMillis, change: impl Fn(Visited) -> Visited) {
    let all = sites(&["acme", "rival"]);
    let nothing = |_: &ObjectId| Some(NOTHING);
    let visits = [
        Visited::Partner(NOTHING),
        Visited::Unclaimed(vec![(waba(), Some(NOTHING))]),
        Visited::Unclaimed(vec![]),
        Visited::Site(Some(NOTHING)),
        Visited::Objects {
            objects: vec![(run(), nothing(&run()))],
            next: Some("2".into()),
        },
        Visited::Objects {
            objects: vec![],
            next: None,
        },
        Visited::Site(Some(NOTHING)),
        Visited::Objects {
            objects: vec![],
            next: None,
        },
        entries(&[("sealed/app/main/app_secret", Some("v1.2.x"))]),
        entries(&[("token/main/5000000000000001", Some("v1.2.x"))]),
    ];
    for visited in visits {
        let before = rotation.position.clone();
        rotation.advance(change(visited), &all, now);
        assert_ne!(rotation.position, before, "it moves on");
    }
}

fn wait(rotation: &mut KeyRotation) -> UnixMillis {
    let Position::Waiting { until } = rotation.position else {
        panic!("{:?}", rotation.position);
    };
    assert_eq!(rotation.next_at(START), Some(until));
    rotation.advance(Visited::Waited, &[], until);
    until
}

fn state(rotation: &KeyRotation) -> RotationState {
    rotation.status(&sites(&["acme", "rival"])).state
}

#[test]
fn rotation_is_done_once_a_later_pass_has_found_nothing() {
    let mut rotation = KeyRotation::begin(2, START);
    assert_eq!(rotation.next_at(START), Some(START));
    pass(&mut rotation, START, |visited| match visited {
        Visited::Partner(_) => Visited::Partner(ONE),
        other => other,
    });
    assert_eq!(state(&rotation), RotationState::Waiting);
    let now = wait(&mut rotation);
    assert_eq!(state(&rotation), RotationState::Running);
    // The position of the last visit stays: it has ended.
    let all = sites(&["acme", "rival"]);
    let before_last = |rotation: &mut KeyRotation| {
        for visited in [
            Visited::Partner(NOTHING),
            Visited::Unclaimed(vec![]),
            Visited::Site(Some(NOTHING)),
            Visited::NoObjects,
        ] {
            rotation.advance(visited, &all, now);
        }
    };
    before_last(&mut rotation);
    let status = rotation.status(&all);
    assert_eq!((status.sites_done, status.sites), (1, 2));
    assert_eq!(status.names, ["site/acme"], "it has not named its objects");
    assert_eq!(status.resealed, 1, "of all passes");
}

#[test]
fn pass_that_found_anything_is_followed_by_another() {
    type Change = fn(Visited) -> Visited;
    let findings: [(&str, Change); 7] = [
        ("partner/main", |visited| match visited {
            Visited::Partner(_) => Visited::Partner(ResealCount {
                resealed: 0,
                unreadable: 1,
            }),
            other => other,
        }),
        ("waba/5000000000000001", |visited| match visited {
            Visited::Unclaimed(accounts) => {
                Visited::Unclaimed(accounts.into_iter().map(|(id, _)| (id, None)).collect())
            }
            other => other,
        }),
        ("site/acme", |visited| match visited {
            Visited::Site(_) => Visited::Site(None),
            other => other,
        }),
        (
            "run/00000000000000000000000000000000",
            |visited| match visited {
                Visited::Objects { objects, next } => Visited::Objects {
                    objects: objects.into_iter().map(|(id, _)| (id, None)).collect(),
                    next,
                },
                other => other,
            },
        ),
        ("sealed/app/main/app_secret", |visited| match visited {
            Visited::Entries(page) if page.entries[0].0.starts_with("sealed/") => {
                entries(&[("sealed/app/main/app_secret", Some("v1.1.x"))])
            }
            other => other,
        }),
        (
            "sealed/app/main/app_secret_previous",
            |visited| match visited {
                Visited::Entries(page) if page.entries[0].0.starts_with("sealed/") => entries(&[(
                    "sealed/app/main/app_secret_previous",
                    Some("1900000000000 v1.1.x"),
                )]),
                other => other,
            },
        ),
        ("token/main/5000000000000001", |visited| match visited {
            Visited::Entries(page) if page.entries[0].0.starts_with("token/") => {
                entries(&[("token/main/5000000000000001", None)])
            }
            other => other,
        }),
    ];
    for (name, change) in findings {
        let mut rotation = KeyRotation::begin(2, START);
        pass(&mut rotation, START, |visited| visited);
        let now = wait(&mut rotation);
        pass(&mut rotation, now, change);
        assert_eq!(state(&rotation), RotationState::Waiting, "{name}");
        let status = rotation.status(&[]);
        assert!(
            status.names.iter().any(|found| found == name),
            "{name}: {:?}",
            status.names
        );
        let now = wait(&mut rotation);
        assert!(rotation.findings.is_clean(), "a pass begins with nothing");
        finish(&mut rotation, now);
        assert_eq!(state(&rotation), RotationState::Done, "{name}");
        assert_eq!(rotation.next_at(now), None);
        assert_eq!(rotation.ended_at, Some(now));
    }
}

/// A pass that finds nothing, of a deployment without sites.
fn finish(rotation: &mut KeyRotation, now: UnixMillis) {
    for visited in [
        Visited::Partner(NOTHING),
        Visited::Unclaimed(vec![]),
        entries(&[]),
        entries(&[]),
    ] {
        rotation.advance(visited, &[], now);
    }
}

#[test]
fn first_pass_is_never_the_last() {
    let mut rotation = KeyRotation::begin(2, START);
    finish(&mut rotation, START);
    assert_eq!(state(&rotation), RotationState::Waiting);
}

#[test]
fn rotation_with_something_left_is_given_up_and_names_it() {
    let mut rotation = KeyRotation::begin(2, START);
    let mut now = START;
    for _ in 0..MAX_PASSES {
        assert_eq!(rotation.ended_at, None);
        rotation.advance(Visited::Partner(NOTHING), &[], now);
        rotation.advance(Visited::Unclaimed(vec![]), &[], now);
        let left = entries(&[("sealed/app/old/app_secret", Some("v1.1.x"))]);
        rotation.advance(left, &[], now);
        rotation.advance(entries(&[]), &[], now);
        if rotation.ended_at.is_none() {
            now = wait(&mut rotation);
        }
    }
    let status = rotation.status(&[]);
    assert_eq!(status.state, RotationState::Incomplete);
    assert_eq!(status.names, ["sealed/app/old/app_secret"]);
    assert_eq!(status.outdated_copies, 1);
}

#[test]
fn result_of_another_position_changes_nothing() {
    let mut rotation = KeyRotation::begin(2, START);
    let before = rotation.clone();
    for visited in [
        Visited::Unclaimed(vec![]),
        Visited::Site(None),
        Visited::NoObjects,
        Visited::Waited,
        entries(&[("sealed/x", None)]),
    ] {
        rotation.advance(visited, &[], START);
        assert_eq!(rotation, before);
    }
}

#[test]
fn entry_is_outdated_if_an_older_key_sealed_it_and_it_still_counts() {
    for (value, want) in [
        ("v1.1.abc", true),
        ("v1.2.abc", false),
        ("v1.12.abc", false),
        ("1800000000001 v1.1.abc", true),
        ("1800000000000 v1.1.abc", false),
        ("1800000000001 v1.2.abc", false),
        ("", false),
        ("{\"key\": \"v\"}", false),
        ("v2.1.abc", false),
        ("v1.x.abc", false),
    ] {
        assert_eq!(is_outdated(value, 2, START), want, "{value:?}");
    }
}
