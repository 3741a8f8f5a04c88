;; Crashes in functions whose names are words of the host's errors. Must end as `trapped`: a guest does not choose its outcome's code.
(component
  (core module $tool
    (func $"store handle limit exceeded" (export "handles") unreachable)
    (func $"fuel allocated for hostcalls has been exhausted" (export "crossing") unreachable)
    (func $"resource limit exceeded: memory count too high" (export "memories") unreachable)
  )
  (core instance $tool (instantiate $tool))
  (func (export "handles") (canon lift (core func $tool "handles")))
  (func (export "crossing") (canon lift (core func $tool "crossing")))
  (func (export "memories") (canon lift (core func $tool "memories")))
)
