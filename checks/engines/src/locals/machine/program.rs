//! Which thread-locals of the standard library the code under test has, and where they lie.
//!
//! A thread-local of the standard library is a variable in the block of memory that the machine gives each thread for
//! the program. The program's own table of symbols names each with its place and size, and the name says whose crate it is
//! of. The standard library's variables and those of the suite belong to the thread of the machine, whichever modelled
//! thread it runs, and are left alone.

use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The crates whose variables belong to the thread of the machine: what the standard library is made of, the suite, and what
/// it runs modelled threads with.
const OF_THE_MACHINE: &[&str] = &[
    "alloc",
    "cancelproof",
    "cancelproof_engines",
    "cancelproof_judge",
    "cancelproof_machine",
    "cancelproof_model",
    "cancelproof_references",
    "cancelproof_runtime",
    "core",
    "corosensei",
    "generator",
    "loom",
    "panic_abort",
    "panic_unwind",
    "proc_macro",
    "scoped_tls",
    "shuttle",
    "shuttle_engine",
    "shuttle_schedulers",
    "shuttle_std",
    "std",
    "test",
    "tracing_core",
    "tracing_subscriber",
];

/// How the name of [`LANDMARK`] is written in a symbol, whichever way names are written.
const LANDMARK_NAME: &str = "8LANDMARK";

thread_local! {
    /// A variable whose address and whose place in the block are both known, and so the address of the block is.
    static LANDMARK: Cell<u64> = const { Cell::new(0) };
}

/// A piece of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) bytes: usize,
}

/// The variables of the code under test.
#[derive(Debug)]
pub(super) struct Variables {
    /// Where they lie in the block, in order.
    pub(super) spans: Vec<Span>,
    /// What is in them when a thread begins, one after the other.
    pub(super) initial: Vec<u8>,
    landmark: usize,
}

impl Variables {
    /// Looks them up. None if the program does not tell: it has no symbols, or the suite is not part of it.
    pub(super) fn find() -> Option<Self> {
        let symbols = Symbols::read().ok()??;
        let mut landmarks = symbols.iter().filter(|symbol| is_landmark(symbol.name));
        let landmark = landmarks.next()?.span.start;
        if landmarks.next().is_some() {
            return None;
        }
        let mut spans: Vec<Span> = symbols
            .iter()
            .filter(|symbol| is_of_the_code_under_test(symbol.name))
            .map(|symbol| symbol.span)
            .collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans.dedup();
        let image = Image::of_program()?;
        let initial = spans.iter().map(|span| image.piece(*span)).collect::<Option<Vec<_>>>()?.concat();
        Some(Variables { spans, initial, landmark })
    }

    /// Where the block of the calling thread lies.
    #[inline]
    pub(super) fn block(&self) -> *mut u8 {
        LANDMARK.with(|landmark| landmark.as_ptr().cast::<u8>().wrapping_sub(self.landmark))
    }

    /// Whether something of the calling thread's lies in one of the variables.
    pub(super) fn contain(&self, address: usize) -> bool {
        let place = address.wrapping_sub(self.block().addr());
        self.spans.iter().any(|span| place.wrapping_sub(span.start) < span.bytes)
    }
}

fn is_landmark(name: &[u8]) -> bool {
    let has = |part: &str| name.windows(part.len()).any(|window| window == part.as_bytes());
    has(LANDMARK_NAME) && has("cancelproof_engines")
}

/// Whether a symbol's name says that it is of another crate than those [of the machine](OF_THE_MACHINE). What another
/// language has named says nothing.
fn is_of_the_code_under_test(name: &[u8]) -> bool {
    let Ok(name) = core::str::from_utf8(name) else { return false };
    let crates = name
        .strip_prefix("_ZN")
        .map(crates_of_hashed)
        .or_else(|| name.strip_prefix("_R").map(|path| root_of_path(path).into_iter().collect()));
    crates.is_some_and(|crates| crates.iter().any(|name| !OF_THE_MACHINE.contains(name)))
}

/// The crates that a name mentions which ends in a hash: the first part of a path, or those within an implementation, one of
/// which it is of.
fn crates_of_hashed(path: &str) -> Vec<&str> {
    let Some(first) = counted(path) else { return Vec::new() };
    if !first.contains("$LT$") {
        return vec![first];
    }
    let heads = first.match_indices("..").filter_map(|(end, _)| {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let begin = first[..end].rfind(|letter| !is_part(letter)).map_or(0, |at| at + 1);
        // What follows a point is not the first part of a path.
        (begin < end && !first[..begin].ends_with('.')).then(|| &first[begin..end])
    });
    heads.collect()
}

/// The crate that a name of the newer kind is of.
fn root_of_path(path: &str) -> Option<&str> {
    let mut rest = path;
    loop {
        let kind = rest.chars().next()?;
        rest = rest.get(1..)?;
        match kind {
            // A part within another, of some kind.
            'N' => rest = rest.get(1..)?,
            'I' => {}
            // An implementation: the path says where it stands.
            'M' | 'X' => rest = without_number(rest)?,
            'C' => return without_number(rest).and_then(counted),
            _ => return None,
        }
    }
}

/// What follows the number that tells apart what has one name, if there is one.
fn without_number(rest: &str) -> Option<&str> {
    match rest.strip_prefix('s') {
        Some(number) => number.split_once('_').map(|(_, rest)| rest),
        None => Some(rest),
    }
}

/// A name that stands behind its length.
fn counted(text: &str) -> Option<&str> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let length = text[..digits].parse::<usize>().ok()?;
    text[digits..].get(..length)
}

/// A variable's name, and where it lies.
struct Symbol<'a> {
    name: &'a [u8],
    span: Span,
}

/// The program's table of symbols.
struct Symbols {
    table: Vec<u8>,
    names: Vec<u8>,
}

/// The layout of a program's file, as far as it is read: places and sizes in bytes, kinds by number.
mod file {
    pub(super) const HEADER: usize = 64;
    pub(super) const SECTIONS_AT: usize = 0x28;
    pub(super) const SECTIONS: usize = 0x3c;
    pub(super) const SECTION: usize = 64;
    pub(super) const KIND: usize = 0x04;
    pub(super) const AT: usize = 0x18;
    pub(super) const SIZE: usize = 0x20;
    pub(super) const LINK: usize = 0x28;
    pub(super) const KIND_SYMBOLS: u32 = 2;
    pub(super) const SYMBOL: usize = 24;
    pub(super) const SYMBOL_KIND: usize = 4;
    pub(super) const SYMBOL_SECTION: usize = 6;
    pub(super) const SYMBOL_VALUE: usize = 8;
    pub(super) const SYMBOL_SIZE: usize = 16;
    pub(super) const SYMBOL_KIND_MASK: u8 = 15;
    pub(super) const SYMBOL_OF_THREAD: u8 = 6;
    /// A table of symbols is not larger than this; if one is, it is not looked at.
    pub(super) const TABLE_MAX: u64 = 1 << 30;
}

impl Symbols {
    /// Reads them from the file of the program that runs. None if it has none.
    fn read() -> io::Result<Option<Self>> {
        let program = File::open("/proc/self/exe")?;
        let header = bytes(&program, 0, file::HEADER as u64)?;
        let count = usize::from(number_of_2(&header, file::SECTIONS));
        let start = number_of_8(&header, file::SECTIONS_AT);
        let sections = bytes(&program, start, (count * file::SECTION) as u64)?;
        let section = |number: usize| sections.get(number * file::SECTION..(number + 1) * file::SECTION);
        let read = |section: &[u8]| {
            bytes(&program, number_of_8(section, file::AT), number_of_8(section, file::SIZE))
        };
        let table = (0..count)
            .filter_map(section)
            .find(|section| number_of_4(section, file::KIND) == file::KIND_SYMBOLS);
        let Some(table) = table else { return Ok(None) };
        let Some(names) = section(number_of_4(table, file::LINK) as usize) else { return Ok(None) };
        Ok(Some(Symbols { table: read(table)?, names: read(names)? }))
    }

    /// The variables of which each thread has one.
    fn iter(&self) -> impl Iterator<Item = Symbol<'_>> {
        self.table.chunks_exact(file::SYMBOL).filter_map(|symbol| {
            let is_of_thread = symbol[file::SYMBOL_KIND] & file::SYMBOL_KIND_MASK == file::SYMBOL_OF_THREAD;
            if !is_of_thread || number_of_2(symbol, file::SYMBOL_SECTION) == 0 {
                return None;
            }
            let name = self.names.get(number_of_4(symbol, 0) as usize..)?;
            let name = &name[..name.iter().position(|byte| *byte == 0)?];
            let start = usize::try_from(number_of_8(symbol, file::SYMBOL_VALUE)).ok()?;
            let bytes = usize::try_from(number_of_8(symbol, file::SYMBOL_SIZE)).ok()?;
            Some(Symbol { name, span: Span { start, bytes } })
        })
    }
}

fn bytes(file: &File, from: u64, size: u64) -> io::Result<Vec<u8>> {
    if size > file::TABLE_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; size as usize];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}

/// So many bytes of `from`, which is as long as its callers have made it.
fn piece<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    let mut piece = [0; N];
    piece.copy_from_slice(&from[at..at + N]);
    piece
}

fn number_of_2(from: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(piece(from, at))
}

fn number_of_4(from: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(piece(from, at))
}

fn number_of_8(from: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(piece(from, at))
}

/// What the block of a new thread holds: the bytes that are there, and zeros behind them.
struct Image {
    start: *const u8,
    written: usize,
    bytes: usize,
}

impl Image {
    fn of_program() -> Option<Self> {
        let mut found: Option<Image> = None;
        // SAFETY: the function calls `look` with what it hands over, and with nothing else.
        unsafe { libc::dl_iterate_phdr(Some(look), ptr::from_mut(&mut found).cast()) };
        found
    }

    /// A piece of it; none if it lies outside.
    fn piece(&self, span: Span) -> Option<Vec<u8>> {
        if span.start.checked_add(span.bytes)? > self.bytes {
            return None;
        }
        let byte = |place: usize| {
            // SAFETY: so many bytes are there, and nobody writes them once the program runs.
            if place < self.written { unsafe { self.start.add(place).read() } } else { 0 }
        };
        Some((span.start..span.start + span.bytes).map(byte).collect())
    }
}

/// Looks at the first of the loaded files, which is the program.
unsafe extern "C" fn look(info: *mut libc::dl_phdr_info, _: libc::size_t, found: *mut c_void) -> c_int {
    // SAFETY: the C library hands over what it has, and the place that `of_program` gave it.
    let (info, found) = unsafe { (&*info, &mut *found.cast::<Option<Image>>()) };
    for place in 0..usize::from(info.dlpi_phnum) {
        // SAFETY: there are so many headers.
        let header = unsafe { &*info.dlpi_phdr.add(place) };
        if header.p_type == libc::PT_TLS {
            *found = Some(Image {
                start: ptr::with_exposed_provenance((info.dlpi_addr + header.p_vaddr) as usize),
                written: header.p_filesz as usize,
                bytes: header.p_memsz as usize,
            });
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whose_crate_it_is_of() {
        let of_the_code = |name: &str| is_of_the_code_under_test(name.as_bytes());
        assert!(of_the_code("_ZN8programs4MINE29_$u7b$$u7b$constant$u7d$$u7d$3VAL17h0123456789abcdefE"));
        assert!(of_the_code("_ZN15crossbeam_epoch7default6HANDLE17h0123456789abcdefE"));
        assert!(of_the_code(
            "_ZN83_$LT$faults..Request$LT$R$GT$$u20$as$u20$cancelproof_machine..request..Request$LT$R$GT$$GT$6cancel6INSIDE17h0123456789abcdefE"
        ));
        assert!(of_the_code("_RNvNvCs1234_6faults6cancel6INSIDE"));
        assert!(of_the_code(
            "_RNvNvXs_Cs1234_6faultsNtB2_7RequestNtCs5_19cancelproof_machine7request6cancel6INSIDE"
        ));
        assert!(!of_the_code("_ZN3std2io5stdio14OUTPUT_CAPTURE17h0123456789abcdefE"));
        assert!(!of_the_code(
            "_ZN74_$LT$cancelproof_runtime..standard..Std$u20$as$u20$cancelproof_runtime..Runtime$GT$14current_number6NUMBER17h0123456789abcdefE"
        ));
        assert!(!of_the_code("_RNvNtNtCsgEjnQ9uhSL5_3std2io5stdio14OUTPUT_CAPTURE"));
        assert!(!of_the_code("_RNCNvNtCsgEjnQ9uhSL5_3std2io5stdio14OUTPUT_CAPTURE"));
        assert!(!of_the_code("tcache"));
        assert!(!of_the_code("_ZN"));
        assert!(!of_the_code("_RN"));
    }
}
