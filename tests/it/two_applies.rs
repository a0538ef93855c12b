//! Two applies at once: what can be promised, over every order in which their requests and jobs can take effect.
//!
//! The API has no version of a manifest that a PUT could be conditional on. So one thing cannot be kept from happening: an
//! apply that read before the job of the other took effect, and whose own job takes effect after it, puts back what the
//! other had changed. What is promised all the same is checked here for every order:
//!
//! - what is live is what one of the two would have left, or both one after the other; never a mix inside an object;
//! - who says `done` has seen its values live after its own job; whose values are gone by then does not say so;
//! - only the order above loses values of an apply that says `done`, and applying again brings them back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use mxkeep::api::Client;
use mxkeep::apply::{ActionOutcome, Outcome, outcome};
use mxkeep::model::DesiredState;
use mxkeep::plan::Plan;
use mxkeep::simulator::Options;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::driver::load_valid;
use crate::support::gate::{Event, Gate, Waiting};
use crate::support::generate::id;
use crate::support::pair::{HALVES, Pair};
use crate::support::{World, copy_tree, edit};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Between two writes, so that their jobs end one after the other.
const APART: Duration = Duration::from_secs(60);

/// One of the two.
struct Side {
    _estate: TempDir,
    desired: DesiredState,
    plan: Plan,
}

/// A world that stands still but for what a test lets through.
struct Stage {
    world: World,
    before: Value,
    gate: Gate,
    /// Made once: a client takes its time to read the certificates of the system.
    clients: [Client; 2],
}

/// What became of one order.
struct Run {
    outcomes: [Outcome; 2],
    after: Value,
    trace: Vec<Happened>,
    /// At each step, which of how many was chosen.
    choices: Vec<(usize, usize)>,
}

/// A step of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Happened {
    /// A request of one of the two.
    Request(usize, String),
    /// The job of a request of one of the two took effect.
    Effect(usize),
}

impl Stage {
    /// The pair of [`Pair`], as declared.
    fn new() -> (Stage, Pair) {
        let (quick, pair) = (World::quick(), Pair::new());
        quick.prepare(pair.path());
        let desired = load_valid(pair.path());
        let (outcome, _) = quick.apply(&desired, &quick.plan(&desired));
        assert_eq!(outcome.count(ActionOutcome::Done), outcome.actions.len(), "{outcome:#?}");
        let world =
            World::new(Options { job_delay: HOUR, ready_delay: Duration::ZERO, ..Options::default() });
        let before = quick.get().world();
        let gate = Gate::new(&world);
        let clients = [0, 1].map(|client| world.client_at(&gate.door(client)));
        (Stage { world, before, gate, clients }, pair)
    }

    /// One of the two: the pair with other texts in its files, planned before either runs.
    fn side(&self, pair: &Pair, change: impl FnOnce(&Path)) -> Side {
        let estate = tempfile::tempdir().unwrap();
        copy_tree(pair.path(), estate.path());
        change(estate.path());
        self.world.reset(&self.before);
        let desired = load_valid(estate.path());
        let plan = self.world.plan(&desired);
        assert!(!plan.actions.is_empty());
        Side { _estate: estate, desired, plan }
    }

    /// Runs both to their ends; `choose` says which of several things that can happen happens next.
    fn run(&self, sides: [&Side; 2], mut choose: impl FnMut(usize) -> usize) -> Run {
        self.world.reset(&self.before);
        thread::scope(|scope| {
            let handles = [0, 1].map(|client| {
                let (side, bell) = (sides[client], self.gate.bell(client));
                let (world, client) = (&self.world, self.clients[client].clone());
                scope.spawn(move || {
                    let (outcome, _) = world.apply_with(client, &side.desired, &side.plan);
                    bell();
                    outcome
                })
            });
            let mut show = Show::new(self);
            while show.goes_on() {
                let count = show.possible();
                let chosen = if count > 1 { choose(count) } else { 0 };
                if count > 1 {
                    show.choices.push((chosen, count));
                }
                show.happen(chosen);
            }
            let Show { trace, choices, .. } = show;
            let outcomes = handles.map(|handle| handle.join().unwrap());
            Run { outcomes, after: shown(&self.world.get().world()), trace, choices }
        })
    }

    /// Every order that there is.
    fn orders(&self, sides: [&Side; 2], mut check: impl FnMut(&Run)) -> usize {
        let mut prefix: Vec<usize> = Vec::new();
        for count in 1.. {
            let mut at = 0;
            let run = self.run(sides, |_| {
                at += 1;
                prefix.get(at - 1).copied().unwrap_or(0)
            });
            check(&run);
            prefix = run.choices.iter().map(|(chosen, _)| *chosen).collect();
            // The last choice that has another way, and everything after it anew.
            while let Some(last) = prefix.pop() {
                if last + 1 < run.choices[prefix.len()].1 {
                    prefix.push(last + 1);
                    break;
                }
            }
            if prefix.is_empty() {
                return count;
            }
        }
        unreachable!()
    }

    /// What one after the other leaves, each with a plan of its own.
    fn one_after_the_other(&self, sides: &[&Side]) -> Value {
        let quick = World::quick();
        quick.reset(&self.before);
        for side in sides {
            let _ = quick.apply(&side.desired, &quick.plan(&side.desired));
        }
        shown(&quick.get().world())
    }

    /// Applying both again, one after the other, from what is live.
    fn again(&self, after: &Value, sides: [&Side; 2]) -> Value {
        let quick = World::quick();
        quick.reset(&self.before);
        let mut world = quick.get().world();
        for (kind, value) in after.as_object().unwrap() {
            world[kind] = value.clone();
        }
        quick.reset(&world);
        for side in sides {
            let (outcome, _) = quick.apply(&side.desired, &quick.plan(&side.desired));
            assert_eq!(outcome.count(ActionOutcome::Done), outcome.actions.len(), "{outcome:#?}");
        }
        shown(&quick.get().world())
    }
}

/// What counts of a world: the resources, without when they were settled.
fn shown(world: &Value) -> Value {
    let resources = ["clusters", "namespaces", "environments"];
    let mut shown =
        Value::Object(resources.map(|kind| (kind.to_owned(), world[kind].clone())).into_iter().collect());
    for environment in shown["environments"].as_array_mut().unwrap() {
        environment.as_object_mut().unwrap().remove("settlesAt");
    }
    shown
}

/// A run of both under way.
struct Show<'s> {
    stage: &'s Stage,
    /// A request that waits, of each.
    waiting: [Option<Waiting>; 2],
    ended: [bool; 2],
    /// The jobs that have not taken effect: whose, and when they do.
    jobs: Vec<(usize, Duration)>,
    clock: Duration,
    trace: Vec<Happened>,
    choices: Vec<(usize, usize)>,
}

impl<'s> Show<'s> {
    fn new(stage: &'s Stage) -> Show<'s> {
        let mut show = Show {
            stage,
            waiting: [None, None],
            ended: [false; 2],
            jobs: Vec::new(),
            clock: Duration::ZERO,
            trace: Vec::new(),
            choices: Vec::new(),
        };
        while (0..2).any(|client| show.waiting[client].is_none() && !show.ended[client]) {
            show.hear();
        }
        show
    }

    fn hear(&mut self) {
        match self.stage.gate.next() {
            Event::Arrived(waiting) => {
                let client = waiting.client;
                assert!(self.waiting[client].replace(waiting).is_none(), "one request at a time");
            }
            Event::Ended(client) => self.ended[client] = true,
            Event::Answered => {}
        }
    }

    fn goes_on(&self) -> bool {
        self.waiting.iter().any(Option::is_some)
    }

    /// The clients whose request can go, and 2 for the next job to take effect. Looks at a job come of themselves when
    /// it is over, and change nothing: they go first, and are no choice.
    fn enabled(&self) -> Vec<usize> {
        let is_look = |client: usize| {
            self.waiting[client].as_ref().is_some_and(|waiting| waiting.line.contains("/jobs/"))
        };
        let is_open = |client: usize| self.jobs.iter().any(|(whose, _)| *whose == client);
        if let Some(client) = (0..2).find(|client| is_look(*client) && !is_open(*client)) {
            return vec![client];
        }
        let mut enabled: Vec<usize> =
            (0..2).filter(|client| self.waiting[*client].is_some() && !is_look(*client)).collect();
        if !self.jobs.is_empty() {
            enabled.push(2);
        }
        enabled
    }

    fn possible(&self) -> usize {
        self.enabled().len()
    }

    fn happen(&mut self, chosen: usize) {
        match self.enabled()[chosen] {
            2 => {
                let (whose, due) = self.jobs.remove(0);
                let due = due + Duration::from_secs(1);
                if due > self.clock {
                    self.stage.world.get().advance(due - self.clock);
                    self.clock = due;
                }
                self.trace.push(Happened::Effect(whose));
            }
            client => {
                let waiting = self.waiting[client].take().unwrap();
                let line = waiting.line.clone();
                let before = jobs(&self.stage.world);
                waiting.go();
                // Its answer, and then what it asks next, or its end.
                while self.waiting[client].is_none() && !self.ended[client] {
                    self.hear();
                }
                if jobs(&self.stage.world) > before {
                    self.jobs.push((client, self.clock + HOUR));
                    self.stage.world.get().advance(APART);
                    self.clock += APART;
                }
                self.trace.push(Happened::Request(client, line));
            }
        }
    }
}

fn jobs(world: &World) -> usize {
    world.get().world()["jobs"].as_array().unwrap().len()
}

impl Run {
    fn is_done(&self, client: usize) -> bool {
        let outcome = &self.outcomes[client];
        outcome.count(ActionOutcome::Done) == outcome.actions.len()
    }

    fn at(&self, is: impl Fn(&Happened) -> bool) -> Option<usize> {
        self.trace.iter().position(is)
    }

    /// When a client read the manifest that its write was made of, when that took effect, and when it looked last.
    fn times(&self, client: usize) -> Option<[usize; 3]> {
        let is_write = |it: &Happened| matches!(it, Happened::Request(who, line) if *who == client && line.starts_with("PUT"));
        let write = self.at(is_write)?;
        let is_read = |it: &Happened| matches!(it, Happened::Request(who, line) if *who == client && line.starts_with("GET") && !line.contains("/jobs/"));
        let read = self.trace[..write].iter().rposition(is_read)?;
        let effect = self.at(|it| *it == Happened::Effect(client))?;
        let look = self.trace.iter().rposition(is_read)?;
        Some([read, effect, look])
    }

    /// Whether one put back what the other had changed, after the other had looked for the last time.
    fn loses_what_was_seen(&self, loser: usize) -> bool {
        let (Some([_, effect, look]), Some([read, later, _])) = (self.times(loser), self.times(1 - loser))
        else {
            return false;
        };
        read < effect && effect < look && look < later
    }
}

fn path(estate: &Path) -> PathBuf {
    estate.join("one.yaml")
}

/// Both change other fields of one object: at the end both changes are there, or whose is not is told, unless the one order
/// came about that nobody can see.
#[test]
fn other_fields_of_one_object() {
    let (stage, pair) = Stage::new();
    let a = stage.side(&pair, |estate| {
        edit(&path(estate), "instances: 3", "instances: 5");
        edit(&path(estate), "    constants: {Main.Value: \"10\"}\n", "");
    });
    let b = stage.side(&pair, |estate| {
        edit(&path(estate), "    instances: 3\n", "");
        edit(&path(estate), "Main.Value: \"10\"", "Main.Value: \"20\"");
    });
    let sides = [&a, &b];
    let both = stage.one_after_the_other(&[&a, &b]);
    assert_eq!(both, stage.one_after_the_other(&[&b, &a]));
    let alone = [stage.one_after_the_other(&[&a]), stage.one_after_the_other(&[&b])];
    let (mut told, mut lost) = (0, 0);
    let brought_back = alone.each_ref().map(|after| stage.again(after, sides));
    assert_eq!(brought_back, [both.clone(), both.clone()], "applying both again");
    let count = stage.orders(sides, |run| {
        if run.after == both {
            return;
        }
        let winner = alone.iter().position(|alone| *alone == run.after).expect("a mix");
        let loser = 1 - winner;
        if run.is_done(loser) {
            assert!(run.loses_what_was_seen(loser), "{:#?}", run.trace);
            lost += 1;
        } else {
            told += 1;
        }
    });
    assert!(count > 50 && told > 0 && lost > 0, "{count} orders, {told} told, {lost} lost");
}

/// Both change the same fields of one object: at the end they are all as one of the two has them.
#[test]
fn the_same_fields_of_one_object() {
    let (stage, pair) = Stage::new();
    let side = |value: &str, instances: &str| {
        stage.side(&pair, |estate| {
            edit(&path(estate), "instances: 3", &format!("instances: {instances}"));
            edit(&path(estate), "Main.Value: \"10\"", &format!("Main.Value: \"{value}\""));
        })
    };
    let (a, b) = (side("20", "5"), side("30", "7"));
    let alone = [stage.one_after_the_other(&[&a]), stage.one_after_the_other(&[&b])];
    let mut told = [0, 0];
    let count = stage.orders([&a, &b], |run| {
        let winner = alone.iter().position(|alone| *alone == run.after).expect("a mix");
        let loser = 1 - winner;
        assert!(run.is_done(winner), "{:#?}\n{:#?}", run.trace, run.outcomes);
        match run.is_done(loser) {
            true => assert!(run.loses_what_was_seen(loser), "{:#?}", run.trace),
            false => told[loser] += 1,
        }
    });
    assert!(count > 50 && told.iter().all(|told| *told > 0), "{count} orders, {told:?} told");
}

fn with_cluster(stage: &Stage, pair: &Pair, description: &str) -> Side {
    let id = id("two applies");
    stage.side(pair, |estate| {
        let text = format!(
            "cluster: {{clusterId: {id}, name: extra, clusterType: eks, description: {description}}}\n"
        );
        fs_err::write(estate.join("extra.yaml"), text).unwrap();
    })
}

/// Both create the same resource, as declared alike: it is there once, and both are done.
#[test]
fn the_same_create() {
    let (stage, pair) = Stage::new();
    let (a, b) = (with_cluster(&stage, &pair, "alike"), with_cluster(&stage, &pair, "alike"));
    let there = stage.one_after_the_other(&[&a]);
    let mut adopted = 0;
    let count = stage.orders([&a, &b], |run| {
        assert_eq!(run.after, there, "{:#?}", run.trace);
        assert!(run.is_done(0) && run.is_done(1), "{:#?}\n{:#?}", run.trace, run.outcomes);
        let warnings = run.outcomes.iter().flat_map(|outcome| &outcome.actions).flat_map(|it| &it.warnings);
        adopted += warnings.filter(|it| it.contains("already exists; it is as declared")).count();
    });
    assert!(count > 20 && adopted > 0, "{count} orders, {adopted} adopted");
}

/// Both create a resource of the same id that they declare otherwise: it is as one of them wants it, and the other is told.
#[test]
fn creates_of_one_id() {
    let (stage, pair) = Stage::new();
    let (a, b) = (with_cluster(&stage, &pair, "one"), with_cluster(&stage, &pair, "another"));
    let alone = [stage.one_after_the_other(&[&a]), stage.one_after_the_other(&[&b])];
    let mut codes = BTreeSet::new();
    let count = stage.orders([&a, &b], |run| {
        let winner = alone.iter().position(|alone| *alone == run.after).expect("a mix");
        assert!(run.is_done(winner) && !run.is_done(1 - winner), "{:#?}\n{:#?}", run.trace, run.outcomes);
        codes.extend(
            run.outcomes[1 - winner].actions.iter().filter_map(|it| it.error.as_ref()).map(|it| it.code),
        );
    });
    assert!(count > 20, "{count} orders");
    assert_eq!(codes, [outcome::STALE, outcome::ID_TAKEN].into(), "found before, or told by the job");
}

/// One deletes what the other changes: it is gone, or the delete is refused; and it never comes back.
#[test]
fn a_delete_and_an_update() {
    let (stage, pair) = Stage::new();
    let a = stage.side(&pair, |estate| {
        let text = fs_err::read_to_string(path(estate)).unwrap();
        let kept = text.split("---\nenvironment:").next().unwrap();
        let tombstone = "---\nremove: [{address: environment/app-one/live, id: envone}]\n";
        fs_err::write(path(estate), format!("{kept}{tombstone}")).unwrap();
    });
    let b = stage.side(&pair, |estate| edit(&path(estate), "instances: 3", "instances: 5"));
    let gone = stage.one_after_the_other(&[&a]);
    let mut told = 0;
    let count = stage.orders([&a, &b], |run| {
        assert!(run.is_done(0), "{:#?}\n{:#?}", run.trace, run.outcomes);
        assert_eq!(run.after, gone, "{:#?}", run.trace);
        told += usize::from(!run.is_done(1));
    });
    assert!(count > 20 && told > 0, "{count} orders, {told} told");
}

/// Two whole estates at once, each with all that it has under way at the same time, in orders taken by lot: every object
/// is as one of the two has it.
#[test]
fn many_objects() {
    let (stage, pair) = Stage::new();
    let side = |value: &str, instances: &str| {
        stage.side(&pair, |estate| {
            for half in HALVES {
                let file = estate.join(format!("{half}.yaml"));
                edit(&file, "instances: 3", &format!("instances: {instances}"));
                edit(&file, "Main.Value: \"10\"", &format!("Main.Value: \"{value}\""));
                edit(&file, "holds 10", &format!("holds {value}"));
            }
        })
    };
    let (a, b) = (side("20", "5"), side("30", "7"));
    let alone = [stage.one_after_the_other(&[&a]), stage.one_after_the_other(&[&b])];
    let world = World::new(Options {
        job_delay: Duration::from_millis(5),
        ready_delay: Duration::from_millis(5),
        ..Options::default()
    });
    let gate = Gate::new(&world);
    let doors = [gate.door(0), gate.door(1)];
    let mut refused = 0;
    for seed in 0..8 {
        world.reset(&stage.before);
        let outcomes = by_lot(&world, &gate, [&a, &b], &doors, seed);
        let after = shown(&world.get().world());
        for kind in ["clusters", "environments"] {
            for (index, object) in after[kind].as_array().unwrap().iter().enumerate() {
                let winner = alone.iter().position(|alone| alone[kind][index] == *object);
                assert!(winner.is_some(), "seed {seed}: a mix: {object:#}");
            }
        }
        for outcome in &outcomes {
            refused += outcome.actions.len() - outcome.count(ActionOutcome::Done);
        }
    }
    assert!(refused > 0, "none of them met another");
}

fn by_lot(world: &World, gate: &Gate, sides: [&Side; 2], doors: &[String; 2], seed: u64) -> [Outcome; 2] {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    thread::scope(|scope| {
        let handles = [0, 1].map(|client| {
            let (side, door, bell) = (sides[client], &doors[client], gate.bell(client));
            scope.spawn(move || {
                let (outcome, _) = world.apply_with(world.client_at(door), &side.desired, &side.plan);
                bell();
                outcome
            })
        });
        let (mut waiting, mut ended) = (Vec::new(), 0);
        while ended < 2 {
            match gate.next_within(Duration::from_millis(2)) {
                Some(Event::Arrived(request)) => waiting.push(request),
                Some(Event::Ended(_)) => ended += 1,
                Some(Event::Answered) => {}
                None if waiting.is_empty() => {}
                None => waiting.swap_remove(random.random_range(0..waiting.len())).go(),
            }
        }
        handles.map(|handle| handle.join().unwrap())
    })
}
