//! Which versions of `wasi:filesystem` are served.
//!
//! An interface of 0.2.0 is one of every later 0.2 as well: they only add, and this host has all that was added until [`NEWEST`].

/// The last number of the newest version that is served: of the WIT in `wit/deps`.
const NEWEST: u64 = 12;

/// What all of its interfaces begin with.
const PACKAGE: &str = "wasi:filesystem/";

/// The ones there are.
const INTERFACES: [&str; 2] = ["types", "preopens"];

/// A component imports an interface of `wasi:filesystem` that is not served, or not in that version.
#[derive(Debug, thiserror::Error)]
#[error("component imports `{import}`, which is not served")]
pub(crate) struct Unserved {
    pub(crate) import: String,
}

/// Whether an import is one of `wasi:filesystem`.
///
/// # Errors
///
/// When it is, and is not served.
pub(super) fn check(import: &str) -> Result<bool, Unserved> {
    let Some(rest) = import.strip_prefix(PACKAGE) else {
        return Ok(false);
    };
    let served = rest
        .split_once('@')
        .is_some_and(|(interface, version)| INTERFACES.contains(&interface) && is_served(version));
    if served {
        Ok(true)
    } else {
        Err(Unserved {
            import: import.to_owned(),
        })
    }
}

/// Whether `0.2.N`, with nothing before or behind it, is served.
fn is_served(version: &str) -> bool {
    version
        .strip_prefix("0.2.")
        .filter(|last| last.bytes().all(|b| b.is_ascii_digit()))
        .filter(|last| *last == "0" || !last.starts_with('0'))
        .and_then(|last| last.parse::<u64>().ok())
        .is_some_and(|last| last <= NEWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_up_to_the_vendored_one_is_served_and_no_other() {
        for version in ["0.2.0", "0.2.3", "0.2.9", "0.2.10", "0.2.12"] {
            for interface in INTERFACES {
                let import = format!("wasi:filesystem/{interface}@{version}");
                assert!(matches!(check(&import), Ok(true)), "{import}");
            }
        }
        for import in [
            "wasi:filesystem/types@0.2.13",
            "wasi:filesystem/types@0.2.99999999999999999999",
            "wasi:filesystem/types@0.3.0",
            "wasi:filesystem/types@1.2.0",
            "wasi:filesystem/types@0.2",
            "wasi:filesystem/types@0.2.",
            "wasi:filesystem/types@0.2.00",
            "wasi:filesystem/types@0.2.+1",
            "wasi:filesystem/types@0.2.0-rc-2023-11-10",
            "wasi:filesystem/types@0.2.0+build",
            "wasi:filesystem/types",
            "wasi:filesystem/other@0.2.0",
        ] {
            let refused = check(import).expect_err("not served");
            assert_eq!(refused.import, import);
        }
        assert!(matches!(check("wasi:filesystems/types@0.2.0"), Ok(false)));
        assert!(matches!(check("wasi:io/streams@0.2.0"), Ok(false)));
    }

    #[test]
    fn the_newest_is_the_vendored_one_and_the_errors_say_so() {
        let wit = include_str!("../../wit/deps/filesystem.wit");
        let newest = format!("0.2.{NEWEST}");
        assert!(wit.starts_with(&format!("package wasi:filesystem@{newest};\n")));
        let words = format!("filesystem (0.2.0 to {newest})");
        assert!(crate::tool::PROVIDED.contains(&words), "{words}");
    }
}
