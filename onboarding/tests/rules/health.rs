//! What is wrong with a deployment: which state of what was read is a problem, and where it is solved.

use embark_onboarding::auth::access::AccessSettings;
use embark_onboarding::health::{HealthAnswers, health_checks, status};
use embark_onboarding::resources::health::{AppHealth, PartnerHealth, SiteHealth, SolutionHealth};
use embark_onboarding::resources::key_rotation::KeyRotation;
use embark_onboarding::resources::quota::Quota;
use embark_onboarding::time::{UnixMillis, minutes};
use embark_protocol::backend::{DisabledReason, EndpointStatus};
use embark_protocol::doctor::DoctorState::{self, Ok as Fine, ToDo, Unknown};
use embark_protocol::health::{HealthCheck, HealthItem, HealthStatus};
use embark_protocol::quota::QuotaLevel;
use embark_protocol::{AppKey, SiteId};

const NOW: UnixMillis = UnixMillis(1_764_000_000_000);

pub fn app() -> AppKey {
    AppKey::parse("main").unwrap()
}

fn acme() -> SiteId {
    SiteId::parse("acme").unwrap()
}

pub fn quota(level: QuotaLevel) -> Quota {
    Quota {
        used: 8,
        limit: 10,
        level,
        free_at: None,
    }
}

fn endpoint() -> EndpointStatus {
    EndpointStatus {
        url: "https://crm.example/embark".to_owned(),
        secrets: 1,
        failures: 0,
        failing_since: None,
        disabled: None,
        pending: 0,
        dead: 0,
    }
}

/// A deployment with an app and a site, with which nothing is wrong.
fn healthy() -> HealthAnswers {
    HealthAnswers {
        now: NOW,
        kv_responds: true,
        classes: ["Partner", "Run", "Phone", "Waba"]
            .map(|class| (class, true))
            .to_vec(),
        partner: Some(PartnerHealth {
            cron_ran_at: Some(NOW.before(minutes(4))),
            unwritten_copies: 0,
            apps: vec![AppHealth {
                key: app(),
                has_secret: true,
                unreadable_secrets: vec![],
                quota: quota(QuotaLevel::Fine),
            }],
            solutions: vec![],
            rotation: None,
            unclaimed: 0,
            sites: vec![acme()],
        }),
        keys: vec![1],
        access: Ok(None),
        has_queue: true,
        sites: vec![(
            acme(),
            Some(SiteHealth {
                endpoint: Some(endpoint()),
                ..SiteHealth::default()
            }),
        )],
    }
}

fn of_partner(change: impl FnOnce(&mut PartnerHealth)) -> HealthAnswers {
    let mut answers = healthy();
    change(answers.partner.as_mut().unwrap());
    answers
}

fn of_site(change: impl FnOnce(&mut SiteHealth)) -> HealthAnswers {
    let mut answers = healthy();
    change(answers.sites[0].1.as_mut().unwrap());
    answers
}

fn of_endpoint(change: impl FnOnce(&mut EndpointStatus)) -> HealthAnswers {
    of_site(|site| change(site.endpoint.as_mut().unwrap()))
}

fn checks_of(answers: &HealthAnswers, item: HealthItem) -> Vec<HealthCheck> {
    let checks = health_checks(answers);
    checks
        .into_iter()
        .filter(|check| check.item == item)
        .collect()
}

#[test]
fn healthy_deployment_has_one_line_of_each_item() {
    let checks = health_checks(&healthy());
    assert_eq!(status(&checks), HealthStatus::Ok, "{checks:#?}");
    assert_eq!(checks.len(), 13, "{checks:#?}");
    for check in &checks {
        assert_eq!(check.state, Fine, "{check:?}");
        assert_eq!((&check.fix, &check.page), (&None, &None), "{check:?}");
    }
}

#[test]
fn state_is_a_problem_with_what_to_do_and_where() {
    let cases: Vec<(&str, HealthAnswers, HealthItem, DoctorState, Option<&str>)> = vec![
        (
            "did not respond",
            HealthAnswers {
                kv_responds: false,
                ..healthy()
            },
            HealthItem::Kv,
            ToDo,
            None,
        ),
        (
            "Run",
            HealthAnswers {
                classes: vec![("Partner", true), ("Run", false)],
                ..healthy()
            },
            HealthItem::Objects,
            ToDo,
            None,
        ),
        (
            "Site acme",
            HealthAnswers {
                sites: vec![(acme(), None)],
                ..healthy()
            },
            HealthItem::Objects,
            ToDo,
            None,
        ),
        (
            "EMBARK_KEY_3; EMBARK_KEY_1, EMBARK_KEY_2 still open",
            HealthAnswers {
                keys: vec![1, 2, 3],
                ..healthy()
            },
            HealthItem::Keys,
            Fine,
            None,
        ),
        (
            "no queue",
            HealthAnswers {
                has_queue: false,
                ..healthy()
            },
            HealthItem::Queue,
            Fine,
            None,
        ),
        (
            "ACCESS_TEAM_DOMAIN is set, and ACCESS_AUD is missing",
            HealthAnswers {
                access: AccessSettings::parse(Some("partner.cloudflareaccess.com"), None),
                ..healthy()
            },
            HealthItem::Access,
            ToDo,
            None,
        ),
        (
            "has not run yet",
            of_partner(|partner| partner.cron_ran_at = None),
            HealthItem::Cron,
            Unknown,
            None,
        ),
        (
            "20 minutes ago",
            of_partner(|partner| partner.cron_ran_at = Some(NOW.before(minutes(20)))),
            HealthItem::Cron,
            Fine,
            None,
        ),
        (
            "21 minutes ago",
            of_partner(|partner| partner.cron_ran_at = Some(NOW.before(minutes(21)))),
            HealthItem::Cron,
            ToDo,
            None,
        ),
        (
            "the Partner object (2)",
            of_partner(|partner| partner.unwritten_copies = 2),
            HealthItem::Copies,
            ToDo,
            None,
        ),
        (
            "site acme (1)",
            of_site(|site| site.unwritten_copies = 1),
            HealthItem::Copies,
            ToDo,
            None,
        ),
        (
            "no app secret",
            of_partner(|partner| partner.apps[0].has_secret = false),
            HealthItem::Secrets,
            ToDo,
            Some("/console/apps/main"),
        ),
        (
            "opens app_secret",
            of_partner(|partner| {
                partner.apps[0].unreadable_secrets = vec!["sealed/app/main/app_secret".to_owned()]
            }),
            HealthItem::Secrets,
            ToDo,
            Some("/console/apps/main"),
        ),
        (
            "opens infobip_api_key",
            of_site(|site| {
                site.unreadable_secrets = vec!["sealed/site/acme/infobip_api_key".to_owned()]
            }),
            HealthItem::Secrets,
            ToDo,
            Some("/console/sites/acme"),
        ),
        (
            "8 of 10",
            of_partner(|partner| partner.apps[0].quota = quota(QuotaLevel::Warn)),
            HealthItem::Quota,
            ToDo,
            Some("/console/apps/main"),
        ),
        (
            "all 10",
            of_partner(|partner| partner.apps[0].quota = quota(QuotaLevel::Full)),
            HealthItem::Quota,
            ToDo,
            Some("/console/apps/main"),
        ),
        (
            "Partner solution 7000 has taken on 8",
            of_partner(|partner| {
                let (id, quota) = ("7000".to_owned(), quota(QuotaLevel::Warn));
                partner.solutions = vec![SolutionHealth { id, quota }];
            }),
            HealthItem::Quota,
            ToDo,
            None,
        ),
        (
            "given up with something left",
            of_partner(|partner| {
                let mut rotation = KeyRotation::begin(2, NOW);
                rotation.findings.unreachable = 1;
                rotation.ended_at = Some(NOW);
                partner.rotation = Some(rotation.status(&[]));
            }),
            HealthItem::Keys,
            ToDo,
            Some("/console/keys"),
        ),
        (
            "1 account without",
            of_partner(|partner| partner.unclaimed = 1),
            HealthItem::Unclaimed,
            ToDo,
            Some("/console/unclaimed"),
        ),
        (
            "for five days",
            of_endpoint(|endpoint| endpoint.disabled = Some(DisabledReason::Failing)),
            HealthItem::Endpoints,
            ToDo,
            Some("/console/sites/acme"),
        ),
        (
            "answered 410",
            of_endpoint(|endpoint| endpoint.disabled = Some(DisabledReason::Gone)),
            HealthItem::Endpoints,
            ToDo,
            Some("/console/sites/acme"),
        ),
        (
            "No endpoint",
            of_endpoint(|endpoint| endpoint.failures = 1),
            HealthItem::Endpoints,
            Fine,
            None,
        ),
        (
            "No endpoint",
            of_site(|site| site.endpoint = None),
            HealthItem::Endpoints,
            Fine,
            None,
        ),
        (
            "3 events was given up",
            of_endpoint(|endpoint| endpoint.dead = 3),
            HealthItem::Deliveries,
            ToDo,
            Some("/console/events?site=acme&delivery=dead"),
        ),
        (
            "REJECTED: Meta refuses",
            of_site(|site| site.solution = Some("REJECTED".to_owned())),
            HealthItem::Solutions,
            ToDo,
            Some("/console/sites/acme"),
        ),
        (
            "until the other partner agrees",
            of_site(|site| site.solution = Some("PENDING_DEACTIVATION".to_owned())),
            HealthItem::Solutions,
            ToDo,
            Some("/console/sites/acme"),
        ),
    ];
    for (finding, answers, item, state, page) in cases {
        let checks = checks_of(&answers, item);
        let [check] = checks.as_slice() else {
            panic!("{finding}: {checks:#?}");
        };
        assert_eq!(check.state, state, "{check:?}");
        assert!(check.finding.contains(finding), "{finding}: {check:?}");
        assert_eq!(check.page.as_deref(), page, "{check:?}");
        assert_eq!(check.fix.is_some(), state == ToDo, "{check:?}");
        let degraded = status(&health_checks(&answers)) == HealthStatus::Degraded;
        assert_eq!(degraded, state == ToDo, "{finding}");
    }
}

#[test]
fn endpoint_out_of_reach_says_how_many_events_wait() {
    let mut answers = of_endpoint(|endpoint| {
        (endpoint.failures, endpoint.pending) = (5, 7);
    });
    answers.sites[0].1.as_mut().unwrap().is_unreachable = true;
    let checks = checks_of(&answers, HealthItem::Endpoints);
    assert_eq!(
        checks[0].finding,
        "Site acme: the last 5 deliveries to the endpoint of its events failed; 7 events are waiting."
    );
}

#[test]
fn partner_object_that_did_not_reply_leaves_its_items_unknown() {
    let mut answers = HealthAnswers {
        partner: None,
        sites: vec![],
        ..healthy()
    };
    answers.classes[0].1 = false;
    for item in [
        HealthItem::Secrets,
        HealthItem::Cron,
        HealthItem::Quota,
        HealthItem::Unclaimed,
    ] {
        assert_eq!(checks_of(&answers, item)[0].state, Unknown, "{item:?}");
    }
    let checks = health_checks(&answers);
    assert_eq!(status(&checks), HealthStatus::Degraded, "{checks:#?}");
}

#[test]
fn several_problems_of_an_item_are_several_lines() {
    let other = AppHealth {
        key: AppKey::parse("other").unwrap(),
        has_secret: false,
        unreadable_secrets: vec![],
        quota: quota(QuotaLevel::Full),
    };
    let answers = of_partner(|partner| {
        partner.apps[0].has_secret = false;
        partner.apps.push(other);
    });
    assert_eq!(checks_of(&answers, HealthItem::Secrets).len(), 2);
    assert_eq!(checks_of(&answers, HealthItem::Quota).len(), 1);
}
