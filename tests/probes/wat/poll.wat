;; Polls a hundred timers of an hour. Must end as `deadline-exceeded`.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
  )
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $at))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $wait (canon lower (func $poll "poll") (memory $at) (realloc (core func $memory "realloc"))))
  (core module $tool
    (import "host" "memory" (memory 1))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "wait" (func $wait (param i32 i32 i32)))
    (func (export "run")
      (local $at i32)
      (loop $next
        (i32.store (local.get $at) (call $subscribe (i64.const 3600000000000)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 400))))
      (call $wait (i32.const 0) (i32.const 100) (i32.const 1024)))
  )
  (core instance $tool (instantiate $tool (with "host" (instance
    (export "memory" (memory $at))
    (export "subscribe" (func $subscribe))
    (export "wait" (func $wait))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
