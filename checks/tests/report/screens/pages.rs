//! The pages that are looked at.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use cancelproof::system::{counterexample, matrix, registry};
use cancelproof::{film as films, report};

use crate::browser::Browser;
use crate::results::mixed;

/// A page under its name.
pub(crate) struct Page {
    pub(crate) name: &'static str,
    place: Place,
}

enum Place {
    /// A page that is a file.
    File(String),
    /// A page that is served.
    Address(String),
}

impl Page {
    pub(crate) fn open(&self, browser: &Browser) {
        match &self.place {
            Place::File(text) => browser.open(text, ""),
            Place::Address(address) => browser.go(address),
        }
    }
}

/// All of them: a report with findings, the film of a request and of a system, the explorer at its start and further on.
pub(crate) fn all(explorer: &Explorer) -> Vec<Page> {
    let page = |name, place| Page { name, place };
    let results = mixed();
    vec![
        page("report", Place::File(report::html(&results, "report").html)),
        film(),
        page("film-of-a-system", Place::File(of_a_system())),
        page("explorer", Place::Address(explorer.start_page())),
        page("explorer-further-on", Place::Address(format!("{}?way=0", explorer.start_page()))),
    ]
}

/// The film of a request whose callback is called twice.
pub(crate) fn film() -> Page {
    let results = mixed();
    let finding = results.ledger.findings.first().expect("one request breaks a rule");
    Page { name: "film", place: Place::File(films::html(&finding.trace)) }
}

/// The film of two requests of one queue that are called back in the wrong order.
fn of_a_system() -> String {
    let fault = registry::fault("queue-last-come-first-served").expect("it is registered");
    let scenario = matrix::scenario_of(fault);
    let found = counterexample::find(&fault.system, &scenario, Some(fault.about.breaks));
    films::html(&found.expect("it is refuted").trace)
}

/// The explorer's server, which ends when this is dropped.
pub(crate) struct Explorer {
    server: Child,
    address: String,
}

impl Explorer {
    pub(crate) fn start() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr());
        let address = address.expect("this machine has a free port").to_string();
        let mut server = Command::new(env!("CARGO_BIN_EXE_cancelproof"))
            .args(["protocol", "--cancelers", "2", "--serve", &address])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let output = server.stdout.take().expect("its output is piped");
        let first = BufReader::new(output).lines().next().and_then(Result::ok).unwrap_or_default();
        assert!(first.contains(&address), "{first}");
        Explorer { server, address }
    }

    pub(crate) fn start_page(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        // If it has ended by itself there is nothing to end.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
