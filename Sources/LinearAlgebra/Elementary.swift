internal import Glibc

/// The natural logarithm, kept apart so that files need not import the C library for it alone.
@inline(__always)
func _log(_ x: Double) -> Double { log(x) }
