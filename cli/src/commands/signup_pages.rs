//! The list of a site's signups, page by page.

use crate::admin_path::AdminPath;
use crate::worker::{Worker, id};
use anyhow::{Context, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;
use embark_protocol::id::{PhoneNumberId, SiteId, WabaId};
use embark_protocol::snapshot::SignupStatus;
use serde_json::Value;

/// Which signups are listed: those that have all of this.
#[derive(Args)]
pub struct Filter {
    /// Only signups of this status
    #[arg(long, value_parser = PossibleValuesParser::new(SignupStatus::ALL.map(SignupStatus::as_str)))]
    status: Option<String>,
    /// Only signups of this customer: your own id
    #[arg(long)]
    reference: Option<String>,
    /// Only signups that connected this account
    #[arg(long, value_name = "ID", value_parser = id(WabaId::parse))]
    waba: Option<WabaId>,
    /// Only signups that connected this number: Meta's id of it
    #[arg(long, value_name = "ID", value_parser = id(PhoneNumberId::parse))]
    number: Option<PhoneNumberId>,
    /// Only signups with this in their name, reference, account, number or id
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

/// A page of signups, as the API gives it.
pub struct Page {
    pub document: Value,
    /// The cursor of the next page. `None`: this is the last.
    pub next: Option<String>,
}

/// Reads pages of one list.
pub struct Pages<'a> {
    worker: &'a Worker<'a>,
    /// `None`: all sites.
    site: Option<&'a SiteId>,
    filter: &'a Filter,
    /// How many signups a page has at most.
    limit: u32,
}

impl<'a> Pages<'a> {
    /// The list of the signups that pass the filter. `site`: of which site; `None`: of all.
    pub fn new(
        worker: &'a Worker<'a>,
        site: Option<&'a SiteId>,
        filter: &'a Filter,
        limit: u32,
    ) -> Self {
        Self {
            worker,
            site,
            filter,
            limit,
        }
    }

    /// Reads the page behind a cursor; the first without one.
    ///
    /// # Errors
    /// When the Worker refuses, or its response is no page.
    pub fn read(&self, after: Option<&str>) -> Result<Page> {
        let list = match self.site {
            Some(site) => AdminPath::new("sites").join(site).join("signups"),
            None => AdminPath::new("signups"),
        };
        let page = list.with("limit", self.limit).with_some("after", after);
        let document = self.worker.get(self.filter.of(page))?;
        document["signups"]
            .as_array()
            .context("the response has no signups")?;
        let next = document["next"].as_str().map(str::to_owned);
        Ok(Page { document, next })
    }
}

impl Page {
    /// The sites that did not reply in time.
    pub fn missing_sites(&self) -> Vec<String> {
        let missing = self.document["missing_sites"].as_array();
        let names = missing.into_iter().flatten().filter_map(Value::as_str);
        names.map(str::to_owned).collect()
    }

    /// Its signups, the one that changed last first.
    pub fn signups(&self) -> &[Value] {
        self.document["signups"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }
}

impl Filter {
    /// Adds this filter to the query of a list.
    pub fn of(&self, list: AdminPath) -> AdminPath {
        list.with_some("status", self.status.as_deref())
            .with_some("reference", self.reference.as_deref())
            .with_some("waba_id", self.waba.as_ref())
            .with_some("phone_number_id", self.number.as_ref())
            .with_some("search", self.search.as_deref())
    }
}

/// The largest `limit` of the API.
pub const MAX_LIMIT: u32 = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn query_has_each_filter_and_encodes_its_value() -> Result<()> {
        let filter = Filter {
            status: Some("needs_input".to_owned()),
            reference: Some("a&b ü".to_owned()),
            waba: None,
            number: None,
            search: Some("+49 30".to_owned()),
        };
        let list = AdminPath::new("signups").with("limit", 500);
        let list = filter.of(list.with("after", "12-ab"));
        let url = list.at(&Url::parse("https://o.example")?)?;
        assert_eq!(
            url.query().unwrap_or_default(),
            "limit=500&after=12-ab&status=needs_input&reference=a%26b+%C3%BC&search=%2B49+30"
        );
        Ok(())
    }
}
