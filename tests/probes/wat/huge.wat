;; Returns a string of `bytes` bytes, all of them NUL. Must end as `output-exceeded` past what one crossing may move.
(component
  (core module $tool
    (memory (export "memory") 400)
    (func (export "string") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (local.get 0))
      (i32.const 0))
  )
  (core instance $tool (instantiate $tool))
  (func (export "string") (param "bytes" u32) (result string)
    (canon lift (core func $tool "string") (memory (core memory $tool "memory"))))
)
