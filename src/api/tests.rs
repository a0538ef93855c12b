//! The client against real sockets: a small server that answers as each test wants, also as no API should.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use uuid::Uuid;

use crate::model::Identity;

use super::*;

pub(super) const TOKEN: &str = "t0p-s3cr3t-t0k3n";

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All header lines, lower-cased names as sent.
    pub head: String,
    pub body: String,
}

impl Seen {
    /// The number in the query, such as `offset`.
    pub(super) fn number(&self, name: &str) -> usize {
        let (_, query) = self.target.split_once('?').unwrap();
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
        pair.parse().unwrap()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Status, further header lines, body.
    Http(u16, &'static str, String),
    /// These bytes, then the connection ends.
    Raw(String),
    /// The connection ends without a word.
    Drop,
    /// No answer.
    Hang,
}

pub(super) fn json_reply(status: u16, body: &Value) -> Reply {
    Reply::Http(status, "Content-Type: application/json\r\n", body.to_string())
}

pub(super) fn error_reply(status: u16, message: &str) -> Reply {
    json_reply(status, &json!({"error": {"code": status, "message": message}}))
}

fn html(status: u16) -> Reply {
    Reply::Http(status, "Content-Type: text/html\r\n", "<html>hello</html>".to_owned())
}

/// The server; it lives as long as the test.
pub(super) struct Server {
    pub url: Url,
    log: Arc<Mutex<Vec<Seen>>>,
    most_at_once: Arc<AtomicUsize>,
}

type Answerer = Arc<dyn Fn(&Seen, usize) -> Reply + Send + Sync>;

impl Server {
    /// `answer` gets the request and how many came before it.
    pub(super) async fn start(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Server {
        Server::slow(Duration::ZERO, answer).await
    }

    async fn slow(
        latency: Duration,
        answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/api/v4", listener.local_addr().unwrap())).unwrap();
        let (log, most_at_once) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let at_once = Arc::new(AtomicUsize::new(0));
        let answer: Answerer = Arc::new(answer);
        let (log2, most2) = (Arc::clone(&log), Arc::clone(&most_at_once));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log2), Arc::clone(&answer));
                let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most2));
                tokio::spawn(async move {
                    while let Some(seen) = read_request(&stream).await {
                        most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        let before = {
                            let mut log = log.lock().unwrap();
                            log.push(seen.clone());
                            log.len() - 1
                        };
                        if !latency.is_zero() {
                            tokio::time::sleep(latency).await;
                        }
                        let reply = answer(&seen, before);
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        if !write_reply(&stream, reply).await {
                            return;
                        }
                    }
                });
            }
        });
        Server { url, log, most_at_once }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
    }

    pub(super) fn options(&self) -> ClientOptions {
        options(self.url.clone())
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }
}

/// Options whose waits are short.
pub(super) fn options(url: Url) -> ClientOptions {
    let ms = Duration::from_millis;
    ClientOptions {
        request_timeout: Duration::from_secs(5),
        retry: RetryPolicy { first: ms(1), max: ms(2), ..RetryPolicy::default() },
        ..ClientOptions::new(url, Some(Token::new(TOKEN).unwrap()))
    }
}

async fn read_request(stream: &TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        stream.readable().await.ok()?;
        let mut chunk = [0; 65_536];
        match stream.try_read(&mut chunk) {
            Ok(0) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => return None,
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // A TLS greeting has no blank line; answer it like a plain server does.
        if bytes.first() == Some(&0x16) {
            return Some(Seen {
                method: "TLS".into(),
                target: String::new(),
                head: text,
                body: String::new(),
            });
        }
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .to_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ").map(|n| n.parse::<usize>().unwrap()))
            .unwrap_or(0);
        if body.len() >= length {
            let mut words = head.split(' ');
            let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
            return Some(Seen { method, target, head: head.to_owned(), body: body.to_owned() });
        }
    }
}

/// Whether the connection stays open.
async fn write_reply(stream: &TcpStream, reply: Reply) -> bool {
    let (text, open) = match reply {
        Reply::Http(status, head, body) => {
            (format!("HTTP/1.1 {status} X\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len()), true)
        }
        Reply::Raw(text) => (text, false),
        Reply::Drop => return false,
        Reply::Hang => std::future::pending().await,
    };
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        if stream.writable().await.is_err() {
            return false;
        }
        match stream.try_write(rest) {
            Ok(n) => rest = &rest[n..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
    open
}

fn get() -> Call {
    Call::new(Method::Get, &["clusters"])
}

fn call(method: Method) -> Call {
    Call::new(method, &["clusters", "1"]).body(json!({"cluster": {}}))
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[tokio::test]
async fn every_request_carries_token_and_user_agent() {
    let server = Server::start(|_, _| json_reply(200, &json!({"clusters": []}))).await;
    let client = server.client();
    client.send(&get()).await.unwrap();
    client.send(&call(Method::Put)).await.unwrap();
    assert_eq!(server.lines(), ["GET /api/v4/clusters", "PUT /api/v4/clusters/1"]);
    for seen in server.seen() {
        let head = seen.head.to_lowercase();
        assert!(head.contains(&format!("authorization: mxtoken {TOKEN}")), "{head}");
        assert!(head.contains(concat!("user-agent: mxkeep/", env!("CARGO_PKG_VERSION"))), "{head}");
        assert!(head.contains("accept: application/json"), "{head}");
    }
    assert_eq!(server.seen()[1].body, r#"{"cluster":{}}"#);
    assert_eq!(client.requests_made(), 2);
    assert_eq!(client.clone().requests_made(), 2);
}

#[tokio::test]
async fn a_base_url_with_a_slash_at_its_end_is_the_same() {
    let server = Server::start(|_, _| json_reply(200, &json!({}))).await;
    let mut url = server.url.clone();
    url.set_path("/api/v4/");
    Client::new(options(url)).unwrap().send(&get()).await.unwrap();
    assert_eq!(server.lines(), ["GET /api/v4/clusters"]);
}

#[tokio::test]
async fn reads_are_repeated_until_they_succeed() {
    let server = Server::start(|_, before| match before {
        0 => html(503),
        1 => Reply::Drop,
        2 => Reply::Raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"clus".into()),
        3 => Reply::Http(200, "Content-Type: application/json\r\n", "{\"clusters\":[".into()),
        _ => json_reply(200, &json!({"clusters": []})),
    })
    .await;
    let client = server.client();
    assert_eq!(client.send(&get()).await.unwrap().document, json!({"clusters": []}));
    assert_eq!(client.requests_made(), 5);
}

#[tokio::test]
async fn reads_are_given_up_with_the_last_reason() {
    let cut = || Reply::Raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"clus".into());
    let server = Server::start(move |_, _| cut()).await;
    let client = server.client();
    let error = client.send(&get()).await.unwrap_err();
    assert!(matches!(error, ApiError::Truncated { .. }), "{error}");
    assert_eq!(client.requests_made(), 5);
}

#[tokio::test]
async fn writes_of_unknown_outcome_are_not_repeated() {
    type Expected = fn(&ApiError) -> bool;
    let replies: [(Reply, Expected); 4] = [
        (error_reply(503, "busy"), |error| matches!(error, ApiError::Server { status: 503, .. })),
        (error_reply(500, "oops"), |error| matches!(error, ApiError::Server { status: 500, .. })),
        (Reply::Drop, |error| matches!(error, ApiError::ConnectionLost { .. })),
        (html(200), |error| matches!(error, ApiError::NotTheApi { .. })),
    ];
    for (reply, expected) in replies {
        for method in [Method::Post, Method::Put, Method::Delete] {
            let reply2 = reply.clone();
            let server = Server::start(move |_, _| reply2.clone()).await;
            let client = server.client();
            let error = client.send(&call(method)).await.unwrap_err();
            assert!(expected(&error) && error.maybe_sent(), "{method} {reply:?}: {error:?}");
            assert_eq!(client.requests_made(), 1, "{method} {reply:?}");
        }
    }
}

/// Whoever sends a write again has to look first, so the client does not do it by itself.
#[tokio::test]
async fn writes_are_not_repeated_when_the_server_wants_to_be_left_alone() {
    let server = Server::start(|_, _| Reply::Http(429, "Retry-After: 1\r\n", String::new())).await;
    let client = server.client();
    let error = client.create_cluster(json!({})).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert!(!error.maybe_sent());
    assert_eq!(client.requests_made(), 1);
}

#[tokio::test]
async fn retry_after_beyond_patience_is_reported() {
    let server = Server::start(|_, _| Reply::Http(429, "Retry-After: 3600\r\n", String::new())).await;
    let client = server.client();
    let error = client.send(&get()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(client.requests_made(), 1);
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(options(Url::parse(&format!("http://{address}")).unwrap())).unwrap();
    let error = client.send(&call(Method::Post)).await.unwrap_err();
    assert!(matches!(error, ApiError::Unreachable { dns: false, .. }), "{error:?}");
    assert!(!error.maybe_sent());
    assert_eq!(error.host(), address.to_string());
    assert!(error.to_string().contains("refused"), "{error}");
    assert_eq!(client.requests_made(), 3);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_timeout() {
    let server = Server::start(|_, _| Reply::Hang).await;
    let client =
        Client::new(ClientOptions { request_timeout: Duration::from_millis(30), ..server.options() })
            .unwrap();
    let error = client.send(&call(Method::Put)).await.unwrap_err();
    assert!(matches!(error, ApiError::Timeout { connecting: false, .. }), "{error:?}");
    assert!(error.maybe_sent());
    assert_eq!(client.requests_made(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(|_, _| json_reply(200, &json!({"clusters": []}))).await;
    let location: &'static str =
        Box::leak(format!("Location: {}/clusters?a=b\r\n", other.url).into_boxed_str());
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |_, _| Reply::Http(status, location, String::new())).await;
        let client = server.client();
        let error = client.send(&get()).await.unwrap_err();
        let target = format!("http://127.0.0.1:{}", other.url.port().unwrap());
        assert!(matches!(&error, ApiError::Redirect { target: Some(t), .. } if *t == target), "{error:?}");
        assert_eq!(client.requests_made(), 1);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn html_is_not_the_api_and_never_absence() {
    for status in [200, 404] {
        let server = Server::start(move |_, _| html(status)).await;
        let client = server.client();
        let error = client.get_cluster(id(1)).await.unwrap_err();
        assert!(matches!(error, ApiError::NotTheApi { .. }), "{error:?}");
        assert!(error.to_string().contains("text/html"), "{error}");
        assert_eq!(client.requests_made(), 1);
    }
    let server = Server::start(|_, _| error_reply(404, "no such cluster")).await;
    assert_eq!(server.client().get_cluster(id(1)).await, Ok(None));
}

#[tokio::test]
async fn a_plain_server_on_an_https_url_is_a_tls_error() {
    let server = Server::start(|_, _| Reply::Raw("HTTP/1.1 400 Bad Request\r\n\r\n".into())).await;
    let mut url = server.url.clone();
    url.set_scheme("https").unwrap();
    let client = Client::new(options(url)).unwrap();
    let error = client.send(&call(Method::Post)).await.unwrap_err();
    assert!(matches!(error, ApiError::Tls { .. }), "{error:?}");
    assert!(!error.maybe_sent());
    assert!(!server.seen()[0].head.contains(TOKEN));
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_and_never_sees_the_token() {
    let proxy = Server::start(|_, _| {
        Reply::Raw("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n".into())
    })
    .await;
    let through = |proxy: &Url| {
        let url = Url::parse("https://api.example.invalid/api/v4").unwrap();
        Client::new(ClientOptions { proxy: Some(proxy.clone()), ..options(url) }).unwrap()
    };
    let error = through(&proxy.url).send(&call(Method::Post)).await.unwrap_err();
    assert!(matches!(error, ApiError::Proxy { .. }), "{error:?}");
    assert!(error.to_string().contains("proxy authorization required"), "{error}");
    assert_eq!(proxy.lines(), ["CONNECT api.example.invalid:443"]);
    assert!(!proxy.seen()[0].head.contains(TOKEN));

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://me:pw@{}", nobody.local_addr().unwrap())).unwrap();
    drop(nobody);
    let error = through(&url).send(&get()).await.unwrap_err();
    assert!(matches!(error, ApiError::Proxy { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("pw"), "{error:?}");
}

#[tokio::test]
async fn loopback_goes_through_no_proxy() {
    let proxy = Server::start(|_, _| json_reply(200, &json!({}))).await;
    let server = Server::start(|_, _| json_reply(200, &json!({}))).await;
    let options = ClientOptions { proxy: Some(proxy.url.clone()), ..server.options() };
    Client::new(options).unwrap().send(&get()).await.unwrap();
    assert_eq!((proxy.seen().len(), server.seen().len()), (0, 1));
}

#[test]
fn base_urls() {
    for (url, ok) in [
        ("https://privatecloud.mendixcloud.com/api/v4", true),
        ("http://127.0.0.1:8080/api/v4", true),
        ("http://127.9.9.9", true),
        ("http://[::1]:80/", true),
        ("http://localhost:1", true),
        ("http://mx.localhost", false),
        ("http://privatecloud.mendixcloud.com/api/v4", false),
        ("http://localhost.example", false),
        ("http://128.0.0.1", false),
        ("http://0.0.0.0", false),
        ("http://[::2]", false),
        ("ftp://localhost", false),
        ("file:///etc/passwd", false),
        ("data:x", false),
        ("https://me:pw@api.example", false),
        ("https://me@api.example", false),
        ("https://api.example?x", false),
        ("https://api.example#x", false),
    ] {
        let result = Client::new(options(Url::parse(url).unwrap()));
        assert_eq!(result.is_ok(), ok, "{url}: {result:?}");
        if let Err(error) = result {
            assert!(!format!("{error} {error:?}").contains("pw"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Server::start(|_, _| json_reply(200, &json!({}))).await;
    let client = Client::new(ClientOptions { token: None, ..server.options() }).unwrap();
    let error = client.send(&get()).await.unwrap_err();
    assert!(matches!(error, ApiError::NoToken { .. }) && error.is_unauthorised());
    assert_eq!((client.requests_made(), server.seen().len()), (0, 0));
}

#[tokio::test]
async fn nothing_prints_the_token_or_a_body() {
    let printed = Arc::new(Mutex::new(String::new()));
    let print = |text: String| printed.lock().unwrap().push_str(&text);
    let secret = json!({"namespace": {"secret": TOKEN}});
    for status in [200, 302, 400, 401, 403, 404, 409, 429, 500] {
        let server = Server::start(move |seen, _| {
            let echo = format!("you sent {}", seen.head.replace("\r\n", " "));
            let body =
                json!({"error": {"message": echo, "invalid-params": [{"name": echo, "reason": echo}]}});
            let head = "Content-Type: application/json\r\nLocation: https://t0p-s3cr3t-t0k3n/\r\n";
            Reply::Http(status, head, body.to_string())
        })
        .await;
        let (options, client) = (server.options(), server.client());
        print(format!("{options:?} {client:?}"));
        let call = Call::new(Method::Put, &["clusters"]).body(secret.clone());
        print(format!("{call:?}"));
        match client.send(&call).await {
            Ok(answer) => print(format!("{answer:?}")),
            Err(error) => print(format!("{error} {error:?}")),
        }
    }
    let printed = printed.lock().unwrap();
    assert!(printed.contains("you sent"), "the test would prove nothing: {printed}");
    assert!(!printed.contains(TOKEN), "{printed}");
}

#[tokio::test]
async fn ids_cannot_lead_to_another_path() {
    let server = Server::start(|_, _| error_reply(404, "none")).await;
    let client = server.client();
    for bad in ["", ".", "..", "a\tb", "a\nb", "\u{0}"] {
        let error = client.delete_environment(id(1), id(2), bad).await.unwrap_err();
        assert!(matches!(error, ApiError::Unaddressable { .. }), "{bad:?}: {error:?}");
        assert!(!error.maybe_sent());
    }
    assert_eq!(server.seen().len(), 0);
    for (odd, path) in [
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2e%2e", "%252e%252e"),
        ("ä b", "%C3%A4%20b"),
        ("..a", "..a"),
    ] {
        assert_eq!(client.get_environment(id(1), id(2), odd).await, Ok(None));
        let last = server.lines().pop().unwrap();
        assert!(last.ends_with(&format!("/namespaces/{}/environments/{path}", id(2))), "{last}");
    }
}

#[tokio::test]
async fn identities_lead_to_their_paths() {
    let server = Server::start(|_, _| json_reply(202, &json!({"id": "j"}))).await;
    let client = server.client();
    let environment = Identity::Environment { app: id(1), namespace: id(2), id: "e".into() };
    for (identity, cluster) in [
        (Identity::Cluster(id(3)), None),
        (Identity::Namespace(id(4)), Some(id(3))),
        (environment, Some(id(3))),
    ] {
        client.create(&identity, cluster, json!({})).await.unwrap();
        client.update(&identity, cluster, json!({})).await.unwrap();
        client.delete(&identity, cluster).await.unwrap();
    }
    let [one, two, three, four] = [1, 2, 3, 4].map(|n| id(n).to_string());
    assert_eq!(
        server.lines(),
        [
            "POST /api/v4/clusters".to_owned(),
            format!("PUT /api/v4/clusters/{three}"),
            format!("DELETE /api/v4/clusters/{three}"),
            format!("POST /api/v4/clusters/{three}/namespaces"),
            format!("PUT /api/v4/clusters/{three}/namespaces/{four}"),
            format!("DELETE /api/v4/clusters/{three}/namespaces/{four}"),
            format!("POST /api/v4/apps/{one}/environments"),
            format!("PUT /api/v4/apps/{one}/namespaces/{two}/environments/e"),
            format!("DELETE /api/v4/apps/{one}/namespaces/{two}/environments/e"),
        ]
    );
    for (identity, cluster) in [(Identity::Namespace(id(4)), None), (Identity::App(id(1)), Some(id(3)))] {
        for result in [
            client.create(&identity, cluster, json!({})).await,
            client.update(&identity, cluster, json!({})).await,
            client.delete(&identity, cluster).await,
        ] {
            assert!(matches!(result, Err(ApiError::Unaddressable { .. })), "{result:?}");
        }
    }
    assert_eq!(server.seen().len(), 9);
}

#[tokio::test]
async fn an_accepted_write_without_a_job_may_have_been_done() {
    for reply in [json_reply(202, &json!({"status": "created"})), Reply::Http(204, "", String::new())] {
        let server = Server::start(move |_, _| reply.clone()).await;
        let error = server.client().delete_cluster(id(1)).await.unwrap_err();
        assert!(matches!(error, ApiError::Incomplete { .. }) && error.maybe_sent(), "{error:?}");
    }
}

#[tokio::test]
async fn reading_gives_the_document_as_it_came_and_only_the_right_one() {
    let document = r#"{"cluster":{"zeta":1.10,"clusterId":" 00000000-0000-0000-0000-00000000000A ","new":{"b":1e400,"a":null}}}"#;
    let reply = Reply::Http(200, "Content-Type: application/json\r\n", document.to_owned());
    let server = Server::start(move |_, _| reply.clone()).await;
    let client = server.client();
    let live = client.read(&Identity::Cluster(id(10)), Some(id(1))).await.unwrap().unwrap();
    assert_eq!(live.document.to_string(), document.replace("1e400", "1e+400"));
    assert_eq!(live.cluster, None);
    for other in [Identity::Cluster(id(11)), Identity::App(id(10))] {
        let error = client.read(&other, None).await.unwrap_err();
        assert!(matches!(error, ApiError::Incomplete { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn no_more_than_allowed_is_in_flight() {
    let latency = Duration::from_millis(5);
    let server = Server::slow(latency, |_, _| json_reply(200, &json!({"cluster": {}}))).await;
    let client = Client::new(ClientOptions { concurrency: 3, ..server.options() }).unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        let client = client.clone();
        tasks.spawn(async move { client.get_cluster(id(n)).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    assert_eq!(server.most_at_once.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_wait_between_tries_holds_up_nobody() {
    let server = Server::start(|seen, before| match before {
        0 => Reply::Http(503, "", String::new()),
        _ if seen.target.contains("clusters/") => json_reply(200, &json!({"cluster": {}})),
        _ => json_reply(200, &json!({"clusters": []})),
    })
    .await;
    let mut options = ClientOptions { concurrency: 1, ..server.options() };
    let hour = Duration::from_secs(3_600);
    options.retry = RetryPolicy { first: hour, max: hour, total: 2 * hour, ..options.retry };
    let client = Client::new(options).unwrap();
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.list_clusters().await }
    });
    while server.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    client.get_cluster(id(1)).await.unwrap();
    assert!(!waiting.is_finished(), "the list should still be waiting");
    waiting.abort();
}

/// A page of clusters, numbered.
fn clusters(range: std::ops::Range<usize>) -> Reply {
    let items: Vec<_> =
        range.map(|n| json!({"cluster": {"clusterId": id(n as u128 + 1).to_string()}})).collect();
    json_reply(200, &json!({ "clusters": items }))
}

#[tokio::test]
async fn lists_are_read_to_their_end_whatever_the_server_gives_at_most() {
    for (total, clamp, expected) in [(0, 100, 1), (7, 100, 1), (120, 50, 3), (250, 100, 3), (20, 20, 2)] {
        let server = Server::start(move |seen, _| {
            let offset = seen.number("offset").min(total);
            clusters(offset..(offset + seen.number("limit").min(clamp)).min(total))
        })
        .await;
        let client = server.client();
        assert_eq!(client.list_clusters().await.unwrap().len(), total);
        assert_eq!(client.requests_made(), expected, "{total} {clamp}: {:?}", server.lines());
    }
}

#[tokio::test]
async fn a_server_that_rejects_a_large_limit_is_asked_for_less() {
    let server = Server::start(|seen, _| match seen.number("limit") {
        limit if limit > 20 => error_reply(400, "limit is too large"),
        limit => clusters(seen.number("offset")..(seen.number("offset") + limit).min(30)),
    })
    .await;
    let client = server.client();
    assert_eq!(client.list_clusters().await.unwrap().len(), 30);
    assert_eq!(client.requests_made(), 3);

    let never = Server::start(|_, _| error_reply(400, "no")).await;
    let error = never.client().list_clusters().await.unwrap_err();
    assert!(matches!(error, ApiError::Rejected { status: 400, .. }), "{error:?}");
    assert_eq!(never.seen().len(), 2);
}

#[tokio::test]
async fn a_server_that_does_not_page_is_found_out() {
    let server = Server::start(|seen, _| clusters(0..seen.number("limit"))).await;
    let client = server.client();
    let error = client.list_clusters().await.unwrap_err();
    assert!(matches!(error, ApiError::Paging { .. }), "{error:?}");
    assert_eq!(client.requests_made(), 2);

    let endless = Server::start(|seen, _| clusters(seen.number("offset")..seen.number("offset") + 1)).await;
    let client = Client::new(ClientOptions { page_size: 1, ..endless.options() }).unwrap();
    let error = client.list_clusters().await.unwrap_err();
    assert!(matches!(&error, ApiError::Paging { problem, .. } if problem.contains("no end")), "{error:?}");
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_read_is_read_anew() {
    // A cluster is added in front between two pages, so that one shows up twice.
    let server = Server::start(|seen, before| match (before, seen.number("offset")) {
        (0, _) => clusters(1..101),
        (1, _) => clusters(100..110),
        (_, 0) => clusters(0..100),
        _ => clusters(100..110),
    })
    .await;
    assert_eq!(server.client().list_clusters().await.unwrap().len(), 110);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_page_without_its_list_is_incomplete() {
    for (document, ok) in [
        (json!({"clusters": null}), true),
        (json!({"clusters": {}}), false),
        (json!({}), false),
        (json!({"apps": []}), false),
    ] {
        let reply = json_reply(200, &document);
        let server = Server::start(move |_, _| reply.clone()).await;
        let result = server.client().list_clusters().await;
        assert_eq!(result.is_ok(), ok, "{document}: {result:?}");
    }
}

fn quick() -> WaitOptions {
    let ms = Duration::from_millis;
    WaitOptions { first: ms(1), max: ms(3), factor: 2.0, deadline: Duration::from_secs(5) }
}

#[tokio::test]
async fn waiting_survives_bad_answers_and_reads_under_the_base_url() {
    let server = Server::start(|_, before| match before {
        0 => json_reply(200, &json!({"id": "j/1", "status": "created"})),
        1 => html(200),
        2 => error_reply(429, "slow down"),
        3..=7 => Reply::Drop,
        8 => json_reply(200, &json!({"id": "j/1", "status": "resting"})),
        _ => json_reply(200, &json!({"id": "j/1", "status": "finished", "details": "done"})),
    })
    .await;
    let mut looks = 0;
    let job = wait(&server.client(), &JobId::new("j/1".into()), &quick(), |_| looks += 1).await.unwrap();
    assert_eq!((job.state, job.details.as_deref()), (JobState::Finished, Some("done")));
    assert!(looks >= 4, "{looks}");
    assert!(server.lines().iter().all(|line| line == "GET /api/v4/jobs/j%2F1"), "{:?}", server.lines());
}

#[tokio::test]
async fn waiting_ends_with_the_jobs_own_end() {
    let end = |reply: Reply| async move {
        let server = Server::start(move |_, _| reply.clone()).await;
        let options = WaitOptions { deadline: Duration::from_millis(20), ..quick() };
        wait(&server.client(), &JobId::new("7".into()), &options, |_| {}).await.unwrap_err()
    };
    let failed = json!({"id": "7", "status": "failed", "error": {"message": "no room"}});
    let error = end(json_reply(200, &failed)).await;
    assert_eq!(error.to_string(), "job 7 failed: no room");
    let error = end(error_reply(404, "no job")).await;
    assert!(matches!(error, JobError::Vanished { .. }), "{error:?}");
    let error = end(error_reply(403, "scope")).await;
    assert!(matches!(error, JobError::Unreadable { .. }), "{error:?}");
    let error = end(json_reply(200, &json!({"id": "7", "status": "odd"}))).await;
    assert!(
        matches!(&error, JobError::Deadline { state: Some(JobState::Unknown(word)), .. } if word == "odd"),
        "{error:?}"
    );
}

#[test]
fn futures_can_run_on_any_thread() {
    fn check(_: impl Send) {}
    let client = Client::new(options(Url::parse("http://localhost").unwrap())).unwrap();
    check(fetch(&client, &crate::model::ReadScope::default()));
    check(wait(&client, &JobId::new("7".into()), &quick(), |_| {}));
    check(client.list_clusters());
}

/// What goes as a stream is a request like any other: a refusal of it holds up everybody, by a simulated clock.
#[tokio::test(start_paused = true)]
async fn refused_streams_count_in_the_budget() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.mda");
    fs_err::write(&path, "content").unwrap();
    let upload = crate::model::Upload {
        path,
        size: 7,
        sha256: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73".to_owned(),
    };
    for (status, kind) in
        [(429, "upload"), (503, "upload"), (429, "log"), (503, "log"), (429, "file"), (503, "file")]
    {
        let server = Server::start(move |_, before| match before {
            0 => Reply::Http(status, "Content-Type: application/json\r\nRetry-After: 7\r\n", "{}".to_owned()),
            _ => json_reply(200, &json!({"cluster": {}})),
        })
        .await;
        let client = server.client();
        let failed = match kind {
            "upload" => client.upload_package(id(1), "a.mda", &upload, |_, _| {}).await.is_err(),
            "log" => client.build_log(&JobId::new("1".to_owned()), |_| {}).await.is_err(),
            _ => client.download(server.url.join("/file").unwrap().as_str(), |_| Ok(())).await.is_err(),
        };
        assert!(failed, "{kind} {status}");
        let started = tokio::time::Instant::now();
        client.get_cluster(id(1)).await.unwrap();
        let waited = started.elapsed();
        assert!((7..8).contains(&waited.as_secs()), "{kind} {status}: {waited:?}");
    }
}
