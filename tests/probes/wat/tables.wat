;; Grows a table until it is told no, and crashes. Must end as `memory-exceeded`.
(component
  (core module $tool
    (table $t 1 funcref)
    (func (export "run")
      (loop $again
        (br_if $again
          (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1))))
      unreachable)
  )
  (core instance $tool (instantiate $tool))
  (func (export "run") (canon lift (core func $tool "run")))
)
