;; A program, as `wasi:cli` has it: it exports `wasi:cli/run` and prints.
(component
  (import "wasi:io/streams@0.2.6" (instance $streams
    (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.6" (instance $stdout
    (alias outer 1 $output-stream (type $of-streams))
    (export "output-stream" (type $stream (eq $of-streams)))
    (export "get-stdout" (func (result (own $stream))))))
  (core module $m
    (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance (export "wasi:cli/run@0.2.6") (export "run" (func $run))))
