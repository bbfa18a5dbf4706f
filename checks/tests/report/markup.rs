//! The pages as HTML: no parser has to guess what is meant.

use std::collections::{BTreeMap, BTreeSet};

use cancelproof::{film, report};
use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::results::{hostile, mixed};

/// Everything that is wrong with a page: what a parser has to mend, numbers of elements that are given twice, and
/// references to elements that are not there.
fn errors(page: &str) -> Vec<String> {
    let tree_builder = TreeBuilderOpts { exact_errors: true, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let document = parse_document(RcDom::default(), options).one(page);
    let mut errors: Vec<String> = document.errors.borrow().iter().map(ToString::to_string).collect();
    let (mut ids, mut references) = (BTreeMap::new(), BTreeSet::new());
    collect(&document.document, &mut ids, &mut references);
    errors.extend(
        ids.iter().filter(|(_, count)| **count > 1).map(|(id, count)| format!("{count} elements are #{id}")),
    );
    errors
        .extend(references.iter().filter(|id| !ids.contains_key(*id)).map(|id| format!("nothing is #{id}")));
    errors
}

fn collect(node: &Handle, ids: &mut BTreeMap<String, usize>, references: &mut BTreeSet<String>) {
    if let NodeData::Element { attrs, .. } = &node.data {
        for attribute in attrs.borrow().iter() {
            let value = attribute.value.to_string();
            match &*attribute.name.local {
                "id" => *ids.entry(value).or_default() += 1,
                "href" => references.extend(value.strip_prefix('#').map(str::to_owned)),
                "for" | "aria-labelledby" | "aria-describedby" | "aria-controls" => {
                    references.extend(value.split_whitespace().map(str::to_owned));
                }
                _ => {}
            }
        }
    }
    for child in node.children.borrow().iter() {
        collect(child, ids, references);
    }
}

#[test]
fn every_page_is_valid_whatever_the_texts_in_it() {
    for results in [mixed(), hostile()] {
        let page = report::html(&results, "report");
        assert_eq!(errors(&page.html), Vec::<String>::new());
        for finding in &results.ledger.findings {
            assert_eq!(errors(&film::html(&finding.trace)), Vec::<String>::new());
        }
    }
}

#[test]
fn what_is_not_valid_is_noticed() {
    let page = report::html(&mixed(), "report").html;
    assert_eq!(errors(&page), Vec::<String>::new());
    for (from, to) in [
        ("</main>", "</main></main>"),
        ("<!doctype html>", ""),
        ("<main", "<main id=\"twice\"><p id=\"twice\"></p><main"),
    ] {
        let broken = page.replacen(from, to, 1);
        assert_ne!(broken, page, "the page has {from}");
        assert!(!errors(&broken).is_empty(), "{to} in place of {from}");
    }
}
