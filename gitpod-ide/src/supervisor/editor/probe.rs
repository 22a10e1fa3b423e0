use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::config::HttpProbe;

/// An editor may need long for its first answer.
const ANSWER: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LAST_PAUSE: Duration = Duration::from_millis(100);

/// Asks until the editor answers with a success. Does not return before; `met` is what the last attempt met, for people.
pub(super) async fn until_ready(probe: &HttpProbe, editor_port: u16, met: &Mutex<String>) {
    let port = if probe.port == 0 {
        editor_port
    } else {
        probe.port
    };
    let host = match probe.host.as_str() {
        "" => "localhost",
        host => host,
    };
    let path = match probe.path.as_str() {
        "" => "/",
        path => path,
    };
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
    let mut pause = FIRST_PAUSE;
    loop {
        let why = match timeout(ANSWER, ask(port, &request)).await {
            Ok(Ok(None)) => return,
            Ok(Ok(Some(status))) => format!("it answers with status {status}"),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                format!("nothing listens on port {port}")
            }
            Ok(Err(error)) => format!("port {port}: {error}"),
            Err(_) => format!("port {port} takes requests and does not answer"),
        };
        *met.lock().unwrap_or_else(PoisonError::into_inner) = why;
        sleep(pause).await;
        pause = (pause * 3 / 2).min(LAST_PAUSE);
    }
}

/// The status of the answer to `request`, unless it is a success.
async fn ask(port: u16, request: &str) -> io::Result<Option<String>> {
    let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await?;
    if status.starts_with(b"HTTP/1.") && status.get(8..10) == Some(b" 2") {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&status[9..]).into_owned()))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn only_a_success_counts() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let mut answered = 0;
            for status in ["503 Busy", "302 Found", "200 OK"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 16];
                stream.read_exact(&mut request).await.unwrap();
                assert!(request.starts_with(b"GET /healthz"));
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                answered += 1;
            }
            answered
        });
        let probe = HttpProbe {
            path: String::from("/healthz"),
            ..HttpProbe::default()
        };
        let met = Mutex::default();
        timeout(Duration::from_secs(10), until_ready(&probe, port, &met))
            .await
            .unwrap();
        assert_eq!(*met.lock().unwrap(), "it answers with status 302");
        assert_eq!(server.await.unwrap(), 3);
    }
}
