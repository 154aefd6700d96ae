internal import Glibc

@inline(__always) func exponential(_ x: Double) -> Double { exp(x) }
@inline(__always) func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
@inline(__always) func logarithm(_ x: Double) -> Double { log(x) }
@inline(__always) func logarithmOnePlus(_ x: Double) -> Double { log1p(x) }
@inline(__always) func complementaryError(_ x: Double) -> Double { erfc(x) }
@inline(__always) func cosine(_ x: Double) -> Double { cos(x) }
