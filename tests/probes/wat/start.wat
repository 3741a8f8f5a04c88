;; Loops for ever in a start function, before any call begins. Must end as `fuel-exhausted`.
(component
  (core module $tool
    (func $spin (loop $again (br $again)))
    (func (export "run"))
    (start $spin)
  )
  (core instance $tool (instantiate $tool))
  (func (export "run") (canon lift (core func $tool "run")))
)
