//! Why fields are what they are, for people.

use super::changes::{live_piece, wanted_piece};
use crate::model::field::ListMode;
use crate::plan::why::{LiveSide, Verdict};
use crate::render::layout::{Line, Page};
use crate::render::style::{Label, Style};
use crate::render::view::{ChangeView, LayerView, WhyFieldView, WhyView};

/// How wide the words before values are.
const WORD: usize = 10;

/// Of so many fields it is told whose they are; of more it would bury where they come from.
const FEW: usize = 3;

/// Writes why fields are what they are.
pub(in crate::render) fn why(view: &WhyView, style: &Style) -> String {
    let WhyView { address, live, layers, fields } = view;
    let mut page = Page::new(style);
    page.line(&Line::new(0).add(Label::Heading, address.to_string()));
    for layer in layers {
        page.line_at(Line::new(2).add(Label::Plain, told(layer)), 0, &layer.place);
    }
    let known = match live {
        LiveSide::Read => None,
        LiveSide::NotRead => Some("the live side was not read"),
        LiveSide::Refused => Some("the token may not read the live side"),
        LiveSide::Missing => Some("not live"),
    };
    if let Some(known) = known {
        page.line(&Line::new(2).add(Label::Dim, known));
    }
    for field in fields {
        page.blank();
        show(&mut page, field, layers, *live);
        if fields.len() <= FEW {
            about(&mut page, field);
        }
    }
    if fields.is_empty() {
        page.blank();
        page.line(&Line::new(0).add(Label::Plain, "The files declare no field of it"));
    }
    page.finish()
}

/// `document (plant = ams)`.
fn told(layer: &LayerView) -> String {
    let values: Vec<String> = layer.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    if values.is_empty() { layer.role.to_owned() } else { format!("{} ({})", layer.role, values.join(", ")) }
}

fn show(page: &mut Page<'_>, view: &WhyFieldView, layers: &[LayerView], live: LiveSide) {
    let WhyFieldView { value, is_declared, layer, over, base, verdict, owner, ignored, .. } = view;
    let style = page.style();
    page.line(&Line::new(0).add(Label::Address, value.path.to_string()));
    let separator = style.separator();
    if *is_declared {
        declared(page, "desired", value, *layer, layers);
        for (value, layer) in over {
            declared(page, "over", value, *layer, layers);
        }
    } else {
        let says = match owner.0 {
            "server-owned" => "(the platform decides)",
            _ => "(not declared: left as it is)",
        };
        page.line(&word("desired").add(Label::Dim, says));
    }
    match base {
        None => {}
        Some(None) => page.line(&word("base").add(Label::Dim, "(not declared)")),
        Some(Some(base)) => declared(page, "base", base, None, layers),
    }
    if live == LiveSide::Read {
        let (label, text) = match owner.0 {
            "write-only" => (Label::Dim, "(never returned)".to_owned()),
            _ => live_piece(value, style),
        };
        let says = match verdict {
            Verdict::Differs => "differs",
            Verdict::Same => "as declared",
            Verdict::NotCompared => "not compared",
            Verdict::Unmanaged | Verdict::Unknown => "",
        };
        let label = if *verdict == Verdict::Differs { label } else { Label::Plain };
        let line = word("live").add(label, text);
        page.line(&if says.is_empty() { line } else { line.add(Label::Dim, format!("{separator}{says}")) });
    }
    if let Some((reason, place)) = ignored {
        let reason = reason.as_ref().map_or("left alone", |reason| reason.as_str());
        page.line_at(word("ignored").add(Label::Tag, reason), 0, place);
    }
}

/// Whose a field is and what a change of it does.
fn about(page: &mut Page<'_>, view: &WhyFieldView) {
    let WhyFieldView { owner, effect, mode, doc, .. } = view;
    let mode = mode.map(|mode| match mode {
        ListMode::Merge => "merge list: items that are not declared stay",
        ListMode::Exact => "exact list: the declared list is the list",
    });
    page.prose(2, (Label::Dim, "field     "), Label::Plain, doc);
    let whose = format!("{}: {}", owner.0, owner.1);
    for text in [Some(whose.as_str()), Some(effect.1), mode].into_iter().flatten() {
        page.prose(2 + WORD, (Label::Plain, ""), Label::Dim, text);
    }
}

fn word(word: &str) -> Line {
    Line::new(2).add(Label::Dim, format!("{word:WORD$}"))
}

fn declared(page: &mut Page<'_>, says: &str, value: &ChangeView, layer: Option<usize>, layers: &[LayerView]) {
    let (label, text) = wanted_piece(value, page.style());
    let label = if says == "desired" { label } else { Label::Dim };
    let layer = layer.and_then(|layer| layers.get(layer)).filter(|_| layers.len() > 1);
    let mut line = word(says).add(label, text);
    if let Some(layer) = layer {
        line = line.add(Label::Dim, format!("{}{}", page.style().separator(), told(layer)));
    }
    match &value.place {
        Some(place) => page.line_at(line, 0, place),
        None => page.line(&line),
    }
}
