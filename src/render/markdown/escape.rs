//! Texts of somebody else in Markdown. What could mean anything to a renderer, or to the site that shows it, stands in
//! code: there nothing is a link, a mention, an image or HTML.

use crate::render::plural::CHARACTER;
use crate::render::sanitise::sanitise_line;

/// How many characters of a name are shown.
const LONGEST_NAME: usize = 200;
/// How many characters of a sentence are shown.
const LONGEST_SENTENCE: usize = 1_000;

/// A name in code, cut where it is long.
pub(super) fn code(text: &str) -> String {
    span(&short(&flat(text), LONGEST_NAME))
}

/// A command in code, whole as far as a line may be long.
pub(super) fn command(text: &str) -> String {
    span(&short(&flat(text), LONGEST_SENTENCE))
}

/// The same inside HTML, where Markdown is not read.
pub(super) fn html_code(text: &str) -> String {
    format!("<code>{}</code>", html(&short(&flat(text), LONGEST_NAME)))
}

/// A text inside HTML.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A sentence of ours with texts of somebody else in it: what stands in backticks becomes code, and so does every word
/// with a character that could mean something.
pub(super) fn prose(text: &str) -> String {
    let text = short(&flat(text), LONGEST_SENTENCE);
    let mut out = String::with_capacity(text.len() + 8);
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(&if part.is_empty() { String::new() } else { span(part) });
            continue;
        }
        for (index, word) in part.split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            let end = word.trim_end_matches([',', '.', ';']);
            out.push_str(&if is_plain(word) || end.is_empty() { word.to_owned() } else { span(end) });
            out.push_str(if is_plain(word) || end.is_empty() {
                ""
            } else {
                word.get(end.len()..).unwrap_or_default()
            });
        }
    }
    out
}

/// Whether a word is only a word, wherever it stands in a line that begins with something else.
fn is_plain(word: &str) -> bool {
    let core = word.trim_matches(|c: char| ",.;:()?!".contains(c));
    let is_digits = core.len() >= 7 && core.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_host = core.contains('.') || core.contains(':');
    // `GH-12`, `PROJ-7`, `group/project!5`, `%3`, `:tada:`: sites make links and pictures of these.
    let is_number_of =
        word.as_bytes().windows(2).any(|pair| matches!(pair, [b'!' | b'%' | b'-', b'0'..=b'9']));
    let is_picture = word.matches(':').count() > 1;
    !is_digits
        && !is_host
        && !is_number_of
        && !is_picture
        && !word.starts_with(':')
        && word.chars().all(|c| c.is_alphanumeric() || ",.;:()?!'/%-+·…→".contains(c))
}

/// Code whose fence is longer than every run of backticks in it.
fn span(text: &str) -> String {
    let text = if text.trim().is_empty() { "(blank)" } else { text };
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A block of code, coloured as a language.
pub(super) fn block(language: &str, lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{lines}{end}{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn flat(text: &str) -> String {
    sanitise_line(text)
}

/// A text, cut where it is too long for a comment.
pub(super) fn short(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most).collect();
    format!("{start}… ({})", CHARACTER.count(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_code() {
        assert_eq!(
            prose("`a.b` cannot change, see https://x.example @team"),
            "`a.b` cannot change, see `https://x.example` `@team`"
        );
        assert_eq!(
            prose("closes #1 or *x* <b> [a](b) :tada: deadbeef1"),
            "closes `#1` or `*x*` `<b>` `[a](b)` `:tada:` `deadbeef1`"
        );
        assert_eq!(
            prose("see GH-12 !123 %7 PROJ-7 (:tada:) group/project!5, as 50% of us"),
            "see `GH-12` `!123` `%7` `PROJ-7` `(:tada:)` `group/project!5`, as 50% of us"
        );
        assert_eq!(prose("an odd ` stays in code"), "an odd `  stays in code `");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "`(blank)`");
        assert_eq!(block("diff", "+ ```x"), "````diff\n+ ```x\n````\n");
        assert_eq!(html_code("<b>&`"), "<code>&lt;b&gt;&amp;`</code>");
    }
}
