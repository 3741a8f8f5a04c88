;; Counts its calls in a global. Must return 1 every time: nothing outlives a call.
(component
  (core module $tool
    (global $n (mut i32) (i32.const 0))
    (func (export "count") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (global.get $n))
  )
  (core instance $tool (instantiate $tool))
  (func (export "count") (result u32) (canon lift (core func $tool "count")))
)
