//! The access token, in a type that cannot print itself.
//!
//! The platform calls it a personal access token (PAT); requests carry it as `Authorization: MxToken …`.

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// The scheme of the `Authorization` header, with the blank that follows it.
const SCHEME: &str = "MxToken ";

/// What stands in a message in place of the token.
const REDACTED: &str = "[token]";

/// A personal access token. Neither `Debug` nor `Display` nor an error shows any part of it.
#[derive(Clone)]
pub struct Token(SecretString);

/// Why a text cannot be a token. The text itself is in no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing but blanks.
    #[error("the token is empty")]
    Empty,
    /// Blanks, line breaks, control or non-ASCII characters inside: it could not be sent in a header.
    #[error(
        "the token holds a character that no token has (a blank, a line break or a character outside ASCII)"
    )]
    Unsendable,
}

impl Token {
    /// Takes a token as people paste it: blanks around it, and the word `MxToken` before it, are dropped.
    ///
    /// # Errors
    ///
    /// [`TokenError`] when nothing is left, or when it could not stand in an HTTP header.
    pub fn new(text: &str) -> Result<Token, TokenError> {
        let text = text.trim();
        let text = text.strip_prefix(SCHEME).unwrap_or(text).trim();
        if text.is_empty() || text == SCHEME.trim() {
            return Err(TokenError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Unsendable);
        }
        Ok(Token(SecretString::from(text)))
    }

    /// The value of the `Authorization` header, marked so that no HTTP layer prints or indexes it.
    pub(super) fn header(&self) -> Result<HeaderValue, TokenError> {
        let mut value = HeaderValue::from_str(&format!("{SCHEME}{}", self.0.expose_secret()))
            .map_err(|_| TokenError::Unsendable)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The text without the token, for messages of servers and proxies that repeat what they were sent.
    pub(super) fn redact(&self, text: &str) -> String {
        text.replace(self.0.expose_secret(), REDACTED)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([token])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_people_paste() {
        for text in ["abc123", "  abc123\n", "MxToken abc123", "\tMxToken   abc123\r\n"] {
            let header = Token::new(text).unwrap().header().unwrap();
            assert_eq!(header.as_bytes(), b"MxToken abc123", "{text:?}");
            assert!(header.is_sensitive());
        }
    }

    #[test]
    fn refuses_what_no_header_can_carry_without_repeating_it() {
        for (text, expected) in [
            ("", TokenError::Empty),
            (" \n ", TokenError::Empty),
            ("MxToken ", TokenError::Empty),
            ("sec ret", TokenError::Unsendable),
            ("sec\nret", TokenError::Unsendable),
            ("sec\u{0}ret", TokenError::Unsendable),
            ("sécret", TokenError::Unsendable),
        ] {
            let error = Token::new(text).unwrap_err();
            assert_eq!(error, expected, "{text:?}");
            assert!(!format!("{error} {error:?}").contains("ret"), "{text:?}");
        }
    }

    #[test]
    fn prints_nothing_of_itself() {
        let token = Token::new("s3cr3t-t0k3n").unwrap();
        let printed = format!("{token:?} {:?}", token.header().unwrap());
        assert!(!printed.contains("s3cr3t"), "{printed}");
        assert_eq!(token.redact("you sent MxToken s3cr3t-t0k3n!"), "you sent MxToken [token]!");
    }
}
