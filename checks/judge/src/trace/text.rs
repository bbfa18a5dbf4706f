//! How the parts of a trace are worded, for the table, the reason and the Mermaid text alike.

use super::build::SPURIOUS_FAILURE;
use super::data::{Access, Place, ReadFrom, Step, Trace, What};

impl Trace {
    /// An operation by its name and place, for use in a sentence.
    #[must_use]
    pub fn describe_operation(&self, step: usize) -> String {
        let Some(step) = self.steps.get(step) else { return String::new() };
        let what = match &step.what {
            What::Operation(access) => match self.object_name(access) {
                Some(object) if access.written.is_none() && access.read.is_none() => {
                    format!("{} of {object}", access.name)
                }
                _ => access.name.clone(),
            },
            _ => self.words(step),
        };
        step.place.as_ref().map_or_else(|| what.clone(), |place| format!("{what} ({})", place.short()))
    }

    /// What happened, in a few words.
    #[must_use]
    pub fn words(&self, step: &Step) -> String {
        match &step.what {
            What::Call { call, is_raw, .. } => format!("{call}{}", if *is_raw { "!" } else { "" }),
            What::Answer { reply, .. } => format!("→ {reply}"),
            What::CallbackStart { mark } => format!("callback {mark} starts"),
            What::CallbackReturn { mark } => format!("callback {mark} returns"),
            What::Release { mark } => format!("callback {mark} released"),
            What::Note { text } => text.clone(),
            What::Settled => "all have ended".to_owned(),
            What::Operation(access) => self.access_words(access),
            What::End => "ends".to_owned(),
            What::Stuck { waiting_for } => format!("waits for {waiting_for}"),
            What::Finding(finding) => finding.text.clone(),
        }
    }

    /// A value as it is written: a number, or the number of a pointer, since addresses differ from run to run.
    #[must_use]
    pub fn value(&self, value: u64) -> String {
        if value < FIRST_ADDRESS {
            return value.to_string();
        }
        let is_it = |known: &u64| *known == value;
        let mut known: Vec<u64> = Vec::new();
        for step in &self.steps {
            let What::Operation(access) = &step.what else { continue };
            for value in [access.read, access.written].into_iter().flatten() {
                if value >= FIRST_ADDRESS && !known.contains(&value) {
                    known.push(value);
                }
            }
        }
        known.iter().position(is_it).map_or_else(|| value.to_string(), |place| format!("&{}", place + 1))
    }

    fn access_words(&self, access: &Access) -> String {
        let name = short_name(&access.name);
        let read = access.read.map(|value| self.value(value));
        let written = access.written.map(|value| self.value(value));
        if let Some(other) = access.other.and_then(|lane| self.lanes.get(lane)) {
            return format!("{name} {}", other.title);
        }
        match (read, written) {
            (Some(read), Some(written)) => format!("{name} {read} → {written}"),
            (Some(read), None) if access.operand.is_some() => format!("{name} finds {read}"),
            (Some(read), None) => format!("{name} {read}"),
            (None, Some(written)) => format!("{name} {written}"),
            (None, None) => match self.object_name(access) {
                Some(object) => format!("{name} {object}"),
                None => name.to_owned(),
            },
        }
    }

    fn object_name(&self, access: &Access) -> Option<&str> {
        access.object.and_then(|object| self.objects.get(object)).map(|object| object.name.as_str())
    }

    /// The write that a step should have read on a machine without a memory of its own for each thread, if the step
    /// has read an older value.
    #[must_use]
    pub fn overlooked_write(&self, step: usize) -> Option<usize> {
        let What::Operation(access) = &self.steps.get(step)?.what else { return None };
        let (object, read) = (access.object?, access.read?);
        let latest = self.steps[..step].iter().rposition(
            |step| matches!(&step.what, What::Operation(other) if other.object == Some(object) && other.written.is_some()),
        )?;
        let What::Operation(write) = &self.steps[latest].what else { return None };
        (write.written != Some(read)).then_some(latest)
    }

    /// The lane whose write a step has read, if it is another one's.
    #[must_use]
    pub fn read_from_lane(&self, step: &Step) -> Option<usize> {
        let What::Operation(Access { read_from: Some(ReadFrom::Step(from)), .. }) = &step.what else {
            return None;
        };
        self.steps.get(*from).map(|writer| writer.lane).filter(|lane| *lane != step.lane)
    }
}

/// Values from here on are taken to be addresses.
const FIRST_ADDRESS: u64 = 1 << 32;

/// The longest names are cut, so that they fit a column.
fn short_name(name: &str) -> &str {
    match name {
        "compare_exchange" | "compare_exchange_weak" => "cas",
        SPURIOUS_FAILURE => "cas fails spuriously,",
        other => other,
    }
}

impl Place {
    /// The file's own name and the line; of a `mod.rs` the folder as well.
    #[must_use]
    pub fn short(&self) -> String {
        let mut parts = self.file.rsplit(['/', '\\']);
        match (parts.next(), parts.next()) {
            (Some("mod.rs"), Some(folder)) => format!("{folder}/mod.rs:{}", self.line),
            (Some(file), _) => format!("{file}:{}", self.line),
            (None, _) => format!("line {}", self.line),
        }
    }
}
