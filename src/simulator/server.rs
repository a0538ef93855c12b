//! A running simulator and the ways into it for Rust callers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::Instant};

use super::{
    cloud,
    fault::Fault,
    faults::Faults,
    http::{self, Desk, Inner},
    line::{Caller, Exchange},
    log::{Log, LoggedRequest},
    message::Refusal,
    options::Options,
    routes, seed,
    state::{State, StateError},
    world::{Settings, World},
};

/// How long answers under way may take when the simulator stops.
const GRACE: Duration = Duration::from_secs(1);

/// A running simulator. It stops when it is dropped; [`Simulator::stop`] also waits for that.
pub struct Simulator {
    address: SocketAddr,
    desk: Arc<Desk>,
    /// Dropping it ends the server.
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

impl Simulator {
    /// Starts a simulator on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be had or the state file cannot be read or written.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let state = match &options.state {
            Some(file) => State::load(file)?,
            None => State::default(),
        };
        let listen = options.listen;
        let error = |source| StartError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        let desk = Arc::new(open(options, state, address)?);
        let service = Router::new().fallback(http::serve).with_state(Arc::clone(&desk));
        let service = service.into_make_service_with_connect_info::<Caller>();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(Exchange(listener), service).with_graceful_shutdown(async move {
            // Sent or dropped: both mean the end.
            drop(stopped.await);
        });
        let task = tokio::spawn(async move { drop(server.await) });
        Ok(Self { address, desk, stop: Some(stop), task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL of the API of the private cloud.
    pub fn private_cloud_url(&self) -> String {
        format!("{}{}", self.origin(), routes::BASE)
    }

    /// The base URL of a version of the API of Mendix Cloud, 3 or 4.
    pub fn mendix_cloud_url(&self, version: u8) -> String {
        format!("{}{}{version}", self.origin(), cloud::BASE)
    }

    /// The requests so far, in the order in which they came; those to `/_admin` are not among them.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.desk.lock().log.requests()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.desk.lock().log.clear();
    }

    /// Waits until the requests so far are such.
    pub async fn until(&self, holds: impl Fn(&[LoggedRequest]) -> bool) {
        let mut news = self.desk.lock().log.listen();
        // The sender lives as long as the simulator.
        while !holds(&self.requests()) && news.changed().await.is_ok() {}
    }

    /// Replaces the faults in force; what they held goes on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.desk.replace_faults(Faults::new(faults));
    }

    /// The whole world, with write-only values, as `GET /_admin/world` shows it.
    pub fn world(&self) -> Value {
        self.with(|world| world.snapshot())
    }

    /// Replaces the whole world.
    ///
    /// # Errors
    ///
    /// When it is no world.
    pub fn replace_world(&self, world: &Value) -> Result<(), String> {
        let state = State::parse(world.to_string().as_bytes())?;
        self.with(|world| {
            world.state = state;
            world.changed = true;
        });
        Ok(())
    }

    /// Makes an app known, or renames it.
    pub fn register_app(&self, app: &str, name: &str) {
        self.with(|world| world.register_app(app, name));
    }

    /// Adds constants and events to what packages of an app know that are made from now on.
    pub fn teach_app(&self, app: &str, body: &Value) {
        self.with(|world| world.teach_app(app, body));
    }

    /// Makes a package of an app known, or adds constants and events to it.
    pub fn register_package(&self, app: &str, package: &str, body: &Value) {
        self.with(|world| {
            let now = self.desk.now(world);
            world.register_package(app, package, body, now);
        });
    }

    /// Installs the operator in a namespace, which may come later.
    pub fn install_operator(&self, namespace: &str, body: &Value) {
        self.with(|world| world.install_operator(namespace, body));
    }

    /// Makes an app on Mendix Cloud known, or adds environments and members to it.
    pub fn register_cloud_app(&self, app: &str, body: &Value) {
        self.with(|world| world.register_cloud_app(app, body));
    }

    /// Says whose tokens these are, and whether that is a Mendix Admin; it matters on Mendix Cloud.
    pub fn set_owner(&self, user: &str, mendix_admin: bool) {
        self.with(|world| world.set_owner(user, mendix_admin));
    }

    /// The mail address of the owner of the tokens.
    pub fn owner(&self) -> String {
        self.with(|world| world.state.owner.user_id.clone())
    }

    /// Edits a resource behind the tool's back: `clusters/ID`, `namespaces/ID`, `environments/APP/NAMESPACE/ID`,
    /// `cloud/apps/ID`.
    /// Edits a resource behind the tool's back: `clusters/ID`, `namespaces/ID`, `packages/APP/ID`,
    /// `environments/APP/NAMESPACE/ID`.
    ///
    /// # Errors
    ///
    /// When there is no such resource, or the path leads nowhere.
    pub fn edit(&self, resource: &str, path: &str, value: Value) -> Result<(), String> {
        let steps: Vec<&str> = resource.trim_matches('/').split('/').collect();
        if let ["packages", app, package] = *steps.as_slice() {
            return self.with(|world| world.edit_package(app, package, vec![(path.to_owned(), value)]));
        }
        self.with(|world| {
            if let ["cloud", "apps", app] = steps.as_slice() {
                return world.edit_cloud_app(app, vec![(path.to_owned(), value)]);
            }
            let missing = |_: Refusal| format!("there is no resource `{resource}`");
            let target = world.target(&steps).map_err(missing)?;
            world.edit(&target, vec![(path.to_owned(), value)])
        })
    }

    /// Puts the simulated clock forward.
    pub fn advance(&self, by: Duration) {
        self.with(|world| world.advance_clock(by));
    }

    /// Stops serving and saves the state.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
        self.with(|world| world.changed = true);
    }

    /// Works on the world as it is now, and saves what has changed. There is nobody to tell of a failure to
    /// save here; the next request is answered with it.
    fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let mut inner = self.desk.lock();
        let now = self.desk.now(&inner.world);
        inner.world.advance_to(now);
        let result = work(&mut inner.world);
        let now = self.desk.now(&inner.world);
        inner.world.advance_to(now);
        drop(self.desk.save(&mut inner));
        result
    }
}

fn open(options: Options, state: State, address: SocketAddr) -> Result<Desk, StateError> {
    let settings = Settings {
        origin: format!("http://{address}"),
        job_delay: options.job_delay,
        ready_delay: options.ready_delay,
        max_page: options.max_page,
        absent_fields: options.absent_fields,
        respell: options.respell,
        nested_job_ids: options.nested_job_ids,
    };
    let mut world = World::new(state, settings);
    let start = options.starts_at.map(|time| (time, Instant::now()));
    let now = world.time(http::real_time(start));
    if let Some(wanted) = options.seed {
        seed::seed(&mut world, wanted, now);
    }
    world.advance_to(now);
    // Written at once, so that there is a file to edit and a wrong place shows at the start.
    world.changed = true;
    let inner = Inner { world, faults: Faults::new(options.faults), log: Log::default() };
    let desk = Desk::new(inner, options.state, start);
    desk.save(&mut desk.lock())?;
    Ok(desk)
}
