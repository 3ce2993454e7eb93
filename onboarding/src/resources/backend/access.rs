//! Who may ask what of a site, and which tokens it has.

use super::messages::{BackendQuery, BackendReply};
use super::token::BackendToken;
use crate::resources::site::SiteRecord;
use crate::time::UnixMillis;
use embark_protocol::ProblemCode;
use embark_protocol::backend::BackendScope;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The id of the token, or `operator`.
    pub name: String,
    /// What the token permits. The operator needs none.
    pub scopes: Vec<BackendScope>,
}

impl Caller {
    /// An operator of this name, who may ask everything. `None`: the name is not known.
    pub fn operator(name: Option<String>) -> Self {
        Self {
            name: name.unwrap_or_else(|| "operator".to_owned()),
            scopes: vec![],
        }
    }
}

impl SiteRecord {
    /// Adds a token: `Done`, or `Refused` if the site has enough. Those that have expired make room.
    pub fn add_backend_token(&mut self, token: BackendToken, now: UnixMillis) -> BackendReply {
        if self.backend_tokens.iter().any(|known| known.id == token.id) {
            return BackendReply::Done;
        }
        if self.backend_tokens.len() >= MAX_TOKENS {
            self.backend_tokens.retain(|token| !token.is_expired(now));
        }
        if self.backend_tokens.len() >= MAX_TOKENS {
            let detail = "the site has 20 tokens; revoke one first";
            return BackendReply::refused_by_setting(ProblemCode::Conflict, detail);
        }
        self.backend_tokens.push(token);
        BackendReply::Done
    }

    /// Deletes a token: `Done`, or `Refused` if there is none of this id.
    pub fn revoke_backend_token(&mut self, id: &str) -> BackendReply {
        let before = self.backend_tokens.len();
        self.backend_tokens.retain(|token| token.id != id);
        if self.backend_tokens.len() == before {
            let detail = "the site has no token of this id";
            return BackendReply::refused(ProblemCode::NotFound, detail);
        }
        BackendReply::Done
    }

    /// The holder of the token with this digest, if it permits the query.
    ///
    /// # Errors
    /// The reply: the token is none of the site, has expired, or lacks the scope.
    pub fn authorize(
        &self,
        digest: &str,
        query: &BackendQuery,
        now: UnixMillis,
    ) -> Result<Caller, BackendReply> {
        let mut tokens = self.backend_tokens.iter();
        let Some(token) = tokens.find(|token| token.has_digest(digest)) else {
            let detail = "Authorization: no token of this site";
            return Err(BackendReply::refused(ProblemCode::Unauthorized, detail));
        };
        if token.is_expired(now) {
            let detail = "Authorization: the token has expired";
            return Err(BackendReply::refused(ProblemCode::Unauthorized, detail));
        }
        let missing = query.scope().filter(|scope| !token.scopes.contains(scope));
        if let Some(scope) = missing {
            let detail = ["Authorization: the token lacks the scope ", scope.as_str()].concat();
            return Err(BackendReply::refused(
                ProblemCode::InsufficientScope,
                &detail,
            ));
        }
        Ok(Caller {
            name: token.id.clone(),
            scopes: token.scopes.clone(),
        })
    }

    /// Whether events can be delivered.
    ///
    /// # Errors
    /// The reply: there is no endpoint, or it is switched off.
    pub fn require_endpoint(&self) -> Result<(), BackendReply> {
        match &self.endpoint {
            None => Err(BackendReply::no_endpoint()),
            Some(endpoint) if endpoint.disabled.is_some() => Err(BackendReply::refused_by_setting(
                ProblemCode::Conflict,
                "the endpoint is switched off; put its address first",
            )),
            Some(_) => Ok(()),
        }
    }
}

const MAX_TOKENS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use crate::resources::event_delivery::{EventEndpoint, StoredSigningSecret};
    use embark_protocol::backend::DisabledReason;

    const NOW: UnixMillis = UnixMillis(1_000);

    fn token(id: &str, scopes: &[BackendScope]) -> BackendToken {
        BackendToken {
            id: id.into(),
            name: "a test".into(),
            scopes: scopes.to_vec(),
            digest: ["digest of ", id].concat(),
            created_at: UnixMillis(1),
            expires_at: None,
        }
    }

    fn code(reply: &BackendReply) -> Option<ProblemCode> {
        match reply {
            BackendReply::Refused { code, .. } => Some(*code),
            _ => None,
        }
    }

    #[test]
    fn token_permits_the_queries_of_its_scopes_only() {
        let mut site = SiteRecord::default();
        let all = [BackendScope::Read, BackendScope::Token, BackendScope::Write];
        for scope in all {
            site.add_backend_token(token(scope.as_str(), &[scope]), NOW);
        }
        for scope in all {
            let digest = ["digest of ", scope.as_str()].concat();
            let identity = site
                .authorize(&digest, &BackendQuery::Identity, NOW)
                .unwrap();
            assert_eq!(
                (identity.name.as_str(), identity.scopes),
                (scope.as_str(), vec![scope])
            );
            for needed in all {
                let query = BackendQuery::Permit { scope: needed };
                let refused = site.authorize(&digest, &query, NOW).err();
                let want = (needed != scope).then_some(ProblemCode::InsufficientScope);
                assert_eq!(
                    refused.as_ref().and_then(code),
                    want,
                    "{scope:?} {needed:?}"
                );
            }
        }
        let unknown = site
            .authorize("", &BackendQuery::Identity, NOW)
            .unwrap_err();
        assert_eq!(code(&unknown), Some(ProblemCode::Unauthorized));
    }

    #[test]
    fn site_has_twenty_tokens_and_a_revoked_one_makes_room() {
        let mut site = SiteRecord::default();
        for number in 0..20 {
            let added = site.add_backend_token(token(&number.to_string(), &[]), NOW);
            assert_eq!(added, BackendReply::Done);
        }
        let full = site.add_backend_token(token("20", &[]), NOW);
        assert_eq!(code(&full), Some(ProblemCode::Conflict));
        assert_eq!(
            code(&site.revoke_backend_token("20")),
            Some(ProblemCode::NotFound)
        );
        assert_eq!(site.revoke_backend_token("7"), BackendReply::Done);
        let revoked = site.authorize("digest of 7", &BackendQuery::Identity, NOW);
        assert!(revoked.is_err());
        assert_eq!(
            site.add_backend_token(token("20", &[]), NOW),
            BackendReply::Done
        );
    }

    #[test]
    fn events_are_replayed_to_an_endpoint_that_is_on() {
        let mut site = SiteRecord::default();
        let refusal = |site: &SiteRecord| site.require_endpoint().err().as_ref().and_then(code);
        assert_eq!(refusal(&site), Some(ProblemCode::NotFound));
        let secret = StoredSigningSecret {
            name: "a".into(),
            sealed: Sealed::from_stored("v1.1.x".into()),
            until: None,
        };
        let url = "https://partner.example/".to_owned();
        let mut endpoint = EventEndpoint::new(url, secret, UnixMillis(1)).unwrap();
        site.endpoint = Some(endpoint.clone());
        assert_eq!(refusal(&site), None);
        endpoint.disable(DisabledReason::Gone);
        site.endpoint = Some(endpoint);
        assert_eq!(refusal(&site), Some(ProblemCode::Conflict));
    }

    #[test]
    fn expired_token_is_refused_and_makes_room() {
        let mut site = SiteRecord::default();
        for number in 0..20 {
            let expiring = BackendToken {
                expires_at: Some(UnixMillis(2_000 + number)),
                ..token(&number.to_string(), &[BackendScope::Read])
            };
            site.add_backend_token(expiring, NOW);
        }
        let refusal = |site: &SiteRecord, now| {
            let authorized = site.authorize("digest of 0", &BackendQuery::Identity, now);
            authorized.err().as_ref().and_then(code)
        };
        assert_eq!(refusal(&site, UnixMillis(1_999)), None);
        let expired = UnixMillis(2_000);
        assert_eq!(refusal(&site, expired), Some(ProblemCode::Unauthorized));
        let full = site.add_backend_token(token("20", &[]), NOW);
        assert_eq!(code(&full), Some(ProblemCode::Conflict));
        let added = site.add_backend_token(token("20", &[]), expired);
        assert_eq!(added, BackendReply::Done);
        assert_eq!(site.backend_tokens.len(), 20);
    }
}
