//! By which `--cfg` a crate asks for loom: the names in the conditions of its dependency on loom.

use serde_json::Value;

/// Of a package as `cargo metadata` describes it; `loom`, if it depends on loom without a condition, and none if it does not
/// depend on it.
pub(crate) fn of(package: &Value) -> Option<String> {
    let dependencies = package["dependencies"].as_array()?;
    let mut looms = dependencies.iter().filter(|dependency| dependency["name"] == "loom").peekable();
    looms.peek()?;
    let condition = looms.find_map(|dependency| dependency["target"].as_str().and_then(named));
    Some(condition.unwrap_or_else(|| "loom".to_owned()))
}

/// The name in a condition such as `cfg(all(test, oneshot_loom))` that is about loom.
fn named(condition: &str) -> Option<String> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    condition.split(|letter| !is_word(letter)).find(|word| word.contains("loom")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_condition_names_the_cfg() {
        let of = |target: Value| of(&json!({ "dependencies": [{ "name": "loom", "target": target }] }));
        assert_eq!(of(json!("cfg(all(test, oneshot_loom))")).as_deref(), Some("oneshot_loom"));
        assert_eq!(of(json!(null)).as_deref(), Some("loom"));
        assert_eq!(super::of(&json!({ "dependencies": [{ "name": "serde" }] })), None);
    }
}
