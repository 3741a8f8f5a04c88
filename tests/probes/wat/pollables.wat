;; Makes handles of the host's without end. Must end as `handles-exceeded`.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $tool
    (import "clock" "subscribe" (func $subscribe (param i64) (result i32)))
    (func (export "run")
      (loop $again
        (drop (call $subscribe (i64.const 1000000)))
        (br $again)))
  )
  (core instance $tool (instantiate $tool
    (with "clock" (instance (export "subscribe" (func $subscribe))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
