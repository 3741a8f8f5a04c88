;; Imports sockets, which this host never links. Must be refused at load, by that name.
(component
  (import "wasi:sockets/instance-network@0.2.0" (instance $network
    (export "network" (type (sub resource)))))
  (core module $tool (func (export "run")))
  (core instance $tool (instantiate $tool))
  (func (export "run") (canon lift (core func $tool "run")))
)
