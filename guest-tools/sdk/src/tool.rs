//! `tool!`: the bindings of a tool's own world.

/// Makes the bindings of a tool's world, in a private module `bindings`. It stands at the root of the crate.
///
/// The first word is the tier that the world includes: `pure`, `reads` or `edits`. What follows are options of
/// [`wit_bindgen::generate!`](https://docs.rs/wit-bindgen/0.61/wit_bindgen/macro.generate.html), of which two are
/// needed:
///
/// - `path`: the folder of the WIT files, from the crate's `Cargo.toml` on; it must also hold `bailiwick:tool` and
///   `bailiwick:fs`.
/// - `world`: the world, as `package:name/world`.
///
/// `bindings` has a trait `Guest` for the functions that the world exports by itself, and `exports::…::Guest` for
/// those of an interface. `bindings::export!(Tool);` exports the type that has them. The types of [`fs`](crate::fs)
/// and [`types`](crate::types) are the ones of this crate.
///
/// ```
/// bailiwick_guest::tool!(pure {
///     path: "../../wit",
///     inline: r#"
///         package example:shout@0.1.0;
///         world tool {
///           include bailiwick:tool/pure@0.1.0;
///           /// Say it louder.
///           export shout: func(text: string) -> string;
///         }
///     "#,
/// });
///
/// struct Tool;
///
/// impl bindings::Guest for Tool {
///     fn shout(text: String) -> String {
///         text.to_uppercase()
///     }
/// }
///
/// bindings::export!(Tool);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! tool {
    (pure { $($options:tt)* }) => {
        $crate::__bindings! {
            { $($options)* }
        }
    };
    (reads { $($options:tt)* }) => {
        $crate::__bindings! {
            { $($options)* }
            "bailiwick:fs/read@0.1.0": bailiwick_guest::fs::read,
        }
    };
    (edits { $($options:tt)* }) => {
        $crate::__bindings! {
            { $($options)* }
            "bailiwick:fs/read@0.1.0": bailiwick_guest::fs::read,
            "bailiwick:fs/write@0.1.0": bailiwick_guest::fs::write,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __bindings {
    ({ $($options:tt)* } $($with:tt)*) => {
        #[allow(clippy::all, missing_docs, unreachable_pub)]
        mod bindings {
            // The options come last, so that they may or may not end with a comma.
            $crate::wit_bindgen::generate!({
                with: {
                    "bailiwick:tool/types@0.1.0": bailiwick_guest::types,
                    "bailiwick:tool/progress@0.1.0": bailiwick_guest::progress,
                    $($with)*
                },
                generate_all,
                runtime_path: "bailiwick_guest::wit_bindgen::rt",
                default_bindings_module: "crate::bindings",
                $($options)*
            });
        }
    };
}
