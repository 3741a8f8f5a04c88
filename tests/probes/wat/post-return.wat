;; Loops for ever in post-return, after the result was read. Must end as `fuel-exhausted`.
(component
  (core module $tool
    (memory (export "memory") 1)
    (func (export "run") (result i32) (i32.const 0))
    (func (export "after") (param i32) (loop $again (br $again)))
  )
  (core instance $tool (instantiate $tool))
  (func (export "run") (result string)
    (canon lift (core func $tool "run") (memory (core memory $tool "memory")) (post-return (core func $tool "after"))))
)
