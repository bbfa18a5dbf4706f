//! What a token is made of: bytes, numbers of variable length, short texts, a checksum.

use super::TokenError;

/// The longest name of a request.
const TEXT_MAX: usize = 255;

/// Writes the bytes of a token.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// One byte as it is.
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    pub fn number(&mut self, mut number: u64) {
        while number >= 128 {
            self.0.push((number & 127) as u8 | 128);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A text of at most 255 bytes; what is longer is cut, and will be no known name.
    pub fn text(&mut self, text: &str) {
        let end = (0..=text.len().min(TEXT_MAX)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        let bytes = &text.as_bytes()[..end];
        self.0.push(bytes.len() as u8);
        self.0.extend(bytes);
    }

    /// All that was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`Writer`] wrote, and never more than there is.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of all these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    /// Whether all was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    ///
    /// # Errors
    ///
    /// Fails at the end of the bytes.
    pub fn byte(&mut self) -> Result<u8, TokenError> {
        let (first, rest) = self.0.split_first().ok_or(TokenError::Content("less than an execution"))?;
        self.0 = rest;
        Ok(*first)
    }

    /// The next number, as [`Writer::number`] wrote it.
    ///
    /// # Errors
    ///
    /// Fails at the end of the bytes, and where a number has more than 64 bits.
    pub fn number(&mut self) -> Result<u64, TokenError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 127);
            if bits << shift >> shift != bits {
                return Err(TokenError::Content("a number"));
            }
            number |= bits << shift;
            if byte < 128 {
                return Ok(number);
            }
        }
        Err(TokenError::Content("a number"))
    }

    /// How many of something follow.
    ///
    /// # Errors
    ///
    /// Fails at the end of the bytes, and where there would be more than `most`.
    pub fn count(&mut self, most: usize) -> Result<usize, TokenError> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count <= most { Ok(count) } else { Err(TokenError::Content("a number of things")) }
    }

    /// The next text.
    ///
    /// # Errors
    ///
    /// Fails at the end of the bytes, and where they are no text.
    pub fn text(&mut self) -> Result<String, TokenError> {
        let length = usize::from(self.byte()?);
        let (text, rest) =
            self.0.split_at_checked(length).ok_or(TokenError::Content("less than an execution"))?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).map_err(|_| TokenError::Content("a name"))
    }
}

/// The cyclic redundancy check of Ethernet and zip.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| sum >> 1 ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}
