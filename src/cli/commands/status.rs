//! `mxkeep status`: the live picture of an estate. Sends only GET.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::cli::args::StatusArgs;
use crate::cli::context::{Access, Session};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::screen::Screen;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::cli::{earlier, output};
use crate::model::{Identity, Kind};
use crate::plan::status::{Earlier, EstateStatus, Observed, PackageStatus, status};
use crate::render::{Style, TableFormat, render_status, status_view};

/// How many requests a second a watch may take on average. The platform documents no limit, and is shared by everybody.
const REQUESTS_PER_SECOND: u64 = 1;

pub(in crate::cli) async fn run(args: &StatusArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    // Read first: the same file may be written again in the end.
    let earlier = args.since.as_deref().map(|file| earlier::read(file, ui)).transpose()?.flatten();
    let mut signals = Signals::listen()?;
    let mut session = signals.end(Session::open(&args.live, Access::Read, ui)).await?;
    // An earlier picture that does not exist yet is one that showed nothing.
    let is_first = args.since.is_some() && earlier.is_none();
    let earlier = earlier.or_else(|| is_first.then(Earlier::default));
    if let Some(earlier) = &earlier {
        earlier::check_estate(earlier, &session.estate.desired.settings.estate, args.since.as_deref())?;
    }
    let mut packages = Packages::default();
    let reading = async {
        packages.read(&session, ui).await;
        Ok(())
    };
    signals.end(reading).await?;
    let picture = take(&session, earlier.as_ref(), &packages)?;
    match args.watch {
        None => output::write(ui, &args.live.output, draw(&session, &picture))?,
        Some(seconds) => {
            let every = Duration::from_secs(seconds);
            let watching = watch(args, ui, &mut session, &mut packages, picture, every);
            // However it ends, the last picture is the result.
            signals.end(watching).await.map_err(|error| CliError { after_result: true, ..error })?;
        }
    }
    session.close().await;
    Ok(ExitStatus::Done)
}

fn take(session: &Session, earlier: Option<&Earlier>, packages: &Packages) -> Result<EstateStatus, CliError> {
    let observed = Observed { now: Timestamp::now(), earlier, packages: &packages.known };
    Ok(status(&session.plan_input(), &observed)?)
}

fn draw(session: &Session, picture: &EstateStatus) -> impl Fn(TableFormat, &Style) -> String + use<> {
    let view = status_view(picture, &session.api);
    move |format, style| render_status(&view, format, style)
}

/// Shows picture after picture until a signal ends it.
async fn watch(
    args: &StatusArgs,
    ui: &Ui,
    session: &mut Session,
    packages: &mut Packages,
    mut picture: EstateStatus,
    every: Duration,
) -> Result<(), CliError> {
    let mut screen = Screen::new(ui, args.live.output.format);
    let mut requests = 0;
    loop {
        let all = session.client.requests_made();
        let pause = session.pause(every, (all - requests) / REQUESTS_PER_SECOND);
        requests = all;
        screen.show(ui, &args.live.output, &title(pause), draw(session, &picture))?;
        loop {
            tokio::time::sleep(pause).await;
            match session.refresh().await.map_err(CliError::from) {
                Ok(()) => break,
                // What is gone for a while may come back; a token that is not accepted does not.
                Err(error) if error.status == ExitStatus::Unreachable => {
                    screen.tell(
                        ui,
                        &format!(
                            "warning: {}; the picture is that of {}",
                            error.message,
                            clock(picture.taken_at)
                        ),
                    );
                }
                Err(error) => return Err(error),
            }
        }
        let earlier = picture.as_earlier();
        ui.detail(&format!("read {} resources once more", session.live.resources.len()));
        packages.read(session, ui).await;
        picture = take(session, Some(&earlier), packages)?;
    }
}

/// The packages that environments run. A package never changes, so that each list is read again only for one that it
/// did not hold.
#[derive(Default)]
struct Packages {
    known: BTreeMap<String, PackageStatus>,
    /// Ids that no list told of.
    unknown: BTreeSet<String>,
}

impl Packages {
    /// Reads what is not known yet. A version is good to know and nothing more: where the packages of an app cannot be
    /// read, the picture has none.
    async fn read(&mut self, session: &Session, ui: &Ui) {
        for live in session.live.of_kind(Kind::Package) {
            self.learn(live.manifest());
        }
        let (mut apps, mut missing) = (BTreeSet::new(), BTreeSet::new());
        for live in session.live.of_kind(Kind::Environment) {
            let (Identity::Environment { app, .. }, Some(id)) =
                (&live.identity, live.text("/deployment/packageId"))
            else {
                continue;
            };
            if !self.known.contains_key(id) && !self.unknown.contains(id) {
                apps.insert(*app);
                missing.insert(id.to_owned());
            }
        }
        let mut lists = JoinSet::new();
        for app in apps {
            let client = session.client.clone();
            lists.spawn(async move { (app, client.list_packages(app).await) });
        }
        while let Some(read) = lists.join_next().await {
            match read {
                Ok((_, Ok(documents))) => {
                    for document in documents.iter().flatten() {
                        self.learn(document.get(Kind::Package.name()).unwrap_or(&Value::Null));
                    }
                }
                Ok((app, Err(error))) => {
                    ui.detail(&format!("no versions of the packages of app {app}: {error}"));
                }
                Err(_) => {}
            }
        }
        self.unknown.extend(missing.into_iter().filter(|id| !self.known.contains_key(id)));
    }

    fn learn(&mut self, package: &Value) {
        let text = |name: &str| package.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(id) = text("id") else { return };
        let version = text("modelVersion").filter(|version| !version.trim().is_empty());
        self.known.insert(id.clone(), PackageStatus { id, version, created_on: text("createdOn") });
    }
}

fn title(pause: Duration) -> String {
    format!("{} · every {} s · Ctrl-C ends it", clock(Timestamp::now()), pause.as_secs())
}

/// The time where the clock is.
fn clock(time: Timestamp) -> String {
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
