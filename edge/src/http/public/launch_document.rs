//! Builds a launch document, step by step. Each step returns a type that holds what is known after it: the
//! site, its session, its settings with the options of the tag, the app, the invitation, and at last the signed document.

use super::customer;
use super::launch_parts::{dialog_url, identity, sdk_settings};
use super::provider_secrets::check_provider_secrets;
use super::quota::is_full;
use super::session::LaunchSession;
use super::site_settings::{PublishedSite, published_site};
use crate::clock;
use crate::durable_objects::app_credentials::{app_settings, has_app_secret};
use crate::http::html::BUILD_PATH;
use crate::http::incoming::Incoming;
use crate::http::launch::Launch;
use crate::http::locale::language;
use crate::random;
use embark_onboarding::auth::grant::{Grant, RENEW_AFTER};
use embark_onboarding::auth::return_cookie::returned_session;
use embark_onboarding::meta::login_options;
use embark_onboarding::resources::signup_session::with_session;
use embark_onboarding::resources::site_identity::{frame_ancestors, logo_origin};
use embark_onboarding::resources::site_origins::allows_origin;
use embark_onboarding::resources::site_solution::SiteSolution;
use embark_onboarding::resources::solution_state::is_refused;
use embark_onboarding::settings_error::SettingsErrors;
use embark_onboarding::time::{UnixMillis, millis};
use embark_protocol::admin::{AppSettings, SiteSettings};
use embark_protocol::launch::{LaunchDocument, LaunchMode};
use embark_protocol::{Problem, ProblemCode, SignupId, SiteId};
use form_urlencoded::Serializer;
use futures_util::future::join;

/// A page asks for a launch document.
pub struct LaunchRequest<'a> {
    /// The request.
    pub incoming: &'a Incoming<'a>,
    /// The site that the page is for.
    pub site: SiteId,
    /// Origin of the page with the tag; for the hosted page our own.
    pub page_origin: String,
    /// How the widget is embedded.
    pub mode: LaunchMode,
}

/// The site exists, is enabled and allows the page's origin.
struct SiteLaunch<'a> {
    request: LaunchRequest<'a>,
    /// With the options of the tag and of the session, once they are applied.
    site_settings: SiteSettings,
    solution: Option<SiteSolution>,
    session: LaunchSession,
}

/// The app is set up, and takes new businesses.
struct AppLaunch<'a> {
    request: LaunchRequest<'a>,
    site_settings: SiteSettings,
    session: LaunchSession,
    app: AppSettings,
    /// Why no new signup can succeed. The hosted page is still rendered, so that one that was begun earlier can continue.
    problem: Option<Problem>,
}

/// The invitation was checked. Checking does not use it up.
struct InvitedLaunch<'a> {
    launch: AppLaunch<'a>,
    /// `None`: the page has none, or it is not valid.
    invitation: Option<customer::UsableInvitation>,
    /// Why no new signup can succeed, or the session or the invitation is not valid. The page is still rendered, so that a signup that redeemed it earlier can
    /// continue.
    problem: Option<Problem>,
}

impl LaunchRequest<'_> {
    /// Builds the document.
    ///
    /// # Errors
    /// `unknown_site`, `site_disabled`, `origin_not_allowed`, `bad_request` for an option of the tag,
    /// `app_misconfigured`, `app_incomplete`, `solution_inactive`, `quota_full`, `invitation_required`; `internal` if the settings cannot be
    /// read.
    pub async fn launch(self) -> Result<Launch, Problem> {
        self.load_site()
            .await?
            .apply_tag_options()?
            .load_app()
            .await?
            .check_quota()
            .await?
            .check_invitation()
            .await?
            .sign()
    }
}

impl<'a> LaunchRequest<'a> {
    /// The request of the hosted page, which is of our own origin.
    pub fn of_hosted_page(incoming: &'a Incoming<'a>, site: SiteId) -> Self {
        Self {
            incoming,
            site,
            page_origin: incoming.settings.origin.clone(),
            mode: LaunchMode::Page,
        }
    }

    async fn load_site(self) -> Result<SiteLaunch<'a>, Problem> {
        let published = published_site(self.incoming.env, &self.site).await?;
        let PublishedSite {
            settings: site_settings,
            solution,
        } = published.ok_or_else(|| Problem::new(ProblemCode::UnknownSite))?;
        if !site_settings.enabled {
            return Err(Problem::new(ProblemCode::SiteDisabled));
        }
        // The hosted page is of our own origin, which sites do not list.
        if self.mode != LaunchMode::Page && !allows_origin(&site_settings, &self.page_origin) {
            return Err(Problem::new(ProblemCode::OriginNotAllowed));
        }
        let session =
            LaunchSession::find(self.incoming, &self.site, &site_settings, &self.page_origin);
        Ok(SiteLaunch {
            session: session.await?,
            request: self,
            site_settings,
            solution,
        })
    }

    /// The resume token `<signup>.<grant>` from the return cookie. `None`: no valid cookie, or not the hosted page.
    fn returned_session(&self) -> Option<String> {
        if self.mode != LaunchMode::Page {
            return None;
        }
        let cookies = self.incoming.header("cookie")?;
        let keyring = &self.incoming.settings.keyring;
        returned_session(&cookies, &self.site, keyring, clock::now())
    }

    /// `{prefix}{site}{suffix}?…`, with the leading parameters and the tag options of the request. `session`: in place of
    /// the request's; `None`: the request's own.
    fn path_with_options(
        &self,
        prefix: &str,
        suffix: &str,
        leading_parameters: &[(&str, &str)],
        session: Option<&str>,
    ) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(leading_parameters);
        let tag_options = login_options::TAG_OPTIONS.iter().map(|(name, _)| *name);
        for name in ["lang", "invite", "reference"]
            .into_iter()
            .chain(tag_options)
        {
            if let Some(value) = self.incoming.query(name) {
                pairs.append_pair(name, &value);
            }
        }
        let own = || self.incoming.query("session");
        if let Some(session) = session.map(str::to_owned).or_else(own) {
            pairs.append_pair("session", &session);
        }
        let query = pairs.finish();
        let separator = if query.is_empty() { "" } else { "?" };
        [prefix, self.site.as_str(), suffix, separator, &query].concat()
    }
}

impl<'a> SiteLaunch<'a> {
    /// Applies the options of the tag that the site allows, and those of the session, and checks the result.
    fn apply_tag_options(mut self) -> Result<Self, Problem> {
        let bad = |error: SettingsErrors| {
            Problem::new(ProblemCode::BadRequest).with_detail(&error.to_string())
        };
        let mut changed = false;
        for (name, _) in login_options::TAG_OPTIONS {
            let value = self.request.incoming.query(name);
            if let Some(value) = value.filter(|_| !self.session.decides_on(name)) {
                login_options::apply_tag_option(&mut self.site_settings, name, &value)
                    .map_err(|error| bad(error.into()))?;
                changed = true;
            }
        }
        if let Some(order) = &self.session.order {
            self.site_settings = with_session(self.site_settings, order);
            changed = true;
        }
        // The site's own options were checked when they were put.
        if changed {
            login_options::validate(&self.site_settings).map_err(bad)?;
        }
        Ok(self)
    }

    async fn load_app(self) -> Result<AppLaunch<'a>, Problem> {
        let (env, key) = (self.request.incoming.env, &self.site_settings.app);
        let (app, secret) = join(app_settings(env, key), has_app_secret(env, key)).await;
        let app = app?.ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))?;
        // An unreadable secret is not a missing one; the signup reads it later.
        if matches!(secret, Ok(false)) {
            return Err(Problem::new(ProblemCode::AppIncomplete));
        }
        check_provider_secrets(env, &self.site_settings).await?;
        let is_refused = is_refused(&self.site_settings, self.solution.as_ref());
        let problem = is_refused.then(|| Problem::new(ProblemCode::SolutionInactive));
        if let Some(problem) = problem
            .clone()
            .filter(|_| self.request.mode != LaunchMode::Page)
        {
            return Err(problem);
        }
        Ok(AppLaunch {
            problem,
            request: self.request,
            site_settings: self.site_settings,
            session: self.session,
            app,
        })
    }
}

impl<'a> AppLaunch<'a> {
    async fn check_quota(self) -> Result<Self, Problem> {
        let env = self.request.incoming.env;
        if self.app.block_when_full && is_full(env, &self.site_settings).await {
            return Err(Problem::new(ProblemCode::QuotaFull));
        }
        Ok(self)
    }

    /// Only the hosted page takes invitations.
    async fn check_invitation(mut self) -> Result<InvitedLaunch<'a>, Problem> {
        let request = &self.request;
        let invite = request.incoming.query("invite");
        let (invitation, problem) = match invite.filter(|_| request.mode == LaunchMode::Page) {
            Some(invite) => {
                match customer::checked_invitation(request.incoming, &request.site, &invite).await {
                    Ok(invitation) => (Some(invitation), None),
                    Err(problem) => (None, Some(problem)),
                }
            }
            None if !self.site_settings.invited_only => (None, None),
            // Rendered with the problem: a resume or renewal link needs no new invitation.
            None if request.mode == LaunchMode::Page => {
                let required = Problem::new(ProblemCode::InvitationRequired);
                (None, Some(required))
            }
            None => return Err(Problem::new(ProblemCode::InvitationRequired)),
        };
        Ok(InvitedLaunch {
            problem: self
                .problem
                .take()
                .or(self.session.problem.take())
                .or(problem),
            launch: self,
            invitation,
        })
    }
}

impl InvitedLaunch<'_> {
    fn sign(self) -> Result<Launch, Problem> {
        let grant = self.grant()?;
        let signed = self.signed(&grant)?;
        let handover_grant = self.handover_grant(&grant)?;
        let AppLaunch {
            request,
            site_settings,
            session,
            app,
            ..
        } = self.launch;
        let settings = request.incoming.settings;
        let lang = language(request.incoming);
        let is_hosted = request.mode == LaunchMode::Page;
        let frame_ancestors = if is_hosted {
            "'none'".to_owned()
        } else {
            frame_ancestors(&site_settings)
        };
        let logo_origin = logo_origin(&site_settings).filter(|_| is_hosted);
        let about = is_hosted.then(|| identity(&site_settings, &app));
        let reference = customer::reference(request.incoming, &request.site, &session)?;
        let is_opened_by_site = is_hosted && customer::is_sent_by(&site_settings, request.incoming);
        let returned_session = request.returned_session();
        let sdk = sdk_settings(&site_settings, app, lang.sdk_locale, settings);
        let login = login_options::fb_login_options(site_settings);
        let dialog_url = match request.mode {
            LaunchMode::Page => dialog_url(&sdk, &login, settings),
            _ => None,
        };
        let first = [
            ("host", request.page_origin.as_str()),
            ("mode", request.mode.as_str()),
        ];
        let document = LaunchDocument {
            version: 1,
            renew_path: Some(request.path_with_options("/v1/sites/", "", &first, None)),
            hosted_page_path: {
                let session = session.passed_on(request.incoming);
                Some(request.path_with_options("/go/", "", &[], session.as_deref()))
            },
            dialog_start_path: dialog_url
                .is_some()
                .then(|| request.path_with_options("/go/", "/dialog", &[], None)),
            site: request.site,
            signup: grant.signup,
            grant: signed,
            handover_grant,
            renew_in_ms: u32::try_from(millis(RENEW_AFTER)).unwrap_or(u32::MAX),
            edge_origin: settings.origin.clone(),
            page_origin: request.page_origin,
            mode: request.mode,
            sdk,
            login,
            dialog_url,
            returned_session,
            is_opened_by_site,
            reference,
            session_digest: session.named_digest(),
            about,
            problem: self.problem,
            snapshot: None,
            lang: lang.tag.to_owned(),
            build_path: BUILD_PATH.to_owned(),
        };
        Ok(Launch {
            document,
            frame_ancestors,
            logo_origin,
        })
    }

    /// The grant of a fresh signup.
    fn grant(&self) -> Result<Grant, Problem> {
        let launch = &self.launch;
        let signup = SignupId::parse(&random::fresh_id())
            .map_err(|_| Problem::new(ProblemCode::Internal))?;
        let grant = Grant::new(
            signup,
            launch.request.site.clone(),
            launch.site_settings.app.clone(),
            launch.request.page_origin.clone(),
            clock::now(),
        );
        if self.problem.is_some() {
            // A launch document always has a grant; this one has expired already.
            return Ok(Grant {
                launch_by: UnixMillis(0),
                submit_by: UnixMillis(0),
                ..grant
            });
        }
        let session = launch.session.digest();
        Ok(Grant {
            // An invitation or a session is used up by the launch: the page gets no other grant.
            launch_by: match (&self.invitation, &session) {
                (None, None) => grant.launch_by,
                _ => grant.submit_by,
            },
            session,
            invitation: self
                .invitation
                .as_ref()
                .map(|invitation| invitation.id.clone()),
            reference: customer::customer_reference(
                launch.request.incoming,
                self.invitation.as_ref(),
                &launch.session,
            )?,
            ..grant
        })
    }

    /// The grant for the hosted page, should this page hand its signup over to it. `None`: this is that page.
    fn handover_grant(&self, grant: &Grant) -> Result<Option<String>, Problem> {
        if self.launch.request.mode == LaunchMode::Page {
            return Ok(None);
        }
        let handover = Grant {
            handover: Some(0),
            ..grant.clone()
        };
        self.signed(&handover).map(Some)
    }

    fn signed(&self, grant: &Grant) -> Result<String, Problem> {
        let keyring = &self.launch.request.incoming.settings.keyring;
        grant
            .sign(keyring)
            .ok_or_else(|| Problem::new(ProblemCode::AppMisconfigured))
    }
}
