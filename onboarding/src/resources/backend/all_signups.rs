//! The signups of all sites, page by page.

use super::messages::SignupCursor;
use embark_protocol::SiteId;
use embark_protocol::backend::{SignupOfSite, SignupPage};

/// The first signups of all sites, as their pages come in. Each page is that of its site behind the same cursor, with the same
/// limit: no signup between the last one and the cursor is left out.
pub struct MergedPages {
    limit: usize,
    /// The first so many, the one that changed last first.
    rows: Vec<SignupOfSite>,
    has_more: bool,
}

impl MergedPages {
    /// Of at most so many signups.
    pub fn new(limit: u32) -> Self {
        Self {
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            rows: vec![],
            has_more: false,
        }
    }

    /// Adds the page of a site. What does not come to be among the first is dropped.
    pub fn add(&mut self, site: &SiteId, page: SignupPage) {
        let of_site = |signup| SignupOfSite {
            site: site.clone(),
            signup,
        };
        self.rows.extend(page.signups.into_iter().map(of_site));
        self.rows.sort_by(|one, other| {
            let key = |row: &SignupOfSite| (row.signup.changed_at, row.signup.id.to_string());
            key(other).cmp(&key(one))
        });
        self.has_more |= page.next.is_some() || self.rows.len() > self.limit;
        self.rows.truncate(self.limit);
    }

    /// The signups, and where the next page begins. `None`: there is none.
    pub fn finish(self) -> (Vec<SignupOfSite>, Option<SignupCursor>) {
        let last = self.rows.last().filter(|_| self.has_more);
        let next = last.map(|last| SignupCursor {
            changed_at: last.signup.changed_at,
            signup: last.signup.id.clone(),
        });
        (self.rows, next)
    }
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
        let mut merged = MergedPages::new(limit);
        for (site, page) in pages {
            merged.add(&site, page);
        }
        let (rows, next) = merged.finish();
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
