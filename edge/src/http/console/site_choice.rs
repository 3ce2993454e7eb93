//! Pages about the sites that the query chooses: one, or all.

use crate::http::incoming::Incoming;
use crate::operations::every_site::{Replies, every_site};
use crate::operations::site_client::OperatorClient;
use crate::operations::{Deployment, sites};
use embark_protocol::{Problem, SiteId};
use maud::{Markup, html};

/// The sites of the deployment, and which of them a page is about.
pub struct SiteChoice<'a> {
    deployment: Deployment<'a>,
    /// Every site.
    pub all: Vec<SiteId>,
    /// The site that the query names. `None`: none, or none of the deployment.
    pub chosen: Option<SiteId>,
}

impl<'a> SiteChoice<'a> {
    /// By the parameter `site`.
    ///
    /// # Errors
    /// `internal`: the Partner object did not reply.
    pub async fn of(incoming: &'a Incoming<'_>) -> Result<Self, Problem> {
        let deployment = incoming.deployment();
        let all = sites::list(deployment).await?;
        let name = incoming.query("site").unwrap_or_default();
        let chosen = all.iter().find(|site| site.as_str() == name).cloned();
        Ok(Self {
            deployment,
            all,
            chosen,
        })
    }

    /// The chosen site, or all of them.
    pub fn sites(&self) -> Vec<SiteId> {
        match &self.chosen {
            Some(site) => vec![site.clone()],
            None => self.all.clone(),
        }
    }

    /// Asks the chosen site, or all of them.
    pub async fn ask<T>(
        &self,
        ask: impl AsyncFn(OperatorClient<'a>) -> Result<T, Problem>,
    ) -> Replies<T> {
        every_site(self.sites(), async |site| {
            ask(OperatorClient::new(self.deployment, site)).await
        })
        .await
    }

    /// The field of a form that chooses the site.
    pub fn field(&self) -> Markup {
        html! {
            div {
                label for="site" { "Site" }
                select id="site" name="site" {
                    option value="" { "All sites" }
                    @for site in &self.all { option value=(site) selected[self.chosen.as_ref() == Some(site)] { (site) } }
                }
            }
        }
    }
}

/// Which sites are missing from what is shown.
pub fn warning(missing: &[SiteId]) -> Markup {
    html! {
        @if !missing.is_empty() {
            p.card.warn role="status" {
                "Not included, as they did not reply: "
                (missing.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
