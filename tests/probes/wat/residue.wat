;; Writes all over its memory, and returns how many bytes of it were not zero before. Must return 0 every time: a pooled slot
;; keeps nothing of the call before.
(component
  (core module $tool
    (memory (export "memory") 32)
    (func (export "scrawl") (result i32)
      (local $at i32) (local $dirty i32)
      (loop $next
        (local.set $dirty
          (i32.add (local.get $dirty)
            (i64.ne (i64.load (local.get $at)) (i64.const 0))))
        (i64.store (local.get $at) (i64.const -1))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 2097152))))
      (local.get $dirty))
  )
  (core instance $tool (instantiate $tool))
  (func (export "scrawl") (result u32) (canon lift (core func $tool "scrawl")))
)
