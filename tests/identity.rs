//! Files that are known from the last time and not read again, and how somebody would have one taken for what it is not.
//!
//! A file is taken for known when it loads through a descriptor that cannot be read.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use bailiwick_host::contract::kept::Facts;
use bailiwick_host::contract::lock::{Entry, Lock};
use bailiwick_host::contract::{Contract, Digest};
use bailiwick_host::{Cache, Compiling, Engine, LoadError, Source, Tool, ambient_authority};

use crate::guests::{probe_path, shipped};

/// A folder with a cache, and components beside it. On the filesystem that everything is built on: one in memory would not do.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn cache(&self) -> Cache {
        Cache::open_ambient(&self.path("code"), ambient_authority()).unwrap()
    }

    fn engine(&self) -> Engine {
        let mut compiling = Compiling::default();
        compiling.cache = Some(self.cache());
        Engine::with(compiling).unwrap()
    }

    /// A component whose one function has this name.
    fn put(&self, name: &str, function: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, component(function)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        path
    }

    fn read(&self, path: &Path) -> Source {
        Source::read("tool", File::open(path).unwrap(), Some(&self.cache())).unwrap()
    }

    /// The file without its contents, which is enough when it is known.
    fn known(&self, path: &Path) -> Option<Source> {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        match Source::read("tool", file, Some(&self.cache())) {
            Ok(source) => Some(source),
            Err(LoadError::Read { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads all of them, again and again, until these have rested for long enough to be known.
    fn settle(&self, paths: &[&Path], also: &[&Path]) {
        let begun = Instant::now();
        while !paths.iter().all(|path| self.known(path).is_some()) {
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "no file is ever known: is the target folder on ext4, XFS, Btrfs or F2FS?"
            );
            for path in also.iter().chain(paths) {
                self.read(path);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The files in the cache that end so.
    fn kept(&self, ending: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path("code")).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|is| is == ending))
            .collect()
    }

    /// Where it is noted what a file is.
    fn entry(&self, path: &Path) -> PathBuf {
        let stat = fs::metadata(path).unwrap();
        let name = format!("{:x}-{:x}.file", stat.dev(), stat.ino());
        self.path("code").join(name)
    }
}

fn component(function: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "go")))
            (core instance $i (instantiate $m))
            (func (export "{function}") (canon lift (core func $i "go"))))"#
    );
    wat::parse_str(text).unwrap()
}

fn function(source: &Source) -> &str {
    &source.contract().functions[0].name
}

/// Puts a file's modification time where it was.
fn set_back(path: &Path, time: SystemTime) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn a_file_that_is_as_it_was_is_not_read_again() {
    let place = Place::new();
    let path = place.put("tool.wasm", "good");
    assert!(place.known(&path).is_none(), "nobody has read it");
    Tool::load_source(&place.engine(), &place.read(&path)).unwrap();
    place.settle(&[&path], &[]);

    let source = place.known(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let read = Contract::read(&bytes).unwrap();
    assert_eq!(format!("{:?}", source.contract()), format!("{read:?}"));
    assert_eq!(source.size(), bytes.len() as u64);
    // Its code is kept, so nothing is missing.
    let tool = Tool::load_source(&place.engine(), &source).unwrap();
    assert_eq!(tool.contract().digest, Digest::of(&bytes));
    // Without its code its bytes are wanted after all.
    for code in place.kept("cwasm") {
        fs::remove_file(code).unwrap();
    }
    let error = Tool::load_source(&place.engine(), &source).unwrap_err();
    assert!(matches!(error, LoadError::Read { .. }), "{error}");
    Tool::load_source(&place.engine(), &place.read(&path)).unwrap();

    // It is of one cache, and `clear` takes all of it.
    assert_eq!(place.cache().list().unwrap().len(), 1);
    assert_eq!(place.cache().clear().unwrap().0, 3);
    assert!(place.known(&path).is_none());
    assert_eq!(fs::read_dir(place.path("code")).unwrap().count(), 0);
}

/// What somebody does to a file.
type Attack<'a> = &'a dyn Fn(&Path);

/// Row "the file changes between audit and load": whoever can write the component, and not the cache, has nothing else taken for it.
#[test]
fn a_file_that_was_written_to_is_another_one() {
    let place = Place::new();
    let good = component("good");
    let attacks: [(&str, Attack<'_>); 6] = [
        ("in place", &|path| {
            fs::write(path, component("evil")).unwrap();
        }),
        ("one byte", &|path| {
            let at = good.windows(4).rposition(|four| four == b"good").unwrap();
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all_at(b"f", at as u64).unwrap();
        }),
        ("cut and filled up again", &|path| {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(0).unwrap();
            file.write_all_at(&component("evil"), 0).unwrap();
        }),
        ("replaced", &|path| {
            let other = path.with_extension("new");
            fs::write(&other, component("evil")).unwrap();
            fs::rename(other, path).unwrap();
        }),
        ("another name for another file", &|path| {
            let other = path.with_extension("other");
            fs::write(&other, component("evil")).unwrap();
            fs::remove_file(path).unwrap();
            fs::hard_link(other, path).unwrap();
        }),
        ("longer", &|path| {
            let mut longer = good.clone();
            longer.extend(b"\0\x02\x01x");
            fs::write(path, longer).unwrap();
        }),
    ];
    let paths: Vec<_> = (0..attacks.len())
        .map(|number| place.put(&format!("{number}.wasm"), "good"))
        .collect();
    let all: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    place.settle(&all, &[]);

    let mut lock = Lock::default();
    lock.put("tool", Entry::of(&place.read(all[0]).audit()));
    let load = |path: &Path| {
        let source = place.read(path);
        Tool::load_source_locked(&place.engine(), &source, &lock, false, "2026-11-24")
    };
    for (path, (how, attack)) in paths.iter().zip(attacks) {
        load(path).unwrap();
        let before = fs::metadata(path).unwrap().modified().unwrap();
        attack(path);
        set_back(path, before);
        assert_eq!(fs::metadata(path).unwrap().modified().unwrap(), before);
        assert!(place.known(path).is_none(), "{how}");
        let bytes = fs::read(path).unwrap();
        match Source::read("tool", File::open(path).unwrap(), Some(&place.cache())) {
            Ok(source) => assert_eq!(source.contract().digest, Digest::of(&bytes), "{how}"),
            Err(error) => assert!(
                matches!(error, LoadError::Contract { .. }),
                "{how}: {error}"
            ),
        }
        // Not even for a moment: it was changed just now.
        assert!(place.known(path).is_none(), "{how}");
        match load_error(&place, path, &lock) {
            LoadError::Refused { mismatches, .. } => assert_eq!(mismatches[0].code, "digest"),
            error => assert!(
                matches!(error, LoadError::Contract { .. }),
                "{how}: {error}"
            ),
        }
    }
}

fn load_error(place: &Place, path: &Path, lock: &Lock) -> LoadError {
    let source = Source::read("tool", File::open(path).unwrap(), Some(&place.cache()));
    let tool = source.and_then(|source| {
        Tool::load_source_locked(&place.engine(), &source, lock, false, "2026-11-24")
    });
    tool.unwrap_err()
}

/// Writes a file through a mapping that was made, and written through, before the file was read.
const MAPPED: &str = r#"
import mmap, sys
file = open(sys.argv[1], "r+b")
mapped = mmap.mmap(file.fileno(), 0)
mapped[0:1] = mapped[0:1]
print("mapped", flush=True)
sys.stdin.readline()
at = mapped.rfind(b"good")
mapped[at:at + 4] = b"evil"
print("written", flush=True)
sys.stdin.readline()
"#;

#[test]
fn a_file_that_was_written_through_a_mapping_is_another_one() {
    let place = Place::new();
    let path = place.put("tool.wasm", "good");
    let child = Command::new("python3")
        .args(["-c", MAPPED])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        // Not `eprintln!`, which a test that passes keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there is no python3 to map a file"
        );
        return;
    };
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut go = child.stdin.take().unwrap();
    assert_eq!(told.next().unwrap().unwrap(), "mapped");
    place.settle(&[&path], &[]);
    let changed = fs::metadata(&path).unwrap();
    writeln!(go).unwrap();
    assert_eq!(told.next().unwrap().unwrap(), "written");
    assert_eq!(fs::metadata(&path).unwrap().len(), changed.len());
    assert!(place.known(&path).is_none());
    let read = place.read(&path);
    assert_eq!(
        read.contract().digest,
        Digest::of(&fs::read(&path).unwrap())
    );
    drop(go);
    child.wait().unwrap();
}

/// What could be written to without a sign of it is read each time.
#[test]
fn a_file_that_cannot_be_known_again_never_is() {
    let place = Place::new();
    let shared = place.put("shared.wasm", "good");
    fs::set_permissions(&shared, Permissions::from_mode(0o664)).unwrap();
    let public = place.put("public.wasm", "good");
    fs::set_permissions(&public, Permissions::from_mode(0o646)).unwrap();
    let future = place.put("future.wasm", "good");
    set_back(&future, SystemTime::now() + Duration::from_secs(86_400));
    let mut odd = vec![shared, public, future];
    // One in memory: what is written to it through a mapping leaves its times as they are.
    let memory = tempfile::tempdir_in("/dev/shm").ok();
    if let Some(memory) = &memory {
        let path = memory.path().join("tool.wasm");
        fs::write(&path, component("good")).unwrap();
        odd.push(path);
    }
    // The last, so that the others have rested when it has.
    let control = place.put("control.wasm", "good");
    let odd: Vec<&Path> = odd.iter().map(PathBuf::as_path).collect();
    place.settle(&[&control], &odd);
    // Once more, now that all have rested.
    for path in odd {
        place.read(path);
        assert!(place.known(path).is_none(), "{}", path.display());
        assert!(!place.entry(path).exists());
    }
}

/// What stands in the cache and could be of somebody else, or is not whole, is not believed, and is written anew.
#[test]
fn a_poisoned_entry_is_not_believed() {
    let place = Place::new();
    let (path, other) = (
        place.put("tool.wasm", "good"),
        place.put("other.wasm", "evil"),
    );
    place.settle(&[&path, &other], &[]);
    assert_eq!(function(&place.known(&path).unwrap()), "good");
    let entry = place.entry(&path);
    let digest = Digest::of(&fs::read(&path).unwrap()).to_string();
    let hex = digest.strip_prefix("sha256:").unwrap();
    let facts = place.kept("facts");
    let is_of = |path: &&PathBuf| path.to_str().unwrap().contains(hex);
    let others = facts.iter().find(|path| !is_of(path)).unwrap();
    let facts = facts.iter().find(is_of).unwrap();
    for file in [&entry, facts] {
        let good = fs::read(file).unwrap();
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let newer = String::from_utf8_lossy(&good).replacen(" 1\n", " 2\n", 1);
        let elsewhere = place.path("elsewhere");
        fs::write(&elsewhere, &good).unwrap();
        let odd: [(&str, &dyn Fn()); 10] = [
            ("others may write to it", &|| {
                fs::set_permissions(file, Permissions::from_mode(0o666)).unwrap();
            }),
            ("a link", &|| {
                fs::remove_file(file).unwrap();
                symlink(&elsewhere, file).unwrap();
            }),
            ("another name", &|| {
                fs::hard_link(file, place.path("name")).unwrap()
            }),
            ("cut off", &|| {
                fs::write(file, &good[..good.len() - 5]).unwrap()
            }),
            ("empty", &|| fs::write(file, "").unwrap()),
            ("another byte", &|| fs::write(file, &flipped).unwrap()),
            ("more", &|| {
                fs::write(file, [&good[..], b"\n"].concat()).unwrap()
            }),
            ("of another version", &|| {
                fs::write(file, newer.as_bytes()).unwrap()
            }),
            ("no text", &|| fs::write(file, [0xff; 200]).unwrap()),
            ("of another component", &|| {
                let other = if *file == entry {
                    place.entry(&other)
                } else {
                    others.clone()
                };
                fs::write(file, fs::read(other).unwrap()).unwrap();
            }),
        ];
        for (what, make) in odd {
            make();
            assert!(place.known(&path).is_none(), "{what}: {}", file.display());
            let source = place.read(&path);
            assert_eq!(function(&source), "good", "{what}");
            assert_eq!(source.contract().digest.to_string(), digest, "{what}");
            let again = place.known(&path);
            assert!(again.is_some(), "{what}: {}", file.display());
            assert_eq!(
                fs::symlink_metadata(file).unwrap().mode() & 0o7777,
                0o600,
                "{what}"
            );
        }
        let _ = fs::remove_file(place.path("name"));
    }
}

/// If a file is taken for another one in spite of all, only that other one's code runs, which was read here once; its own bytes never run under the other's digest.
#[test]
fn bytes_are_compiled_under_their_own_digest_alone() {
    let place = Place::new();
    let (path, other) = (
        place.put("tool.wasm", "good"),
        place.put("other.wasm", "evil"),
    );
    place.settle(&[&path, &other], &[]);
    // As the owner of the cache could: the other's entry, with the digest of the good one.
    let entry = fs::read_to_string(place.entry(&other)).unwrap();
    let evil = Digest::of(&fs::read(&other).unwrap()).to_string();
    let good = Digest::of(&fs::read(&path).unwrap()).to_string();
    fs::write(place.entry(&other), entry.replace(&evil, &good)).unwrap();
    let source = place.read(&other);
    assert_eq!(function(&source), "good");
    let error = Tool::load_source(&place.engine(), &source).unwrap_err();
    assert!(matches!(error, LoadError::Changed { .. }), "{error}");
    assert_eq!(place.cache().list().unwrap(), [], "nothing was compiled");
    // And it is not believed any more.
    assert_eq!(function(&place.read(&other)), "evil");
}

#[test]
fn what_is_no_component_is_said_as_without_a_cache() {
    let place = Place::new();
    let path = place.path("tool.wasm");
    for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"(component)", b"no"] {
        fs::write(&path, bytes).unwrap();
        let read = |cache: Option<&Cache>| {
            let source = Source::read("tool", File::open(&path).unwrap(), cache);
            source.unwrap_err().to_string()
        };
        let without = Tool::load(&place.engine(), "tool", bytes).unwrap_err();
        assert_eq!(read(None), without.to_string());
        assert_eq!(read(Some(&place.cache())), without.to_string());
    }
    let folder = Source::read("tool", File::open(place.0.path()).unwrap(), None);
    assert!(folder.unwrap_err().to_string().contains("it is not a file"));
    let size = bailiwick_host::limits::COMPONENT_BYTES as u64 + 1;
    File::create(&path).unwrap().set_len(size).unwrap();
    let large = Source::read("tool", File::open(&path).unwrap(), Some(&place.cache()));
    assert!(matches!(large, Err(LoadError::TooLarge { .. })));
}

/// What is kept of a guest is what its bytes say: for each that is built.
#[test]
fn facts_of_every_guest_are_those_of_its_bytes() {
    let mut guests: Vec<_> = ["files", "edit"].map(shipped).into();
    let probes = probe_path("echo");
    let folders = [
        probes.parent().unwrap().to_owned(),
        probes.ancestors().nth(2).unwrap().join("py"),
        probes.ancestors().nth(2).unwrap().join("js"),
    ];
    for folder in folders {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|ending| ending == "wasm") {
                guests.push(fs::read(path).unwrap());
            }
        }
    }
    assert!(guests.len() > 10);
    for bytes in guests {
        let contract = Contract::read(&bytes).unwrap();
        let facts = Facts::read(&bytes).unwrap().to_bytes();
        let facts = Facts::from_bytes(&facts).unwrap();
        assert_eq!(format!("{contract:?}"), format!("{:?}", facts.contract));
        let audit = bailiwick_host::contract::audit::Audit::read("tool", &bytes).unwrap();
        assert_eq!(format!("{audit:?}"), format!("{:?}", facts.audit("tool")));
    }
}
