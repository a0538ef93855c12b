//! What the README shows is what the binary prints.

use crate::generated::is_update;
use crate::support::{Mxkeep, edit, example, project};

/// The block behind `<!-- sample: NAME -->`, without its command.
fn sample(name: &str) -> String {
    let readme = fs_err::read_to_string(project().join("README.md")).unwrap();
    let marker = format!("<!-- sample: {name} -->\n```console\n");
    let (_, rest) = readme.split_once(&marker).unwrap_or_else(|| panic!("the README has no sample `{name}`"));
    let block = rest.split("```").next().unwrap();
    let (command, output) = block.split_once('\n').unwrap();
    assert!(command.starts_with("$ mxkeep "), "{command}");
    output.to_owned()
}

#[test]
fn the_kills_are_those_of_the_matrix() {
    let read = |name: &str| fs_err::read_to_string(project().join(name)).unwrap();
    let readme = read("README.md");
    let (before, _) = readme.split_once(" kills](docs/reference/crash-matrix.md)").unwrap();
    let number = before.rsplit('[').next().unwrap();
    assert!(read("docs/reference/crash-matrix.md").contains(number), "{number}");
}

#[test]
fn the_mistake_is_real() {
    let estate = example("quickstart");
    edit(&estate.path().join("web-shop.yaml"), "instances: 2", "instnces: 2");
    let found = Mxkeep::new(["validate"]).dir(estate.path()).run().exits(9);
    assert_eq!(found.stderr.trim_end(), sample("mistake").trim_end());
}

/// The picture of the README: a terminal, with what was printed in it.
#[test]
fn the_picture_is_real() {
    let estate = example("quickstart");
    let run = |args: &[&str], code: i32| {
        let all = args.iter().copied().chain(["--simulate", "--color", "always"]);
        Mxkeep::new(all).dir(estate.path()).env("COLUMNS", "96").run().exits(code).stdout
    };
    let _ = run(&["apply", "--yes", "-q"], 0);
    let file = estate.path().join("web-shop.yaml");
    edit(&file, "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"15\"");
    edit(&file, "8ed5bcd3-5354-53be-85f6-ed5b05b374ca", "a2bfe37b-2013-5351-b32b-967f18b2b007");
    let plan = run(&["plan"], 0);
    let apply = run(&["apply", "--yes", "-q"], 0);
    let again = run(&["plan"], 0);
    let text = format!(
        "$ mxkeep plan --simulate\n{plan}\n$ mxkeep apply --simulate --yes\n{}\n$ mxkeep plan --simulate\n{again}",
        steady(&apply)
    );
    let color = |red, green, blue| anstyle::Color::from(anstyle::RgbColor(red, green, blue));
    let terminal = anstyle_svg::Term::new().fg_color(color(240, 246, 252)).bg_color(color(13, 17, 23));
    let picture = recorded(&terminal.min_width_px(860).render_svg(&text));
    let place = project().join("docs/pictures/plan.svg");
    if is_update() {
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        fs_err::write(&place, &picture).unwrap();
    }
    assert_eq!(fs_err::read_to_string(&place).unwrap_or_default(), picture, "UPDATE=1 draws it anew");
}

/// The picture as a recording: lines come as they came in the terminal, a command at a time. Who wants no motion sees the
/// last picture at once. Colours are made light enough for their ground.
fn recorded(picture: &str) -> String {
    let colors = [
        ("#00AA00", "#56D364"),
        ("#AA0000", "#FF7B72"),
        ("#AA5500", "#E3B341"),
        ("opacity: 0.4", "opacity: 0.7"),
    ];
    let picture = colors.iter().fold(picture.to_owned(), |text, (old, new)| text.replace(old, new));
    let style = "    .line { animation: line 0s both }\n    @keyframes line { from { visibility: hidden } to { visibility: visible } }\n    \
                 @media (prefers-reduced-motion: reduce) { .line { animation: none } }\n  </style>";
    let picture = picture.replacen("  </style>", style, 1);
    let (mut out, mut time) = (String::new(), 0.0);
    for line in picture.split_inclusive('\n') {
        match line.strip_prefix("    <tspan x=") {
            Some(rest) => {
                // Somebody types a command, and then it takes its time.
                time += if rest.contains(">$ ") { 1.2 } else { 0.04 };
                out += &format!("    <tspan class=\"line\" style=\"animation-delay:{time:.2}s\" x={rest}");
                time += if rest.contains(">$ ") { 0.7 } else { 0.0 };
            }
            None => out += line,
        }
    }
    out
}

/// How long something took is another each time. Colours stand right before and behind the times.
fn steady(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(|it: char| it.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        let (number, behind) = number
            .split_at(number.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(number.len()));
        let is_time = behind.strip_prefix('s').is_some_and(|it| !it.starts_with(char::is_alphanumeric));
        out += before;
        out += if is_time { "0.7" } else { number };
        rest = behind;
    }
    out + rest
}

#[test]
fn times_are_no_difference() {
    let (one, other) = (
        "\u{1b}[2m0.6s · verified\u{1b}[0m in 0.6s\u{1b}[0m\n",
        "\u{1b}[2m12.3s · verified\u{1b}[0m in 4s\u{1b}[0m\n",
    );
    assert_eq!(steady(one), steady(other));
    assert_ne!(steady("7 resources"), steady("8 resources"));
}
