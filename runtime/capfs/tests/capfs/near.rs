//! "Did you mean".

use crate::tree::{Tree, path};
use crate::view::View;

#[test]
fn names_like_the_one_that_is_missing() {
    let tree = Tree::new();
    tree.file("src/main.rs", "")
        .file("src/lib.rs", "")
        .file("README.md", "")
        .dir("docs");
    tree.file("src/deep/config.toml", "")
        .link("out", "../outside");
    let near = |missing: &str| View::of("workspace", tree.grant()).names_near(&path(missing), 3);
    assert_eq!(near("src/mian.rs"), ["/workspace/src/main.rs"]);
    assert_eq!(near("src/Main.rs"), ["/workspace/src/main.rs"]);
    assert_eq!(
        near("scr/main.rs"),
        ["/workspace/src", "/workspace/src/main.rs"]
    );
    assert_eq!(near("readme.md"), ["/workspace/README.md"]);
    assert_eq!(near("README.txt"), ["/workspace/README.md"]);
    assert_eq!(near("doc"), ["/workspace/docs"]);
    // Nothing alike where it was looked for, but the same name elsewhere.
    assert_eq!(near("config.toml"), ["/workspace/src/deep/config.toml"]);
    for nothing in [
        "completely-different",
        "src/main.rs",
        "src",
        "",
        "out/secrets",
        "README.md/x",
    ] {
        assert_eq!(near(nothing), [""; 0], "{nothing}");
    }
    // Finding the first that is missing has an end, too.
    let mut deep = "src/".repeat(40);
    tree.dir(&deep).link("zigzag", "src/../".repeat(200));
    assert_eq!(near("zigzag/src/missin"), [""; 0]);
    tree.file("src/missing", "");
    assert_eq!(near("zigzag/src/missin"), ["/workspace/zigzag/src/missing"]);
    tree.file(&format!("{deep}missing"), "");
    assert_eq!(near(&format!("{deep}missin")).len(), 1);
    deep = format!("zigzag/{deep}missin");
    assert_eq!(near(&deep), [""; 0]);
    let src = tree.handle().open_dir("src").unwrap();
    assert_eq!(src.names_near(&path("lib.py"), 3), ["/g/src/lib.rs"]);
    assert_eq!(src.names_near(&path("lib.py"), 0), [""; 0]);
}
