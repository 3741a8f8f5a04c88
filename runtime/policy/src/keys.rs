//! The one list of the keys of a policy. What the parser knows, what errors suggest and what the schema for editors
//! says all come from here.

mod limits;

use limits::BUDGET_KEY;
pub(crate) use limits::{BUDGET, LIMITS};

/// What a key's value is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A path of the host.
    Path,
    /// The name of a grant.
    Grant,
    /// One of some words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// Bytes: `"64MiB"`, or a number.
    Bytes,
    /// A count: `"1G"`, or a number.
    Count,
    /// A time that a call can be given: `"10s"`.
    Deadline,
    /// A time: `"600s"`.
    Time,
    /// A list of texts.
    List(Item),
    /// A table of known keys.
    Table(&'static Table),
    /// A table whose keys are names, each of a table of known keys.
    Named(&'static Table),
    /// A list of tables of known keys.
    Tables(&'static Table),
}

/// What the texts of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A glob as in a `.gitignore`.
    Glob,
    /// A grant, with fewer rights if need be: `workspace:ro`.
    Handed,
    /// The name of a grant.
    Grant,
    /// The name of a function: `grep`.
    Function,
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// For people: a sentence or two.
    pub(crate) doc: &'static str,
    /// A value as TOML spells it.
    pub(crate) example: &'static str,
    /// Words that people reach for when they mean this key.
    pub(crate) also: &'static [&'static str],
}

/// A table and the keys that it can have.
#[derive(Debug)]
pub(crate) struct Table {
    /// As it is written: `[grants.NAME]`.
    pub(crate) title: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
}

impl Table {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Shape {
    /// Tables of known keys in it.
    pub(crate) fn table(self) -> Option<&'static Table> {
        match self {
            Self::Table(table) | Self::Named(table) | Self::Tables(table) => Some(table),
            _ => None,
        }
    }
}

/// What may be done with a grant.
pub(crate) const RIGHTS: &[&str] = &["ro", "rw"];

/// What becomes of what is written.
pub(crate) const WRITES: &[&str] = &["apply", "review", "direct"];

/// How a tool's work is bounded.
pub(crate) const METERING: &[&str] = &["fuel", "time"];

/// The tiers, the least first.
pub(crate) const TIERS: &[&str] = &["pure", "reads", "edits", "net", "unbounded"];

/// `bailiwick.toml`.
pub(crate) static POLICY: Table = Table {
    title: "the policy",
    doc: "What an agent's tools are, and what each may be handed. Nothing that is not written here is granted.",
    keys: &[
        Key {
            name: "default",
            shape: Shape::Grant,
            required: false,
            doc: "The grant that relative paths are in. Default: the first.",
            example: "\"workspace\"",
            also: &["default-grant", "root"],
        },
        Key {
            name: "grants",
            shape: Shape::Named(&GRANT),
            required: false,
            doc: "What the session grants, by the name that a model says: `[grants.workspace]` is `/workspace`.",
            example: "{ workspace = { path = \".\" } }",
            also: &[
                "mounts",
                "dirs",
                "directories",
                "folders",
                "files",
                "permissions",
                "handles",
            ],
        },
        Key {
            name: "tools",
            shape: Shape::Named(&TOOL),
            required: false,
            doc: "The tools, by name. A tool's functions are `NAME_FUNCTION` for a model.",
            example: "{ files = { component = \"tools/files.wasm\" } }",
            also: &["components", "plugins", "servers"],
        },
        Key {
            name: "limits",
            shape: Shape::Table(&LIMITS),
            required: false,
            doc: "The limits of every tool that does not set its own.",
            example: "{ deadline = \"10s\" }",
            also: &["bounds"],
        },
        BUDGET_KEY,
    ],
};

/// `[grants.NAME]`.
pub(crate) static GRANT: Table = Table {
    title: "[grants.NAME]",
    doc: "A directory or file of the host, and what may be done with it.",
    keys: &[
        Key {
            name: "path",
            shape: Shape::Path,
            required: true,
            doc: "A directory or file of the host: relative to this file, or `~` for the home folder.",
            example: "\".\"",
            also: &["dir", "directory", "folder", "root", "source", "file"],
        },
        Key {
            name: "rights",
            shape: Shape::Word(RIGHTS),
            required: false,
            doc: "`ro`: to look at. `rw`: to look at and to change. Default: `ro`.",
            example: "\"rw\"",
            also: &[
                "access",
                "mode",
                "permissions",
                "readonly",
                "read-only",
                "writable",
            ],
        },
        Key {
            name: "hide",
            shape: Shape::List(Item::Glob),
            required: false,
            doc: "Globs as in a .gitignore: not listed, not opened, not revealed.",
            example: "[\"**/.env*\"]",
            also: &["hidden", "exclude", "ignore", "deny"],
        },
        Key {
            name: "protect",
            shape: Shape::List(Item::Glob),
            required: false,
            doc: "Globs as in a .gitignore: readable and not writable, beside the built-in list.",
            example: "[\"Cargo.lock\"]",
            also: &["protected", "readonly-files", "no-write"],
        },
        Key {
            name: "writes",
            shape: Shape::Word(WRITES),
            required: false,
            doc: "What becomes of what a call writes. `apply`: it goes to the disk when the call ends well. \
                  `review`: it stays pending until somebody accepts it. `direct`: it goes to the disk at once, and \
                  cannot be undone. Default: `apply`.",
            example: "\"review\"",
            also: &["write", "changes", "review"],
        },
        Key {
            name: "quota",
            shape: Shape::Table(&QUOTA),
            required: false,
            doc: "How much may be written.",
            example: "{ bytes = \"64MiB\", entries = 4096 }",
            also: &["limit", "limits", "size", "max"],
        },
        Key {
            name: "cross-mounts",
            shape: Shape::Flag,
            required: false,
            doc: "Whether other filesystems that are mounted inside count as inside. Default: false.",
            example: "true",
            also: &["one-file-system", "cross-devices"],
        },
        Key {
            name: "remote",
            shape: Shape::Flag,
            required: false,
            doc: "Whether it may lie on a filesystem where a server or another program answers (NFS, SMB, FUSE): calls that could \
                  wait for it run apart. Default: false.",
            example: "true",
            also: &["network", "nfs"],
        },
    ],
};

/// `[grants.NAME.quota]`.
pub(crate) static QUOTA: Table = Table {
    title: "[grants.NAME.quota]",
    doc: "How much may be written to a grant.",
    keys: &[
        Key {
            name: "bytes",
            shape: Shape::Bytes,
            required: false,
            doc: "By logical size.",
            example: "\"64MiB\"",
            also: &["size", "space"],
        },
        Key {
            name: "entries",
            shape: Shape::Count,
            required: false,
            doc: "By number of names.",
            example: "4096",
            also: &["files", "inodes", "names"],
        },
    ],
};

/// `[tools.NAME]`.
pub(crate) static TOOL: Table = Table {
    title: "[tools.NAME]",
    doc: "A component whose functions are tools, and what it may be handed.",
    keys: &[
        Key {
            name: "component",
            shape: Shape::Path,
            required: true,
            doc: "The component's file: relative to this file, or below `~`.",
            example: "\"tools/files.wasm\"",
            also: &["path", "wasm", "file", "module", "source", "command"],
        },
        Key {
            name: "grants",
            shape: Shape::List(Item::Handed),
            required: false,
            doc: "What it may be handed: names of grants, with `:ro` for fewer rights, and `scratch`, the \
                  session's own directory to write in. Default: nothing.",
            example: "[\"workspace:ro\"]",
            also: &["access", "permissions", "handles", "allow"],
        },
        Key {
            name: "mounts",
            shape: Shape::List(Item::Grant),
            required: false,
            doc: "What a guest sees that uses its language's own file functions. Each is also in `grants`. \
                  Default: nothing.",
            example: "[\"workspace\"]",
            also: &["preopens", "dirs", "volumes"],
        },
        Key {
            name: "expose",
            shape: Shape::List(Item::Function),
            required: false,
            doc: "The functions that a model can call. Default: all.",
            example: "[\"grep\", \"read\"]",
            also: &["functions", "exports", "only", "include", "enable"],
        },
        Key {
            name: "limits",
            shape: Shape::Table(&LIMITS),
            required: false,
            doc: "Its limits, where they differ from those of all tools.",
            example: "{ fuel = \"1G\", deadline = \"10s\", memory = \"64MiB\" }",
            also: &["limit", "bounds"],
        },
        Key {
            name: "metering",
            shape: Shape::Word(METERING),
            required: false,
            doc: "`fuel`: each operator is counted, so that what a call costs is the same on every machine. `time`: only the \
                  clock bounds it, for work that has to be fast. Default: `fuel`.",
            example: "\"time\"",
            also: &["meter", "metered"],
        },
    ],
};

/// The owner's policy.
pub(crate) static OWNER: Table = Table {
    title: "the owner's policy",
    doc: "What no other policy on this machine can pass.",
    keys: &[
        Key {
            name: "max-tier",
            shape: Shape::Word(TIERS),
            required: false,
            doc: "The most that a tool may be able to do. Default: anything.",
            example: "\"edits\"",
            also: &["tier", "max", "highest-tier"],
        },
        Key {
            name: "grants",
            shape: Shape::Tables(&OWNER_GRANT),
            required: false,
            doc: "Where all that is granted has to lie, and with which rights. Without this key: anywhere. \
                  An empty list: nowhere.",
            example: "[{ path = \"~/work\", rights = \"rw\" }]",
            also: &["paths", "allow", "within", "roots"],
        },
        Key {
            name: "limits",
            shape: Shape::Table(&LIMITS),
            required: false,
            doc: "The most that any call is given. A policy that asks for more gets this.",
            example: "{ deadline = \"30s\" }",
            also: &["ceilings", "max-limits", "maximum"],
        },
        BUDGET_KEY,
        Key {
            name: "require-lock",
            shape: Shape::Flag,
            required: false,
            doc: "Whether a tool has to be in a lock. Default: false.",
            example: "true",
            also: &["lock", "locked"],
        },
        Key {
            name: "require-approval",
            shape: Shape::Flag,
            required: false,
            doc: "Whether a tool's lock has to carry an approval that holds. Default: false.",
            example: "true",
            also: &["approval", "approved"],
        },
    ],
};

/// `[[grants]]` of the owner's policy.
pub(crate) static OWNER_GRANT: Table = Table {
    title: "[[grants]]",
    doc: "A place that grants may lie in.",
    keys: &[
        Key {
            name: "path",
            shape: Shape::Path,
            required: true,
            doc: "An absolute path of the host, or one below `~`.",
            example: "\"~/work\"",
            also: &["dir", "directory", "folder", "root"],
        },
        Key {
            name: "rights",
            shape: Shape::Word(RIGHTS),
            required: false,
            doc: "The most that may be granted there. Default: `ro`.",
            example: "\"rw\"",
            also: &["access", "mode", "permissions"],
        },
    ],
};
