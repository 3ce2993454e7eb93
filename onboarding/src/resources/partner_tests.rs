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
