//! All signups of a site as one document, which is written page by page while the client reads it.

use super::site_client::{OperatorClient, SiteClient};
use super::{Deployment, signups};
use crate::config::Settings;
use crate::telemetry;
use embark_onboarding::resources::signup_export::{ExportFormat, ExportProgress, PAGE};
use embark_onboarding::telemetry::Subject;
use embark_protocol::backend::{SignupFilter, SignupPage};
use embark_protocol::operators::OperatorIdentity;
use embark_protocol::{Problem, ProblemCode, SiteId};
use futures_util::stream::{self, LocalBoxStream, StreamExt};
use worker::Env;

/// The chunks of a document, one per page.
pub type Chunks = LocalBoxStream<'static, worker::Result<Vec<u8>>>;

/// The signups that match. The document breaks off if a page cannot be read.
///
/// # Errors
/// Of the first page: `unknown_site`; `internal`: the site did not reply.
pub async fn export(
    client: &OperatorClient<'_>,
    filter: SignupFilter,
    format: ExportFormat,
) -> Result<Chunks, Problem> {
    let deployment = client.deployment();
    let mut export = Export {
        env: deployment.env.clone(),
        operator: deployment.operator.cloned(),
        site: client.site().clone(),
        filter,
        format,
        progress: ExportProgress::default(),
        goes_on: true,
    };
    let first = export.read_page(deployment.settings).await?;
    let mut chunk = format.head();
    chunk.extend(export.write(first)?);
    let rest = stream::unfold(export, |mut export| async move {
        if !export.goes_on {
            return None;
        }
        let chunk = export.next_chunk().await;
        export.goes_on &= chunk.is_ok();
        Some((chunk, export))
    });
    Ok(stream::once(async move { Ok(chunk) })
        .chain(rest)
        .boxed_local())
}

/// An export under way. It outlives the request's handler, and owns what it needs.
struct Export {
    env: Env,
    operator: Option<OperatorIdentity>,
    site: SiteId,
    filter: SignupFilter,
    format: ExportFormat,
    progress: ExportProgress,
    goes_on: bool,
}

impl Export {
    async fn next_chunk(&mut self) -> worker::Result<Vec<u8>> {
        let settings = Settings::load(&self.env).map_err(|error| error.to_string())?;
        let chunk = match self.read_page(&settings).await {
            Ok(page) => self.write(page),
            Err(problem) => Err(problem),
        };
        chunk.map_err(|problem| {
            let code = problem.code.as_str();
            telemetry::failure("export", &code, &Subject::site(&self.site));
            code.into()
        })
    }

    async fn read_page(&self, settings: &Settings) -> Result<SignupPage, Problem> {
        let deployment = Deployment {
            env: &self.env,
            settings,
            operator: self.operator.as_ref(),
        };
        let client = OperatorClient::new(deployment, self.site.clone());
        signups::list(&client, self.filter.clone(), self.progress.after(), PAGE).await
    }

    fn write(&mut self, page: SignupPage) -> Result<Vec<u8>, Problem> {
        let taken = self.progress.take(page);
        let too_many = |_| Problem::new(ProblemCode::BodyTooLarge);
        let (signups, goes_on) = taken.map_err(too_many)?;
        self.goes_on = goes_on;
        Ok(signups
            .iter()
            .flat_map(|signup| self.format.row(signup))
            .collect())
    }
}
