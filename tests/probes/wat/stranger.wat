;; Imports what nobody provides. Must be refused at load, by that name.
(component
  (import "strange:api/reach@1.2.3" (instance $reach (export "out" (func))))
  (core func $out (canon lower (func $reach "out")))
  (core module $tool
    (import "reach" "out" (func $out))
    (func (export "run") (call $out))
  )
  (core instance $tool (instantiate $tool (with "reach" (instance (export "out" (func $out))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
