//! What an operation of operators needs, and its entry in the audit log: for the API, and for the console, which names its
//! operations by the routes of the API.

use crate::http::route::{OperatorRoute, SiteRoute};
use embark_onboarding::doctor::is_step;
use embark_protocol::operators::OperatorIdentity;
use embark_protocol::operators::OperatorRole::{self, Operator, Owner, Viewer};
use embark_protocol::{Problem, ProblemCode, SiteId};

/// What a route needs.
pub struct RouteAccess {
    /// The role.
    pub role: OperatorRole,
    /// The action of the audit log. `None`: it reads nothing that is secret, and is not audited.
    pub action: Option<String>,
}

impl RouteAccess {
    /// Whether an operator may do it.
    ///
    /// # Errors
    /// `insufficient_scope`: the operator has a lesser role.
    pub fn check(&self, operator: &OperatorIdentity) -> Result<(), Problem> {
        if operator.role >= self.role {
            return Ok(());
        }
        let (name, role) = (&operator.name, operator.role.as_str());
        let needed = self.role.as_str();
        let detail = format!("{name} is {role}; this needs the role {needed}");
        Err(Problem::new(ProblemCode::InsufficientScope).with_detail(&detail))
    }

    /// With what the address does not have, in brackets behind the action.
    pub fn with_detail(mut self, detail: &str) -> Self {
        if let Some(action) = &mut self.action {
            action.push_str(&[" (", detail, ")"].concat());
        }
        self
    }
}

/// What this route needs. The description of the API is for everyone.
pub fn of(route: &OperatorRoute) -> RouteAccess {
    match route {
        OperatorRoute::ApiDescription
        | OperatorRoute::Identity
        | OperatorRoute::GetHealth
        | OperatorRoute::ListApps
        | OperatorRoute::GetApp(_)
        | OperatorRoute::GetQuota(_)
        | OperatorRoute::CheckApp(_)
        | OperatorRoute::GetChecklist(_)
        | OperatorRoute::GetAppWebhook(_)
        | OperatorRoute::ListAllSignups
        | OperatorRoute::ListUnclaimed
        | OperatorRoute::ListUserCallbacks
        | OperatorRoute::GetSolutionQuota(_)
        | OperatorRoute::ListAppSecrets(_)
        | OperatorRoute::ListSiteSecrets(_)
        | OperatorRoute::ListSites
        | OperatorRoute::GetSite(_)
        | OperatorRoute::ListOperators
        | OperatorRoute::ListAudit
        | OperatorRoute::GetKeys
        | OperatorRoute::GetReport(_) => read(),
        OperatorRoute::PutApp(app) => write(format!("put the settings of app {app}")),
        OperatorRoute::PatchApp(app) => write(format!("changed settings of app {app}")),
        OperatorRoute::MarkStep(app, step) => {
            let step = if is_step(step) { step } else { "unknown" };
            write(format!("marked the step {step} of app {app}"))
        }
        OperatorRoute::PutAppWebhook(app) => write(format!("set the webhook of app {app} at Meta")),
        OperatorRoute::CreateAppWebhook(app) => {
            write(format!("made another verify token of app {app}"))
        }
        OperatorRoute::AssignUnclaimed(waba) => write(format!("assigned account {waba} to a site")),
        OperatorRoute::CloseUserCallback(code) => write(format!("closed the callback {code}")),
        OperatorRoute::PutSite(site) => write(format!("put the settings of site {site}")),
        OperatorRoute::PatchSite(site) => write(format!("changed settings of site {site}")),
        OperatorRoute::PutAppSecret(app, name) => {
            write(format!("stored the secret {name} of app {app}"))
        }
        OperatorRoute::PutSiteSecret(site, name) => {
            write(format!("stored the secret {name} of site {site}"))
        }
        OperatorRoute::CreateRenewal => write("made a renewal link".to_owned()),
        OperatorRoute::TransferNumber(number) => {
            write(format!("transferred number {number} to another site"))
        }
        OperatorRoute::RefreshReport(signup) => {
            write(format!("asked Meta for the report of signup {signup}"))
        }
        // Only sealed, but of everyone: beginning it leaves an entry.
        OperatorRoute::ReadBackup => RouteAccess {
            role: Owner,
            action: None,
        },
        OperatorRoute::BeginBackup => audited(Owner, "began a backup".to_owned()),
        OperatorRoute::RestoreBackup => audited(Owner, "restored a part of a backup".to_owned()),
        OperatorRoute::ActivateBackup => {
            audited(Owner, "set objects of a restored backup to work".to_owned())
        }
        OperatorRoute::RotateKeys => {
            audited(Owner, "began a rotation of the sealing keys".to_owned())
        }
        OperatorRoute::AddOperator => audited(MANAGES_OPERATORS, "added an operator".to_owned()),
        OperatorRoute::RemoveOperator(id) => {
            audited(MANAGES_OPERATORS, format!("removed operator {id}"))
        }
        OperatorRoute::OfSite(site, route) => of_site(site, route),
    }
}

fn of_site(site: &SiteId, route: &SiteRoute) -> RouteAccess {
    let what = match route {
        SiteRoute::ListInvitations
        | SiteRoute::ListBackendTokens
        | SiteRoute::GetEndpoint
        | SiteRoute::ListSignups
        | SiteRoute::GetSignup(_)
        | SiteRoute::ListAccounts
        | SiteRoute::ListCalls(_)
        | SiteRoute::GetCounts
        | SiteRoute::CheckSite
        | SiteRoute::ListEvents
        | SiteRoute::ListTokenReads
        | SiteRoute::GetInfobipMessage(_) => return read(),
        // Personal data in bulk: reading it leaves an entry.
        SiteRoute::ExportSignups => {
            return audited(Viewer, format!("site {site}: exported signups"));
        }
        SiteRoute::GetToken(waba) => format!("read the business token of account {waba}"),
        SiteRoute::ApplyMessages => "applied the settings of messages".to_owned(),
        SiteRoute::CreateInvitation => "made an invitation".to_owned(),
        SiteRoute::RevokeInvitation(id) => format!("withdrew the invitation {id}"),
        SiteRoute::CreateSession => "made a session".to_owned(),
        SiteRoute::CreateBackendToken => "made a back-end token".to_owned(),
        SiteRoute::RevokeBackendToken(id) => format!("revoked the back-end token {id}"),
        SiteRoute::PutEndpoint => "set the endpoint of events".to_owned(),
        SiteRoute::DeleteEndpoint => "deleted the endpoint of events".to_owned(),
        SiteRoute::RotateEndpointSecret => "made another signing secret".to_owned(),
        SiteRoute::TestEndpoint => "sent a test event".to_owned(),
        SiteRoute::CreateLink(signup) => format!("made a link to signup {signup}"),
        SiteRoute::CancelSignup(signup) => format!("cancelled signup {signup}"),
        SiteRoute::RetrySignup(signup) => format!("had signup {signup} tried again"),
        SiteRoute::ReplayEvents => "replayed events".to_owned(),
        SiteRoute::CreateInfobipWebhook => "made an address for Infobip's webhooks".to_owned(),
        SiteRoute::AddInfobipSender => "added a sender at Infobip".to_owned(),
        SiteRoute::SendInfobipMessage => "sent a message through Infobip".to_owned(),
    };
    write(format!("site {site}: {what}"))
}

/// Whether an operator may do anything but read.
pub fn may_change(operator: &OperatorIdentity) -> bool {
    operator.role >= CHANGES
}

/// Whether an operator may add and remove operators.
pub fn may_manage_operators(operator: &OperatorIdentity) -> bool {
    operator.role >= MANAGES_OPERATORS
}

const CHANGES: OperatorRole = Operator;
const MANAGES_OPERATORS: OperatorRole = Owner;

const fn read() -> RouteAccess {
    RouteAccess {
        role: Viewer,
        action: None,
    }
}

const fn write(action: String) -> RouteAccess {
    audited(CHANGES, action)
}

const fn audited(role: OperatorRole, action: String) -> RouteAccess {
    RouteAccess {
        role,
        action: Some(action),
    }
}
