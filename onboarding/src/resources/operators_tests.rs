//! Which operators there may be, and how one is known.

use super::*;

fn operator(id: &str, expires_at: Option<UnixMillis>) -> Operator {
    Operator {
        id: id.into(),
        name: ["name of ", id].concat(),
        role: OperatorRole::Operator,
        email: None,
        digest: ["digest of ", id].concat(),
        created_at: UnixMillis(1),
        expires_at,
    }
}

#[test]
fn operator_is_known_by_digest_until_expired_or_removed() {
    let mut operators = Operators::default();
    operators.add(operator("a", None)).unwrap();
    let until = Some(UnixMillis(100));
    operators.add(operator("b", until)).unwrap();
    let name = |found: Option<OperatorIdentity>| found.map(|found| found.name);
    let before = UnixMillis(99);
    let b = Some("name of b".to_owned());
    assert_eq!(name(operators.by_digest("digest of b", before)), b);
    assert_eq!(name(operators.by_id("b", before)), b);
    for (digest, at) in [("digest of b", 100), ("digest of c", 1), ("", 1)] {
        assert_eq!(
            operators.by_digest(digest, UnixMillis(at)),
            None,
            "{digest}"
        );
    }
    assert_eq!(operators.by_id("b", UnixMillis(100)), None);
    assert!(operators.remove("a") && !operators.remove("a"));
    assert_eq!(operators.by_digest("digest of a", before), None);
    assert_eq!(operators.by_id("a", before), None);
}

#[test]
fn operator_is_added_once_and_number_of_operators_is_limited() {
    let mut operators = Operators::default();
    for number in 0..MOST {
        operators.add(operator(&number.to_string(), None)).unwrap();
        operators.add(operator(&number.to_string(), None)).unwrap();
    }
    assert_eq!(operators.all().len(), MOST);
    let one_more = operators.add(operator("more", None));
    assert_eq!(one_more, Err(AddError::TooMany));
    assert_eq!(operators.add(operator("0", None)), Ok(()));
}

#[test]
fn operator_is_known_by_an_email_address_that_is_nobody_elses() {
    let with_email = |id: &str, email: &str| Operator {
        email: email_address(email),
        ..operator(id, Some(UnixMillis(100)))
    };
    let mut operators = Operators::default();
    operators
        .add(with_email("a", "Ada@Partner.Example"))
        .unwrap();
    operators.add(operator("b", None)).unwrap();
    operators.add(operator("c", None)).unwrap();
    let taken = operators.add(with_email("d", "ada@partner.example"));
    assert_eq!(taken, Err(AddError::EmailTaken));
    let id = |email: &str, at: u64| {
        let found = operators.by_email(email, UnixMillis(at));
        found.and_then(|found| found.id)
    };
    assert_eq!(id("ada@partner.example", 99).as_deref(), Some("a"));
    for (email, at) in [
        ("ada@partner.example", 100),
        ("Ada@Partner.Example", 99),
        ("bob@partner.example", 99),
        ("", 99),
    ] {
        assert_eq!(id(email, at), None, "{email} {at}");
    }
}

#[test]
fn email_address_is_plain_text_with_one_at_sign() {
    let long = format!("{}@partner.example", "a".repeat(238));
    assert_eq!(long.len(), MAX_EMAIL_BYTES);
    for (text, want) in [
        ("Ada@Partner.Example", Some("ada@partner.example")),
        ("ÉVE@partner.example", Some("éve@partner.example")),
        (long.as_str(), Some(long.as_str())),
        (&*format!("a{long}"), None),
        ("", None),
        ("ada", None),
        ("@partner.example", None),
        ("ada@", None),
        ("ada@b@c", None),
        ("ada @partner.example", None),
        ("ada@partner.example\n", None),
    ] {
        assert_eq!(email_address(text).as_deref(), want, "{text:?}");
    }
}

#[test]
fn roles_are_ordered_by_what_they_may_do() {
    assert!(OperatorRole::ALL.is_sorted());
    assert!(OperatorRole::Viewer < OperatorRole::Owner);
}

#[test]
fn name_is_nobody_elses() {
    let named = |id: &str, name: &str| Operator {
        name: name.into(),
        ..operator(id, None)
    };
    let mut operators = Operators::default();
    operators.add(named("a", "Ada")).unwrap();
    for (name, want) in [
        ("ada", Err(AddError::NameTaken)),
        ("EMBARK_OPERATOR_TOKEN", Err(AddError::NameTaken)),
        ("embark_operator_token", Err(AddError::NameTaken)),
        ("Ada B", Ok(())),
    ] {
        assert_eq!(operators.add(named(name, name)), want, "{name}");
    }
    // Whoever was removed leaves the name to others.
    assert!(operators.remove("a"));
    assert_eq!(operators.add(named("b", "Ada")), Ok(()));
}
