//! Input that is made to grow: memory and time stay bounded, and it is told what is too much.

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::estate;

/// What reading the largest input may take, in MiB of memory.
const MEMORY: u64 = 1024;

/// What it may take in time, on a machine that is busy with other tests and without optimisation.
const TIME: Duration = Duration::from_secs(120);

/// Validates, and gives what was said on stderr, the exit code, and the most memory, in MiB; 0 where the system does not tell.
fn measured(directory: &std::path::Path) -> (String, i32, u64) {
    let start = Instant::now();
    let (stdout, stderr) = (tempfile::tempfile().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_mxkeep"))
        .env_clear()
        .arg("validate")
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr.reopen().unwrap())
        .spawn()
        .unwrap();
    let mut most = 0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let told = fs_err::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now =
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024;
        most = most.max(now);
        if start.elapsed() > TIME || most > MEMORY {
            child.kill().unwrap();
            let _ = child.wait();
            panic!("{most} MiB after {:?}", start.elapsed());
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    (fs_err::read_to_string(stderr.path()).unwrap(), status.code().unwrap_or(-1), most)
}

/// What one document of aliases can be made to stand for: nine to the power of eleven.
fn bomb() -> String {
    let mut text = "a: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{},", level - 1).repeat(9);
        writeln!(text, "a{level}: &a{level} [{below}]").unwrap();
    }
    text
}

#[test]
fn a_small_file_does_not_become_large() {
    for (text, code) in [
        (bomb(), "YAML-006"),
        (format!("---\n{}", bomb()).repeat(200), "YAML-006"),
        ("[".repeat(1_000_000), "YAML-005"),
        ("{a: ".repeat(1_000_000), "YAML-005"),
        ((0..2_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "-\n"), "YAML-005"),
    ] {
        let directory = estate(&[("mxkeep.yaml", "estate: x\n"), ("bomb.yaml", &text)]);
        let (said, exit, most) = measured(directory.path());
        assert_eq!(exit, 9, "{said}");
        assert!(said.contains(code), "{said}");
        assert!(most < 200, "{most} MiB");
    }
}

/// Mebibytes of the smallest values there are: what is beyond the limit is not kept.
#[test]
fn a_large_file_is_read_up_to_a_limit() {
    let full = |piece: &str| piece.repeat(6 * 1024 * 1024 / piece.len());
    for text in [format!("x: [{}]", full("a,")), format!("x: [{}]", full("{},")), full("---\n")] {
        let directory = estate(&[("mxkeep.yaml", "estate: x\n"), ("large.yaml", &text)]);
        let (said, exit, _) = measured(directory.path());
        assert_eq!(exit, 9, "{said}");
        assert!(said.contains("YAML-012"), "{said}");
    }
}

/// Aliases count for what they repeat in all documents and files together.
#[test]
fn many_small_bombs_are_one_large_one() {
    let one = format!("---\na: &a [{}]\nb: [{}]\n", "x, ".repeat(900), "*a, ".repeat(90));
    let files: Vec<(String, String)> = (0..4).map(|file| (format!("{file}.yaml"), one.repeat(10))).collect();
    let mut all = vec![("mxkeep.yaml", "estate: x\n")];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let directory = estate(&all);
    let (said, exit, _) = measured(directory.path());
    assert_eq!(exit, 9, "{said}");
    assert!(said.contains("YAML-012") && !said.contains("YAML-006"), "{said}");
}

/// Thousands of mistakes: all are counted, and enough of them are shown.
#[test]
fn many_mistakes_take_no_more_time_than_many() {
    const MANY: usize = 15_000;
    let of = |document: &dyn Fn(usize) -> String| (0..MANY).map(document).collect::<String>();
    let texts = [
        format!("cluster:\n{}", of(&|it| format!("  k{it}: 1\n"))),
        of(&|it| format!("---\nenvironment: {{id: e{it}, dependsOn: [environment/a/b{it}]}}\n")),
        of(&|it| {
            format!(
                "---\nnamespace: {{name: n{it}, namespaceId: 80a5f23d-8b2a-5233-b614-0000{it:08x}, cluster: c{it}}}\n"
            )
        }),
        of(&|it| format!("---\ncluster: {{name: c{it}, x: [\n")),
        of(&|it| {
            format!("---\n[{it}\n---\napp: {{name: a{it}}}\n---\nenvironment: {{id: e{it}, app: a{it}x}}\n")
        }),
    ];
    for text in texts {
        let directory = estate(&[("mxkeep.yaml", "estate: x\n"), ("many.yaml", &text)]);
        let (said, exit, most) = measured(directory.path());
        assert_eq!(exit, 9, "{said}");
        assert!(said.len() < 4 * 1024 * 1024, "{} bytes are said", said.len());
        assert!(most < 400, "{most} MiB");
    }
}

#[test]
fn globs_are_bounded() {
    let many = (0..1_001).map(|it| format!("\"environment/a/b{it}\",")).collect::<String>();
    for globs in
        ["{a,b,*}".repeat(100), "*".repeat(900), "[!a]".repeat(200), "{a,".repeat(200) + &"}".repeat(200)]
    {
        let settings = format!("estate: x\nguards: {{protect: [\"environment/{globs}\"]}}\n");
        let (_, exit, _) =
            measured(estate(&[("mxkeep.yaml", &settings), ("a.yaml", &super::cluster(""))]).path());
        assert!([0, 9].contains(&exit), "{globs}");
    }
    for (globs, what) in
        [(many, "more than 1000 globs"), (format!("\"{}\"", "a".repeat(2_000)), "more than 1000 characters")]
    {
        let settings = format!("estate: x\nguards: {{protect: [{globs}]}}\n");
        let (said, exit, _) = measured(estate(&[("mxkeep.yaml", &settings)]).path());
        assert_eq!(exit, 9);
        assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(what), "{said}");
    }
}
