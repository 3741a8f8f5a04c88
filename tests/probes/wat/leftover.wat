;; Looks for what a call before left behind: in 10 MiB of memory, in pages that it grows, in a table and in a global; and fills all of them before it
;; ends, well or not. `look` must return 0 every time, whatever the ends of the calls before.
(component
  (core module $tool
    (memory (export "memory") 160)
    (table $table 1000 funcref)
    (global $global (mut i64) (i64.const 0))
    (elem declare func $scrawl)
    (func $look (result i32)
      (local $at i32) (local $end i32) (local $dirty i32)
      (drop (memory.grow (i32.const 32)))
      (local.set $end (i32.shl (memory.size) (i32.const 16)))
      (loop $next
        (local.set $dirty (i32.add (local.get $dirty) (i64.ne (i64.load (local.get $at)) (i64.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
      (local.set $at (i32.const 0))
      (loop $next
        (local.set $dirty (i32.add (local.get $dirty) (i32.eqz (ref.is_null (table.get $table (local.get $at))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 1000))))
      (i32.add (local.get $dirty) (i64.ne (global.get $global) (i64.const 0))))
    (func $scrawl
      (drop (memory.grow (i32.const 32)))
      (memory.fill (i32.const 0) (i32.const 255) (i32.shl (memory.size) (i32.const 16)))
      (table.fill $table (i32.const 0) (ref.func $scrawl) (i32.const 1000))
      (global.set $global (i64.const -1)))
    (func (export "look") (result i32) (call $look))
    (func (export "scrawl") (call $scrawl))
    (func (export "scrawl-and-trap") (call $scrawl) unreachable)
    (func (export "scrawl-and-spin") (call $scrawl) (loop $again (br $again)))
  )
  (core instance $tool (instantiate $tool))
  (func (export "look") (result u32) (canon lift (core func $tool "look")))
  (func (export "scrawl") (canon lift (core func $tool "scrawl")))
  (func (export "scrawl-and-trap") (canon lift (core func $tool "scrawl-and-trap")))
  (func (export "scrawl-and-spin") (canon lift (core func $tool "scrawl-and-spin")))
)
