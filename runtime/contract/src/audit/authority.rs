//! What each import means under this host, and what it would mean on another.
//!
//! One table says it. It is in agreement with what the host links: a test there makes sure that all that it links is in the table, and that
//! nothing is linked that the table calls unknown.

use serde::{Deserialize, Serialize};

use super::Tier;
use crate::known::without_version;

/// What an import means under this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It only names types: there is nothing to call.
    Types,
    /// The host gives it, and nothing is reached through it: standard streams that are captured, an environment that is empty, a network
    /// that is not there.
    Inert,
    /// The host gives it, and nothing is reached through it unless a policy mounts something.
    Mounts,
    /// The host gives it, and something is reached through it.
    Authority,
    /// Nobody provides it: loading fails.
    Unknown,
}

impl Class {
    /// Its word: `types`, `inert`, `mounts`, `authority`, `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Types => "types",
            Class::Inert => "inert",
            Class::Mounts => "mounts",
            Class::Authority => "authority",
            Class::Unknown => "unknown",
        }
    }
}

/// What an import means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Under this host.
    pub class: Class,
    /// What it reaches, in words for a person: a lower-case fragment.
    pub reaches: String,
    /// The tier that it is by itself under this host, when nothing is mounted.
    pub tier: Tier,
    /// The tier that it would be on a host that gives it.
    pub tier_elsewhere: Tier,
}

/// What an import of this name means. `only_types` when there is neither a function nor a resource in it.
pub fn class_of(name: &str, only_types: bool) -> Meaning {
    if only_types {
        return Meaning {
            class: Class::Types,
            reaches: "nothing: it only names types".into(),
            tier: Tier::Pure,
            tier_elsewhere: Tier::Pure,
        };
    }
    let (interface, version) = (without_version(name), version(name));
    if let Some(served) = SERVED.iter().find(|served| served.interface == interface) {
        return match served.versions.have(version) {
            true => Meaning {
                class: served.class,
                reaches: served.reaches.into(),
                tier: served.tier,
                tier_elsewhere: served.tier_elsewhere,
            },
            false => unknown(
                "nothing: it is not given in this version, loading fails",
                served.tier_elsewhere,
            ),
        };
    }
    let elsewhere = ELSEWHERE
        .iter()
        .find(|(front, ..)| interface.starts_with(front));
    match elsewhere {
        Some((_, what, tier)) => {
            let reaches = format!("nothing: it is not given, loading fails; elsewhere {what}");
            unknown(reaches, *tier)
        }
        None => unknown(
            "nobody can tell: it is not known, loading fails",
            Tier::Unbounded,
        ),
    }
}

/// All interfaces that are given, without their versions, and what they are when there is more than types in them.
pub fn given() -> impl Iterator<Item = (&'static str, Class)> {
    SERVED.iter().map(|served| (served.interface, served.class))
}

fn unknown(reaches: impl Into<String>, tier_elsewhere: Tier) -> Meaning {
    Meaning {
        class: Class::Unknown,
        reaches: reaches.into(),
        tier: Tier::Unbounded,
        tier_elsewhere,
    }
}

fn version(name: &str) -> &str {
    name.split_once('@').map_or("", |(_, version)| version)
}

/// Which versions of an interface are given.
#[derive(Clone, Copy)]
enum Versions {
    /// `0.1.N`: the engine takes versions that differ in the last number for compatible.
    Bailiwick,
    /// `0.2.N`, for the same reason.
    Wasi,
    /// `0.2.N`, and what came before it.
    Sockets,
    /// From 0.2.0 to 0.2.12.
    Files,
}

impl Versions {
    fn have(self, version: &str) -> bool {
        match self {
            Versions::Bailiwick => last_number("0.1.", version).is_some(),
            Versions::Wasi => last_number("0.2.", version).is_some(),
            Versions::Sockets => version.starts_with("0.2."),
            Versions::Files => {
                !version.contains('+')
                    && last_number("0.2.", version).is_some_and(|last| last <= 12)
            }
        }
    }
}

/// The last number of a version that begins so; none when it is a pre-release. What was built of it makes no difference.
fn last_number(front: &str, version: &str) -> Option<u64> {
    let (last, _build) = match version.split_once('+') {
        Some((version, build)) => (version, build),
        None => (version, ""),
    };
    let last = last.strip_prefix(front)?;
    let is_number = last == "0" || !last.starts_with('0');
    (is_number && last.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| last.parse().ok())
        .flatten()
}

struct Served {
    interface: &'static str,
    versions: Versions,
    class: Class,
    reaches: &'static str,
    tier: Tier,
    tier_elsewhere: Tier,
}

const fn bailiwick(
    interface: &'static str,
    class: Class,
    tier: Tier,
    reaches: &'static str,
) -> Served {
    Served {
        interface,
        versions: Versions::Bailiwick,
        class,
        reaches,
        tier,
        tier_elsewhere: tier,
    }
}

/// An interface of WASI through which no more is reached than the time and random numbers.
const fn wasi(
    interface: &'static str,
    class: Class,
    tier_elsewhere: Tier,
    reaches: &'static str,
) -> Served {
    Served {
        interface,
        versions: Versions::Wasi,
        class,
        reaches,
        tier: Tier::Pure,
        tier_elsewhere,
    }
}

const fn files(interface: &'static str) -> Served {
    Served {
        interface,
        versions: Versions::Files,
        class: Class::Mounts,
        reaches: "the files that a policy mounts; nothing when it mounts none",
        tier: Tier::Pure,
        tier_elsewhere: Tier::Edits,
    }
}

const fn sockets(interface: &'static str) -> Served {
    Served {
        interface,
        versions: Versions::Sockets,
        class: Class::Inert,
        reaches: "nothing: there is no network behind it",
        tier: Tier::Pure,
        tier_elsewhere: Tier::Net,
    }
}

const STREAMS: &str = "nothing by itself: it serves what other imports give";
const CAPTURED: &str = "nothing: standard output is captured and cut";
const NO_TERMINAL: &str = "nothing: there is no terminal";
const RANDOM: &str = "random numbers of the host's";

/// What the host gives.
const SERVED: &[Served] = &[
    bailiwick(
        "bailiwick:fs/read",
        Class::Authority,
        Tier::Reads,
        "the files and directories that it is handed, to look at",
    ),
    bailiwick(
        "bailiwick:fs/write",
        Class::Authority,
        Tier::Edits,
        "the files and directories that it is handed, to change",
    ),
    bailiwick(
        "bailiwick:tool/progress",
        Class::Inert,
        Tier::Pure,
        "nothing: it tells whoever waits how far a call is",
    ),
    wasi(
        "wasi:cli/environment",
        Class::Inert,
        Tier::Reads,
        "nothing: the environment and the arguments are empty",
    ),
    wasi(
        "wasi:cli/exit",
        Class::Inert,
        Tier::Pure,
        "nothing: it ends the call",
    ),
    wasi(
        "wasi:cli/stderr",
        Class::Inert,
        Tier::Pure,
        "nothing: standard error is captured and cut",
    ),
    wasi(
        "wasi:cli/stdin",
        Class::Inert,
        Tier::Reads,
        "nothing: standard input is empty",
    ),
    wasi("wasi:cli/stdout", Class::Inert, Tier::Pure, CAPTURED),
    wasi(
        "wasi:cli/terminal-input",
        Class::Inert,
        Tier::Pure,
        NO_TERMINAL,
    ),
    wasi(
        "wasi:cli/terminal-output",
        Class::Inert,
        Tier::Pure,
        NO_TERMINAL,
    ),
    wasi(
        "wasi:cli/terminal-stderr",
        Class::Inert,
        Tier::Pure,
        NO_TERMINAL,
    ),
    wasi(
        "wasi:cli/terminal-stdin",
        Class::Inert,
        Tier::Pure,
        NO_TERMINAL,
    ),
    wasi(
        "wasi:cli/terminal-stdout",
        Class::Inert,
        Tier::Pure,
        NO_TERMINAL,
    ),
    wasi(
        "wasi:clocks/monotonic-clock",
        Class::Authority,
        Tier::Pure,
        "how much time passes, and waiting",
    ),
    wasi(
        "wasi:clocks/wall-clock",
        Class::Authority,
        Tier::Pure,
        "the date and the time of day",
    ),
    files("wasi:filesystem/preopens"),
    files("wasi:filesystem/types"),
    wasi("wasi:io/error", Class::Inert, Tier::Pure, STREAMS),
    wasi("wasi:io/poll", Class::Inert, Tier::Pure, STREAMS),
    wasi("wasi:io/streams", Class::Inert, Tier::Pure, STREAMS),
    wasi("wasi:random/insecure", Class::Authority, Tier::Pure, RANDOM),
    wasi(
        "wasi:random/insecure-seed",
        Class::Authority,
        Tier::Pure,
        RANDOM,
    ),
    wasi("wasi:random/random", Class::Authority, Tier::Pure, RANDOM),
    sockets("wasi:sockets/instance-network"),
    sockets("wasi:sockets/ip-name-lookup"),
    sockets("wasi:sockets/network"),
    sockets("wasi:sockets/tcp"),
    sockets("wasi:sockets/tcp-create-socket"),
    sockets("wasi:sockets/udp"),
    sockets("wasi:sockets/udp-create-socket"),
];

/// What is known and not given: how its name begins, what it is, and its tier. The first that fits counts.
const ELSEWHERE: &[(&str, &str, Tier)] = &[
    (
        "wasi:blobstore/",
        "a store of files over the network",
        Tier::Net,
    ),
    (
        "wasi:cli/",
        "what the program was started with",
        Tier::Reads,
    ),
    ("wasi:clocks/", "the time", Tier::Pure),
    ("wasi:config/", "settings", Tier::Reads),
    ("wasi:filesystem/", "files", Tier::Edits),
    ("wasi:http/", "the web", Tier::Net),
    ("wasi:io/", "streams of what other imports give", Tier::Pure),
    ("wasi:keyvalue/", "a store over the network", Tier::Net),
    ("wasi:logging/", "a log that is written to", Tier::Pure),
    ("wasi:messaging/", "messages over the network", Tier::Net),
    ("wasi:random/", "random numbers", Tier::Pure),
    ("wasi:sockets/", "the network", Tier::Net),
    ("wasi:sql/", "a database over the network", Tier::Net),
    ("wasi:tls/", "the network", Tier::Net),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str) -> Class {
        class_of(name, false).class
    }

    #[test]
    fn the_table_is_sorted_and_has_each_once() {
        assert!(SERVED.is_sorted_by(|a, b| a.interface < b.interface));
        assert!(ELSEWHERE.is_sorted_by(|a, b| a.0 < b.0));
        for (_, class) in given() {
            assert!(![Class::Types, Class::Unknown].contains(&class));
        }
    }

    #[test]
    fn only_versions_that_are_linked_are_known() {
        for given in [
            "wasi:cli/stdout@0.2.0",
            "wasi:cli/stdout@0.2.99",
            "wasi:cli/stdout@0.2.6+build.7",
            "wasi:filesystem/types@0.2.12",
            "wasi:sockets/tcp@0.2.0-rc-2023-11-10",
            "bailiwick:fs/read@0.1.0",
            "bailiwick:fs/read@0.1.7",
        ] {
            assert_ne!(class(given), Class::Unknown, "{given}");
        }
        for not_given in [
            "wasi:cli/stdout",
            "wasi:cli/stdout@0.3.0",
            "wasi:cli/stdout@0.2.0-rc-2023-11-10",
            "wasi:cli/stdout@0.20.0",
            "wasi:cli/stdout@1.2.0",
            "wasi:filesystem/types@0.2.13",
            "wasi:filesystem/types@0.2.6+build",
            "wasi:filesystem/types@0.2.99999999999999999999",
            "wasi:sockets/tcp@0.3.0",
            "bailiwick:fs/read@0.2.0",
            "bailiwick:fs/read",
            "bailiwick:fs/paths@0.1.0",
            "bailiwick:tool/types@0.1.0",
            "run",
            "",
        ] {
            assert_eq!(class(not_given), Class::Unknown, "{not_given}");
        }
    }

    #[test]
    fn what_only_names_types_is_nothing_whatever_it_is_called() {
        for name in [
            "wasi:http/types@0.2.0",
            "evil:x/y@1.0.0",
            "bailiwick:fs/write@0.1.0",
        ] {
            let meaning = class_of(name, true);
            assert_eq!(meaning.class, Class::Types);
            assert_eq!(
                (meaning.tier, meaning.tier_elsewhere),
                (Tier::Pure, Tier::Pure)
            );
        }
    }

    #[test]
    fn what_is_not_given_has_its_meaning_elsewhere() {
        let tiers = |name| {
            let meaning = class_of(name, false);
            (meaning.class, meaning.tier, meaning.tier_elsewhere)
        };
        let unknown = |elsewhere| (Class::Unknown, Tier::Unbounded, elsewhere);
        assert_eq!(tiers("wasi:http/types@0.2.6"), unknown(Tier::Net));
        assert_eq!(tiers("wasi:keyvalue/store@0.2.0"), unknown(Tier::Net));
        assert_eq!(tiers("wasi:clocks/wall-clock@0.3.0"), unknown(Tier::Pure));
        assert_eq!(tiers("wasi:filesystem/types@0.3.0"), unknown(Tier::Edits));
        assert_eq!(tiers("wasi:nn/graph@0.2.0"), unknown(Tier::Unbounded));
        assert_eq!(tiers("wasi:httpx/types@0.2.6"), unknown(Tier::Unbounded));
        assert_eq!(tiers("evil:x/y"), unknown(Tier::Unbounded));
    }
}
