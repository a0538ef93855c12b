//! `mxkeep lsp`, by a scripted editor on its stdin and stdout.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Mxkeep, edit, example};

/// An editor with a server of its own.
struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    directory: TempDir,
    last: i64,
    version: i32,
    /// What the server told of files, the last of each.
    told: BTreeMap<String, Value>,
}

impl Editor {
    fn new(directory: TempDir) -> Editor {
        let mut server = Command::new(env!("CARGO_BIN_EXE_mxkeep"))
            .arg("lsp")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (server.stdin.take(), BufReader::new(server.stdout.take().unwrap()));
        let mut editor =
            Editor { server, input, output, directory, last: 0, version: 1, told: BTreeMap::new() };
        let capabilities = editor.ask("initialize", &json!({"capabilities": {}}));
        assert_eq!(capabilities["serverInfo"]["name"], "mxkeep");
        editor.tell("initialized", &json!({}));
        editor
    }

    fn path(&self, name: &str) -> PathBuf {
        fs_err::canonicalize(self.directory.path()).unwrap().join(name)
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks, and takes in whatever comes before the answer.
    fn answer(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read();
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
            self.take_in(&message);
        }
    }

    fn take_in(&mut self, message: &Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap();
            let name = uri.rsplit('/').next().unwrap().to_owned();
            self.told.insert(name, message["params"]["diagnostics"].clone());
        }
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the server has ended");
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", size)) => length = size.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn open(&mut self, name: &str) {
        let text = fs_err::read_to_string(self.path(name)).unwrap();
        let document = json!({"uri": self.uri(name), "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// What is told of a file once it has this text.
    fn write(&mut self, name: &str, text: &str) -> Value {
        self.version += 1;
        let version = self.version;
        let document = json!({"uri": self.uri(name), "version": version});
        self.tell(
            "textDocument/didChange",
            &json!({"textDocument": document, "contentChanges": [{"text": text}]}),
        );
        // Of the file that changed something is told in any case, and behind all others.
        loop {
            let message = self.read();
            self.take_in(&message);
            if message["params"]["version"] == version && message["params"]["uri"] == self.uri(name) {
                break;
            }
        }
        self.told.get(name).cloned().unwrap_or(Value::Null)
    }

    /// A request about the place of the `|` in a text, which the file gets without it.
    fn at(&mut self, method: &str, name: &str, text: &str, more: &Value) -> Value {
        let mut params = self.place(name, text);
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask(method, &params)
    }

    fn place(&mut self, name: &str, text: &str) -> Value {
        let (before, behind) = text.split_once('|').unwrap();
        self.write(name, &format!("{before}{behind}"));
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
        json!({"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": column}})
    }

    fn completed(&mut self, name: &str, text: &str) -> Vec<String> {
        let items = self.at("textDocument/completion", name, text, &json!({}));
        items.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    fn end(mut self) -> TempDir {
        let _ = self.ask("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        drop(self.input.take());
        assert!(self.server.wait().unwrap().success());
        self.directory
    }
}

fn text(directory: &Path, name: &str) -> String {
    fs_err::read_to_string(directory.join(name)).unwrap()
}

#[test]
fn mistakes_are_told_as_validate_tells_them() {
    let shop = example("quickstart");
    let good = text(shop.path(), "web-shop.yaml");
    let mut editor = Editor::new(shop);
    editor.open("web-shop.yaml");
    let bad = good.replacen("instances", "instnces", 1).replace("cluster: demo", "cluster: demi");
    let told = editor.write("web-shop.yaml", &bad);
    let found: Vec<_> =
        told.as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect();
    // The same on disk, as validate sees it.
    fs_err::write(editor.path("web-shop.yaml"), &bad).unwrap();
    let validated =
        Mxkeep::new(["validate", "--format", "json"]).dir(editor.directory.path()).run().exits(9).json();
    let codes =
        validated["findings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned());
    assert_eq!(found, codes.collect::<Vec<_>>());
    let (first, place) = (&told[0], &validated["findings"][0]["source"]);
    assert_eq!(first["range"]["start"]["line"].as_u64().unwrap() + 1, place["line"].as_u64().unwrap());
    assert_eq!(first["range"]["start"]["character"].as_u64().unwrap() + 1, place["column"].as_u64().unwrap());
    assert!(first["message"].as_str().unwrap().contains("help: "), "{first}");
    // Once repaired, nothing is left, whatever is on disk.
    assert_eq!(editor.write("web-shop.yaml", &good), json!([]));
    let _ = editor.end();
}

#[test]
fn a_mistake_is_told_where_it_is_even_in_another_file() {
    let mut editor = Editor::new(example("quickstart"));
    editor.open("platform.yaml");
    let platform = text(editor.directory.path(), "platform.yaml");
    let _ = editor.write("platform.yaml", &platform.replace("name: shop-test", "name: shop-tst"));
    assert!(
        editor.told["web-shop.yaml"][0]["message"].as_str().unwrap().contains("shop-test"),
        "{:?}",
        editor.told
    );
    let _ = editor.write("platform.yaml", &platform);
    assert_eq!(editor.told["web-shop.yaml"], json!([]), "what was told is taken back");
    let _ = editor.end();
}

#[test]
fn keys_words_and_names_are_completed() {
    let mut editor = Editor::new(example("quickstart"));
    editor.open("new.yaml".replace("new", "web-shop").as_str());
    let shop = text(editor.directory.path(), "web-shop.yaml");
    let with = |new: &str| format!("{shop}---\nenvironment:\n  id: new1\n{new}");
    let keys = editor.completed("web-shop.yaml", &with("  container:\n    instances: 1\n    |"));
    assert!(keys.contains(&"size".to_owned()) && !keys.contains(&"instances".to_owned()), "{keys:?}");
    let keys = editor.completed("web-shop.yaml", &with("  container: {instances: 1, s|"));
    assert!(keys.contains(&"size".to_owned()), "{keys:?}");
    assert_eq!(editor.completed("web-shop.yaml", &with("  properties: {production: |}")), ["false", "true"]);
    let sizes = editor.completed("web-shop.yaml", &with("  container:\n    size: |"));
    assert!(sizes.contains(&"XL".to_owned()), "{sizes:?}");
    assert_eq!(editor.completed("web-shop.yaml", &with("  app: |")), ["back-office", "web-shop"]);
    assert_eq!(
        editor.completed("web-shop.yaml", &with("  provider: {cluster: demo, namespace: |}")),
        ["shop-prod", "shop-test"]
    );
    let kinds = editor.completed("web-shop.yaml", &format!("{shop}---\n|"));
    assert!(
        ["cluster", "environment", "remove"].iter().all(|kind| kinds.contains(&(*kind).to_owned())),
        "{kinds:?}"
    );
    editor.open("mxkeep.yaml");
    let codes = editor.completed("mxkeep.yaml", "estate: quickstart\nwaivers:\n  - rule: |");
    assert!(codes.contains(&"LOG-02".to_owned()), "{codes:?}");
    assert!(!codes.contains(&"SHAPE-001".to_owned()), "only what can be waived: {codes:?}");
    // What is inserted behind a key is a value.
    let items = editor.at(
        "textDocument/completion",
        "web-shop.yaml",
        &with("  runtime: {mxAdminPassword: |}"),
        &json!({}),
    );
    let item = items.as_array().unwrap().iter().find(|item| item["label"] == "fromEnv").unwrap();
    assert_eq!(item["textEdit"]["newText"], "{fromEnv: }");
    // What is inserted takes the place of the word, and brings its colon.
    let items = editor.at("textDocument/completion", "web-shop.yaml", &with("  contai|"), &json!({}));
    let item = items.as_array().unwrap().iter().find(|item| item["label"] == "container").unwrap();
    assert_eq!(item["textEdit"]["newText"], "container: ");
    assert_eq!(item["textEdit"]["range"]["start"]["character"], 2);
    assert!(item["documentation"]["value"].as_str().is_some());
    let _ = editor.end();
}

#[test]
fn a_field_tells_what_it_is() {
    let mut editor = Editor::new(example("quickstart"));
    editor.open("web-shop.yaml");
    let shop = text(editor.directory.path(), "web-shop.yaml");
    let told =
        editor.at("textDocument/hover", "web-shop.yaml", &shop.replacen("appUrl", "app|Url", 1), &json!({}));
    let told = told["contents"]["value"].as_str().unwrap().to_owned();
    assert!(told.contains("The URL at which users reach the app."), "{told}");
    let told = editor.at(
        "textDocument/hover",
        "web-shop.yaml",
        &shop.replacen("instances: 1", "instances: |1", 1),
        &json!({}),
    );
    assert!(told["contents"]["value"].is_string(), "{told}");
    let told = editor.at(
        "textDocument/hover",
        "web-shop.yaml",
        &shop.replacen("Payment.BaseUrl", "Pay|ment.BaseUrl", 1),
        &json!({}),
    );
    assert_eq!(told, Value::Null, "the name of a constant is no field");
    let _ = editor.end();
}

#[test]
fn names_lead_to_where_they_are_given() {
    let mut editor = Editor::new(example("quickstart"));
    editor.open("web-shop.yaml");
    let shop = text(editor.directory.path(), "web-shop.yaml");
    let here = shop.replacen("namespace: shop-test", "namespace: shop|-test", 1);
    let found = editor.at("textDocument/definition", "web-shop.yaml", &here, &json!({}));
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert!(found[0]["uri"].as_str().unwrap().ends_with("/platform.yaml"), "{found}");
    let line = found[0]["range"]["start"]["line"].as_u64().unwrap();
    assert_eq!(
        text(editor.directory.path(), "platform.yaml").lines().nth(line as usize).unwrap().trim(),
        "name: shop-test"
    );
    let used = editor.at(
        "textDocument/references",
        "web-shop.yaml",
        &here,
        &json!({"context": {"includeDeclaration": true}}),
    );
    assert_eq!(used.as_array().unwrap().len(), 3, "{used}");
    let _ = editor.end();
}

/// After a rename the estate is as valid as before, and nothing has the old name any more.
#[test]
fn a_name_is_renamed_with_everything_that_uses_it() {
    for (file, mark, old, new) in [
        ("platform.yaml", "name: de|mo", "demo", "north"),
        ("platform.yaml", "name: web|-shop", "web-shop", "store"),
        ("web-shop.yaml", "properties: {name: pro|duction", "production", "live"),
        ("platform.yaml", "name: shop-p|rod", "shop-prod", "true"),
    ] {
        let shop = example("quickstart");
        edit(
            &shop.path().join("mxkeep.yaml"),
            "estate: quickstart\n",
            "estate: quickstart\nguards:\n  protect: [environment/web-shop/production, \"namespace/demo/shop-prod\", environment/*/test]\n",
        );
        let mut editor = Editor::new(shop);
        editor.open(file);
        let here = text(editor.directory.path(), file);
        let at = here.replacen(&mark.replace('|', ""), mark, 1);
        let edits = editor.at("textDocument/rename", file, &at, &json!({ "newName": new }));
        for (uri, edits) in edits["changes"].as_object().unwrap() {
            let path = editor.path(uri.rsplit('/').next().unwrap());
            apply(&path, edits.as_array().unwrap());
        }
        let all: String = ["mxkeep.yaml", "platform.yaml", "web-shop.yaml", "back-office.yaml"]
            .map(|name| text(editor.directory.path(), name))
            .concat();
        let _ = Mxkeep::new(["validate", "--strict"]).dir(editor.directory.path()).run().exits(0);
        let has_old = |line: &&str| {
            ["name: ", "cluster: ", "namespace: ", "app: ", "/"]
                .iter()
                .any(|before| line.contains(&format!("{before}{old}")))
        };
        let is_secret = |line: &&str| line.contains("secrets/");
        let left: Vec<_> = all.lines().filter(has_old).filter(|line| !is_secret(line)).collect();
        // Only the other app's environment has the name that one of them had.
        let allowed = usize::from(old == "production");
        assert_eq!(left.len(), allowed, "{old}: {left:#?}");
        let _ = editor.end();
    }
}

/// An estate of these files, renamed at the mark: the answer, with the edits made where there are any.
fn renamed(files: &[(&str, &str)], new: &str) -> (TempDir, Value) {
    let directory = tempfile::tempdir().unwrap();
    let mut marked = None;
    for (name, text) in files {
        let path = directory.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        if text.contains('|') {
            marked = Some((*name, *text));
        }
        fs_err::write(path, text.replace('|', "")).unwrap();
    }
    let (name, text) = marked.unwrap();
    let mut editor = Editor::new(directory);
    editor.open(name);
    let mut params = editor.place(name, text);
    params["newName"] = new.into();
    let answer = editor.answer("textDocument/rename", &params);
    for (uri, edits) in answer["result"]["changes"].as_object().into_iter().flatten() {
        let (_, name) =
            uri.split_once(&format!("{}/", editor.directory.path().file_name().unwrap().display())).unwrap();
        apply(&editor.path(name), edits.as_array().unwrap());
    }
    (editor.end(), answer)
}

const LAND: &str = "cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000001, name: eu, clusterType: eks}
---
cluster: {clusterId: 0b1b2c3d-0000-4000-8000-000000000002, name: us, clusterType: eks}
---
namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000003, cluster: eu, name: prod, secret: {fromEnv: S}}
---
namespace: {namespaceId: 0b1b2c3d-0000-4000-8000-000000000004, cluster: us, name: prod, secret: {fromEnv: S}}
---
app: {appId: 0b1b2c3d-0000-4000-8000-000000000005, name: shop}
";
const DEFAULTS: &str = "defaults:
  environment:
    app: shop
    provider: {cluster: eu, namespace: prod}
    container: {instances: 1, size: S}
    services: {db: {plan: OnDemand, config: '{type: \"database\"}'}, fs: {plan: OnDemand, config: '{type: \"storage\"}'}}
";
const SETTINGS: &str = "estate: names
guards: {protect: [environment/shop/test]}
ignore: [{address: environment/shop/test, field: container.instances}]
";

/// What a document leaves to `defaults` counts as if it stood there.
#[test]
fn a_name_is_found_through_defaults() {
    let environment = "environment: {id: shoptst1, properties: {name: te|st, production: true}, deployment: {appUrl: \"https://t.example\", packageId: p1}}\n";
    let files = [
        ("mxkeep.yaml", SETTINGS),
        ("land.yaml", LAND),
        ("shop/defaults.yaml", DEFAULTS),
        ("shop/test.yaml", environment),
    ];
    let (directory, answer) = renamed(&files, "acc");
    let settings = text(directory.path(), "mxkeep.yaml");
    assert_eq!(settings, SETTINGS.replace("shop/test", "shop/acc"), "{answer}");
    let _ = Mxkeep::new(["validate", "--strict"]).dir(directory.path()).run().exits(0);

    // Of two namespaces with one name, the one that is meant is renamed.
    let environment = environment.replace('|', "");
    let land = LAND.replacen("cluster: us, name: prod", "cluster: us, name: pr|od", 1);
    let files = [
        ("mxkeep.yaml", SETTINGS),
        ("land.yaml", &land),
        ("shop/defaults.yaml", DEFAULTS),
        ("shop/test.yaml", &environment),
    ];
    let (directory, answer) = renamed(&files, "live");
    assert_eq!(text(directory.path(), "shop/defaults.yaml"), DEFAULTS, "{answer}");
    let _ = Mxkeep::new(["validate"]).dir(directory.path()).run().exits(0);
}

/// A rename that would leave the estate with another meaning, or with none, is refused.
#[test]
fn a_rename_breaks_nothing() {
    let environment = "environment: {id: shoptst1, properties: {name: test, production: true}, deployment: {appUrl: \"https://t.example\", packageId: p1}}\n";
    let land = LAND.replace("name: shop", "name: sh|op");
    let files = [
        ("mxkeep.yaml", SETTINGS),
        ("land.yaml", &land),
        ("shop/defaults.yaml", DEFAULTS),
        ("shop/test.yaml", environment),
    ];
    for new in ["hel: lo", "hel, lo"] {
        let (directory, answer) = renamed(&files, new);
        let told = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(told.contains("mxkeep.yaml"), "{told}");
        let _ = Mxkeep::new(["validate"]).dir(directory.path()).run().exits(0);
    }
    // What uses the name in a file that cannot be read, nothing tells.
    let broken = [files[0], files[1], files[2], ("shop/test.yaml", "environment: {id: shoptst1\n")];
    let (_, answer) = renamed(&broken, "store");
    assert!(answer["error"]["message"].as_str().unwrap_or_default().contains("shop/test.yaml"), "{answer}");
}

/// However roles are spelt, they are renamed with what gives them, or not at all.
#[test]
fn roles_are_renamed_in_every_spelling() {
    let app = |rest: &str| {
        format!("cloudApp:\n  name: shop\n  appId: 0b1b2c3d-0000-4000-8000-000000000005\n{rest}")
    };
    for (rest, new) in [
        (
            "  roles: {\"oper|ator\": {canDeployApp: true}}\n  permissions: {a@x.example: operator}\n",
            "Product Owner",
        ),
        (
            "  roles: {oper|ator: {canDeployApp: true}}\n  permissions: {a@x.example: {role: operator}}\n",
            "Product Owner",
        ),
        (
            "  roles: {oper|ator: {canDeployApp: true}}\n  permissions: {exact: [{userId: a@x.example, role: operator}]}\n",
            "owner",
        ),
        (
            "  roles: [{name: oper|ator, canDeployApp: true}]\n  permissions: {a@x.example: operator}\n",
            "true",
        ),
    ] {
        let files = [("mxkeep.yaml", "estate: names\n"), ("app.yaml", &*app(rest))];
        let (directory, answer) = renamed(&files, new);
        let text = text(directory.path(), "app.yaml");
        assert!(answer["error"].is_null() && !text.contains("operator"), "{answer}\n{text}");
        let _ = Mxkeep::new(["validate"]).dir(directory.path()).run().exits(0);
    }
}

/// Applies the edits of one file, the last first.
fn apply(path: &Path, edits: &[Value]) {
    let mut text = fs_err::read_to_string(path).unwrap();
    let mut edits: Vec<_> = edits.iter().collect();
    let offset = |text: &str, at: &Value| {
        let line: usize =
            text.split_inclusive('\n').take(at["line"].as_u64().unwrap() as usize).map(str::len).sum();
        line + at["character"].as_u64().unwrap() as usize
    };
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&text, &edit["range"]["start"])));
    for edit in edits {
        let range = offset(&text, &edit["range"]["start"])..offset(&text, &edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
    }
    fs_err::write(path, text).unwrap();
}

#[test]
fn a_name_that_is_taken_or_none_is_refused() {
    let mut editor = Editor::new(example("quickstart"));
    editor.open("platform.yaml");
    let platform = text(editor.directory.path(), "platform.yaml");
    for (new, says) in [("back-office", "the name of another one"), ("a/b", "a name has none of")] {
        let mut params =
            editor.place("platform.yaml", &platform.replacen("name: web-shop", "name: web|-shop", 1));
        params["newName"] = new.into();
        let answer = editor.answer("textDocument/rename", &params);
        assert!(answer["error"]["message"].as_str().unwrap().contains(says), "{answer}");
    }
    let place = editor.place("platform.yaml", &platform.replacen("clusterType", "clu|sterType", 1));
    assert_eq!(editor.ask("textDocument/prepareRename", &place), Value::Null);
    let _ = editor.end();
}

/// Whatever is in a file, and wherever the cursor is, the server answers.
#[test]
fn nonsense_is_survived() {
    let mut editor = Editor::new(example("quickstart"));
    editor.open("web-shop.yaml");
    let shop = text(editor.directory.path(), "web-shop.yaml");
    let nonsense =
        ["", "\u{0}", "a: &a [*a]", "{{{{", "- - - ?", "😀: {😀: ", "a:\n\tb", "%YAML 9\n---", "? [a]\n: b"];
    for text in
        nonsense.iter().map(|it| (*it).to_owned()).chain([shop.replace('\n', "\r\n"), shop.replace(':', "")])
    {
        let _ = editor.write("web-shop.yaml", &text);
        for (line, character) in [(0, 0), (0, 3), (5, 9), (4_000_000_000_u32, 7)] {
            let at = json!({"textDocument": {"uri": editor.uri("web-shop.yaml")}, "position": {"line": line, "character": character}});
            for method in ["completion", "hover", "definition", "prepareRename"] {
                let _ = editor.ask(&format!("textDocument/{method}"), &at.clone());
            }
        }
    }
    let _ = editor.end();
}
