//! Faults of [objects](crate::object) and their references: each overrides one step of
//! [`CountSteps`].

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::{About, Fault, Sight};
use crate::object::{CountSteps, Interface, Object};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

/// A reference is taken by a load and a store.
#[derive(Debug)]
pub struct AddsInTwoSteps;

impl<R: Runtime> CountSteps<R> for AddsInTwoSteps {
    fn add_ref(&self, object: &Object<R>) -> usize {
        let count = object.count().load(Relaxed) + 1;
        object.count().swap(count, Relaxed);
        count
    }
}
impl Fault for AddsInTwoSteps {
    const ABOUT: About = About {
        name: "object-adds-in-two-steps",
        edit: "taking a reference reads the count and writes it back",
        breaks: Rule::ReferencesBalanced,
        scenario: "object-counted",
        origin: "specification I11: references balance",
        ..About::of("object")
    };
}

/// A reference is given back by a load and a store.
#[derive(Debug)]
pub struct ReleasesInTwoSteps;

impl<R: Runtime> CountSteps<R> for ReleasesInTwoSteps {
    fn release(&self, object: &Object<R>) -> usize {
        let left = object.count().load(Acquire).saturating_sub(1);
        object.count().swap(left, AcqRel);
        if left == 0 {
            object.body().on_destroy();
        }
        left
    }
}
impl Fault for ReleasesInTwoSteps {
    const ABOUT: About = About {
        name: "object-releases-in-two-steps",
        edit: "giving a reference back reads the count and writes it back",
        breaks: Rule::ReferencesBalanced,
        scenario: "object-released-after-mark",
        origin: "specification I11: references balance",
        ..About::of("object")
    };
}

/// Giving a reference back orders nothing.
#[derive(Debug)]
pub struct ReleasesRelaxed;

impl<R: Runtime> CountSteps<R> for ReleasesRelaxed {
    fn release(&self, object: &Object<R>) -> usize {
        let left = object.count().fetch_sub(1, Relaxed).wrapping_sub(1);
        if left == 0 {
            object.body().on_destroy();
        }
        left
    }
}
impl Fault for ReleasesRelaxed {
    const ABOUT: About = About {
        name: "object-releases-relaxed",
        edit: "giving a reference back is relaxed instead of acquire-release",
        breaks: Rule::ReferencesBalanced,
        scenario: "object-released-after-mark",
        origin: "specification I10: callback object alive in callback",
        needs: Sight::HappensBefore,
        ..About::of("object")
    };
}

/// Whoever gives back the last reference does not see what others did with the object.
#[derive(Debug)]
pub struct DestroysWithoutAcquiring;

impl<R: Runtime> CountSteps<R> for DestroysWithoutAcquiring {
    fn release(&self, object: &Object<R>) -> usize {
        let left = object.count().fetch_sub(1, Release).wrapping_sub(1);
        if left == 0 {
            object.body().on_destroy();
        }
        left
    }
}
impl Fault for DestroysWithoutAcquiring {
    const ABOUT: About = About {
        name: "object-destroys-without-acquiring",
        edit: "giving back the last reference does not acquire what the others have released",
        breaks: Rule::ReferencesBalanced,
        scenario: "object-released-after-mark",
        origin: "specification I10: callback object alive in callback",
        needs: Sight::HappensBefore,
        ..About::of("object")
    };
}

/// An interface is handed out without a reference.
#[derive(Debug)]
pub struct QueriesWithoutReference;

impl<R: Runtime> CountSteps<R> for QueriesWithoutReference {
    fn query_interface(&self, object: &Object<R>, interface: Interface) -> bool {
        match interface {
            Interface::SomethingElse => false,
            Interface::RequestCallbackCancel => true,
            Interface::Unknown => {
                object.add_ref();
                true
            }
        }
    }
}
impl Fault for QueriesWithoutReference {
    const ABOUT: About = About {
        name: "object-queries-without-reference",
        edit: "QueryInterface for the cancel callback does not take a reference",
        breaks: Rule::ReferencesBalanced,
        scenario: "object-released-after-mark",
        origin: "specification 2.5: the callback object must stay callable until the callback has returned",
        ..About::of("object")
    };
}

/// A refused interface costs a reference.
#[derive(Debug)]
pub struct QueriesInVain;

impl<R: Runtime> CountSteps<R> for QueriesInVain {
    fn query_interface(&self, object: &Object<R>, interface: Interface) -> bool {
        object.add_ref();
        interface != Interface::SomethingElse
    }
}
impl Fault for QueriesInVain {
    const ABOUT: About = About {
        name: "object-queries-in-vain",
        edit: "QueryInterface takes a reference before it looks whether it has the interface",
        breaks: Rule::ReferencesBalanced,
        scenario: "object-query",
        origin: "specification I11: references balance",
        ..About::of("object")
    };
}

/// The interface that nobody should get is handed out.
#[derive(Debug)]
pub struct HasEverything;

impl<R: Runtime> CountSteps<R> for HasEverything {
    fn query_interface(&self, object: &Object<R>, interface: Interface) -> bool {
        if interface != Interface::SomethingElse {
            object.add_ref();
        }
        true
    }
}
impl Fault for HasEverything {
    const ABOUT: About = About {
        name: "object-has-everything",
        edit: "QueryInterface says yes to an interface that the object does not have",
        breaks: Rule::Linearizable,
        scenario: "object-query",
        origin: "the contract of IUnknown::QueryInterface",
        ..About::of("object")
    };
}
