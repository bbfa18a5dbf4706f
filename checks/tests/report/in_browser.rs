//! The page as a browser shows it. One test, so that one browser is started.

use std::time::Duration;

use cancelproof::report;
use serde_json::Value;

use crate::browser::{Browser, key};
use crate::results::{hostile, mixed};

#[test]
fn a_report_is_read_in_a_real_browser() {
    let Some(browser) = Browser::start() else { return };
    let page = report::html(&mixed(), "report");
    browser.keep(&page.films[0].0, &page.films[0].1);
    browser.open(&page.html, "");
    it_is_sound(&browser);
    the_marks_say_what_was_shown(&browser);
    rows_are_filtered(&browser);
    outcomes_are_opened_by_the_keyboard(&browser);
    the_diagram_shows_what_a_request_has_reached(&browser);
    the_theme_is_toggled(&browser);
    the_film_is_linked(&browser);
    nothing_that_the_author_wrote_runs(&browser);
}

/// No identifier twice, no link without its target, nothing that a parser had to mend.
fn it_is_sound(browser: &Browser) {
    let title = browser.text("document.title");
    assert!(title.starts_with("cancelproof: 3 of "), "{title}");
    let ids = "[...document.querySelectorAll('[id]')].map(element => element.id)";
    assert_eq!(browser.value(&format!("{ids}.length")), browser.value(&format!("new Set({ids}).size")));
    let dead = "[...document.querySelectorAll('a[href^=\"#\"]')]
        .filter(link => !document.getElementById(link.hash.slice(1))).length";
    assert_eq!(browser.value(dead), 0);
    let unnamed = "[...document.querySelectorAll('[aria-labelledby]')].flatMap(element =>
        element.getAttribute('aria-labelledby').split(' ')).filter(id => !document.getElementById(id)).length";
    assert_eq!(browser.value(unnamed), 0);
    let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    for width in [1280, 480, 390] {
        browser.resize(width, 900);
        assert_eq!(browser.value(wide), 0, "in {width}");
    }
    browser.resize(1280, 900);
    for (link, heading) in [("#kills", "Kill matrix"), ("#growth", "How executions grow with the program")] {
        browser.click(&format!("nav a[href='{link}']"));
        assert_eq!(browser.text("location.hash"), link);
        let shown = format!(
            "(() => {{ const box = document.querySelector('{link} h2').getBoundingClientRect();
                return box.top >= 0 && box.bottom <= innerHeight; }})()"
        );
        comes_to(browser, &shown, true);
        assert_eq!(browser.text(&format!("document.querySelector('{link} h2').textContent")), heading);
    }
    assert!(browser.value("document.querySelectorAll('.plot circle').length").as_u64() > Some(3));
}

/// As a reader goes to a section.
fn go_to(browser: &Browser, section: &str) {
    browser.click(&format!("nav a[href='#{section}']"));
}

/// A browser scrolls, and tells the page of a link that was followed, when it comes to it.
fn comes_to(browser: &Browser, expression: &str, expected: impl Into<Value>) {
    let expected = expected.into();
    let is_there = |_| {
        let is_there = browser.value(expression) == expected;
        if !is_there {
            std::thread::sleep(Duration::from_millis(40));
        }
        is_there
    };
    assert!((0..100).any(is_there), "{expression} is {}, not {expected}", browser.value(expression));
}

/// The rows of the grid that are shown.
const ROWS: &str = "[...document.querySelectorAll('.request .grid > tbody > tr')]
    .filter(row => row.checkVisibility()).length";

/// What is folded away is shown by the filter, and by a link that leads to it.
fn rows_are_filtered(browser: &Browser) {
    comes_to(browser, ROWS, 0);
    assert_eq!(browser.text("document.getElementById('shown').textContent"), "9 rows");
    go_to(browser, "grid");
    browser.click("#scenario");
    for key in "remark".chars() {
        browser.press(&key.to_string());
    }
    comes_to(browser, ROWS, 2);
    assert_eq!(browser.text("document.getElementById('shown').textContent"), "2 rows");
    // A link to a request that the filter hides shows it again.
    go_to(browser, "overview");
    browser.click("#overview a[href='#request-3']");
    comes_to(browser, ROWS, 1);
    assert_eq!(browser.text("document.getElementById('shown').textContent"), "9 rows");
    go_to(browser, "grid");
    browser.click("#open");
    comes_to(browser, ROWS, 1);
    browser.click("#open");
    comes_to(browser, ROWS, 0);
}

fn outcomes_are_opened_by_the_keyboard(browser: &Browser) {
    let outcomes = "document.querySelector('.scenario .outcomes').checkVisibility()";
    assert_eq!(browser.value(outcomes), false);
    browser.value("document.querySelector('.scenario summary').focus()");
    browser.press(key::ENTER);
    assert_eq!(browser.value(outcomes), true);
    let text = browser.text("document.querySelector('.scenario .outcomes').innerText");
    assert!(text.contains("mark=marked"), "{text}");
    browser.press(key::TAB);
    assert_ne!(browser.text("getComputedStyle(document.activeElement).outlineStyle"), "none");
}

/// Findings come first; then one mark for each request and engine, and one sentence that says what the marks mean.
fn the_marks_say_what_was_shown(browser: &Browser) {
    let order =
        "[...document.querySelectorAll('main > section')].slice(0, 2).map(section => section.id).join()";
    assert_eq!(browser.text(order), "findings,overview");
    let row = |name: &str| {
        browser.text(&format!(
            "[...document.querySelectorAll('#overview tr')].find(row =>
                row.cells[0].textContent === '{name}').innerText.trim().split(/\\s+/).join(' ')"
        ))
    };
    assert_eq!(row("word"), "word UMDF_1 ✓ 3 ✓ 3 ≈ 150 2");
    assert_eq!(row("locked-fires-twice"), "locked-fires-twice UMDF_1 ✗ 1 ✗ 1 ✗ 1 0");
    assert_eq!(row("all"), "all ✗ 1 ✗ 1 ✗ 1");
    assert_eq!(browser.value("document.querySelectorAll('#overview p').length"), 1);
}

fn the_diagram_shows_what_a_request_has_reached(browser: &Browser) {
    let seen = "document.querySelectorAll('.node.seen').length";
    let all = browser.value(seen).as_u64();
    assert!(all > Some(5) && all < Some(11), "{all:?}");
    let choose = |number: usize| {
        browser.value(&format!(
            "(() => {{ const list = document.getElementById('reached'); list.selectedIndex = {number};
                list.dispatchEvent(new Event('change')); }})()"
        ));
    };
    choose(1);
    let of_one = browser.value(seen).as_u64();
    assert!(of_one > Some(3) && of_one <= all, "{of_one:?}");
    choose(0);
    assert_eq!(browser.value(seen).as_u64(), all);
}

fn the_theme_is_toggled(browser: &Browser) {
    let colour = || browser.text("getComputedStyle(document.body).backgroundColor");
    let before = colour();
    browser.click("#theme");
    assert_ne!(colour(), before);
    assert_eq!(browser.text("document.getElementById('theme').getAttribute('aria-pressed')"), "true");
    browser.click("#theme");
    assert_eq!(colour(), before);
}

fn the_film_is_linked(browser: &Browser) {
    go_to(browser, "findings");
    browser.click("a.film");
    assert_eq!(browser.text("document.querySelector('h1').textContent"), "broken exactly-once");
    assert!(browser.value("document.querySelectorAll('#steps > li').length").as_u64() > Some(5));
}

fn nothing_that_the_author_wrote_runs(browser: &Browser) {
    let page = report::html(&hostile(), "report");
    browser.open(&page.html, "");
    assert!(browser.text("document.title").starts_with("cancelproof: "));
    assert_eq!(browser.value("document.querySelectorAll('img').length"), 0);
    assert_eq!(browser.value("document.querySelectorAll('script').length"), 1);
    let rows = "document.querySelectorAll('.request .grid > tbody > tr').length";
    assert_eq!(browser.value(rows).as_u64(), Some(4), "rows of one name are one row");
}
