;; Declares a function of the sockets, which have no network behind them, with another type than it has, and calls it. Must end as
;; `trapped`, and the host must not fall over.
(component
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $sockets
    (export "create-tcp-socket" (func (result u32)))))
  (core func $create (canon lower (func $sockets "create-tcp-socket")))
  (core module $tool
    (import "sockets" "create" (func $create (result i32)))
    (func (export "run") (drop (call $create)))
  )
  (core instance $tool (instantiate $tool (with "sockets" (instance (export "create" (func $create))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
