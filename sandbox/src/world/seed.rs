//! The world after a reset.

use super::assets::{App, Business, Phone, Waba};
use super::partners::{CreditLine, Solution, SystemUser};
use super::seed_ids::{
    APP, BUSINESS, CREDIT, INFOBIP_APP, INFOBIP_SOLUTION, PARTNER, PHONE, SOLUTION, SYSTEM_USER,
    WABA,
};
use super::tables::World;

/// One partner app; a person with two portfolios (the first with one WABA and a verified number, the second with two
/// WABAs, one of whose numbers is not verified); and a portfolio that this person does not own.
pub fn seed_world() -> World {
    let mut world = World::default();
    let app = App::default();
    world.apps.insert(app.id.clone(), app);
    for (id, name, owned_by_person) in [
        (PARTNER, "Sandbox Partner", false),
        (BUSINESS, "Lucky Shrub", true),
        ("4000000000000002", "Wind & Wool", true),
        ("4000000000000003", "Somebody Else", false),
    ] {
        world.businesses.insert(
            id.into(),
            Business {
                id: id.into(),
                name: name.into(),
                owned_by_person,
                ..Business::default()
            },
        );
    }
    for (id, name, business, created_seq) in [
        (WABA, "Lucky Shrub", BUSINESS, 1),
        (
            "5000000000000002",
            "Wind & Wool Retail",
            "4000000000000002",
            2,
        ),
        (
            "5000000000000003",
            "Wind & Wool Wholesale",
            "4000000000000002",
            3,
        ),
        ("5000000000000009", "Somebody Else", "4000000000000003", 4),
    ] {
        let waba = Waba {
            id: id.into(),
            name: name.into(),
            business_id: business.into(),
            created_seq,
            ..Waba::default()
        };
        world.wabas.insert(id.into(), waba);
    }
    for (id, waba, number, name, verified) in [
        (PHONE, WABA, "+1 631-555-0101", "Lucky Shrub", "VERIFIED"),
        (
            "6000000000000002",
            "5000000000000002",
            "+1 631-555-0102",
            "Wind & Wool",
            "VERIFIED",
        ),
        (
            "6000000000000003",
            "5000000000000003",
            "+44 20 7946 0103",
            "Wind & Wool Trade",
            "NOT_VERIFIED",
        ),
        (
            "6000000000000009",
            "5000000000000009",
            "+1 631-555-0109",
            "Somebody Else",
            "VERIFIED",
        ),
    ] {
        let phone = Phone {
            id: id.into(),
            waba_id: waba.into(),
            display_phone_number: number.into(),
            verified_name: name.into(),
            code_verification_status: verified.into(),
            ..Phone::default()
        };
        world.phones.insert(id.into(), phone);
    }
    add_partner_rows(&mut world);
    world
}

/// What the partner has besides its app: a system user, two credit lines, a solution in which it has the permission
/// MESSAGING, and one in which Infobip has it.
fn add_partner_rows(world: &mut World) {
    let user = SystemUser {
        id: SYSTEM_USER.into(),
        name: "Sandbox system user".into(),
        role: "ADMIN".into(),
        business_id: PARTNER.into(),
    };
    world.system_users.insert(user.id.clone(), user);
    for (id, name) in [
        (CREDIT, "Partner Inc"),
        ("8100000000000002", "Partner Europe Ltd"),
    ] {
        let credit = CreditLine {
            id: id.into(),
            legal_entity_name: name.into(),
            business_id: PARTNER.into(),
        };
        world.credits.insert(id.into(), credit);
    }
    for (id, name, partner, is_ours) in [
        (SOLUTION, "Sandbox Solution", "1000000000000002", true),
        (INFOBIP_SOLUTION, "Sandbox with Infobip", INFOBIP_APP, false),
    ] {
        let messaging = |granted: bool| Vec::from_iter(granted.then(|| "MESSAGING".to_owned()));
        let solution = Solution {
            id: id.into(),
            name: name.into(),
            status: "ACTIVE".into(),
            status_for_pending_request: None,
            owner_app_id: APP.into(),
            owner_permissions: messaging(is_ours),
            partner_app_id: partner.into(),
            partner_permissions: messaging(!is_ours),
        };
        world.solutions.insert(id.into(), solution);
    }
}
