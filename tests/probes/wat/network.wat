;; Asks for a socket as a library does. The answer is an error, `access-denied`, which is the first case: then it ends well, and traps
;; otherwise.
(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $code (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
      "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable"
      "address-in-use" "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
      "datagram-too-large" "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type (eq $code)))
    (type $family (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type (eq $family)))))
  (alias export $network "network" (type $held))
  (alias export $network "error-code" (type $code))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/instance-network@0.2.0" (instance $instance
    (alias outer 1 $held (type $h))
    (export "network" (type $n (eq $h)))
    (export "instance-network" (func (result (own $n))))))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $code (type $c))
    (export "error-code" (type $e (eq $c)))
    (alias outer 1 $family (type $f))
    (export "ip-address-family" (type $a (eq $f)))
    (alias outer 1 $socket (type $s))
    (export "tcp-socket" (type $t (eq $s)))
    (export "create-tcp-socket" (func (param "address-family" $a) (result (result (own $t) (error $e)))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $at))
  (core func $network (canon lower (func $instance "instance-network")))
  (core func $make (canon lower (func $create "create-tcp-socket") (memory $at)))
  (core module $tool
    (import "host" "memory" (memory 1))
    (import "host" "network" (func $network (result i32)))
    (import "host" "make" (func $make (param i32 i32)))
    (func (export "run")
      (drop (call $network))
      (call $make (i32.const 0) (i32.const 16))
      ;; An error, and `access-denied`.
      (if (i32.ne (i32.load8_u (i32.const 16)) (i32.const 1)) (then unreachable))
      (if (i32.ne (i32.load8_u (i32.const 20)) (i32.const 1)) (then unreachable)))
  )
  (core instance $tool (instantiate $tool (with "host" (instance
    (export "memory" (memory $at))
    (export "network" (func $network))
    (export "make" (func $make))))))
  (func (export "run") (canon lift (core func $tool "run")))
)
