//! `invite`, and `site invite`: links for single customers, also as QR codes.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::output_file::OutputFile;
use crate::visible::visible;
use crate::worker::{Worker, id, without_nulls};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use embark_protocol::admin::InvitationDetails;
use embark_protocol::id::SiteId;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use serde::Deserialize;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub struct CreateInvitation {
    /// The site the customer is invited to
    #[arg(value_parser = id(SiteId::parse))]
    key: SiteId,
    /// Days until the link expires
    #[arg(long, default_value_t = 14)]
    days: u32,
    /// Your name for the customer; it is stored with the invitation
    #[arg(long)]
    reference: Option<String>,
    /// Also write the link as a QR code to this SVG file
    #[arg(long, value_name = "FILE")]
    qr: Option<PathBuf>,
}

/// Creates an invitation; a person reads its link.
///
/// # Errors
/// When the Worker refuses, or the file cannot be written.
pub fn run(args: &CreateInvitation, worker: &Worker<'_>) -> Result<Answer> {
    let body = json!({
        "expires_in_s": args.days.saturating_mul(SECONDS_PER_DAY),
        "reference": args.reference,
    });
    // Before the invitation exists: its link is shown once.
    let qr = args.qr.as_deref().map(OutputFile::create).transpose()?;
    let path = AdminPath::new("sites").join(&args.key).join("invitations");
    let response = worker.post(path, &without_nulls(body))?;
    let created = InvitationDetails::deserialize(&response);
    let created = created.context("the response is not an invitation")?;
    let url = created.url.context("the invitation has no URL")?;
    if let Some(mut file) = qr {
        let written = qr_code(&url).and_then(|svg| Ok(file.write_all(svg.as_bytes())?));
        let written = written.and_then(|()| file.persist());
        written
            .with_context(|| format!("there is no QR code of the invitation {}", visible(&url)))?;
    }
    Ok(Answer::new(response, visible(&url)))
}

/// A URL as a QR code, in SVG.
fn qr_code(url: &str) -> Result<String> {
    let code = QRBuilder::new(url)
        .build()
        .map_err(|error| anyhow!("{error}"))?;
    Ok(SvgBuilder::default().to_str(&code))
}

/// Of `invite` and `site invite`.
pub const EXAMPLES: &str = "Examples:
  embark invite acme --reference customer-7
  embark invite acme --days 30 --qr link.svg";

const SECONDS_PER_DAY: u32 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qr_file_that_cannot_be_written_creates_no_invitation() {
        use crate::options::Options;
        use crate::program::Program;
        use clap::Parser;
        #[derive(Parser)]
        struct Cli {
            #[command(flatten)]
            invite: CreateInvitation,
            #[command(flatten)]
            options: Options,
        }
        // Nothing listens there: the Worker is not asked.
        let arguments = [
            "",
            "acme",
            "--qr",
            "/no/such/folder/link.svg",
            "--edge",
            "http://127.0.0.1:9",
        ];
        let cli = Cli::parse_from(arguments);
        let program = Program {
            name: "embark",
            default_worker: || anyhow::bail!("none"),
        };
        let worker = Worker::new(&program, &cli.options);
        let error = run(&cli.invite, &worker).map(|_| ()).unwrap_err();
        assert!(
            format!("{error:#}").contains("/no/such/folder/link.svg"),
            "{error:#}"
        );
    }

    #[test]
    fn qr_code_of_invitation_url_is_a_complete_svg() -> Result<()> {
        let svg = qr_code(
            "https://signup.partner.example/go/acme?invite=0123456789abcdef0123456789abcdef",
        )?;
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{svg}"
        );
        Ok(())
    }
}
