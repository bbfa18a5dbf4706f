//! Stands before the Explorer and lets only those in who ask for it by its own address.
//!
//! A page from anywhere can have its own name resolve to this machine, and then a browser lets it read what is served here. Such a
//! page asks for its own name, by which it is known. The Explorer itself listens at an address that is drawn, so that nobody gets
//! past the guard by guessing.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The longest head of a question; browsers send less than a kilobyte to a server that sets no cookies.
const HEAD_MAX: usize = 16 << 10;

/// The longest body of a question. The Explorer's have none.
const BODY_MAX: u64 = 1 << 20;

/// How long somebody may take to ask.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many times an address is drawn.
const DRAWS: usize = 16;

/// An address of this machine alone for the Explorer itself: a drawn one where the system has many, and at a port that is free.
///
/// # Errors
///
/// Returns why there is none.
pub(crate) fn hidden_address() -> io::Result<SocketAddr> {
    let any = || {
        let bytes = RandomState::new().build_hasher().finish().to_ne_bytes();
        Ipv4Addr::new(127, bytes[0], bytes[1], bytes[2] | 1)
    };
    let draws = (0..DRAWS).map(|_| any()).chain([Ipv4Addr::LOCALHOST]);
    let mut last = io::Error::other("there is no address");
    for address in draws {
        match TcpListener::bind((address, 0)) {
            Ok(listener) => return listener.local_addr(),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Answers at `listener` with what the server at `hidden` answers, until the process is ended.
pub(crate) fn stand_before(listener: &TcpListener, hidden: SocketAddr) {
    let Ok(own) = listener.local_addr() else { return };
    for asker in listener.incoming().flatten() {
        // Whoever breaks off has no answer, and nobody else is concerned.
        thread::spawn(move || drop(answer(asker, own, hidden)));
    }
}

fn answer(mut asker: TcpStream, own: SocketAddr, hidden: SocketAddr) -> io::Result<()> {
    asker.set_read_timeout(Some(PATIENCE))?;
    let Some((head, begun)) = read_head(&mut asker)? else {
        return refuse(&mut asker, "400 Bad Request", "the question has no head that ends");
    };
    let Some(length) = length(&head) else {
        return refuse(&mut asker, "400 Bad Request", "the question has no length that is known");
    };
    if !is_own(host(&head), own) {
        return refuse(
            &mut asker,
            "403 Forbidden",
            "only this machine may look, by the address that was printed",
        );
    }
    let mut server = TcpStream::connect(hidden)?;
    server.write_all(with_close(&head).as_bytes())?;
    server.write_all(&begun)?;
    io::copy(&mut (&mut asker).take(length.saturating_sub(begun.len() as u64)), &mut server)?;
    io::copy(&mut server, &mut asker)?;
    asker.shutdown(Shutdown::Write)
}

/// The head of a question, and what was read of its body; `None` if it has no end.
fn read_head(asker: &mut impl Read) -> io::Result<Option<(String, Vec<u8>)>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut read = Vec::new();
    let mut room = [0; 1 << 10];
    loop {
        if let Some(end) = read.windows(END.len()).position(|bytes| bytes == END) {
            let begun = read.split_off(end + END.len());
            return Ok(String::from_utf8(read).ok().map(|head| (head, begun)));
        }
        let count = asker.read(&mut room)?;
        if count == 0 || read.len() > HEAD_MAX {
            return Ok(None);
        }
        read.extend(&room[..count]);
    }
}

/// The values of a field, in lower case.
fn fields<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines
        .filter(move |(field, _)| field.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_lowercase())
}

/// Whom the question is for, if it says so once.
fn host(head: &str) -> Option<String> {
    let mut hosts = fields(head, "host");
    hosts.next().filter(|_| hosts.next().is_none())
}

/// The length of the body, if it is one that can be handed on.
fn length(head: &str) -> Option<u64> {
    if fields(head, "transfer-encoding").next().is_some() {
        return None;
    }
    let mut lengths = fields(head, "content-length").map(|length| length.parse::<u64>().ok());
    let length = lengths.next().unwrap_or(Some(0))?;
    (length <= BODY_MAX && lengths.next().is_none()).then_some(length)
}

/// Whether a host is the address that is served, or this machine's own name at its port.
fn is_own(host: Option<String>, own: SocketAddr) -> bool {
    let loopback = if own.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { own.ip() };
    let known = [
        own.to_string(),
        format!("localhost:{}", own.port()),
        SocketAddr::new(loopback, own.port()).to_string(),
    ];
    host.is_some_and(|host| known.contains(&host))
}

/// The same head for a connection that ends with the answer, so that there is no second question behind the first.
fn with_close(head: &str) -> String {
    let is_other = |line: &&str| {
        let field = line.split(':').next().unwrap_or_default().trim();
        !field.is_empty() && !["connection", "keep-alive", "upgrade"].contains(&field.to_lowercase().as_str())
    };
    let lines: Vec<&str> = head.lines().filter(is_other).collect();
    format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"))
}

fn refuse(asker: &mut TcpStream, status: &str, words: &str) -> io::Result<()> {
    write!(
        asker,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{words}\n",
        words.len() + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_question_for_the_address_itself_is_handed_on() {
        let own: SocketAddr = "127.0.0.1:3000".parse().expect("it is an address");
        let asked = |lines: &str| is_own(host(&format!("GET / HTTP/1.1\r\n{lines}\r\n\r\n")), own);
        for host in ["Host: 127.0.0.1:3000", "host:localhost:3000", "HOST: LocalHost:3000"] {
            assert!(asked(host), "{host}");
        }
        for host in [
            "Host: evil.example:3000",
            "Host: 127.0.0.1",
            "Host: 127.0.0.1:3001",
            "Host: 127.0.0.1:3000.evil.example",
            "Host: evil.example:3000\r\nHost: 127.0.0.1:3000",
            "X-Forwarded-Host: 127.0.0.1:3000",
            "Accept: */*",
        ] {
            assert!(!asked(host), "{host}");
        }
    }

    #[test]
    fn a_body_has_one_length_and_a_small_one() {
        let of = |lines: &str| length(&format!("POST / HTTP/1.1\r\n{lines}\r\n\r\n"));
        assert_eq!((of("A: b"), of("Content-Length: 7")), (Some(0), Some(7)));
        assert_eq!(of("Content-Length: 99999999999"), None);
        assert_eq!(of("Content-Length: 1\r\nContent-Length: 2"), None);
        assert_eq!(of("Transfer-Encoding: chunked"), None);
    }
}
