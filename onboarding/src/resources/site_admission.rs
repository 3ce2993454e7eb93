//! Which signups a site admits.

use crate::resources::policy_settings;
use crate::resources::site::{SiteRecord, SiteReply};
use crate::resources::site_origins::allows_origin;
use embark_protocol::ProblemCode;
use embark_protocol::admin::SessionRule;

/// What is known of a signup when its site decides whether it may go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// It renews an account that is connected already: no new business, and invited by the operator's link.
    pub is_renewal: bool,
    /// It has redeemed an invitation of the site.
    pub is_invited: bool,
    /// It has redeemed a session of the site.
    pub has_session: bool,
    /// The partner solution that this session names. `None`: it has none, or leaves that to the site.
    pub solution: Option<String>,
    /// The app, or the partner solution, takes no more new businesses this week.
    pub quota_is_full: bool,
}

impl SiteRecord {
    /// Decides whether a signup of a page with this origin may go on. `hosted_origin` is the deployment's own, whose
    /// hosted page every site may use.
    pub fn admit(&self, page_origin: &str, hosted_origin: &str, candidate: Candidate) -> SiteReply {
        let refused = |code| SiteReply::Refused { code };
        let is_uninvited = !candidate.is_invited && !candidate.is_renewal;
        let may_go_without = candidate.has_session || candidate.is_renewal;
        match &self.config {
            None => refused(ProblemCode::UnknownSite),
            Some(config) if !config.enabled => refused(ProblemCode::SiteDisabled),
            Some(config) if page_origin != hosted_origin && !allows_origin(config, page_origin) => {
                refused(ProblemCode::OriginNotAllowed)
            }
            Some(config) if config.invited_only && is_uninvited => {
                refused(ProblemCode::InvitationRequired)
            }
            Some(config) if config.sessions == SessionRule::Required && !may_go_without => {
                refused(ProblemCode::SessionRequired)
            }
            Some(_) if candidate.quota_is_full && !candidate.is_renewal => {
                refused(ProblemCode::QuotaFull)
            }
            Some(config) => SiteReply::Admitted {
                policy: config.policy,
                solution: candidate.solution.or_else(|| config.solution_id.clone()),
                settings: Box::new(policy_settings::for_site(config)),
                messages: self.message_route().map(Box::new),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::site::tests::config;
    use embark_protocol::admin::SiteSettings;

    #[test]
    fn admission_asks_for_invitation_and_quota_unless_it_is_a_renewal() {
        let invited_only = SiteSettings {
            invited_only: true,
            ..config()
        };
        let candidate = |is_renewal, is_invited, quota_is_full| Candidate {
            is_renewal,
            is_invited,
            has_session: false,
            solution: None,
            quota_is_full,
        };
        for (config, candidate, want) in [
            (config(), candidate(false, false, false), None),
            (
                config(),
                candidate(false, true, true),
                Some(ProblemCode::QuotaFull),
            ),
            (config(), candidate(true, false, true), None),
            (
                invited_only.clone(),
                candidate(false, false, false),
                Some(ProblemCode::InvitationRequired),
            ),
            (invited_only.clone(), candidate(false, true, false), None),
            (
                invited_only.clone(),
                candidate(false, true, true),
                Some(ProblemCode::QuotaFull),
            ),
            (invited_only, candidate(true, false, true), None),
        ] {
            let record = SiteRecord {
                config: Some(config),
                ..SiteRecord::default()
            };
            let asked = candidate.clone();
            let reply = record.admit("https://shop.example", "https://signup.example", asked);
            let code = match reply {
                SiteReply::Refused { code } => Some(code),
                _ => None,
            };
            assert_eq!(code, want, "{candidate:?}");
        }
    }

    #[test]
    fn signup_comes_by_the_solution_of_its_session() {
        let record = SiteRecord {
            config: Some(SiteSettings {
                solution_id: Some("1".into()),
                ..config()
            }),
            ..SiteRecord::default()
        };
        for (of_session, want) in [(Some("2"), "2"), (None, "1")] {
            let candidate = Candidate {
                solution: of_session.map(str::to_owned),
                ..Candidate::default()
            };
            let reply = record.admit("https://shop.example", "https://signup.example", candidate);
            assert!(
                matches!(&reply, SiteReply::Admitted { solution, .. } if solution.as_deref() == Some(want)),
                "{reply:?}"
            );
        }
    }

    #[test]
    fn site_that_requires_sessions_admits_renewals_and_signups_with_one() {
        let record = SiteRecord {
            config: Some(SiteSettings {
                sessions: SessionRule::Required,
                ..config()
            }),
            ..SiteRecord::default()
        };
        for (is_renewal, is_invited, has_session, want) in [
            (false, false, false, Some(ProblemCode::SessionRequired)),
            (false, true, false, Some(ProblemCode::SessionRequired)),
            (false, false, true, None),
            (true, false, false, None),
        ] {
            let candidate = Candidate {
                is_renewal,
                is_invited,
                has_session,
                ..Candidate::default()
            };
            let asked = candidate.clone();
            let reply = record.admit("https://shop.example", "https://signup.example", asked);
            let code = match reply {
                SiteReply::Refused { code } => Some(code),
                _ => None,
            };
            assert_eq!(code, want, "{candidate:?}");
        }
    }
}
