//! SVG without any other program: boxes in columns, and curves between them.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::view::{GraphView, NodeView};
use super::layout::{Layout, Spot, layout};
use super::{remark, title};

/// Sizes in CSS pixels.
const MARGIN: f64 = 16.0;
const TITLE: f64 = 28.0;
const ROW: f64 = 52.0;
const BOX: f64 = 38.0;
const GAP: f64 = 72.0;
/// The width of a character of the text, which is set in a font of fixed width.
const CHARACTER: f64 = 7.3;

/// Longer addresses are shortened in the picture; the whole stands in the title of the box.
const LONGEST: usize = 44;

/// What the boxes look like, light and dark. Texts are far enough from their grounds (WCAG AA).
pub(in crate::render) const STYLE: &str = "\
.mx-graph{--ink:#1f2328;--dim:#59636e;--line:#8c959f;--plain:#f6f8fa;--create:#dafbe1;--update:#fff8c5;--delete:#ffebe9;--held:#fbefff;--failed:#ffd8d3;\
font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}\
@media (prefers-color-scheme:dark){.mx-graph{--ink:#e6edf3;--dim:#9da7b3;--line:#656c76;--plain:#212830;--create:#123821;--update:#3b2e06;--delete:#4d1a1c;--held:#2f2149;--failed:#6b2327}}\
.mx-graph text{fill:var(--ink)}.mx-graph .mx-dim{fill:var(--dim);font-size:11px}\
.mx-graph rect{stroke:var(--line);rx:6px}.mx-graph path{fill:none;stroke:var(--line);stroke-width:1.2}\
.mx-plain{fill:var(--plain)}.mx-create{fill:var(--create)}.mx-update{fill:var(--update)}.mx-delete{fill:var(--delete)}.mx-held{fill:var(--held)}.mx-failed{fill:var(--failed)}";

/// A picture that stands alone.
pub(super) fn svg(graph: &GraphView) -> String {
    let ground = "svg{background:#fff}@media (prefers-color-scheme:dark){svg{background:#0d1117}}";
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
        picture(graph, Some(&format!("{ground}{STYLE}")))
    )
}

/// The picture inside of a page that has [`STYLE`] already.
pub(in crate::render) fn element(graph: &GraphView) -> String {
    picture(graph, None)
}

fn picture(graph: &GraphView, style: Option<&str>) -> String {
    let Layout { nodes: spots, ways } = layout(graph.nodes.len(), &graph.edges);
    let mut widths: Vec<f64> = Vec::new();
    for (node, spot) in graph.nodes.iter().zip(&spots) {
        if widths.len() <= spot.layer {
            widths.resize(spot.layer + 1, 0.0);
        }
        if let Some(width) = widths.get_mut(spot.layer) {
            *width = width.max(width_of(node));
        }
    }
    let lefts: Vec<f64> = widths
        .iter()
        .scan(MARGIN, |left, width| {
            let own = *left;
            *left += width + GAP;
            Some(own)
        })
        .collect();
    let boxes: Vec<_> = graph
        .nodes
        .iter()
        .zip(&spots)
        .map(|(node, spot)| Drawn {
            left: lefts.get(spot.layer).copied().unwrap_or_default(),
            top: top_of(spot),
            width: width_of(node),
        })
        .collect();
    // Where an edge passes a layer it is as wide as the layer, and as high as nothing.
    let passing = |spot: &Spot| Drawn {
        left: lefts.get(spot.layer).copied().unwrap_or_default(),
        top: top_of(spot),
        width: widths.get(spot.layer).copied().unwrap_or_default(),
    };
    let spots = spots.iter().chain(ways.iter().flatten());
    let lowest = spots.map(|spot| top_of(spot) + BOX).fold(MARGIN + TITLE, f64::max);
    let height = lowest + MARGIN;
    let title = title(graph);
    let width = boxes
        .iter()
        .map(|drawn| drawn.left + drawn.width)
        .fold(MARGIN + title.width() as f64 * CHARACTER, f64::max)
        + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"mx-graph\" role=\"img\" aria-label=\"{0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">",
        escape(&format!("{title}: {}", counts(graph)))
    );
    if let Some(style) = style {
        let _ = write!(out, "<style>{style}</style>");
    }
    let _ = write!(out, "<text x=\"{MARGIN}\" y=\"{}\">{}</text>", MARGIN + 12.0, escape(&title));
    for ((first, then), way) in graph.edges.iter().zip(&ways) {
        if let (Some(first), Some(then)) = (boxes.get(*first), boxes.get(*then)) {
            out += &curve(first, &way.iter().map(passing).collect::<Vec<_>>(), then);
        }
    }
    for (node, drawn) in graph.nodes.iter().zip(&boxes) {
        out += &drawn_box(node, drawn);
    }
    out + "</svg>"
}

/// A box in the picture.
struct Drawn {
    left: f64,
    top: f64,
    width: f64,
}

fn counts(graph: &GraphView) -> String {
    let nodes = match graph.nodes.len() {
        1 => "1 box".to_owned(),
        count => format!("{count} boxes"),
    };
    let edges = match graph.edges.len() {
        1 => "1 connection".to_owned(),
        count => format!("{count} connections"),
    };
    format!("{nodes}, {edges}")
}

fn top_of(spot: &Spot) -> f64 {
    MARGIN + TITLE + spot.row * ROW
}

/// A curve from the right of a box to the left of another, straight through what it passes.
fn curve(first: &Drawn, passed: &[Drawn], then: &Drawn) -> String {
    let (mut x, mut y) = (first.left + first.width, first.top + BOX / 2.0);
    let mut path = format!("M{x:.1} {y:.1}");
    for (index, next) in passed.iter().chain([then]).enumerate() {
        let (to_x, to_y) = (next.left, next.top + BOX / 2.0);
        let bend = ((to_x - x).abs() / 2.0).max(GAP / 2.0);
        let _ = write!(path, "C{:.1} {y:.1} {:.1} {to_y:.1} {to_x:.1} {to_y:.1}", x + bend, to_x - bend);
        (x, y) = (to_x, to_y);
        if index < passed.len() {
            x += next.width;
            let _ = write!(path, "H{x:.1}");
        }
    }
    format!("<path d=\"{path}\"/>")
}

fn drawn_box(node: &NodeView, Drawn { left, top, width }: &Drawn) -> String {
    let remark = remark(node);
    let whole = match &remark {
        Some(remark) => format!("{} ({remark})", node.address),
        None => node.address.to_string(),
    };
    let mut out = format!(
        "<g><title>{}</title><rect class=\"mx-{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BOX}\"/>",
        escape(&whole),
        node.mark.name()
    );
    let x = left + 10.0;
    let (first, second) = if remark.is_some() { (top + 16.0, top + 31.0) } else { (top + 23.0, 0.0) };
    let _ = write!(
        out,
        "<text x=\"{x:.1}\" y=\"{first:.1}\">{}</text>",
        escape(&short(&node.address.to_string()))
    );
    if let Some(remark) = remark {
        let _ =
            write!(out, "<text class=\"mx-dim\" x=\"{x:.1}\" y=\"{second:.1}\">{}</text>", escape(&remark));
    }
    out + "</g>"
}

fn width_of(node: &NodeView) -> f64 {
    let address = short(&node.address.to_string()).width();
    let remark = remark(node).map_or(0, |remark| remark.width());
    address.max(remark) as f64 * CHARACTER + 20.0
}

/// An address that is too long keeps its beginning and its end, which tells most.
fn short(text: &str) -> String {
    if text.width() <= LONGEST {
        return text.to_owned();
    }
    let half = LONGEST / 2 - 1;
    let fits = |room: usize| {
        move |used: &mut usize, character: char| {
            *used += character.width().unwrap_or_default();
            (*used <= room).then_some(character)
        }
    };
    let start: String = text.chars().scan(0, fits(half)).collect();
    let end: Vec<char> = text.chars().rev().scan(0, fits(half)).collect();
    format!("{start}…{}", end.into_iter().rev().collect::<String>())
}

/// Text and attributes of XML. Control characters, which XML has no way to write, are not in names that are shown; two
/// other characters that it has no way to write are left out.
fn escape(text: &str) -> String {
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "");
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
