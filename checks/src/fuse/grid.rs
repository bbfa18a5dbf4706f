//! Points by outcomes.

use std::collections::BTreeMap;

/// How one point turned out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The point: its number, and the operation that the driver performs next there. Where that differs between
    /// executions it is that of the first.
    pub point: String,
    /// How many executions had which outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// What went wrong, where something did.
    pub violations: Vec<String>,
}

/// Every point of what one party does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The request.
    pub request: String,
    /// What the driver does.
    pub party: String,
    /// Every outcome that can be told apart, whether it is reached or not.
    pub outcomes: Vec<&'static str>,
    /// The points, in order.
    pub reaches: Vec<Reach>,
}

impl Grid {
    /// What went wrong at any point.
    pub fn violations(&self) -> impl Iterator<Item = String> + '_ {
        self.reaches.iter().flat_map(move |reach| {
            let place = format!("{} / {} / {}", self.request, self.party, reach.point);
            reach.violations.iter().map(move |violation| format!("{place}: {violation}"))
        })
    }

    /// The outcomes that no point reaches.
    #[must_use]
    pub fn unreached(&self) -> Vec<&'static str> {
        let is_reached =
            |outcome: &&str| self.reaches.iter().any(|reach| reach.outcomes.contains_key(outcome));
        self.outcomes.iter().copied().filter(|outcome| !is_reached(outcome)).collect()
    }

    /// All executions of all points.
    #[must_use]
    pub fn executions(&self) -> u64 {
        self.reaches.iter().flat_map(|reach| reach.outcomes.values()).sum()
    }

    /// The header and the rows of a table: a dot in each cell that is not reached.
    #[must_use]
    pub fn to_table(&self) -> (Vec<&str>, Vec<Vec<String>>) {
        let header = ["point"].into_iter().chain(self.outcomes.iter().copied()).collect();
        let rows = self.reaches.iter().map(|reach| {
            let cells = self
                .outcomes
                .iter()
                .map(|outcome| reach.outcomes.get(outcome).map_or_else(|| "·".to_owned(), u64::to_string));
            std::iter::once(reach.point.clone()).chain(cells).collect()
        });
        (header, rows.collect())
    }
}
