//! A gate between clients and a simulator: every request waits there until a test lets it through. So the test decides in
//! which order the requests of several clients take effect.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::World;

/// Longer than any client waits before it asks again.
const TOO_LONG: Duration = Duration::from_secs(30);

/// The gate.
pub struct Gate {
    simulator: SocketAddr,
    tell: Sender<Event>,
    events: Receiver<Event>,
}

/// What a client has come to.
pub enum Event {
    /// A request waits.
    Arrived(Waiting),
    /// The answer to a request has gone back.
    Answered,
    /// The client has come to its end.
    Ended(usize),
}

/// A request that waits.
pub struct Waiting {
    /// Whose it is.
    pub client: usize,
    /// `PUT /api/v4/clusters/7`.
    pub line: String,
    go: Sender<()>,
}

impl Gate {
    /// A gate in front of a simulator.
    pub fn new(world: &World) -> Gate {
        let (tell, events) = channel();
        Gate { simulator: world.get().address(), tell, events }
    }

    /// A door for a client; its base URL. Its threads end with the process.
    pub fn door(&self, client: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/v4", listener.local_addr().unwrap());
        let (simulator, tell) = (self.simulator, self.tell.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let tell = tell.clone();
                std::thread::spawn(move || pass(&stream.unwrap(), simulator, client, &tell));
            }
        });
        url
    }

    /// For the client to say that it is at its end.
    pub fn bell(&self, client: usize) -> impl FnOnce() + Send + use<> {
        let tell = self.tell.clone();
        // The test may have ended.
        move || drop(tell.send(Event::Ended(client)))
    }

    /// The next thing that happens.
    pub fn next(&self) -> Event {
        self.events.recv_timeout(TOO_LONG).expect("a client neither asks nor ends")
    }

    /// The next thing that happens within this time.
    pub fn next_within(&self, time: Duration) -> Option<Event> {
        match self.events.recv_timeout(time) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => unreachable!("the gate holds a sender itself"),
        }
    }
}

impl Waiting {
    /// Lets it through.
    pub fn go(self) {
        self.go.send(()).unwrap();
    }
}

/// One request and its answer; then the connection is closed, so that each request has one of its own.
fn pass(stream: &TcpStream, simulator: SocketAddr, client: usize, tell: &Sender<Event>) {
    let Some((line, request)) = read(stream) else { return };
    let (go, let_through) = channel();
    if tell.send(Event::Arrived(Waiting { client, line, go })).is_err() || let_through.recv().is_err() {
        return;
    }
    let mut there = TcpStream::connect(simulator).unwrap();
    there.write_all(&request).unwrap();
    let mut answer = Vec::new();
    there.read_to_end(&mut answer).unwrap();
    let mut back = stream;
    // Who hangs up early gets no answer.
    let _ = back.write_all(&answer);
    let _ = tell.send(Event::Answered);
}

/// The request line without the version, and the request as it is to go on.
fn read(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let line = first.rsplit_once(' ')?.0.to_owned();
    let (mut head, mut length) = (first, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim_end().is_empty() {
            break;
        }
        let name = header.split(':').next()?.to_lowercase();
        if name == "content-length" {
            length = header.split_once(':')?.1.trim().parse().ok()?;
        }
        if name != "connection" {
            head.push_str(&header);
        }
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut request = head.into_bytes();
    request.extend(body);
    Some((line, request))
}
