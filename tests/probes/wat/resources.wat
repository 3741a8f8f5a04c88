;; Makes `count` resources of its own and keeps all of them. Must end as `handles-exceeded` past the limit.
(component
  (type $thing (resource (rep i32)))
  (core func $new (canon resource.new $thing))
  (core module $tool
    (import "thing" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param $count i32) (result i32)
      (local $made i32)
      (block $done
        (loop $again
          (br_if $done (i32.eq (local.get $made) (local.get $count)))
          (drop (call $new (local.get $made)))
          (local.set $made (i32.add (local.get $made) (i32.const 1)))
          (br $again)))
      (local.get $made))
  )
  (core instance $tool (instantiate $tool (with "thing" (instance (export "new" (func $new))))))
  (func (export "make") (param "count" u32) (result u32) (canon lift (core func $tool "make")))
)
