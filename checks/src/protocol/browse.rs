//! The protocol in a browser: a page for each position, which links to the positions that one move leads to.
//!
//! The way that leads to a position stands in its address, as the places of its moves. So a page needs no script, can be
//! kept as a link, and the browser's own buttons go back and forth. Nothing is explored beforehand: a way is walked anew
//! for each page.
//!
//! A page from anywhere can have its own name resolve to this machine, and then a browser lets it read what is served
//! here. Such a page asks for its own name, by which it is known and refused.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use stateright::Representative;
use tiny_http::{Header, Method, Request, Response, Server};

use super::crowd::{Cancelers, Crowd};
use super::explorer::Explored;
use super::moves::{self, Move};
use super::properties::always;
use super::{Actor, Position};
use crate::film::DIAGRAM;

const PAGE: &str = include_str!("browse/page.html");
const STYLE: &str = include_str!("browse/page.css");

/// The longest way that is walked; every position of a protocol is nearer.
const WAY_MAX: usize = 500;

/// Threads that answer: a browser that keeps a connection open holds up no other.
const ANSWERERS: usize = 4;

/// Answers at `listener` with the pages of the protocol, until the process is ended.
///
/// # Errors
///
/// Returns why nothing can be served there.
pub(crate) fn serve(explored: Explored, listener: TcpListener) -> io::Result<()> {
    let own = listener.local_addr()?;
    let server = Arc::new(Server::from_listener(listener, None).map_err(io::Error::other)?);
    let answerers: Vec<_> = (0..ANSWERERS)
        .map(|_| {
            let server = Arc::clone(&server);
            thread::spawn(move || {
                for request in server.incoming_requests() {
                    // An asker that breaks off has no answer, and no other is concerned.
                    drop(answer(explored, own, request));
                }
            })
        })
        .collect();
    answerers
        .into_iter()
        .try_for_each(|thread| thread.join().map_err(|_| io::Error::other("an answerer panicked")))
}

fn answer(explored: Explored, own: SocketAddr, request: Request) -> io::Result<()> {
    if !is_own(&request, own) {
        return request.respond(plain(403, "only this machine may look, by the address that was printed"));
    }
    if *request.method() != Method::Get {
        return request.respond(plain(405, "there is nothing here but pages to read"));
    }
    match way(request.url()).and_then(|way| page(explored, &way)) {
        Some(page) => request.respond(
            Response::from_string(page).with_header(header("Content-Type", "text/html; charset=utf-8")),
        ),
        None => request.respond(plain(404, "no way leads here: begin at the first page")),
    }
}

fn plain(status: u16, words: &str) -> Response<io::Cursor<Vec<u8>>> {
    Response::from_string(format!("{words}\n"))
        .with_status_code(status)
        .with_header(header("Content-Type", "text/plain; charset=utf-8"))
}

/// Names and values are those of this file, which have no character that a field cannot have.
fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("a field of plain letters is one")
}

/// Whether the question names one host, and that is the address that is served, or this machine's own name at its port.
fn is_own(request: &Request, own: SocketAddr) -> bool {
    let mut hosts = request.headers().iter().filter(|header| header.field.equiv("Host"));
    let host = hosts.next().map(|header| header.value.as_str().to_ascii_lowercase());
    hosts.next().is_none() && host.is_some_and(|host| names(own).contains(&host))
}

fn names(own: SocketAddr) -> [String; 3] {
    let loopback = if own.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { own.ip() };
    [own.to_string(), format!("localhost:{}", own.port()), SocketAddr::new(loopback, own.port()).to_string()]
}

/// The places of the moves in an address, `/?way=0.2.1`.
fn way(url: &str) -> Option<Vec<usize>> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if path != "/" {
        return None;
    }
    let Some(places) = query.strip_prefix("way=") else { return query.is_empty().then(Vec::new) };
    if places.is_empty() {
        return Some(Vec::new());
    }
    let way: Option<Vec<usize>> = places.split('.').map(|place| place.parse().ok()).collect();
    way.filter(|way| way.len() <= WAY_MAX)
}

/// What a page shows.
#[derive(Serialize)]
struct View {
    protocol: String,
    /// The moves that led here.
    done: Vec<Link>,
    /// The moves that are possible now.
    next: Vec<Link>,
    requests: Vec<RequestView>,
    cancelers: Vec<Party>,
    properties: Vec<PropertyView>,
}

/// A move, with the address of the page that it leads to.
#[derive(Serialize)]
struct Link {
    who: String,
    act: String,
    href: String,
    is_obliged: bool,
    /// The properties that fail where it leads.
    breaks: Vec<&'static str>,
}

#[derive(Serialize)]
struct RequestView {
    state: String,
    driver: String,
}

#[derive(Serialize)]
struct Party {
    who: String,
    at: String,
}

#[derive(Serialize)]
struct PropertyView {
    name: &'static str,
    meaning: &'static str,
    holds: bool,
}

/// The page of the position at the end of a way; `None` if there is no such way.
fn page(explored: Explored, way: &[usize]) -> Option<String> {
    let protocol = &explored.protocol;
    let mut at = protocol.start(Cancelers::of(protocol));
    let mut done = Vec::new();
    for (number, place) in way.iter().enumerate() {
        let step = moves_at(explored, &at).into_iter().nth(*place)?;
        done.push(link(explored, &step, &way[..=number]));
        at = step.next;
    }
    let next = moves_at(explored, &at).into_iter().enumerate().map(|(place, step)| {
        let way: Vec<usize> = way.iter().copied().chain([place]).collect();
        link(explored, &step, &way)
    });
    let view = View {
        protocol: protocol.to_string(),
        done,
        next: next.collect(),
        requests: at
            .requests(protocol)
            .iter()
            .map(|request| RequestView {
                state: request.state.to_string(),
                driver: request.driver.to_string(),
            })
            .collect(),
        cancelers: at
            .crowd
            .members()
            .map(|(who, canceler)| Party { who: at.crowd.describe(who), at: canceler.to_string() })
            .collect(),
        properties: always::<Cancelers>()
            .iter()
            .map(|property| PropertyView {
                name: property.name,
                meaning: property.meaning,
                holds: (property.holds)(protocol, &at),
            })
            .collect(),
    };
    let diagrams: Vec<Value> = view
        .requests
        .iter()
        .enumerate()
        .map(|(number, request)| Value::from_safe_string(diagram(number, &request.state)))
        .collect();
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let style = Value::from_safe_string(STYLE.to_owned());
    let context = context! { style, diagrams, ..Serde(&view) };
    Some(environment.render_str(PAGE, context).expect("the template of the page is sound"))
}

/// Every move that is possible, in an order that depends on the position alone.
fn moves_at(explored: Explored, at: &Position<Cancelers>) -> Vec<Move<Cancelers>> {
    let mut steps = Vec::new();
    moves::each(&explored.protocol, at, &mut |mut step| {
        if explored.symmetry {
            step.next = step.next.representative();
        }
        steps.push(step);
    });
    steps
}

fn link(explored: Explored, step: &Move<Cancelers>, way: &[usize]) -> Link {
    let who = match step.actor {
        Actor::Driver(number) => format!("driver {number}"),
        Actor::Canceler(who) => step.next.crowd.describe(who),
    };
    let places: Vec<String> = way.iter().map(usize::to_string).collect();
    let broken = always::<Cancelers>();
    Link {
        who,
        act: step.act.to_string(),
        href: format!("/?way={}", places.join(".")),
        is_obliged: step.is_obliged,
        breaks: broken
            .iter()
            .filter(|property| !(property.holds)(&explored.protocol, &step.next))
            .map(|property| property.name)
            .collect(),
    }
}

/// The film's diagram with one state lit. Identifiers are given once in a page, so each diagram has its own.
fn diagram(number: usize, state: &str) -> String {
    let place = format!("data-state=\"{state}\"");
    DIAGRAM
        .replace("id=\"", &format!("id=\"r{number}-"))
        .replace(
            "aria-labelledby=\"machine-title state-words\"",
            &format!("aria-labelledby=\"r{number}-title\""),
        )
        .replace(&format!("class=\"node\" {place}"), &format!("class=\"node here\" {place}"))
}

#[cfg(test)]
mod tests {
    use cancelproof_machine::Contract;

    use super::*;
    use crate::protocol::{Fault, Protocol};

    fn explored(fault: Option<Fault>) -> Explored {
        Explored { protocol: Protocol { fault, ..Protocol::new(Contract::UMDF_1, 2) }, symmetry: false }
    }

    #[test]
    fn a_way_is_walked_and_leads_to_the_state_that_is_lit() {
        let start = page(explored(None), &[]).expect("there is a start");
        assert!(start.contains("class=\"node here\" data-state=\"pending\""), "{start}");
        let marked = page(explored(None), &[0]).expect("the driver can mark");
        assert!(marked.contains("class=\"node here\" data-state=\"cancelable\""), "{marked}");
        assert!(marked.contains("?way=0.0\""), "{marked}");
        assert_eq!(page(explored(None), &[99]), None);
    }

    #[test]
    fn addresses_are_ways_or_nothing() {
        assert_eq!(way("/"), Some(Vec::new()));
        assert_eq!(way("/?way=0.12"), Some(vec![0, 12]));
        for url in
            ["/x", "/?way=a", "/?way=1..2", "/?other=1", "/?way=-1", "//", "/?way=99999999999999999999999"]
        {
            assert_eq!(way(url), None, "{url}");
        }
        assert_eq!(way(&format!("/?way={}", vec!["0"; WAY_MAX + 1].join("."))), None);
    }

    #[test]
    fn a_move_that_breaks_a_property_says_so() {
        let explored = explored(Some(Fault::ClaimsTwice));
        let mut ways = vec![(Vec::new(), explored.protocol.start(Cancelers::of(&explored.protocol)))];
        let broken = loop {
            let longer: Vec<_> = ways
                .iter()
                .flat_map(|(way, at)| {
                    let steps = moves_at(explored, at).into_iter().enumerate();
                    steps.map(|(place, step)| ([way.as_slice(), &[place]].concat(), step.next))
                })
                .collect();
            let fails = |at: &Position<Cancelers>| {
                always::<Cancelers>().iter().any(|property| !(property.holds)(&explored.protocol, at))
            };
            if let Some((way, _)) = longer.iter().find(|(_, at)| fails(at)) {
                break way.clone();
            }
            assert!(!longer.is_empty(), "the fault breaks nothing");
            ways = longer;
        };
        let here = page(explored, &broken).expect("the way was walked");
        assert!(here.contains("<li class=\"bad\">✗ <b>exactly-once</b>"), "{here}");
        let before = page(explored, &broken[..broken.len() - 1]).expect("the way was walked");
        assert!(before.contains("<strong class=\"breaks\">breaks exactly-once</strong>"), "{before}");
        assert!(!before.contains("class=\"bad\""), "{before}");
    }

    #[test]
    fn only_the_address_itself_is_answered() {
        let own: SocketAddr = "127.0.0.1:3000".parse().expect("it is an address");
        let names = names(own);
        for host in ["127.0.0.1:3000", "localhost:3000"] {
            assert!(names.contains(&host.to_owned()), "{host}");
        }
        for host in ["evil.example:3000", "127.0.0.1", "127.0.0.1:3001", "127.0.0.1:3000.evil.example"] {
            assert!(!names.contains(&host.to_owned()), "{host}");
        }
    }
}
