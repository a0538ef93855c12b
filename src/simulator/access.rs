//! Who may do what: two tokens, as coarse as the scopes of the API.

use super::message::Refusal;

/// The token that may do everything.
pub const TOKEN: &str = "simulator";
/// The token that may only read, and not the apps.
pub const READ_TOKEN: &str = "simulator-read";

/// What an endpoint asks of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// The access that the `Authorization` header gives.
pub(super) fn token(header: Option<&str>) -> Result<Access, Refusal> {
    let token = header.and_then(|header| header.strip_prefix("MxToken ")).map(str::trim);
    match token.filter(|token| !token.is_empty()) {
        Some(TOKEN) => Ok(Access::Write),
        Some(READ_TOKEN) => Ok(Access::Read),
        Some(_) => Err(Refusal::access(403, "Forbidden", "The token is not accepted")),
        None => Err(Refusal::access(401, "Unauthorized", "Missing or invalid Authorization header")),
    }
}

/// Refuses a token that gives less than the endpoint needs.
pub(super) fn check(has: Access, needs: Access) -> Result<(), Refusal> {
    if has == Access::Read && needs == Access::Write {
        let reason = "The token does not have the required level of access";
        return Err(Refusal::access(403, "Forbidden", reason));
    }
    Ok(())
}
