//! What keeps a text from giving orders to a build server that reads its log.
//!
//! GitHub Actions obeys a line that begins with `::error::` or the like, Azure Pipelines `##vso[…]` anywhere in a line,
//! TeamCity `##teamcity[…]`. Names and values of a pull request, and what a server says, end up in such logs.

use std::borrow::Cow;

/// A text for a terminal or a log in which a blank takes every such order apart.
pub fn without_orders(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive(['\n', '\r']) {
        let start = line.len() - line.trim_start().len();
        let (blank, rest) = line.split_at_checked(start).unwrap_or_default();
        out.push_str(blank);
        let rest = rest.strip_prefix("::").map_or(rest, |rest| {
            out.push_str(": :");
            rest
        });
        take_apart(rest, &mut out);
    }
    Cow::Owned(out)
}

/// Puts a blank between the hashes of `##word[`.
fn take_apart(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('#') {
        let word =
            behind.strip_prefix('#').map(|word| word.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
        out.push_str(before);
        out.push_str(if word.is_some_and(|word| word.starts_with('[')) { "# " } else { "#" });
        rest = behind;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_taken_apart() {
        for (text, expected) in [
            ("::error::x", ": :error::x"),
            ("a\n  ::stop-commands::t\nb", "a\n  : :stop-commands::t\nb"),
            ("a\r::x", "a\r: :x"),
            ("name ##vso[task.setvariable variable=a]b", "name # #vso[task.setvariable variable=a]b"),
            ("##[group]x ##teamcity[a] ###[x]", "# #[group]x # #teamcity[a] ## #[x]"),
            ("::::", ": :::"),
        ] {
            assert_eq!(without_orders(text), expected);
        }
    }

    #[test]
    fn other_texts_stay() {
        for text in ["", "Core::Thing a::b", "## heading\n### [x]", "a: ##", "x\r\n"] {
            assert_eq!(without_orders(text), text);
        }
    }
}
