use super::*;

fn edit(text: &str, document: usize, edits: &[Edit]) -> Result<String, Refusal> {
    edit_all(text, &BTreeMap::from([(document, edits.to_vec())]))
}

fn path(text: &str) -> Vec<Step> {
    let step = |part: &str| part.parse().map_or_else(|_| Step::key(part), Step::Index);
    text.split('/').filter(|part| !part.is_empty()).map(step).collect()
}

fn put(text: &str, at: &str, value: Tree) -> String {
    edit(text, 0, &[Edit::put(path(at), value)]).unwrap()
}

fn first(text: &str, at: &str, value: Tree) -> String {
    edit(text, 0, &[Edit::Put { path: path(at), value, first: true }]).unwrap()
}

fn push(text: &str, at: &str, value: Tree) -> String {
    edit(text, 0, &[Edit::Push { path: path(at), value }]).unwrap()
}

fn remove(text: &str, at: &str) -> String {
    edit(text, 0, &[Edit::Remove { path: path(at) }]).unwrap()
}

fn text(text: &str) -> Tree {
    Tree::text(text)
}

#[test]
fn a_scalar_keeps_its_quotes_where_the_value_allows_it() {
    for (before, value, after) in [
        ("a: old # why\n", text("new"), "a: new # why\n"),
        ("a: 'old'\n", text("new"), "a: 'new'\n"),
        ("a: 'old'\n", text("it's"), "a: 'it''s'\n"),
        ("a: 'old'\n", text("x\ny"), "a: \"x\\ny\"\n"),
        ("a: \"old\" # c\n", text("5"), "a: \"5\" # c\n"),
        ("a: old\n", text("yes"), "a: \"yes\"\n"),
        ("a: old\n", text("1.10"), "a: \"1.10\"\n"),
        ("a: \"old\"\n", Tree::Integer(5), "a: 5\n"),
        ("a: 1 # c\r\nb: 2\r\n", Tree::Integer(3), "a: 3 # c\r\nb: 2\r\n"),
        ("\u{feff}a: 1\n", Tree::Integer(3), "\u{feff}a: 3\n"),
        ("a: |\n  one\n  two\nb: 1\n", text("x"), "a: x\nb: 1\n"),
        ("a: |\n  one\n  two\n", text("x"), "a: x\n"),
        ("a: one\n  two\nb: 1\n", text("x"), "a: x\nb: 1\n"),
        ("a:\nb: 1\n", text("x"), "a: x\nb: 1\n"),
        ("a: # none\nb: 1\n", text("x"), "a: x # none\nb: 1\n"),
        ("a: ~\nb: 1\n", text("x"), "a: x\nb: 1\n"),
        ("a:", text("x"), "a: x"),
        ("{a: old, b: 1}\n", text("x, y"), "{a: \"x, y\", b: 1}\n"),
        ("? a\n: old\n", text("new"), "? a\n: new\n"),
    ] {
        assert_eq!(put(before, "a", value), after);
    }
}

#[test]
fn a_key_is_added_in_the_indentation_of_its_mapping() {
    for (before, at, after) in [
        ("a: 1\n", "k", "a: 1\nk: v\n"),
        ("a: 1", "k", "a: 1\nk: v"),
        ("a: 1 # c", "k", "a: 1 # c\nk: v"),
        ("a: 1\r\nb: 2\r\n", "k", "a: 1\r\nb: 2\r\nk: v\r\n"),
        (
            "o:\n     a: 1 # c\n     # about b\nb: 2\n",
            "o/k",
            "o:\n     a: 1 # c\n     k: v\n     # about b\nb: 2\n",
        ),
        ("o:\n  a: |\n    x\n    y\n\nb: 2\n", "o/k", "o:\n  a: |\n    x\n    y\n  k: v\n\nb: 2\n"),
        ("o:\n  a: |+\n    x\n\nb: 2\n", "o/k", "o:\n  k: v\n  a: |+\n    x\n\nb: 2\n"),
        ("o:\n  a:\nb: 2\n", "o/k", "o:\n  a:\n  k: v\nb: 2\n"),
        ("o:\nb: 2\n", "o/k", "o:\n  k: v\nb: 2\n"),
        ("o: # none\nb: 2\n", "o/k", "o: # none\n  k: v\nb: 2\n"),
        ("o: {}\nb: 2\n", "o/k", "o: {k: v}\nb: 2\n"),
        ("o: {a: 1}\n", "o/k", "o: {a: 1, k: v}\n"),
        ("o: {a: 1,}\n", "o/k", "o: {a: 1, k: v}\n"),
        ("o: {a: 1 , }\n", "o/k", "o: {a: 1 , k: v }\n"),
        ("o: {\n  a: 1, # c\n  b: 2 # d\n}\n", "o/k", "o: {\n  a: 1, # c\n  b: 2, # d\n  k: v\n}\n"),
        ("o: {\n  a: 1,\n}\n", "o/k", "o: {\n  a: 1,\n  k: v,\n}\n"),
        ("o: {a: , b: }\n", "o/k", "o: {a: , b:, k: v }\n"),
        ("l:\n- a: 1\n  b: 2\n- c: 3\n", "l/0/k", "l:\n- a: 1\n  b: 2\n  k: v\n- c: 3\n"),
        ("a: 1\n", "x/z/k", "a: 1\nx:\n  z:\n    k: v\n"),
        ("o: {a: 1}\n", "o/x/k", "o: {a: 1, x: {k: v}}\n"),
        ("---\na: 1\n...\n", "k", "---\na: 1\nk: v\n...\n"),
    ] {
        assert_eq!(put(before, at, text("v")), after);
    }
}

#[test]
fn a_key_can_be_the_first_of_its_mapping() {
    for (before, at, after) in [
        ("e:\n    a: 1\n", "e/id", "e:\n    id: v\n    a: 1\n"),
        ("e: {a: 1}\n", "e/id", "e: {id: v, a: 1}\n"),
        ("e: # c\n  # about a\n  a: 1\n", "e/id", "e: # c\n  # about a\n  id: v\n  a: 1\n"),
        ("e:\n", "e/id", "e:\n  id: v\n"),
        ("- a: 1\n  b: 2\n", "0/id", "- id: v\n  a: 1\n  b: 2\n"),
    ] {
        assert_eq!(first(before, at, text("v")), after);
    }
}

#[test]
fn an_item_is_added_as_the_others_are_written() {
    let item = || Tree::flow([("p", text("x")), ("v", text("z"))]);
    for (before, after) in [
        ("l:\n- {n: a} # c\nb: 1\n", "l:\n- {n: a} # c\n- {p: x, v: z}\nb: 1\n"),
        ("l:\n    -   {n: a}\n", "l:\n    -   {n: a}\n    -   {p: x, v: z}\n"),
        ("l: [{n: a}]\n", "l: [{n: a}, {p: x, v: z}]\n"),
        ("l: []\n", "l: [{p: x, v: z}]\n"),
        ("l:\nb: 1\n", "l:\n  - {p: x, v: z}\nb: 1\n"),
        ("l: [\n  {n: a},\n  {n: b}\n]\n", "l: [\n  {n: a},\n  {n: b},\n  {p: x, v: z}\n]\n"),
        ("b: 1\n", "b: 1\nl:\n  - {p: x, v: z}\n"),
    ] {
        assert_eq!(push(before, "l", item()), after);
    }
    let wide = Tree::block([("p", text("x")), ("v", text("z"))]);
    assert_eq!(
        push("l:\n  -  n: a\n     v: b\n", "l", wide),
        "l:\n  -  n: a\n     v: b\n  -  p: x\n     v: z\n"
    );
}

#[test]
fn what_is_removed_takes_its_own_lines_and_its_own_comment() {
    for (before, at, after) in [
        ("a: 1 # c\nb: 2\n", "a", "b: 2\n"),
        ("# top\na: 1\n# about b\nb: 2 # d\n# end\n", "b", "# top\na: 1\n# about b\n# end\n"),
        // Dashes no deeper than the key.
        ("a:\n- x: 1\nb: 2\n", "a/0", "a: []\nb: 2\n"),
        ("r:\n  a:\n  - x: 1\n    y: 2 # c\n  b: 2\n", "r/a/0", "r:\n  a: []\n  b: 2\n"),
        ("a: # c\n- x: |-\n    1\nb: 2\n", "a/0", "a: [] # c\nb: 2\n"),
        ("a: 1\nb: 2", "b", "a: 1"),
        ("a: 1\r\nb: 2\r\n", "a", "b: 2\r\n"),
        ("a:\n  x: 1\n  y: 2 # c\n\nb: 2\n", "a", "\nb: 2\n"),
        ("a:\n  x: 1\nb: 2\n", "a/x", "a: {}\nb: 2\n"),
        ("a: # c\n  x: 1 # d\nb: 2\n", "a/x", "a: {} # c\nb: 2\n"),
        ("b: 2\na:\n  x: 1", "a/x", "b: 2\na: {}"),
        ("{a: 1, b: 2, c: 3}\n", "a", "{b: 2, c: 3}\n"),
        ("{a: 1, b: 2, c: 3}\n", "b", "{a: 1, c: 3}\n"),
        ("{a: 1, b: 2, c: 3}\n", "c", "{a: 1, b: 2}\n"),
        ("o: {a: 1}\n", "o/a", "o: {}\n"),
        ("o: {\n  a: 1, # c\n  b: 2 # d\n}\n", "o/b", "o: {\n  a: 1, # c\n}\n"),
        ("o: {\n  a: 1, # c\n  # about b\n  b: 2 # d\n}\n", "o/a", "o: {\n  # about b\n  b: 2 # d\n}\n"),
        ("l:\n- a: 1\n  b: 2\n", "l/0/a", "l:\n- b: 2\n"),
        ("l:\n- a: 1 # c\n  # about b\n  b: 2\n", "l/0/a", "l:\n- \n  # about b\n  b: 2\n"),
        (
            "l:\n  - a: 1 # c\n    b: 2\n  # about the next\n  - c: 3\n",
            "l/0",
            "l:\n  # about the next\n  - c: 3\n",
        ),
        ("l:\n  - a\n  - b # c\nm: 1\n", "l/1", "l:\n  - a\nm: 1\n"),
        ("l: [a, b]\n", "l/0", "l: [b]\n"),
        ("l: [a, b]\n", "l/1", "l: [a]\n"),
        ("l:\n  - a\nm: 1\n", "l/0", "l: []\nm: 1\n"),
    ] {
        assert_eq!(remove(before, at), after, "{before}");
    }
}

#[test]
fn only_the_place_of_use_changes_below_an_alias() {
    let before = "base: &x\n  k: 1 # c\none: *x\ntwo: *x # d\n";
    assert_eq!(put(before, "one/k", Tree::Integer(2)), "base: &x\n  k: 1 # c\none:\n  k: 2\ntwo: *x # d\n");
    assert_eq!(
        put("b: &x {k: 1}\none: {u: *x}\n", "one/u/j", Tree::Integer(2)),
        "b: &x {k: 1}\none: {u: {k: 1, j: 2}}\n"
    );
    assert_eq!(put("a: &x old\nb: *x\n", "b", text("new")), "a: &x old\nb: new\n");
    assert_eq!(remove("a: &x old\nb: *x\n", "b"), "a: &x old\n");
    // Without another use, an anchor is in nobody's way.
    assert_eq!(put("a: &x old\n", "a", text("new")), "a: &x new\n");
    let refused = edit("a: &x old\nb: *x\n", 0, &[Edit::put(path("a"), text("new"))]).unwrap_err();
    assert!(refused.message.contains("alias"), "{refused:?}");
    assert_eq!(refused.at, Some(Span::new(13, 15)));
    assert!(edit(before, 0, &[Edit::put(path("base/j"), text("new"))]).is_err());
    assert!(edit(before, 0, &[Edit::Remove { path: path("base") }]).is_err());
}

#[test]
fn the_other_documents_stay_as_they_are() {
    let before = "# one\na: 1\n---\n# two\na: 1 # here\n--- # three\na: 1\n";
    let after = edit(before, 1, &[Edit::put(path("a"), Tree::Integer(2))]).unwrap();
    assert_eq!(after, "# one\na: 1\n---\n# two\na: 2 # here\n--- # three\na: 1\n");
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    assert!(edit("a: [\n", 0, &[Edit::put(path("a"), Tree::Null)]).is_err());
    assert!(edit("a: 1\n", 1, &[Edit::put(path("a"), Tree::Null)]).is_err());
    assert!(edit("a: 1\n", 0, &[Edit::put(path("a/b"), Tree::Null)]).is_err());
    assert!(edit("a: 1\n", 0, &[Edit::Remove { path: path("b") }]).is_err());
}

/// Random texts: trees in every layout, with comments, anchors, and line ends of both kinds.
mod random {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::super::emit;
    use super::*;

    fn key() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[a-f]",
            1 => proptest::sample::select(vec!["Erp.Url", "yes", "a b", "x: y", "ä", "a#b", "\"q\"", "", "0o17", "- x"])
                .prop_map(str::to_owned),
        ]
    }

    fn scalar() -> impl Strategy<Value = Tree> {
        prop_oneof![
            "[a-z]{1,6}".prop_map(Tree::Text),
            any::<i8>().prop_map(|number| Tree::Integer(number.into())),
            any::<bool>().prop_map(Tree::Boolean),
            Just(Tree::Null),
            proptest::sample::select(vec![
                "",
                "yes",
                "1.10",
                "~",
                "007",
                "2024-01-01",
                "12:30:45",
                "it's",
                "a: b",
                "# no",
                " lead",
                "trail ",
                "x\ny",
                "x\n\ny\n",
                "\n",
                "tab\tx",
                "{}",
                "[a]",
                "Zürich ☂",
                "*x",
                "&x",
                "!t",
                "%d",
                "@at",
                "`b",
                "a,b",
                "\u{85}",
                "\u{feff}",
                "\r\n",
                "-",
                "---",
                "null",
                "0x1F",
                "1_000",
                "<<",
                "=",
                "a\\b\"c",
                "|",
                ">",
                "? q",
                ": v",
                "'",
            ])
            .prop_map(Tree::text),
            any::<String>().prop_map(Tree::Text),
        ]
    }

    fn trees() -> impl Strategy<Value = Tree> {
        let mapping = |value: BoxedStrategy<Tree>| {
            (proptest::collection::btree_map(key(), value, 0..5), any::<bool>()).prop_map(
                |(entries, flow)| {
                    let layout = if flow { Layout::Flow } else { Layout::Block };
                    Tree::Mapping(entries.into_iter().collect(), layout)
                },
            )
        };
        let value = scalar().prop_recursive(3, 24, 5, move |inner| {
            prop_oneof![vec(inner.clone(), 0..4).prop_map(Tree::Sequence), mapping(inner.boxed())]
        });
        mapping(value.boxed()).prop_filter(
            "a document of something",
            |tree| matches!(tree, Tree::Mapping(entries, _) if !entries.is_empty()),
        )
    }

    /// An edit somewhere in a tree, by numbers.
    fn edit_of(tree: &Tree, choices: &[u8], value: Tree, first: bool) -> Edit {
        let mut path = Vec::new();
        let mut at = tree;
        let mut choices = choices.iter();
        loop {
            let choice = usize::from(choices.next().copied().unwrap_or_default());
            match at {
                Tree::Mapping(entries, _) if choice % 5 > 0 && !entries.is_empty() => {
                    let (key, value) = &entries[choice % entries.len()];
                    path.push(Step::key(key));
                    at = value;
                }
                Tree::Sequence(items) if choice % 5 > 0 && !items.is_empty() => {
                    path.push(Step::Index(choice % items.len()));
                    at = &items[choice % items.len()];
                }
                Tree::Mapping(entries, _)
                    if choice % 2 == 0 && entries.iter().all(|(key, _)| key != "new") =>
                {
                    path.push(Step::key("new"));
                    return Edit::Put { path, value, first };
                }
                Tree::Sequence(_) if choice % 2 == 0 => return Edit::Push { path, value },
                _ if path.is_empty() => {
                    path.push(Step::key("new"));
                    return Edit::Put { path, value, first };
                }
                _ if choice % 3 == 0 => return Edit::Remove { path },
                _ => return Edit::Put { path, value, first },
            }
        }
    }

    /// Comments at the ends of lines and on lines of their own, wherever that means nothing else.
    fn with_comments(text: &str, seed: u64) -> String {
        let mut out = String::new();
        let before = read(text).unwrap();
        let tree = before[0].root.as_ref().and_then(Tree::of).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for (index, line) in lines.iter().enumerate() {
            let bit = |shift: usize| (seed >> ((index * 2 + shift) % 64)) & 1 == 1;
            let body = line.trim_end_matches('\n');
            let mut tried = vec![(*line).to_owned()];
            if bit(0) {
                tried.insert(0, format!("{body} # c{index}\n"));
            }
            if bit(1) {
                let indent = body.len() - body.trim_start().len();
                let first = tried[0].clone();
                tried.insert(0, format!("{}# above {index}\n{first}", " ".repeat(indent)));
            }
            let rest: String = lines[index + 1..].concat();
            let fits = |candidate: &String| {
                let whole = format!("{out}{candidate}{rest}");
                read(&whole)
                    .ok()
                    .and_then(|it| it[0].root.as_ref().and_then(Tree::of))
                    .is_some_and(|it| it.says(&tree))
            };
            let chosen = tried.iter().find(|candidate| fits(candidate)).unwrap().clone();
            out.push_str(&chosen);
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_written_is_read_back(tree in trees()) {
            let text = emit::document(&tree);
            let documents = read(&text).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}\n{text}")))?;
            let back = documents[0].root.as_ref().and_then(Tree::of).unwrap();
            prop_assert!(back.says(&tree), "{text}\n{back:?}");
            let line = emit::flow(&tree);
            let documents = read(&line).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}\n{line}")))?;
            prop_assert!(documents[0].root.as_ref().and_then(Tree::of).unwrap().says(&tree), "{line}");
        }

        /// Another reader sees texts where there are texts, and nothing else.
        #[test]
        fn a_second_reader_agrees(text in prop_oneof!["[ -~]{0,12}", any::<String>(), scalar().prop_map(|tree| match tree { Tree::Text(text) => text, other => format!("{other:?}") })]) {
            let tree = Tree::block([("a", Tree::text(text.clone())), ("b", Tree::flow([("c", Tree::text(text.clone()))]))]);
            let written = emit::document(&tree);
            let value: serde_json::Value = serde_yaml::from_str(&written)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{written}")))?;
            prop_assert_eq!(value, serde_json::json!({"a": text.clone(), "b": {"c": text}}), "{}", written);
        }

        #[test]
        fn an_edit_comes_out_as_intended_and_leaves_the_other_lines_alone(
            tree in trees(),
            choices in vec(any::<u8>(), 1..6),
            value in trees().boxed().prop_union(scalar().boxed()),
            seed in any::<u64>(),
            first in any::<bool>(),
            crlf in any::<bool>(),
            end in any::<bool>(),
        ) {
            let mut text = with_comments(&emit::document(&tree), seed);
            if !end {
                text = text.trim_end_matches('\n').to_owned();
            }
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            let Ok(before) = read(&text) else { return Ok(()) };
            let Some(tree) = before[0].root.as_ref().and_then(Tree::of) else { return Ok(()) };
            let edit_made = edit_of(&tree, &choices, value, first);
            let mut intended = tree;
            apply(&mut intended, &edit_made).unwrap();
            let after = edit(&text, 0, std::slice::from_ref(&edit_made))
                .map_err(|refusal| TestCaseError::fail(format!("{refusal:?}\n{edit_made:?}\n{text}")))?;
            let read_back = read(&after).unwrap()[0].root.as_ref().and_then(Tree::of).unwrap();
            prop_assert!(read_back.says(&intended), "{text}\n{after}");
            // What changed is one stretch of lines.
            let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), after.lines().collect());
            let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
            let comments = |lines: &[&str]| lines.iter().filter(|line| line.trim_start().starts_with("# above")).count();
            let lost = comments(&old[head..old.len() - tail]).saturating_sub(comments(&new[head..new.len() - tail]));
            let inside = match &edit_made {
                Edit::Push { .. } => 0,
                // What goes takes the comments inside of it along.
                Edit::Remove { .. } => usize::MAX,
                Edit::Put { path, .. } => if Place::find(&text, before[0].root.as_ref().unwrap(), path).is_some() { usize::MAX } else { 0 },
            };
            prop_assert!(lost <= inside, "{edit_made:?}\n{text}\n=>\n{after}");
        }
    }
}

/// A text of several lines begins with a head, which goes where no other text comes.
#[test]
fn a_text_of_several_lines_in_a_list_is_replaced() {
    let text = "a:\n  - one\n  - |-\n    two\n    three\n# the end\n";
    for (value, line) in
        [(Tree::flow([("b", Tree::text("c"))]), "  - {b: c}\n"), (Tree::text("four"), "  - |-\n    four\n")]
    {
        let put = Edit::put(vec![Step::key("a"), Step::Index(1)], value);
        let edited = edit(text, 0, &[put]).unwrap();
        assert_eq!(edited, format!("a:\n  - one\n{line}# the end\n"));
    }
}
