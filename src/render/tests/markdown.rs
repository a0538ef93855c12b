//! What holds of comments on pull requests.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::json;

use super::cases::{HOSTILE, cases};
use super::*;

/// The most characters that GitHub takes.
const LIMIT: usize = 65_536;

fn markdown(report: &Report) -> String {
    report.render(Format::Markdown, &plain(100))
}

/// Texts that a site would act on are in code; HTML is ours; links are places.
fn is_harmless(text: &str) -> Result<(), String> {
    let ours = ["<!-- mxkeep:", "<details>", "<details open>", "</details>", "<sub>", "</sub>"];
    let mut is_code = false;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Start(Tag::Link { dest_url, .. })
                if !dest_url.starts_with("https://git.example/blob/1/") =>
            {
                return Err(format!("a link to {dest_url}"));
            }
            Event::Start(
                Tag::Image { .. } | Tag::Table(_) | Tag::FootnoteDefinition(_) | Tag::Strikethrough,
            ) => {
                return Err(format!("{event:?}"));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let line = html.trim();
                // Between tags of ours, everything is escaped.
                let inner = line
                    .replace("<summary>", "")
                    .replace("</summary>", "")
                    .replace("<code>", "")
                    .replace("</code>", "");
                let rest = ours.iter().fold(inner.clone(), |rest, own| rest.replace(own, ""));
                let is_marker = line.starts_with("<!-- mxkeep:")
                    && line.matches("-->").count() == 1
                    && line.ends_with("-->");
                if rest.contains('<') && !is_marker {
                    return Err(format!("HTML: {line}"));
                }
                let outside = without_code(line);
                if !is_marker && (outside.contains('@') || outside.contains("://")) {
                    return Err(format!("a mention or an address in HTML: {outside}"));
                }
            }
            Event::Text(plain)
                if !is_code
                    && (plain.contains(['@', '#']) || plain.contains("://") || plain.contains("www.")) =>
            {
                return Err(format!("a mention or an address: {plain}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What stands outside of `<code>`.
fn without_code(html: &str) -> String {
    let mut out = String::new();
    for (index, part) in html.split("<code>").enumerate() {
        let behind = part.split_once("</code>").map(|(_, behind)| behind);
        out.push_str(if index == 0 { part } else { behind.unwrap_or_default() });
    }
    out
}

#[test]
fn no_case_is_more_than_text() {
    for (name, report) in cases() {
        for links in [None, Some("https://git.example/blob/1/".to_owned())] {
            let text = report.render(Format::Markdown, &Style { links, ..plain(100) });
            assert_eq!(is_harmless(&text), Ok(()), "{name}\n{text}");
        }
    }
}

/// A difference that stands far behind in a line is what a reviewer has to see.
#[test]
fn two_long_lines_do_not_look_the_same() {
    for start in ["", "one line more\n"] {
        let long = |end: &str| json!(format!("{start}{}{end}", "a".repeat(600)));
        let change = change("deployment.constants[M.One].value", long("1"), long("2")).at(1);
        let text = markdown(&Report::Plan(plan_view(
            &plan(vec![update(order_desk("test"), vec![change])]),
            &facts(),
        )));
        let line = |sign: &str| text.lines().find(|line| line.starts_with(sign)).unwrap_or_default();
        assert!(line("-   …").ends_with("a1") && line("+   …").ends_with("a2"), "{text}");
    }
}

#[test]
fn what_takes_something_away_comes_first_and_is_not_cut() {
    let mut actions: Vec<_> = (0..900)
        .map(|index| {
            let change = change("container.instances", json!(1), json!(2)).at(index + 1);
            update(order_desk(&format!("environment-{index}")), vec![change])
        })
        .collect();
    actions.push(delete(order_desk("the-last")));
    let text = markdown(&Report::Plan(plan_view(&plan(actions), &facts())));
    assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
    let gone = text.find("- delete environment/order-desk/the-last").unwrap();
    assert!(gone < text.find("environment-0").unwrap());
    assert!(text.contains("Too long for one comment: the details of "), "{}", &text[text.len() - 900..]);
    // Every line of a change has more right to be there than the details of another.
    let lines = text.matches("~ update environment/order-desk/environment-").count();
    let told = text.split(" and the lines of ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(lines + told.parse::<usize>().unwrap(), 900);
}

prop_compose! {
    /// A text that is long, or that somebody wrote to confuse a site.
    fn nasty()(parts in prop::collection::vec(prop::sample::select(vec![
        HOSTILE, "\n\n# h\n", "<details>", "</details>", "</summary>", "<!--", "-->", "`", "```", "~~~", "@me", "https://x.example",
        "www.x.example", "![i](x)", "[l](x)", "a", " ", "|", "*", "_", "- ", "1. ", "\\", "e\u{301}", "日", ":tada:", "\t", "    ",
    ]), 0..12), times in prop::sample::select(vec![1_usize, 1, 1, 40, 3000])) -> String {
        parts.concat().repeat(times).chars().take(20_000).collect()
    }
}

/// Reports at the limit are large: fewer of them have to do.
fn few() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig { cases: all.cases.min(64), ..all }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn any_plan_fits_and_is_harmless(
        texts in prop::collection::vec(nasty(), 8),
        count in prop::sample::select(vec![0_usize, 1, 3, 15]),
        verb in 0..3_usize,
    ) {
        let text = |index: usize| texts[index].clone();
        let one = |index: usize| {
            let address = crate::model::Address::environment(&format!("{index}{}", text(0)), &text(1));
            let mut change = change("deployment.appUrl", json!(text(2)), json!(text(3)));
            change.origin = Some(origin(&texts[4], index + 1, 1));
            let action = match verb {
                0 => create(address, vec![change]),
                1 => update(address, vec![change]),
                _ => delete(address),
            };
            crate::plan::Action { reason: text(5), ..action }
        };
        let mut actions: Vec<_> = (0..count).map(one).collect();
        if let Some(last) = actions.pop() {
            let mut held = blocked(last);
            if let crate::plan::Status::Blocked(block) = &mut held.status {
                block.reason = text(6);
                block.help = Some(text(7));
            }
            actions.push(held);
        }
        let mut note = write_only_note("production");
        note.message = text(6);
        let plan = crate::plan::Plan { estate: text(0), notes: vec![note; count], unmanaged: vec![unmanaged(&texts[1]); count], ..plan(actions.clone()) };
        let reports = actions.into_iter().map(|action| {
            let mut report = report(action, crate::apply::ActionOutcome::Failed, 3);
            report.error = failure(crate::apply::outcome::JOB_FAILED, &texts[6], Some(&texts[7]));
            report.log = vec![text(5); 4];
            report
        });
        let outcome = outcome(reports.collect());
        for report in [Report::Plan(plan_view(&plan, &facts())), Report::Outcome(outcome_view(&outcome))] {
            let links = Some("https://git.example/blob/1/".to_owned());
            let text = report.render(Format::Markdown, &Style { links, ..plain(100) });
            prop_assert!(text.chars().count() <= LIMIT, "{} characters", text.chars().count());
            prop_assert_eq!(is_harmless(&text), Ok(()), "{}", text);
        }
    }
}
