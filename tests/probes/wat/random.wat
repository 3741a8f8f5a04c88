;; Asks for randomness without end: much work of the host's for hardly any fuel. Must end as `deadline-exceeded`.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $memory
    (memory (export "memory") 4)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  )
  (core instance $memory (instantiate $memory))
  (core func $get (canon lower (func $random "get-random-bytes")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $tool
    (import "random" "get" (func $get (param i64 i32)))
    (func (export "run")
      (loop $again
        (call $get (i64.const 65536) (i32.const 0))
        (br $again)))
  )
  (core instance $tool (instantiate $tool (with "random" (instance (export "get" (func $get))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
