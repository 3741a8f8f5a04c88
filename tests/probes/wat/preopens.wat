;; Declares an import with another type than it has. Must be refused at load, by its name.
(component
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (export "get-directories" (func))))
  (core func $get (canon lower (func $preopens "get-directories")))
  (core module $tool
    (import "preopens" "get" (func $get))
    (func (export "run") (call $get))
  )
  (core instance $tool (instantiate $tool (with "preopens" (instance (export "get" (func $get))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
