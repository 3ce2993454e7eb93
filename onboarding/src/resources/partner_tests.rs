//! The settings and secrets that the Partner object keeps.

use super::*;

#[test]
fn next_open_sites_cycles_through_the_sites() {
    let site = |name: &str| SiteId::parse(name).unwrap();
    let mut partner = PartnerRecord::default();
    for name in ["c", "a", "b", "a"] {
        partner.set_site_open(site(name), true);
    }
    let names = |sites: Vec<SiteId>| sites.iter().map(|s| s.to_string()).collect::<String>();
    assert_eq!(names(partner.next_open_sites(2)), "ab");
    assert_eq!(names(partner.next_open_sites(2)), "ca");
    partner.set_site_open(site("b"), false);
    assert_eq!(names(partner.next_open_sites(5)), "ca");
    partner.set_site_open(site("a"), false);
    partner.set_site_open(site("c"), false);
    assert_eq!(names(partner.next_open_sites(5)), "");
}

#[test]
fn replaced_secret_goes_with_its_copy_once_it_does_not_count_any_more() {
    let key = "sealed/app/main/app_secret";
    let sealed = |text: &str| Sealed::from_stored(text.to_owned());
    let mut record = PartnerRecord::default();
    record.put_secret(key.to_owned(), sealed("v1.1.a"), UnixMillis(0));
    record.keep_previous_secret(key, UnixMillis(0));
    record.put_secret(key.to_owned(), sealed("v1.1.b"), UnixMillis(0));
    assert!(record.previous_secrets.contains_key(key));
    let copies = |record: &PartnerRecord| serde_json::to_value(&record.pending_copies).unwrap();
    let copy_of = |record: &PartnerRecord| {
        let copies = copies(record);
        let all = copies.as_array().unwrap().iter();
        let mut of_key = all.filter(|copy| copy["key"] == previous_secret_key(key).as_str());
        of_key.next().unwrap()["value"].clone()
    };
    assert!(copy_of(&record).is_string());

    // A day later another secret is put.
    let later = UnixMillis(0) + PREVIOUS_SECRET_KEPT;
    record.keep_previous_secret("sealed/app/other/system_token", later);
    assert!(record.previous_secrets.is_empty());
    assert!(copy_of(&record).is_null(), "{}", copies(&record));
}
