//! Writes of a back end, with the header `Idempotency-Key`: see `embark_onboarding::resources::backend`.

use super::caller::Caller;
use crate::http::response::HandlerResponse;
use crate::random;
use embark_onboarding::crypto::{SealError, Sealed, Secret};
use embark_onboarding::resources::backend::{
    BackendQuery, BackendReply, StoredAnswer, WriteAdmission, WriteAttempt, fingerprint, is_kept,
    key_digest,
};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::{Problem, ProblemCode};

/// What the ids and secrets of an answer are made of: repetitions with the same key make the same ones.
pub struct WriteSeed(String);

impl WriteSeed {
    /// 64 hexadecimal digits, for a secret.
    pub fn token(&self) -> &str {
        &self.0
    }

    /// 32 of them, for an id.
    pub fn id(&self) -> &str {
        self.0.get(..32).unwrap_or_default()
    }
}

/// Carries a write out, unless it is a repetition: then it has the answer of the first request.
///
/// # Errors
/// Those of `write`; `bad_request` for a key of the wrong shape, `idempotency_key_reused`, `conflict` while the first
/// request is in work.
pub async fn once(
    caller: &Caller<'_>,
    write: impl AsyncFnOnce(&WriteSeed) -> Result<HandlerResponse, Problem>,
) -> Result<HandlerResponse, Problem> {
    let Some(header) = caller.incoming().header("idempotency-key") else {
        return write(&WriteSeed(random::fresh_token())).await;
    };
    let attempt = KeyedWrite::new(caller, &header)?;
    match attempt.begin().await? {
        WriteAdmission::Execute { seed } => {
            let seed = attempt.open(&seed)?;
            let seed = WriteSeed(seed.expose_secret().to_owned());
            let result = write(&seed).await;
            attempt.end(&result).await;
            result
        }
        WriteAdmission::Replay(answer) => Ok(HandlerResponse::Repeated {
            status: answer.status,
            body: attempt.open(&answer.body)?.expose_secret().to_owned(),
        }),
        WriteAdmission::Refused { code, detail } => Err(Problem::new(code).with_detail(&detail)),
    }
}

/// A request with a key.
struct KeyedWrite<'a> {
    caller: &'a Caller<'a>,
    attempt: WriteAttempt,
    /// What seed and answer are sealed under.
    name: String,
}

impl<'a> KeyedWrite<'a> {
    fn new(caller: &'a Caller<'a>, header: &str) -> Result<Self, Problem> {
        let bad = || {
            Problem::new(ProblemCode::BadRequest)
                .with_detail("Idempotency-Key: 1 to 255 printable characters")
        };
        let key = key_digest(header).ok_or_else(bad)?;
        let incoming = caller.incoming();
        let method = incoming.request.inner().method();
        let name = [
            "sealed/site/",
            caller.site().as_str(),
            "/write/",
            &caller.digest(),
            "/",
            &key,
        ]
        .concat();
        let seed = Secret::new(random::fresh_token());
        let attempt = WriteAttempt {
            key,
            fingerprint: fingerprint(&method, &incoming.url(), incoming.body()?),
            attempt: random::fresh_id(),
            seed: seal(caller, &name, &seed).map_err(|_| Problem::new(ProblemCode::Internal))?,
        };
        Ok(Self {
            caller,
            attempt,
            name,
        })
    }

    async fn begin(&self) -> Result<WriteAdmission, Problem> {
        let query = BackendQuery::BeginWrite(self.attempt.clone());
        match self.caller.ask(query).await? {
            BackendReply::Write(admission) => Ok(admission),
            _ => Err(RpcError::UnexpectedReply.into()),
        }
    }

    /// If this fails, a repetition is carried out again in a minute, with the same seed.
    async fn end(&self, result: &Result<HandlerResponse, Problem>) {
        let answer = match HandlerResponse::status_and_body(result) {
            Some((status, body)) if is_kept(status) => {
                let sealed = seal(self.caller, &self.name, &Secret::new(body));
                sealed.ok().map(|body| StoredAnswer { status, body })
            }
            _ => None,
        };
        let query = BackendQuery::EndWrite {
            key: self.attempt.key.clone(),
            attempt: self.attempt.attempt.clone(),
            answer,
        };
        if let Err(problem) = self.caller.ask(query).await {
            worker::console_error!("end of a write: {}", problem.code.as_str());
        }
    }

    fn open(&self, sealed: &Sealed) -> Result<Secret, Problem> {
        let keyring = &self.caller.incoming().settings.keyring;
        keyring
            .open(&self.name, sealed)
            .map_err(|_| Problem::new(ProblemCode::Internal))
    }
}

fn seal(caller: &Caller<'_>, name: &str, plain: &Secret) -> Result<Sealed, SealError> {
    let cx = caller.incoming().settings.context();
    cx.keyring.seal(name, plain, cx.nonce())
}
