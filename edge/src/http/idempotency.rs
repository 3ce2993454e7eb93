//! Writes with the header `Idempotency-Key`: see `embark_onboarding::resources::backend`.

use super::incoming::Incoming;
use super::response::HandlerResponse;
use crate::operations::seed::Seed;
use crate::operations::site_client::SiteClient;
use crate::random;
use crate::telemetry;
use embark_onboarding::crypto::{SealError, Sealed, Secret};
use embark_onboarding::resources::backend::{
    BackendQuery, BackendReply, StoredAnswer, WriteAdmission, WriteAttempt, fingerprint, is_kept,
    key_digest,
};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::telemetry::Subject;
use embark_protocol::{Problem, ProblemCode};

/// Carries a write out, unless it is a repetition: then it has the answer of the first request.
///
/// # Errors
/// Those of `write`; `bad_request` for a key of the wrong shape, `idempotency_key_reused`, `conflict` while the first
/// request is in work.
pub async fn once(
    incoming: &Incoming<'_>,
    client: &impl SiteClient,
    write: impl AsyncFnOnce(&Seed) -> Result<HandlerResponse, Problem>,
) -> Result<HandlerResponse, Problem> {
    let Some(header) = incoming.header("idempotency-key") else {
        return write(&Seed::fresh()).await;
    };
    let attempt = KeyedWrite::new(incoming, client, &header)?;
    match attempt.begin().await? {
        WriteAdmission::Execute { seed } => {
            let seed = attempt.open(&seed)?;
            let seed = Seed::from_text(seed.expose_secret().to_owned());
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
struct KeyedWrite<'a, C> {
    client: &'a C,
    attempt: WriteAttempt,
    /// What seed and answer are sealed under.
    name: String,
}

impl<'a, C: SiteClient> KeyedWrite<'a, C> {
    fn new(incoming: &Incoming<'_>, client: &'a C, header: &str) -> Result<Self, Problem> {
        let bad = || {
            Problem::new(ProblemCode::BadRequest)
                .with_detail("Idempotency-Key: 1 to 255 printable characters")
        };
        let key = key_digest(header).ok_or_else(bad)?;
        let method = incoming.request.inner().method();
        let name = [
            "sealed/site/",
            client.site().as_str(),
            "/write/",
            &client.caller_id(),
            "/",
            &key,
        ]
        .concat();
        let seed = Secret::new(Seed::fresh().text().to_owned());
        let attempt = WriteAttempt {
            key,
            fingerprint: fingerprint(&method, &incoming.url(), incoming.body()?),
            attempt: random::fresh_id(),
            seed: seal(client, &name, &seed).map_err(|_| Problem::new(ProblemCode::Internal))?,
            name: name.clone(),
        };
        Ok(Self {
            client,
            attempt,
            name,
        })
    }

    async fn begin(&self) -> Result<WriteAdmission, Problem> {
        let query = BackendQuery::BeginWrite(self.attempt.clone());
        match self.client.ask(query).await? {
            BackendReply::Write(admission) => Ok(admission),
            _ => Err(RpcError::UnexpectedReply.into()),
        }
    }

    /// If this fails, a repetition is carried out again in a minute, with the same seed.
    async fn end(&self, result: &Result<HandlerResponse, Problem>) {
        let answer = match HandlerResponse::status_and_body(result) {
            Some((status, body)) if is_kept(status) => {
                let sealed = seal(self.client, &self.name, &Secret::new(body));
                sealed.ok().map(|body| StoredAnswer { status, body })
            }
            _ => None,
        };
        let query = BackendQuery::EndWrite {
            key: self.attempt.key.clone(),
            attempt: self.attempt.attempt.clone(),
            answer,
        };
        if let Err(problem) = self.client.ask(query).await {
            telemetry::failure("end_write", &problem.code.as_str(), &Subject::default());
        }
    }

    fn open(&self, sealed: &Sealed) -> Result<Secret, Problem> {
        let keyring = &self.client.deployment().settings.keyring;
        keyring
            .open(&self.name, sealed)
            .map_err(|_| Problem::new(ProblemCode::Internal))
    }
}

fn seal(client: &impl SiteClient, name: &str, plain: &Secret) -> Result<Sealed, SealError> {
    let cx = client.deployment().settings.context();
    cx.keyring.seal(name, plain, cx.nonce())
}
