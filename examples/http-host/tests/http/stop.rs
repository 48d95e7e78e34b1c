use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::host::Fixture;
use crate::raw::{Connection, post};

pub(crate) async fn what_is_in_flight_is_finished(fixture: &Fixture) {
    for signal in ["TERM", "INT"] {
        let mut host = fixture.host();
        let id = host.start_service().await;
        let address = host.address;
        let request = post(&format!("/services/{id}/end"), r#"{"disposition":10}"#);
        let (begun, rest) = request.split_at(request.len() - 5);
        let (begun, rest) = (begun.to_owned(), rest.to_owned());

        let mut in_flight = spawn_blocking(move || {
            let mut connection = Connection::open(address);
            connection.send(begun);
            connection
        })
        .await
        .unwrap();
        let mut idle = spawn_blocking(move || {
            let mut connection = Connection::open(address);
            connection.send(post("/services/start", ""));
            assert_eq!(connection.answer().unwrap().0, 201);
            connection
        })
        .await
        .unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        host.signal(signal);
        spawn_blocking(move || {
            assert!(idle.is_closed(), "nobody waits for those that ask nothing");
            let refused = std::net::TcpStream::connect(address);
            assert!(refused.is_err(), "no more callers are taken");
            in_flight.send(rest);
            let (status, head, _) = in_flight.answer().expect("an answer");
            assert_eq!(status, 204, "{head}");
            assert!(in_flight.is_closed());
        })
        .await
        .unwrap();
        let (status, more) = host.ended(Duration::from_secs(10));
        assert_eq!((status.code(), &*more), (Some(0), ""), "it prints one line, and ends well");
        let log = host.log();
        assert_eq!(log.lines().count(), 3, "one line a request:\n{log}");
        assert!(log.contains("path=\"/services/{id}/end\" status=204 code=\"ended\""), "{log}");
    }
}

/// Senders that have stalled are not waited for longer than the host grants.
#[cfg(feature = "memory")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_sender_does_not_keep_the_host_from_stopping() {
    let mut host = Fixture::memory().host_with(&["--grace", "1"]);
    let id = host.start_service().await;
    let address = host.address;
    let stalled = spawn_blocking(move || {
        let head = format!("POST /services/{id}/end HTTP/1.1\r\nHost: test\r\nContent-Length: 50\r\n\r\n{{");
        let mut connection = Connection::open(address);
        connection.send(head);
        connection
    });
    let stalled = stalled.await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    host.signal("TERM");
    assert_eq!(host.ended(Duration::from_secs(4)).0.code(), Some(0));
    stalled.close();
}

#[tokio::test]
async fn a_wrong_command_line_is_told() {
    let wrong: &[&[&str]] = &[
        &["--listen"],
        &["--nope", "1"],
        &["--max-body", "x"],
        &["--read-timeout", "0"],
        &["--policy", "none"],
        &["--publish", "http://127.0.0.1:1/"],
        &["--publish-source", "/services"],
        &["--publish-skip", "7-1"],
        &["--storage", "nope"],
        &["--storage", "nope:there"],
        &["--storage", "sqlite"],
        &["--storage", "sqlite:/nope/services.db"],
        &["--listen", "127.0.0.1:99999"],
    ];
    for arguments in wrong {
        let ended =
            std::process::Command::new(env!("CARGO_BIN_EXE_http-host")).args(*arguments).output().unwrap();
        assert!(!ended.status.success(), "{arguments:?}");
        let told = ended.stderr.starts_with(b"http-host: ") || ended.stderr.starts_with(b"error: ");
        assert!(ended.stdout.is_empty() && told, "{arguments:?}");
    }
}
