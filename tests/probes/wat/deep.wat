;; Goes deep into its stack by way of the host: calls a host function at every level (`calls`), has the host call back into a function of its
;; own that never ends (`back`), and does that at a level of one's choice (`both`). Must end as `stack-exhausted`, wherever the stack ends.
(component
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $memory
    (memory (export "memory") 1)
    (func $sink (param i32) (result i32) (i32.add (i32.const 1) (call $sink (local.get 0))))
    (func (export "flat") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "endless") (param i32 i32 i32 i32) (result i32) (call $sink (i32.const 0)))
  )
  (core instance $memory (instantiate $memory))
  (core func $flat (canon lower (func $random "get-random-bytes")
    (memory (core memory $memory "memory")) (realloc (core func $memory "flat"))))
  (core func $endless (canon lower (func $random "get-random-bytes")
    (memory (core memory $memory "memory")) (realloc (core func $memory "endless"))))
  (core module $tool
    (import "host" "flat" (func $flat (param i64 i32)))
    (import "host" "endless" (func $endless (param i64 i32)))
    (func $each (result i32)
      (call $flat (i64.const 16) (i32.const 0))
      (i32.add (i32.const 1) (call $each)))
    (func $down (param $levels i32) (result i32)
      (if (result i32) (local.get $levels)
        (then (i32.add (i32.const 1) (call $down (i32.sub (local.get $levels) (i32.const 1)))))
        (else (call $endless (i64.const 16) (i32.const 0)) (i32.const 0))))
    (func (export "calls") (drop (call $each)))
    (func (export "back") (call $endless (i64.const 16) (i32.const 0)))
    (func (export "both") (param i32) (drop (call $down (local.get 0))))
  )
  (core instance $tool (instantiate $tool (with "host" (instance
    (export "flat" (func $flat))
    (export "endless" (func $endless))))))
  (func (export "calls") (canon lift (core func $tool "calls")))
  (func (export "back") (canon lift (core func $tool "back")))
  (func (export "both") (param "levels" u32) (canon lift (core func $tool "both")))
)
