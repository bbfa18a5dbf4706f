//! Copies the files of tokio's `Notify` and of tokio-util's `CancellationToken` from where cargo has unpacked them, and makes
//! them modules of this crate: `crate::` becomes the way up to the module that stands for their crate. No line moves, so
//! reports name the lines of the published files.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate, the files that are copied, and the module around them.
struct Source {
    name: &'static str,
    files: &'static [&'static str],
    module: &'static str,
}

const TOKIO: Source = Source {
    name: "tokio",
    files: &["macros/addr_of.rs", "sync/notify.rs", "util/linked_list.rs", "util/wake_list.rs"],
    module: r"
        pub(crate) use super::primitives::for_tokio as loom;
        #[macro_use]
        mod macros {
            #[macro_use]
            mod addr_of;
            macro_rules! pin { ($name:ident) => { let $name = ::std::pin::pin!($name); }; }
            // What these enclose belongs to features that are off.
            macro_rules! cfg_io_driver_impl { ($($item:item)*) => {}; }
            macro_rules! cfg_taskdump { ($($item:item)*) => {}; }
            macro_rules! feature { (#![$which:meta] $($item:item)*) => { $(#[cfg($which)] $item)* }; }
        }
        pub(crate) mod util {
            pub(crate) mod linked_list;
            mod wake_list;
            pub(crate) use wake_list::WakeList;
        }
        pub(crate) mod sync {
            mod notify;
            pub(crate) use notify::Notify;
            pub(crate) mod futures {
                pub(crate) use super::notify::{Notified, OwnedNotified};
            }
        }
    ",
};

const TOKIO_UTIL: Source = Source {
    name: "tokio-util",
    files: &[
        "sync/cancellation_token.rs",
        "sync/cancellation_token/guard.rs",
        "sync/cancellation_token/guard_ref.rs",
        "sync/cancellation_token/tree_node.rs",
        "util/maybe_dangling.rs",
    ],
    module: r"
        pub(crate) use super::primitives::for_tokio_util as loom;
        pub(crate) mod util {
            mod maybe_dangling;
            pub(crate) use maybe_dangling::MaybeDangling;
        }
        pub(crate) mod sync {
            mod cancellation_token;
            pub(crate) use cancellation_token::CancellationToken;
        }
    ",
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut modules = String::new();
    for source in [TOKIO, TOKIO_UTIL] {
        let from = folder(source.name)?.join("src");
        let module = source.name.replace('-', "_");
        let to = out.join(&module);
        for file in source.files {
            copy(&from, &to, file)?;
        }
        let file = to.join("mod.rs");
        fs::write(&file, source.module)?;
        modules += &format!("#[allow(warnings, clippy::all)]\n#[path = {file:?}]\nmod {module};\n");
    }
    fs::write(out.join("modules.rs"), modules)?;
    Ok(())
}

/// Where cargo has unpacked a dependency.
fn folder(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(std::env::var("CARGO")?)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--filter-platform",
            &std::env::var("TARGET")?,
        ])
        .current_dir(std::env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let package = packages.iter().find(|package| package["name"] == name);
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = Path::new(manifest.ok_or_else(|| format!("{name} is not among the dependencies"))?);
    Ok(manifest.parent().ok_or("a manifest lies in a folder")?.to_owned())
}

fn copy(from: &Path, to: &Path, file: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(from.join(file))
        .map_err(|error| format!("{}: {error}", from.join(file).display()))?;
    // A module for each folder and one for the file.
    let root = "super::".repeat(file.split('/').count());
    let text = text
        .replace("crate::", &root)
        .replace("tokio::sync::", &format!("{root}super::tokio::sync::"))
        // A constant constructor, which their own build for loom has not either.
        .replace("#[cfg(not(all(loom, test)))]", "#[cfg(any())]")
        // Their own unit tests.
        .replace("#[cfg(any(test, fuzzing))]", "#[cfg(any())]")
        .replace("#[test]", "#[cfg(any())]");
    let to = to.join(file);
    fs::create_dir_all(to.parent().ok_or("the file lies in a folder")?)?;
    fs::write(to, text)?;
    Ok(())
}
