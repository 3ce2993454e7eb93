//! Kinds of access token, and `appsecret_proof`.
//! <https://developers.facebook.com/docs/graph-api/guides/secure-requests>

use super::error::GraphError;
use crate::rules::Rules;
use crate::world::{BusinessToken, World, digest};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whose access token a request carries.
#[derive(Debug, Clone)]
pub enum Bearer {
    /// A customer's business token.
    Business(Box<BusinessToken>),
    /// The token of the app's system user.
    System { app_id: String },
    /// `{app id}|{app secret}`
    App { app_id: String },
    /// The request has no token.
    Missing,
    /// Not a token that was issued here.
    Unknown,
}

/// What came of checking `appsecret_proof`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofCheck {
    Ok,
    Missing,
    Wrong,
    /// This kind of token needs no proof.
    None,
}

/// Looks the token up among business tokens, system tokens and app tokens.
pub fn identify_bearer(world: &World, token: Option<&str>) -> Bearer {
    let Some(token) = token else {
        return Bearer::Missing;
    };
    if let Some(known) = world
        .tokens
        .get(&digest(token))
        .filter(|known| known.token == token)
    {
        return Bearer::Business(Box::new(known.clone()));
    }
    if let Some(app) = world.apps.values().find(|app| app.system_token == token) {
        return Bearer::System {
            app_id: app.id.clone(),
        };
    }
    let app = token
        .split_once('|')
        .and_then(|(id, secret)| world.apps.get(id).filter(|app| app.secret == secret));
    app.map_or(Bearer::Unknown, |app| Bearer::App {
        app_id: app.id.clone(),
    })
}

impl Bearer {
    /// The `token_kind` of the log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Bearer::Business(_) => "business",
            Bearer::System { .. } => "system",
            Bearer::App { .. } => "app",
            Bearer::Missing => "none",
            Bearer::Unknown => "unknown",
        }
    }

    /// `None` without a known token.
    pub fn app_id(&self) -> Option<&str> {
        match self {
            Bearer::Business(token) => Some(&token.grant.app_id),
            Bearer::System { app_id } | Bearer::App { app_id } => Some(app_id),
            Bearer::Missing | Bearer::Unknown => None,
        }
    }

    /// Compares the `appsecret_proof` of a request with the right one for `token`.
    pub fn check_proof(
        &self,
        world: &World,
        token: Option<&str>,
        given: Option<&str>,
    ) -> ProofCheck {
        let (Bearer::Business(_) | Bearer::System { .. }, Some(token)) = (self, token) else {
            return ProofCheck::None;
        };
        let Some(given) = given else {
            return ProofCheck::Missing;
        };
        let app = self.app_id().and_then(|id| world.apps.get(id));
        match app.map(|app| appsecret_proof(&app.secret, token)) {
            Some(right) if right == given => ProofCheck::Ok,
            _ => ProofCheck::Wrong,
        }
    }
}

impl ProofCheck {
    /// # Errors
    /// 100 for a wrong proof, and for a missing one where the rules require it.
    pub fn enforce(self, rules: &Rules) -> Result<(), GraphError> {
        match self {
            ProofCheck::Missing if rules.require_proof => Err(GraphError::proof_missing()),
            ProofCheck::Wrong => Err(GraphError::proof_wrong()),
            _ => Ok(()),
        }
    }

    /// The `proof` of the log.
    pub fn as_str(self) -> &'static str {
        match self {
            ProofCheck::Ok => "ok",
            ProofCheck::Missing => "missing",
            ProofCheck::Wrong => "wrong",
            ProofCheck::None => "none",
        }
    }
}

/// HMAC-SHA256 of the access token with the app secret as the key, in lower-case hex.
pub fn appsecret_proof(secret: &str, token: &str) -> String {
    // HMAC takes keys of any length, so the error case does not occur.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(token.as_bytes());
            base16ct::lower::encode_string(&mac.finalize().into_bytes())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{seed_ids, seed_world};

    #[test]
    fn appsecret_proof_is_the_hmac_of_the_token() {
        // RFC 4231, test case 2: <https://www.rfc-editor.org/rfc/rfc4231#section-4.3>
        assert_eq!(
            appsecret_proof("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn each_kind_of_token_is_identified() {
        let world = seed_world();
        let app_token = format!("{}|{}", seed_ids::APP, seed_ids::APP_SECRET);
        for (token, kind) in [
            (None, "none"),
            (Some("x"), "unknown"),
            (Some(seed_ids::SYSTEM_TOKEN), "system"),
            (Some(app_token.as_str()), "app"),
            (Some("1000000000000001|wrong"), "unknown"),
        ] {
            assert_eq!(identify_bearer(&world, token).as_str(), kind, "{token:?}");
        }
    }

    #[test]
    fn proof_is_checked_for_tokens_that_need_one() {
        let world = seed_world();
        let token = Some(seed_ids::SYSTEM_TOKEN);
        let system = identify_bearer(&world, token);
        let right = appsecret_proof(seed_ids::APP_SECRET, seed_ids::SYSTEM_TOKEN);
        assert_eq!(system.check_proof(&world, token, None), ProofCheck::Missing);
        assert_eq!(
            system.check_proof(&world, token, Some(&right)),
            ProofCheck::Ok
        );
        assert_eq!(
            system.check_proof(&world, token, Some("00")),
            ProofCheck::Wrong
        );
        assert_eq!(
            Bearer::Missing.check_proof(&world, None, Some("00")),
            ProofCheck::None
        );
        assert!(ProofCheck::Missing.enforce(&Rules::default()).is_ok());
        assert!(
            ProofCheck::Missing
                .enforce(&Rules {
                    require_proof: true,
                    ..Rules::default()
                })
                .is_err()
        );
    }
}
