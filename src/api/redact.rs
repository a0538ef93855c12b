//! Takes secrets out of what servers say: an error or a job may repeat what it was sent. Pure.
//!
//! It runs before a text is cleaned and cut for a terminal. After that a secret with a line break in it, or one that
//! was cut in two, would not be recognised any more.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::token::Token;

/// What stands in the place of a secret.
const MASK: &str = "•••";

/// A line of a secret that is at least this long is one by itself; `}` or `EOF` is not.
const SHORTEST_LINE: usize = 8;

/// The secrets that must not be repeated.
#[derive(Clone, Default)]
pub struct Redactor {
    token: Option<Token>,
    /// Longest first, so that a secret inside another does not break it up.
    spellings: Vec<String>,
}

impl Redactor {
    /// Takes secrets as they are sent. Each is found in several spellings: as it is, without the blanks around it,
    /// before and in base64, inside JSON, and line by line.
    pub fn new<'s>(token: Option<Token>, secrets: impl IntoIterator<Item = &'s str>) -> Redactor {
        let mut spellings = BTreeSet::new();
        for secret in secrets {
            spell(secret, &mut spellings);
            let plain = BASE64_STANDARD.decode(secret).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some(plain) = plain {
                spell(&plain, &mut spellings);
            }
        }
        let mut spellings: Vec<String> =
            spellings.into_iter().filter(|spelling| !spelling.trim().is_empty()).collect();
        spellings.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        Redactor { token, spellings }
    }

    /// The text without any secret.
    pub fn text(&self, text: &str) -> String {
        let text = self.token.as_ref().map_or_else(|| text.to_owned(), |token| token.redact(text));
        self.spellings.iter().fold(text, |text, spelling| text.replace(spelling, MASK))
    }
}

fn spell(secret: &str, spellings: &mut BTreeSet<String>) {
    let lines = secret.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
    for spelling in lines.chain([secret, secret.trim()]) {
        let json = serde_json::Value::from(spelling).to_string();
        spellings.insert(json.trim_matches('"').to_owned());
        spellings.insert(spelling.to_owned());
        spellings.insert(BASE64_STANDARD.encode(spelling));
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} spellings)", self.spellings.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_spelling() {
        let plain = " first \"line\"\nsecond lïne ";
        let redactor = Redactor::new(
            Some(Token::new("t0k3n").unwrap()),
            [plain, "cGFzc3dvcmQK", "short\nlong enough line", ""],
        );
        for text in [
            plain,
            plain.trim(),
            "first \"line\"",
            "second lïne",
            r#" first \"line\"\nsecond lïne "#,
            "cGFzc3dvcmQK",
            "password\n",
            "password",
            &BASE64_STANDARD.encode("password"),
            &BASE64_STANDARD.encode(plain),
            "long enough line",
        ] {
            assert_eq!(redactor.text(&format!("<{text}>")).replace(MASK, ""), "<>", "{text}");
        }
        assert_eq!(redactor.text("who is t0k3n, in short?"), "who is [token], in short?");
        assert!(!format!("{redactor:?}").contains("password"));
    }
}
