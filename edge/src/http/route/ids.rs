//! Parameters of paths.

use embark_protocol::{
    AppKey, InvitationId, PhoneNumberId, ProblemCode, SignupId, SiteId, SolutionId, WabaId,
};

macro_rules! id_parsers {
    ($($name:ident: $id:ty),*) => {
        $(pub fn $name(text: &str) -> Result<$id, ProblemCode> {
            <$id>::parse(text).map_err(|_| ProblemCode::BadId)
        })*
    };
}

id_parsers!(site_id: SiteId, app_key: AppKey, solution_id: SolutionId, signup_id: SignupId,
    waba_id: WabaId, phone_id: PhoneNumberId, invitation_id: InvitationId);
