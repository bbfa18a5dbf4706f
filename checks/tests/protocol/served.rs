//! `cancelproof protocol`: what it prints, and the pages that it serves on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

fn cancelproof(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_cancelproof")).arg("protocol").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_says_what_holds_and_exits_accordingly() {
    let (code, out, _) = cancelproof(&["--cancelers", "3", "--any-number"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("415 positions, 1,344 moves"), "{out}");
    assert!(out.contains("holds for any number"), "{out}");
    let (code, out, _) = cancelproof(&["--fault", "mark-forgets-the-bit", "--client", "rearms"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("and for ever again:"), "{out}");
    let (code, out, _) = cancelproof(&["--fault", "never-claims"]);
    assert_eq!(code, Some(3), "{out}");
    let (code, out, _) = cancelproof(&["--positions", "10"]);
    assert_eq!(code, Some(5), "{out}");
    assert!(out.contains("not decided"), "{out}");
    let (code, out, _) = cancelproof(&["--positions", "10", "--cancelers", "8"]);
    assert_eq!(code, Some(5), "{out}");
    assert!(out.contains("NOT EXHAUSTED, bounded by --positions") && out.contains("holds so far"), "{out}");
    let (code, _, error) = cancelproof(&["--client", "finish"]);
    assert_eq!(code, Some(2));
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("did you mean \"finishes\""), "{error}");
}

/// Ends the command when the test is over, however it ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // If it has ended by itself there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_protocol_is_served_on_this_machine_only() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    command.args(["protocol", "--cancelers", "2", "--serve", &address]).stdout(Stdio::piped());
    let mut served = Served(command.spawn().unwrap());
    let mut first = String::new();
    BufReader::new(served.0.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains(&format!("at http://{address}/ until")), "{first}");
    let start = get(&address, "/");
    assert!(start.contains("class=\"node here\" data-state=\"pending\""), "{start}");
    assert!(start.contains("<b>driver 0</b> mark = marked"), "{start}");
    // As a reader goes on: by the first link.
    let marked = get(&address, "/?way=0");
    assert!(marked.contains("class=\"node here\" data-state=\"cancelable\""), "{marked}");
    assert!(marked.contains("<b>exactly-once</b>"), "{marked}");
    assert!(ask(&address, &address, "/?way=99").starts_with("HTTP/1.1 404 "));
    assert!(ask(&address, &address, "/.states/0").starts_with("HTTP/1.1 404 "));

    let (code, _, error) = cancelproof(&["--serve", &address]);
    assert_eq!(code, Some(2));
    assert!(error.starts_with(&format!("error: cannot serve at {address}: ")), "{error}");
    let (code, _, error) = cancelproof(&["--serve", "0.0.0.0:3000"]);
    assert_eq!((code, error.lines().count()), (Some(2), 1), "{error}");
    assert!(error.contains("only this machine may look"), "{error}");
}

fn get(address: &str, path: &str) -> String {
    for _ in 0..200 {
        if let Ok(mut response) = ureq::get(format!("http://{address}{path}")).call() {
            return response.body_mut().read_to_string().unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("nobody answers at {address}");
}

/// What a browser asks when a page of somebody else's has had its own name resolve to this machine.
fn ask(address: &str, host: &str, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_page_of_another_name_learns_nothing() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
    command.args(["protocol", "--cancelers", "1", "--serve", &address]).stdout(Stdio::piped());
    let mut served = Served(command.spawn().unwrap());
    let mut first = String::new();
    BufReader::new(served.0.stdout.take().unwrap()).read_line(&mut first).unwrap();
    get(&address, "/");
    let foreign = ask(&address, "rebound.example", "/");
    assert!(foreign.starts_with("HTTP/1.1 403 ") && !foreign.contains("driver"), "{foreign}");
    assert!(ask(&address, &address, "/").starts_with("HTTP/1.1 200 "));
    let port = address.rsplit(':').next().unwrap();
    assert!(ask(&address, &format!("localhost:{port}"), "/").starts_with("HTTP/1.1 200 "));
}
