//! Report, film and explorer as people see them: on a phone and on a desk, light, dark and on paper. One test, so that one
//! browser is started.
//!
//! `CANCELPROOF_SCREENS=folder` keeps a picture of each, for a person to look at.

mod pages;
mod probe;

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::browser::{Browser, key};
use pages::Explorer;
use probe::{Look, Scheme, faults};

/// A phone and a desk, light and dark, and a sheet of A4, in pixels of CSS.
const LOOKS: [Look; 5] = [
    Look { width: 390, scheme: Scheme::Light },
    Look { width: 390, scheme: Scheme::Dark },
    Look { width: 1280, scheme: Scheme::Light },
    Look { width: 1280, scheme: Scheme::Dark },
    Look { width: 794, scheme: Scheme::Paper },
];

/// Whether the page is light on dark.
const IS_DARK: &str =
    "(() => { const parts = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g);
    return parts.slice(0, 3).reduce((sum, part) => sum + Number(part), 0) < 200; })()";

/// Where pictures are kept, if somebody wants to look at them.
fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os("CANCELPROOF_SCREENS")?);
    fs::create_dir_all(&folder).expect("the folder can be made");
    Some(folder)
}

#[test]
fn every_page_is_readable_on_a_phone_on_a_desk_in_the_dark_and_on_paper() {
    let Some(browser) = Browser::start() else { return };
    let explorer = Explorer::start();
    let kept = folder();
    let mut found = Vec::new();
    for page in pages::all(&explorer) {
        for look in LOOKS {
            // Before the page is opened: a page may look for the colours once, when it begins.
            look.at(&browser);
            page.open(&browser);
            // A page that does not say that it fits a phone is laid out as for a desk.
            let width = browser.value("innerWidth").as_u64();
            assert_eq!(width, Some(u64::from(look.width)), "{} in {look}", page.name);
            found.extend(
                faults(&browser, look.scheme).iter().map(|fault| format!("{} in {look}: {fault}", page.name)),
            );
            assert_eq!(browser.value(IS_DARK), look.scheme == Scheme::Dark, "{} in {look}", page.name);
            if let Some(folder) = &kept {
                let file = folder.join(format!("{}-{}-{}.png", page.name, look.width, look.scheme));
                fs::write(&file, browser.picture()).expect("the folder is writable");
            }
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    states_are_seen_on_a_phone(&browser);
    a_finger_and_a_key_move_the_film(&browser);
    the_explorer_is_walked_by_the_keyboard(&browser, &explorer);
    what_is_hard_to_read_is_named(&browser);
}

/// The states of the request are among the steps, within the screen.
fn states_are_seen_on_a_phone(browser: &Browser) {
    Look { width: 390, scheme: Scheme::Light }.at(browser);
    pages::film().open(browser);
    let seen = "[...document.querySelectorAll('#steps .state')].map(state => state.getBoundingClientRect())
        .filter(box => box.width > 30 && box.left >= 0 && box.right <= innerWidth).length";
    assert!(browser.value(seen).as_u64() > Some(2), "{}", browser.value(seen));
    let title = "getComputedStyle(document.querySelector('#steps .state'), '::before').content";
    assert!(browser.text(title).contains("state: "), "it says what it is, where there is no room for a head");
}

/// On a phone there is no mouse: a tap on a step goes there, and the buttons are large enough for a finger.
fn a_finger_and_a_key_move_the_film(browser: &Browser) {
    let now = || browser.text("document.querySelector('[aria-current=step]').dataset.step");
    browser.tap("#row-3 .chip");
    assert_eq!(now(), "3");
    browser.tap("#next");
    assert_eq!(now(), "4");
    browser.press(key::LEFT);
    assert_eq!(now(), "3");
}

/// The explorer has no script: what it offers are links, which the keyboard reaches and follows.
fn the_explorer_is_walked_by_the_keyboard(browser: &Browser, explorer: &Explorer) {
    browser.go(&explorer.start_page());
    assert_eq!(browser.value("document.querySelectorAll('script').length"), 0);
    assert_eq!(
        browser.value("document.querySelectorAll('.machine .node').length > 5"),
        true,
        "the film's diagram"
    );
    let is_a_way = "document.activeElement.matches('a[href*=\"way=\"]')";
    let reached = (0..20).any(|_| {
        browser.press(key::TAB);
        assert_ne!(browser.text("getComputedStyle(document.activeElement).outlineStyle"), "none");
        browser.value(is_a_way) == true
    });
    assert!(reached, "no link to a next position is reached");
    browser.press(key::ENTER);
    assert!(browser.text("location.search").contains("way="), "{}", browser.text("location.href"));
}

/// What the test looks for is found where it is put.
fn what_is_hard_to_read_is_named(browser: &Browser) {
    let planted = [
        ("body { min-width: 1500px }", "wider than the screen", Scheme::Light),
        (".chip .words { color: #c9c9c9 !important }", "contrast", Scheme::Light),
        ("h1 { width: 40px; overflow: hidden; white-space: nowrap }", "cut off", Scheme::Light),
        (
            "button { width: 12px; height: 12px; min-width: 0; min-height: 0; padding: 0 }",
            "too small",
            Scheme::Light,
        ),
        ("#steps { height: 90px; overflow: auto }", "cut off", Scheme::Paper),
    ];
    for (style, expected, scheme) in planted {
        Look { width: 390, scheme }.at(browser);
        pages::film().open(browser);
        let put = format!(
            "(() => {{ const style = document.createElement('style'); style.textContent = {style:?};
                document.head.append(style); return style.sheet.cssRules.length; }})()"
        );
        assert_eq!(browser.value(&put), 1, "{style}");
        let found = faults(browser, scheme);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{style}: {found:?}");
    }
}
