internal import Glibc

/// eˣ, kept apart so that files need not import the C library for it alone.
@inline(__always)
func _exponential(_ x: Double) -> Double { exp(x) }
