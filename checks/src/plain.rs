//! Texts of others, made fit to be shown and to name files.

use sha2::{Digest, Sha256};

pub(crate) use cancelproof_engines::plain::{line, said, whole};

/// The longest name of a file that is made of somebody else's words, in bytes; a system has room for 255.
const NAME_MAX: usize = 100;

/// The name of a file for something that somebody else has named: it stays in its folder, whatever the name is. A name that
/// is fit for a file is left as it is; another one is made so, with a hash that keeps it apart from its like.
pub(crate) fn file_name(name: &str) -> String {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+');
    let mut fit: String = name.chars().map(|letter| if is_fit(letter) { letter } else { '-' }).collect();
    if fit.starts_with('.') {
        fit.replace_range(..1, "-");
    }
    if fit == name && name.len() <= NAME_MAX && !name.is_empty() {
        return fit;
    }
    fit.truncate(NAME_MAX);
    let hash = Sha256::digest(name.as_bytes());
    format!("{fit}-{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_folder_or_meets_another() {
        assert_eq!(file_name("my-request_2"), "my-request_2");
        let names =
            ["../up", "..", ".", "", "/etc/passwd", "a\0b", "a/b", "a-b", ".hidden", &"x".repeat(5_000)];
        let files: std::collections::BTreeSet<String> = names.iter().map(|name| file_name(name)).collect();
        assert_eq!(files.len(), names.len());
        for file in files {
            assert!(!file.starts_with('.') && !file.contains(['/', '\0']) && file.len() < 255, "{file:?}");
        }
    }
}
