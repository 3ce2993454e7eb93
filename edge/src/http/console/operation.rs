//! Which operation a form asks for: the route of the operator's API that does the same. Role and entry of the audit log are
//! those of the route.

use super::form::Form;
use crate::http::admin::access::{self, RouteAccess};
use crate::http::route::{ConsoleAction, OperatorRoute, SiteAction, SiteRoute};
use embark_protocol::{AppKey, Problem, SiteId};

/// What an action needs. Its entry of the audit log also has what the API has in a body.
///
/// # Errors
/// `bad_request`: the form does not name the app or the site that it adds.
pub fn access_of(action: &ConsoleAction, form: &Form) -> Result<RouteAccess, Problem> {
    let access = access::of(&operation(action, form)?);
    Ok(match action {
        ConsoleAction::OfSite(site, SiteAction::CreateRenewal(waba)) => {
            access.with_detail(&format!("site {site}, account {waba}"))
        }
        ConsoleAction::Assign(_) => access.with_detail(form.text("site")),
        ConsoleAction::TransferNumber(_) => access.with_detail(form.text("site")),
        ConsoleAction::AddOperator => access.with_detail(form.text("role")),
        ConsoleAction::MarkStep(..) => {
            let is_done = form.text("done") == "true";
            access.with_detail(if is_done { "done" } else { "open" })
        }
        _ => access,
    })
}

fn operation(action: &ConsoleAction, form: &Form) -> Result<OperatorRoute, Problem> {
    Ok(match action {
        ConsoleAction::AddSite => OperatorRoute::PutSite(form.parsed("key", SiteId::parse)?),
        ConsoleAction::OfSite(site, action) => of_site(site, action, form),
        ConsoleAction::AddApp => OperatorRoute::PutApp(form.parsed("key", AppKey::parse)?),
        ConsoleAction::ChangeApp(app) => OperatorRoute::PatchApp(app.clone()),
        ConsoleAction::SetAppSecret(app) => {
            OperatorRoute::PutAppSecret(app.clone(), form.text("name").to_owned())
        }
        ConsoleAction::SetAppWebhook(app) => OperatorRoute::PutAppWebhook(app.clone()),
        ConsoleAction::MarkStep(app, step) => OperatorRoute::MarkStep(app.clone(), step.clone()),
        ConsoleAction::Assign(waba) => OperatorRoute::AssignUnclaimed(waba.clone()),
        ConsoleAction::CloseUserCallback(code) => OperatorRoute::CloseUserCallback(code.clone()),
        ConsoleAction::TransferNumber(number) => OperatorRoute::TransferNumber(number.clone()),
        ConsoleAction::RotateKeys => OperatorRoute::RotateKeys,
        ConsoleAction::AddOperator => OperatorRoute::AddOperator,
        ConsoleAction::RemoveOperator(id) => OperatorRoute::RemoveOperator(id.clone()),
    })
}

fn of_site(site: &SiteId, action: &SiteAction, form: &Form) -> OperatorRoute {
    let route = match action {
        SiteAction::ChangeSettings => return OperatorRoute::PatchSite(site.clone()),
        SiteAction::SetSecret => {
            let name = form.text("name").to_owned();
            return OperatorRoute::PutSiteSecret(site.clone(), name);
        }
        SiteAction::CreateRenewal(_) => return OperatorRoute::CreateRenewal,
        SiteAction::RefreshReport(id) => return OperatorRoute::RefreshReport(id.clone()),
        SiteAction::Invite => SiteRoute::CreateInvitation,
        SiteAction::SetEndpoint => SiteRoute::PutEndpoint,
        SiteAction::TestEndpoint => SiteRoute::TestEndpoint,
        SiteAction::ReplayEvents => SiteRoute::ReplayEvents,
        SiteAction::CreateBackendToken => SiteRoute::CreateBackendToken,
        SiteAction::RevokeBackendToken(id) => SiteRoute::RevokeBackendToken(id.clone()),
        SiteAction::ReadToken(waba) => SiteRoute::GetToken(waba.clone()),
        SiteAction::CancelSignup(id) => SiteRoute::CancelSignup(id.clone()),
        SiteAction::RetrySignup(id) => SiteRoute::RetrySignup(id.clone()),
        SiteAction::CreateLink(id) => SiteRoute::CreateLink(id.clone()),
    };
    OperatorRoute::OfSite(site.clone(), route)
}

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::operators::OperatorRole;

    #[test]
    fn action_has_role_and_audit_entry_of_the_api() {
        let form = Form::parse(b"key=acme&name=provider_key&site=acme&role=viewer");
        let acme = SiteId::parse("acme").unwrap();
        let waba = embark_protocol::WabaId::parse("100001").unwrap();
        let number = embark_protocol::PhoneNumberId::parse("6000000000000001").unwrap();
        for (action, role, entry) in [
            (
                ConsoleAction::AddSite,
                OperatorRole::Operator,
                "put the settings of site acme",
            ),
            (
                ConsoleAction::OfSite(acme.clone(), SiteAction::SetSecret),
                OperatorRole::Operator,
                "stored the secret provider_key of site acme",
            ),
            (
                ConsoleAction::OfSite(acme.clone(), SiteAction::ReadToken(waba.clone())),
                OperatorRole::Operator,
                "site acme: read the business token of account 100001",
            ),
            (
                ConsoleAction::OfSite(acme, SiteAction::CreateRenewal(waba.clone())),
                OperatorRole::Operator,
                "made a renewal link (site acme, account 100001)",
            ),
            (
                ConsoleAction::Assign(waba),
                OperatorRole::Operator,
                "assigned account 100001 to a site (acme)",
            ),
            (
                ConsoleAction::TransferNumber(number),
                OperatorRole::Operator,
                "transferred number 6000000000000001 to another site (acme)",
            ),
            (
                ConsoleAction::CloseUserCallback("0f".into()),
                OperatorRole::Operator,
                "closed the callback 0f",
            ),
            (
                ConsoleAction::AddOperator,
                OperatorRole::Owner,
                "added an operator (viewer)",
            ),
            (
                ConsoleAction::RemoveOperator("0f".into()),
                OperatorRole::Owner,
                "removed operator 0f",
            ),
        ] {
            let access = access_of(&action, &form).unwrap();
            assert_eq!(access.role, role, "{action:?}");
            assert_eq!(access.action.as_deref(), Some(entry), "{action:?}");
        }
    }
}
