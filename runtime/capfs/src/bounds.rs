//! Every bound of this crate, in one place. Each says its unit, its scope, and what happens at it.
//!
//! They keep one crossing within milliseconds and a few megabytes, whatever tree or guest is on the other side. They
//! are not the caller's budget: the host counts crossings, bytes and handles over a call.

/// Bytes of file contents that one crossing moves. [`ReadFile::read`](crate::ReadFile::read) is cut there;
/// [`ReadDir::read_files`](crate::ReadDir::read_files) gives fewer results than paths.
pub const TRANSFER: u32 = 4 << 20;

/// Steps of resolution in one `read_files`, those of paths that fail included: names looked up, and a little for long
/// links. The list ends with the path that reaches it, so that a list of paths that fail, or that run through many
/// directories and links, ends as well.
pub const LOOKUPS: u32 = 1024;

/// Bytes of a path. One more is `name-too-long`.
pub const PATH: usize = 4096;

/// Bytes of one name in a path. One more is `name-too-long`.
pub const NAME: usize = 255;

/// Symbolic links that are followed in the resolution of one path. One more is `loop`.
pub const LINKS: u32 = 40;

/// Steps in the resolution of one path beyond the names in it, all of them for links: 1 for a name that is looked up,
/// those that are walked again after a `..` included, and 1 more for every [`NAME`] bytes of a link. One more is
/// `name-too-long`. Only long links, and those that run in zigzag, need so many.
pub const STEPS: u32 = 512;

/// Names in one directory that is listed, hidden ones included. With one more, the directory is not listed: `overflow`
/// when the walk begins at it, counted as skipped below.
pub const LISTING: usize = 10_000;

/// Levels that one walk goes down. What lies deeper is counted as skipped.
pub const WALK_DEPTH: u32 = 64;

/// Directories that one walk holds open: the one it began at, and the innermost. Those between are opened again when
/// the walk comes back to them.
pub const WALK_OPEN: usize = 8;

/// Bytes of names that one walk holds at a time, with [`NAME_OVERHEAD`] for each. A directory whose names do not fit
/// besides those of the levels above is counted as skipped.
pub const WALK_NAMES: usize = 4 << 20;

/// Bytes that a held name counts besides its own, towards [`WALK_NAMES`].
pub const NAME_OVERHEAD: usize = 32;

/// Entries of one page of a walk. More are not given, whatever is asked for.
pub const PAGE: u32 = 4096;

/// Bytes of paths in one page of a walk. The page ends with the entry that reaches it.
pub const PAGE_BYTES: usize = 1 << 20;

/// Units of work in one page of a walk, each a microsecond or two: 1 for a name that is looked at, and 1 more for
/// every [`MATCH_WORK`] bytes of patterns that it is matched with; [`OPEN_WORK`] for a directory or an ignore file that
/// is opened, 1 more for every [`LIST_WORK`] names that are listed, and 1 for every [`READ_WORK`] bytes of an ignore
/// file; [`COMPILE_WORK`] for each byte of patterns that is compiled. The page ends with the directory or entry that
/// reaches it, empty or not. What the beginning of the walk took counts towards its first page.
pub const PAGE_WORK: usize = 8192;

/// Units of [`PAGE_WORK`] for opening a directory or an ignore file.
pub const OPEN_WORK: usize = 8;

/// Names listed for one unit of [`PAGE_WORK`].
pub const LIST_WORK: usize = 4;

/// Bytes of patterns that make one more unit of [`PAGE_WORK`] for each name.
pub const MATCH_WORK: usize = 512;

/// Bytes of an ignore file, comments included, that are read for one unit of [`PAGE_WORK`].
pub const READ_WORK: usize = 512;

/// Units of [`PAGE_WORK`] for compiling a byte of patterns.
pub const COMPILE_WORK: usize = 4;

/// Bytes of one `.gitignore` or `.ignore` file, comments included. A longer one is not applied.
pub const RULES_FILE: u64 = 64 << 10;

/// Bytes of patterns in one ignore file. It is not applied when it has more: patterns can be written so that each
/// byte takes microseconds to compile.
pub const RULES: usize = 4 << 10;

/// Patterns in one ignore file. It is not applied when it has more.
pub const RULES_LINES: usize = 1000;

/// Bytes of patterns that one walk applies at a time. Of the files on the way down, those that go over it are not
/// applied.
pub const RULES_HELD: usize = 8 << 10;

/// Directories above a walk whose ignore files are applied, the innermost ones.
pub const RULES_ABOVE: usize = 64;

/// Bytes of ignore files above a walk that are read, comments included. Of the files on the way down, those that go
/// over it are not applied.
pub const RULES_ABOVE_BYTES: u64 = 256 << 10;

/// Bytes of the plain names from a volume's root to a directory, and one more for each: what a handle knows of where it
/// is. What lies further down is `name-too-long`.
pub const WAY: usize = 16 << 10;

/// Levels below the grant at which a directory still knows what is above it. No ignore files above a walk that begins
/// further down are applied.
pub const TRAIL: usize = 1024;

/// Bytes of all globs of one walk. More are `overflow`. Globs can be written so that each byte takes tens of
/// microseconds to compile.
pub const GLOBS: usize = 1 << 10;

/// Globs of one walk. More are `overflow`.
pub const GLOBS_COUNT: usize = 64;

/// Opening braces in one glob. A glob with more is `invalid`; in an ignore file its line is not applied.
pub const GLOB_BRACES: usize = 32;

/// Files with changed contents that are kept open for one volume, besides those that are in use at that moment. The
/// others are closed, and opened again when they are used: however many files calls change, a volume holds no more
/// descriptors for them.
pub const CONTENTS_OPEN: usize = 16;

/// Bytes of a file that is replaced whole and whose digest is taken, to tell later whether others changed it. Of a
/// larger one the stamp has to do (which file, size, times): whatever changes that is a conflict.
pub const DIGESTED: u64 = 64 << 20;

/// Names in a directory that is renamed or removed with all that is in it: each is asked for. More are `overflow`. So
/// they are in a directory of the base that is removed, even when what was in it was removed before and that is not on
/// disk: it is noted what goes with it.
pub const SUBTREE: usize = 100_000;

/// Levels of such a directory. More are `overflow`.
pub const SUBTREE_DEPTH: u32 = 256;
