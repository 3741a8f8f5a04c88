//! How many descriptors are open at a time. In a program of its own, since it counts those of the process.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use bailiwick_capfs::{
    Amount, Grant, GuestPath, Handles, Resolved, Rights, Scope, Volume, VolumeOptions, Writes,
    ambient_authority, bounds,
};

fn open() -> usize {
    // Less the one that lists them.
    std::fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

#[test]
fn few_and_all_given_back() {
    let whole = tempfile::tempdir().unwrap();
    let deep = vec!["d"; bounds::WALK_DEPTH as usize + 10].join("/");
    std::fs::create_dir_all(whole.path().join(&deep)).unwrap();
    for (end, _) in deep.match_indices('/') {
        // So that a walk comes back to each of them.
        std::fs::write(whole.path().join(&deep[..end]).join("z"), "z").unwrap();
    }
    std::fs::write(whole.path().join(&deep).join("x"), "x").unwrap();
    let before = open();
    {
        let authority = ambient_authority();
        let grant = Grant::open_ambient(whole.path(), Rights::READ, authority).unwrap();
        assert_eq!(open(), before + 1, "a grant is one");
        let options = VolumeOptions {
            writes: Writes::Direct,
            quota: Amount::default(),
        };
        let volume = Volume::new("g", grant, options, None).unwrap();
        let handles = Handles::default();
        let capability = handles.get(handles.grant("g", volume.clone())).unwrap();
        let layer = volume.begin(None);
        assert_eq!(open(), before + 1, "a volume and a layer need none");
        let resolved = layer
            .resolve_read(&capability, &GuestPath::parse(&deep).unwrap())
            .unwrap();
        assert_eq!(open(), before + 2, "a handle is one more");
        drop(resolved);
        let Resolved::Dir(dir) = layer
            .resolve_read(&capability, &GuestPath::default())
            .unwrap()
        else {
            panic!("it is a directory");
        };
        assert_eq!(open(), before + 1, "the grant itself is shared");
        let file = dir.open_file(&format!("{deep}/x")).unwrap();
        assert_eq!(open(), before + 2);
        drop(file);
        let mut walker = dir
            .walk(
                "",
                &Scope {
                    ignore: true,
                    ..Scope::default()
                },
            )
            .unwrap();
        while walker.next(1).unwrap().more {
            // One of them is the grant's.
            assert!(open() <= before + bounds::WALK_OPEN);
        }
        drop(walker.next(1).unwrap());
        assert_eq!(open(), before + 1, "a walk that has ended holds none");
        let mut walker = dir.walk("", &Scope::default()).unwrap();
        drop(walker.next(9).unwrap());
        assert!(open() > before + 1);
        drop(walker);
        // Below the handle, where it began is one of its own.
        let mut walker = dir.walk("d/d", &Scope::default()).unwrap();
        let mut most = 0;
        while walker.next(1).unwrap().more {
            most = most.max(open() - before - 1);
        }
        assert_eq!(most, bounds::WALK_OPEN);
    }
    assert_eq!(open(), before);
}
