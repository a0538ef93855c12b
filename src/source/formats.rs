//! The formats of texts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::codes::{self, Code};
use super::suggest;
use crate::model::Mark;
use crate::model::field::Format;

/// Why a text does not fit its format. `help` may quote the text; `secret_help` never does.
pub(super) struct Misfit {
    /// The code, where it is not that of the field.
    pub(super) code: Option<&'static Code>,
    /// What the text is not: "is not a UUID".
    pub(super) is: &'static str,
    pub(super) help: Option<String>,
}

impl Misfit {
    fn new(is: &'static str, help: impl Into<String>) -> Misfit {
        Misfit { code: None, is, help: Some(help.into()) }
    }

    fn code(self, code: &'static Code) -> Misfit {
        Misfit { code: Some(code), ..self }
    }
}

/// Checks a text against a format.
pub(super) fn check(format: Format, text: &str) -> Result<(), Misfit> {
    match format {
        Format::Plain => Ok(()),
        Format::NonEmpty => not_blank(text),
        Format::Enum(words) => one_of(words, text),
        Format::Uuid => uuid(text),
        Format::Short(longest) => short(longest, text),
        Format::Version => version(text),
        Format::PackageName => package_name(text),
        Format::EnvironmentId => environment_id(text),
        Format::Mail => mail(text),
        Format::Url => url(text),
        Format::Base64 => base64(text),
        Format::Decimal => decimal(text),
        Format::RelaxedJson => relaxed_json(text),
    }
}

fn when(fits: bool, misfit: impl FnOnce() -> Misfit) -> Result<(), Misfit> {
    if fits { Ok(()) } else { Err(misfit()) }
}

fn not_blank(text: &str) -> Result<(), Misfit> {
    when(!text.trim().is_empty(), || Misfit::new("is empty", "write a text that is not empty"))
}

fn one_of(words: &'static [&'static str], text: &str) -> Result<(), Misfit> {
    when(words.contains(&text), || {
        let nearest = suggest::nearest(text, words.iter().copied());
        let help = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("write {}", suggest::listed(words)),
        };
        Misfit { code: None, is: "is not one of the words that the field takes", help: Some(help) }
    })
}

fn uuid(text: &str) -> Result<(), Misfit> {
    // The parser takes other spellings too, which the API does not.
    let fits = text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
    when(fits, || {
        Misfit::new(
            "is not a UUID",
            "a UUID has 32 hexadecimal digits and hyphens: `085a0e34-69ec-4c61-9c7d-5cd42554f9f2`",
        )
    })
}

fn short(longest: usize, text: &str) -> Result<(), Misfit> {
    not_blank(text)?;
    when(text.chars().count() <= longest, || {
        Misfit::new("is too long", format!("write at most {longest} characters"))
    })
}

fn version(text: &str) -> Result<(), Misfit> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.split('.').count() == 3 && text.split('.').all(is_number) && text.len() <= 20;
    when(fits, || {
        Misfit::new(
            "is not a version of the form `x.y.z`",
            "write three numbers with dots between them, such as `1.4.2`; 20 characters at most",
        )
    })
}

fn package_name(text: &str) -> Result<(), Misfit> {
    not_blank(text)?;
    when(Mark::is_name(text), || {
        Misfit::new(
            "cannot be the name of a package",
            "use up to 100 letters, digits, `.`, `_`, `+` and `-`, with a letter or digit first",
        )
    })
}

fn environment_id(text: &str) -> Result<(), Misfit> {
    not_blank(text)?;
    when(text.chars().count() <= 32, || {
        Misfit::new("is longer than 32 characters", "choose a shorter id, best of 1 to 8 letters and digits")
            .code(&codes::ID_03)
    })?;
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-');
    when(fits, || {
        Misfit::new(
            "has characters that an id cannot have",
            "use lower-case letters, digits and hyphens, with a letter or digit at both ends",
        )
    })
}

fn mail(text: &str) -> Result<(), Misfit> {
    let fits = text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    when(fits && !text.contains(char::is_whitespace), || {
        Misfit::new("is not a mail address", "write it as `user@host.example`")
    })
}

fn url(text: &str) -> Result<(), Misfit> {
    let fits = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    when(fits && !text.contains(char::is_whitespace) && text.contains("://"), || {
        Misfit::new(
            "is not an absolute http or https URL",
            "write it with its scheme: `https://host.example`",
        )
    })
}

fn base64(text: &str) -> Result<(), Misfit> {
    when(decode(text).is_some(), || {
        Misfit::new("is not base64", "take it from a variable with `{fromEnv: NAME}`; mxkeep encodes it")
    })
}

/// The bytes that a base64 text stands for; blanks are nothing.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(compact).ok()
}

/// The base64 text for bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn decimal(text: &str) -> Result<(), Misfit> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    when(digits(whole) && digits(fraction), || {
        Misfit::new("is not a decimal number without a unit", decimal_help(text))
    })?;
    let positive = whole.bytes().chain(fraction.bytes()).any(|byte| byte != b'0');
    when(positive, || Misfit::new("is zero", "write a number above zero").code(&codes::RES_02))
}

fn decimal_help(text: &str) -> String {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.strip_prefix(number).unwrap_or_default().trim();
    let amount: Option<f64> = number.parse().ok();
    let converted = match (unit, amount) {
        ("m", Some(amount)) => Some(amount / 1000.0),
        ("Mi", Some(amount)) => Some(amount / 1024.0),
        ("M" | "MB", Some(amount)) => Some(amount / 1000.0),
        ("Gi" | "G" | "GB" | "Gb", Some(amount)) => Some(amount),
        _ => None,
    };
    match converted {
        Some(amount) => format!("the platform adds the unit; write `\"{amount}\"`"),
        None => "the platform adds the unit; write a plain number such as `\"0.5\"` or `\"2\"`".to_owned(),
    }
}

fn relaxed_json(text: &str) -> Result<(), Misfit> {
    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    when(inner.is_some_and(|inner| inner.contains(':')), || {
        Misfit::new("is not a small map in text", "write it as `'{type: \"database\"}'`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked_by_format() {
        let id32 = "a".repeat(32);
        let table: &[(Format, &[&str], &[&str])] = &[
            (Format::NonEmpty, &["x"], &["", " \n"]),
            (Format::Enum(&["A", "B"]), &["A"], &["a", ""]),
            (
                Format::Uuid,
                &["085a0e34-69ec-4c61-9c7d-5cd42554f9f2", "085A0E34-69EC-4C61-9C7D-5CD42554F9F2"],
                &["", "085a0e3469ec4c619c7d5cd42554f9f2", "{085a0e34-69ec-4c61-9c7d-5cd42554f9f2}", "x"],
            ),
            (Format::EnvironmentId, &["a", "ord-prd-1", "1x", &id32], &["", "-a", "a-", "A", "a_b", "ä"]),
            (Format::Short(3), &["a", "äöü"], &["", " ", "abcd"]),
            (
                Format::Version,
                &["1.4.2", "0.0.0", "12345678.9012345.678"],
                &["", "1.4", "1.4.2.1", "v1.4.2", "1..2", "1.4.2-rc", "12345678.90123456.7890"],
            ),
            (Format::PackageName, &["a", "order-desk-1.4.2", "A_b+c"], &["", "-a", "a b", "a/b", "a]", "ä"]),
            (Format::Mail, &["a@b.example", "A@B"], &["", "a", "a@", "@b", "a@b@c", "a b@c", "a@.b"]),
            (
                Format::Url,
                &["https://a.example", "http://127.0.0.1:8080/x"],
                &["", "a.example", "ftp://a.example", "https:", "https://a b", "https:a.example"],
            ),
            (Format::Base64, &["", "aGk=", "aG\nk="], &["aGk", "a!", "****"]),
            (
                Format::Decimal,
                &["1", "0.5", "10.000", "01"],
                &["", "0", "0.0", "500m", "1Gi", "-1", "+1", "1e3", ".5", "1.", "1.2.3", " 1"],
            ),
            (
                Format::RelaxedJson,
                &["{type: \"database\"}", "{\\\"type\\\": \\\"x\\\"}"],
                &["", "database", "{}"],
            ),
        ];
        for (format, good, bad) in table {
            for text in *good {
                assert!(check(*format, text).is_ok(), "{format:?} {text:?}");
            }
            for text in *bad {
                assert!(check(*format, text).is_err(), "{format:?} {text:?}");
            }
        }
    }

    #[test]
    fn units_are_converted_in_the_help() {
        let help = |text| check(Format::Decimal, text).err().and_then(|misfit| misfit.help).unwrap();
        assert_eq!(help("500m"), "the platform adds the unit; write `\"0.5\"`");
        assert_eq!(help("512Mi"), "the platform adds the unit; write `\"0.5\"`");
        assert_eq!(help("2Gi"), "the platform adds the unit; write `\"2\"`");
    }
}
