;; Hands the host `bytes` bytes, `count` times: much work of the host's for little of its own. Must end at the deadline or be paid in fuel.
(component
  (import "bailiwick:tool/progress@0.1.0" (instance $progress
    (export "report" (func (param "done" u64) (param "total" (option u64)) (param "message" string)))))
  (core module $memory (memory (export "memory") 17))
  (core instance $memory (instantiate $memory))
  (core func $report (canon lower (func $progress "report") (memory (core memory $memory "memory"))))
  (core module $tool
    (import "progress" "report" (func $report (param i64 i32 i64 i32 i32)))
    (func (export "run") (param $count i32) (param $bytes i32)
      (block $done
        (loop $again
          (br_if $done (i32.eqz (local.get $count)))
          (call $report (i64.const 0) (i32.const 0) (i64.const 0) (i32.const 0) (local.get $bytes))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $again))))
  )
  (core instance $tool (instantiate $tool (with "progress" (instance (export "report" (func $report))))))
  (func (export "run") (param "count" u32) (param "bytes" u32) (canon lift (core func $tool "run")))
)
