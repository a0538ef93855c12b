//! Who may do what: three tokens, as coarse as the scopes of the API.

use super::message::Refusal;

/// The token that may do everything.
pub const TOKEN: &str = "simulator";
/// The token that may only read, and not the apps.
pub const READ_TOKEN: &str = "simulator-read";

/// The token that may do everything but what the Build API offers.
pub const DEPLOY_TOKEN: &str = "simulator-deploy";

/// What an endpoint asks of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    /// Reads of the Build API, which have a scope of their own.
    BuildRead,
    /// Writes of the Build API.
    BuildWrite,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    All,
    Deploy,
    Read,
}

/// The access that the `Authorization` header gives.
pub(super) fn token(header: Option<&str>) -> Result<Token, Refusal> {
    let token = header.and_then(|header| header.strip_prefix("MxToken ")).map(str::trim);
    match token.filter(|token| !token.is_empty()) {
        Some(TOKEN) => Ok(Token::All),
        Some(DEPLOY_TOKEN) => Ok(Token::Deploy),
        Some(READ_TOKEN) => Ok(Token::Read),
        Some(_) => Err(Refusal::access(403, "Forbidden", "The token is not accepted")),
        None => Err(Refusal::access(401, "Unauthorized", "Missing or invalid Authorization header")),
    }
}

/// Refuses a token that gives less than the endpoint needs.
pub(super) fn check(has: Token, needs: Access) -> Result<(), Refusal> {
    let may = match (has, needs) {
        (Token::All, _) => true,
        (Token::Deploy, Access::Read | Access::Write) => true,
        (Token::Read, Access::Read | Access::BuildRead) => true,
        (Token::Deploy, Access::BuildRead | Access::BuildWrite) => false,
        (Token::Read, Access::Write | Access::BuildWrite) => false,
    };
    if !may {
        let reason = "The token does not have the required level of access";
        return Err(Refusal::access(403, "Forbidden", reason));
    }
    Ok(())
}
