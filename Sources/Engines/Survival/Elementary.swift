internal import Glibc

/// Functions whose names would clash with those of types.
enum Elementary {
  static func log(_ x: Double) -> Double { Glibc.log(x) }
}
