//! The signups of all sites, page by page.

use super::messages::SignupCursor;
use embark_protocol::SiteId;
use embark_protocol::backend::{SignupOfSite, SignupPage};

/// The first signups of several sites' pages, the one that changed last first, and where the next page begins. Each page is
/// that of its site behind the same cursor, with the same limit: no signup between the last one and the cursor is left out.
pub fn merge_pages(
    pages: Vec<(SiteId, SignupPage)>,
    limit: u32,
) -> (Vec<SignupOfSite>, Option<SignupCursor>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = pages.iter().any(|(_, page)| page.next.is_some());
    let mut all: Vec<SignupOfSite> = pages
        .into_iter()
        .flat_map(|(site, page)| {
            let of_site = move |signup| SignupOfSite {
                site: site.clone(),
                signup,
            };
            page.signups.into_iter().map(of_site)
        })
        .collect();
    all.sort_by(|one, other| {
        let key = |row: &SignupOfSite| (row.signup.changed_at, row.signup.id.to_string());
        key(other).cmp(&key(one))
    });
    let has_more = has_more || all.len() > limit;
    all.truncate(limit);
    let last = all.last().filter(|_| has_more);
    let next = last.map(|last| SignupCursor {
        changed_at: last.signup.changed_at,
        signup: last.signup.id.clone(),
    });
    (all, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A page of a site with signups of these last changes; its ids end with the number.
    fn page(site: &str, signups: &[(u64, u32)], next: Option<&str>) -> (SiteId, SignupPage) {
        let signups: Vec<_> = signups
            .iter()
            .map(|(at, id)| json!({"id": format!("{id:032}"), "status": "connected", "started_at": 1, "changed_at": at}))
            .collect();
        let page = json!({"signups": signups, "next": next});
        let site = SiteId::parse(site).unwrap();
        (site, serde_json::from_value(page).unwrap())
    }

    fn merged(pages: Vec<(SiteId, SignupPage)>, limit: u32) -> (Vec<String>, Option<String>) {
        let (rows, next) = merge_pages(pages, limit);
        let name = |row: &SignupOfSite| format!("{} {}", row.site, row.signup.changed_at);
        let next = next.map(|next| next.to_string());
        (rows.iter().map(name).collect(), next)
    }

    #[test]
    fn signups_of_all_sites_are_in_the_order_of_their_last_change() {
        let acme = || page("acme", &[(9, 1), (5, 2), (5, 1)], None);
        let rival = || page("rival", &[(7, 3), (5, 4)], None);
        let all = ["acme 9", "rival 7", "rival 5", "acme 5", "acme 5"];
        let (rows, next) = merged(vec![acme(), rival()], 10);
        assert_eq!((rows, next), (all.map(str::to_owned).to_vec(), None));
        let (rows, next) = merged(vec![acme(), rival()], 3);
        assert_eq!(rows, all[..3]);
        assert_eq!(next, Some(format!("5.{:032}", 4)));
    }

    #[test]
    fn page_that_is_not_the_last_of_a_site_is_not_the_last_of_all() {
        let more = page("acme", &[(9, 1), (8, 2)], Some("8.x"));
        let (rows, next) = merged(vec![more, page("rival", &[], None)], 2);
        assert_eq!(rows, ["acme 9", "acme 8"]);
        assert_eq!(next, Some(format!("8.{:032}", 2)));
        assert_eq!(merged(vec![], 2), (vec![], None));
    }
}
