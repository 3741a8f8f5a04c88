;; Fails with an error of `bytes` bytes, all of them NUL. Must be shown cut.
(component
  (core module $tool
    (memory (export "memory") 100)
    (func (export "complain") (param i32) (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store (i32.const 4) (i32.const 16))
      (i32.store (i32.const 8) (local.get 0))
      (i32.const 0))
  )
  (core instance $tool (instantiate $tool))
  (func (export "complain") (param "bytes" u32) (result (result (error string)))
    (canon lift (core func $tool "complain") (memory (core memory $tool "memory"))))
)
