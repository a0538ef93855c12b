//! One cell of the matrix, from its first run to the comparison of the worlds.

use std::collections::BTreeMap;
use std::fmt;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use mxkeep::simulator::LoggedRequest;
use serde_json::Value;
use tokio::sync::oneshot;

use super::fault::Fault;
use super::scene::{Scenario, Scene, comparable, forget_vain_builds};
use crate::support::send;

/// A run that lasts longer than this hangs.
const TOO_LONG: Duration = Duration::from_secs(120);

/// A plan, a fault, and the request at which it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub scenario: Scenario,
    pub fault: Fault,
    /// The number of the request, or of the write where only writes can meet the fault; from 1.
    pub at: usize,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.scenario.name(), self.fault.name(), self.at)
    }
}

/// How the first run of a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Killed,
    /// Before the request at which it was to be killed.
    ByItself,
}

/// A run in which nothing goes wrong.
pub struct Reference {
    pub requests: usize,
    pub writes: usize,
    /// How often each object was written.
    pub written: BTreeMap<String, usize>,
    /// The world after it.
    pub world: Value,
    /// The plan, about to run.
    scene: Scene,
}

impl Reference {
    pub fn of(scenario: Scenario) -> Reference {
        let prepared = scenario.prepare();
        let scene = prepared.again(false);
        let (status, said) = whole(&scene, scene.run);
        assert!(status.success(), "{}: {said}", scenario.name());
        let requests = scene.world.get().requests();
        if scenario == Scenario::Restart {
            // A killed restart is made good by an apply, which has nothing to do after one that was not.
            let (status, said) = whole(&scene, scene.again);
            assert!(status.success(), "{}: {said}", scenario.name());
        }
        Reference {
            requests: requests.len(),
            writes: requests.iter().filter(|request| request.method != "GET").count(),
            written: written(&requests),
            world: comparable(&scene.world.get().world()),
            scene: prepared,
        }
    }
}

/// How often each object was written, as far as the platform took it.
fn written(requests: &[LoggedRequest]) -> BTreeMap<String, usize> {
    let mut written = BTreeMap::new();
    let accepted = requests.iter().filter(|it| it.method != "GET" && it.status.is_some_and(|it| it < 300));
    for request in accepted {
        *written.entry(format!("{} {}", request.method, request.path)).or_default() += 1;
    }
    written
}

impl Cell {
    /// Runs the cell; `later` is how many requests after the fault the run is killed.
    pub fn run(&self, reference: &Reference, later: usize) -> Result<End, String> {
        let scene = reference.scene.again(self.fault == Fault::Respelled);
        let (end, said) = scene.world.block_on(self.first(&scene, later));
        scene.world.faults(&[]);
        scene.recover();
        let context = |what: String| {
            let requests: Vec<_> = scene.world.get().requests().iter().map(line).collect();
            format!(
                "{self}, killed {later} later ({end:?}): {what}\n--- first run\n{said}\n--- requests\n{}",
                requests.join("\n")
            )
        };
        let (status, again) = whole(&scene, scene.again);
        if !status.success() {
            return Err(context(format!("the second run ends with {status}\n{again}")));
        }
        let requests = scene.world.get().requests();
        scene.check_unmanaged(self.fault == Fault::UnrelatedEdit).map_err(context)?;
        let mut world = scene.world.get().world();
        if self.scenario == Scenario::Build && matches!(self.fault, Fault::JobFails | Fault::FieldDropped) {
            forget_vain_builds(&mut world);
        }
        let world = comparable(&world);
        if world != reference.world {
            let (one, other) = (format!("{:#}", reference.world), format!("{world:#}"));
            let difference = similar::TextDiff::from_lines(&one, &other);
            let difference = difference.unified_diff().context_radius(4).to_string();
            return Err(context(format!("the world is another one\n{difference}\n--- second run\n{again}")));
        }
        for (object, times) in written(&requests) {
            let most = reference.written.get(&object).copied().unwrap_or(0) + self.fault.spare_writes();
            if times > most {
                return Err(context(format!("{object}: {times} times\n--- second run\n{again}")));
            }
        }
        if scene.settles {
            let (status, plan) = whole(&scene, &["plan", "--exit-code"]);
            if !status.success() {
                return Err(context(format!("the plan is not empty: {status}\n{plan}")));
            }
        }
        Ok(end)
    }

    /// The first run, until it is killed.
    async fn first(&self, scene: &Scene, later: usize) -> (End, String) {
        let simulator = scene.world.get();
        let strikes_writes = self.fault.strikes_writes();
        let faults = self.fault.faults(self.at);
        simulator.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
        let mut run = start(scene, scene.run);
        let struck = simulator.until(|requests| {
            let counted = requests.iter().filter(|request| !strikes_writes || request.method != "GET");
            let is_done = |request: &LoggedRequest| request.status.is_some();
            match self.fault {
                // What takes effect and is not answered has to have taken effect.
                Fault::NoAnswerAfter => counted.clone().nth(self.at - 1).is_some_and(is_done),
                _ => counted.count() >= self.at,
            }
        });
        let mut ended = tokio::select! {
            () = struck => None,
            output = &mut run.output => Some(output.unwrap()),
            () = tokio::time::sleep(TOO_LONG) => { send("KILL", run.pid); panic!("{self} hangs before the fault") }
        };
        if ended.is_none() && !self.fault.is_silence() {
            self.fault.edit(scene);
            let before = simulator.requests().len();
            simulator.set_faults(vec![format!("hold,nth={later}").parse().unwrap()]);
            ended = tokio::select! {
                () = simulator.until(|requests| requests.len() >= before + later) => None,
                output = &mut run.output => Some(output.unwrap()),
                () = tokio::time::sleep(TOO_LONG) => { send("KILL", run.pid); panic!("{self} hangs after the fault") }
            };
        }
        match ended {
            Some(output) => (End::ByItself, said(&output)),
            None => {
                send("KILL", run.pid);
                (End::Killed, said(&run.output.await.unwrap()))
            }
        }
    }
}

fn line(request: &LoggedRequest) -> String {
    let LoggedRequest { method, path, status } = request;
    format!("{method} {path} {}", status.map_or("-".to_owned(), |status| status.to_string()))
}

/// A run of the binary that a thread waits for.
struct Run {
    pid: u32,
    output: oneshot::Receiver<Output>,
}

fn start(scene: &Scene, args: &[&str]) -> Run {
    let child = Command::new(env!("CARGO_BIN_EXE_mxkeep"))
        .env_clear()
        .env("MXKEEP_API_URL", scene.world.url())
        .env("MXKEEP_CLOUD_API_URL", scene.world.cloud_url())
        .env("MXKEEP_TOKEN", "simulator")
        .args(args)
        .current_dir(scene.estate.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (ended, output) = oneshot::channel();
    let pid = child.id();
    std::thread::spawn(move || ended.send(child.wait_with_output().unwrap()));
    Run { pid, output }
}

/// A run from start to end.
fn whole(scene: &Scene, args: &[&str]) -> (ExitStatus, String) {
    let mut run = start(scene, args);
    let output = scene.world.block_on(async { tokio::time::timeout(TOO_LONG, &mut run.output).await });
    let Ok(output) = output else {
        send("KILL", run.pid);
        panic!("`{}` hangs", args.join(" "));
    };
    let output = output.unwrap();
    (output.status, said(&output))
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .join("--- stderr\n")
}
