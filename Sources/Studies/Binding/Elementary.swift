internal import Glibc

/// eˣ, kept apart so that files need not import the C library for it alone.
@inline(__always)
func _exponential(_ x: Double) -> Double { exp(x) }

/// The natural logarithm, likewise.
@inline(__always)
func _logarithm(_ x: Double) -> Double { log(x) }
