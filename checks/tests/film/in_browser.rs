//! The page as a browser shows it. One test, so that one browser is started.

use cancelproof::film;

use crate::browser::{Browser, key};
use crate::traces;

/// The step that is marked as the current one.
const NOW: &str = "document.querySelector('[aria-current=step]')";

#[test]
fn a_film_is_stepped_through_in_a_real_browser() {
    let Some(browser) = Browser::start() else { return };
    the_violating_step_is_reached_by_the_keyboard_alone(&browser);
    the_keys_for_far_moves_work_and_the_address_is_followed(&browser);
    everything_is_reached_by_the_tabulator(&browser);
    the_theme_is_toggled(&browser);
    nothing_that_the_author_wrote_runs(&browser);
    nothing_overlaps_and_no_arrow_crosses_a_step(&browser);
    a_system_says_in_words_where_its_requests_are(&browser);
    a_phone_shows_lanes_and_states_and_a_tap_moves(&browser);
}

fn the_violating_step_is_reached_by_the_keyboard_alone(browser: &Browser) {
    let trace = traces::double_fire();
    let violation = trace.violation.expect("the double fire has a violating step");
    browser.open(&film::html(&trace), "");
    assert_eq!(browser.text("document.querySelector('h1').textContent"), "broken exactly-once");
    let is_violation = format!("{NOW}.classList.contains('violation')");
    assert_eq!(browser.value(&is_violation), true, "the film opens where the rule is broken");
    browser.press(key::HOME);
    let mut pressed = 0;
    while browser.value(&is_violation) == false {
        browser.press(key::RIGHT);
        pressed += 1;
        assert!(pressed <= trace.steps.len(), "the violating step is never reached");
    }
    assert!(pressed > 3, "after {pressed} steps");
    assert_eq!(browser.text(&format!("{NOW}.dataset.step")), (violation + 1).to_string());
    assert_eq!(browser.text(&format!("{NOW}.querySelector('.mark').textContent")), "breaks exactly-once");
    // The diagram lights up exactly where the machine is, and the values are those of the trace.
    let lit = "[...document.querySelectorAll('.node.here')].map(node => node.dataset.state).join()";
    assert_eq!(browser.text(lit), trace.steps[violation].states[0]);
    let said = browser.text("document.querySelector('[role=status]').textContent");
    assert!(said.starts_with(&format!("Step {} of {}", violation + 1, trace.steps.len())), "{said}");
    assert!(said.ends_with("This step breaks exactly-once."), "{said}");
    let facts = browser.text("document.getElementById('facts').textContent");
    assert!(facts.contains("breaks exactly-once"), "{facts}");
}

fn the_keys_for_far_moves_work_and_the_address_is_followed(browser: &Browser) {
    let steps = 45;
    browser.open(&film::html(&traces::crowded(3, steps)), "#step=20");
    let now = || browser.text(&format!("{NOW}.dataset.step"));
    assert_eq!(now(), "20");
    for (key, expected) in [
        (key::LEFT, "19"),
        (key::PAGE_DOWN, "29"),
        (key::END, "45"),
        (key::RIGHT, "45"),
        (key::HOME, "1"),
        (key::LEFT, "1"),
    ] {
        browser.press(key);
        assert_eq!(now(), expected);
    }
    assert_eq!(browser.text("location.hash"), "#step=1");
    browser.click("#to-violation");
    assert_eq!(now(), "45");
    // A reader scrolls a step out from under the lanes' heads before clicking on it.
    browser.value("document.querySelector('#row-12').scrollIntoView({ block: 'center' })");
    browser.click("#row-12 .chip");
    assert_eq!(now(), "12");
    browser.press(key::RIGHT);
    assert_eq!(browser.text("document.activeElement.closest('li').dataset.step"), "13");
    // What was written last, and how it changed.
    assert_eq!(browser.text("document.querySelector('[data-object]').textContent"), "13");
    let facts = browser.text("document.getElementById('facts').innerText");
    for fact in ["value before\n12", "value after\n13", "compare_exchange (AcqRel, Acquire)"] {
        assert!(facts.contains(fact), "{fact} is not in {facts}");
    }
    assert!(browser.value("document.querySelectorAll('.arrows > path.strong').length").as_u64() > Some(0));
}

fn everything_is_reached_by_the_tabulator(browser: &Browser) {
    browser.open(&film::html(&traces::double_fire()), "");
    let mut reached = Vec::new();
    for _ in 0..12 {
        browser.press(key::TAB);
        reached.push(browser.text("document.activeElement.id || document.activeElement.className"));
        // Whoever looks at the page sees where they are.
        let outline = browser.text("getComputedStyle(document.activeElement).outlineStyle");
        assert_ne!(outline, "none", "{reached:?}");
        if reached.last().is_some_and(|last| last == "next") {
            browser.press(key::ENTER);
        }
        if reached.last().is_some_and(|last| last == "chip") {
            break;
        }
    }
    let expected = [
        "skip",
        "theme",
        "first",
        "previous",
        "next",
        "last",
        "to-violation",
        "slider",
        "arrows",
        "harness",
        "chip",
    ];
    assert_eq!(reached, expected);
    assert_ne!(browser.text("location.hash"), "#step=1");
}

fn the_theme_is_toggled(browser: &Browser) {
    let ground = "getComputedStyle(document.body).backgroundColor";
    let before = browser.text(ground);
    let was_dark = browser.text("document.documentElement.dataset.theme") == "dark";
    browser.click("#theme");
    assert_ne!(browser.text(ground), before);
    assert_eq!(browser.text("document.getElementById('theme').ariaPressed"), (!was_dark).to_string());
    browser.click("#theme");
    assert_eq!(browser.text(ground), before);
}

fn nothing_that_the_author_wrote_runs(browser: &Browser) {
    let trace = traces::hostile();
    browser.open(&film::html(&trace), "");
    for _ in 0..trace.steps.len() {
        browser.press(key::RIGHT);
    }
    assert_eq!(browser.value("document.querySelectorAll('img').length"), 0);
    assert_eq!(browser.value("document.querySelectorAll('script').length"), 2);
    let shown = browser.text("document.querySelector('.run dd').textContent");
    assert_eq!(shown, traces::HOSTILE);
    assert!(browser.text("document.title").starts_with("<script>"));
}

/// Whether two rectangles have points in common.
const OVERLAP: &str =
    "(a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1";

fn nothing_overlaps_and_no_arrow_crosses_a_step(browser: &Browser) {
    for (lanes, width) in [(2, 1280), (3, 1440), (4, 1280), (5, 1280), (5, 1800), (5, 700)] {
        browser.resize(width, 900);
        browser.open(&film::html(&traces::crowded(lanes, 45)), "#step=45");
        let of = "[...document.querySelectorAll('.chip, #steps .state, .switch')].map(it => it.getBoundingClientRect())";
        let overlapping = browser.value(&format!(
            "{of}.filter((a, place, all) => all.slice(place + 1).some(b => ({OVERLAP})(a, b))).length"
        ));
        assert_eq!(overlapping, 0, "{lanes} threads in {width}");
        let arrows = browser.value("document.querySelectorAll('.arrows > path').length");
        assert!(arrows.as_u64() > Some(20), "{arrows}");
        assert_eq!(browser.value(CROSSINGS), 0, "{lanes} threads in {width}");
    }
}

fn a_system_says_in_words_where_its_requests_are(browser: &Browser) {
    let trace = traces::last_come_first_served();
    browser.resize(1280, 900);
    browser.open(&film::html(&trace), "");
    assert_eq!(browser.text("document.getElementById('machine-title').textContent"), "State of the requests");
    assert_eq!(browser.value("document.querySelectorAll('.node').length"), 0);
    browser.click("#to-violation");
    assert_eq!(browser.text(&format!("{NOW}.querySelector('.mark').textContent")), "breaks in-order");
    let words = browser.text("document.getElementById('state-words').textContent");
    assert_eq!(words, "0 calling back; 1 ended: canceled.");
}

fn a_phone_shows_lanes_and_states_and_a_tap_moves(browser: &Browser) {
    browser.resize(390, 844);
    browser.open(&film::html(&traces::double_fire()), "");
    let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.value(wide), 0);
    let outside =
        "[...document.querySelectorAll('.chip, #steps .state')].map(it => it.getBoundingClientRect())
        .filter(box => box.width > 0 && (box.left < 0 || box.right > innerWidth)).length";
    assert_eq!(browser.value(outside), 0, "two lanes and the states fit");
    let states =
        "[...document.querySelectorAll('#steps .state')].filter(state => state.checkVisibility()).length";
    assert!(browser.value(states).as_u64() > Some(2));
    browser.click("#row-3 .chip");
    assert_eq!(browser.text(&format!("{NOW}.dataset.step")), "3");
    browser.resize(1280, 900);
}

/// How many points of arrows lie in a step.
const CROSSINGS: &str = "(() => {
    const origin = document.getElementById('canvas').getBoundingClientRect();
    const chips = [...document.querySelectorAll('.chip')].map(chip => chip.getBoundingClientRect());
    return [...document.querySelectorAll('.arrows > path')].flatMap(path => {
        const length = path.getTotalLength();
        const points = [];
        for (let at = 3; at < length - 3; at += 3) points.push(path.getPointAtLength(at));
        return points.filter(point => chips.some(chip =>
            point.x + origin.left > chip.left + 1 && point.x + origin.left < chip.right - 1
            && point.y + origin.top > chip.top + 1 && point.y + origin.top < chip.bottom - 1));
    }).length;
})()";
