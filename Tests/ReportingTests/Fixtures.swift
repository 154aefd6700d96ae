import Reporting
import Statistics

/// Releases a table of public data.
func released(_ table: ResultTable) throws -> Released<ResultTable> {
  var disclosure = Disclosure(profile: .none)
  return try disclosure.release(table)
}

/// A small generator for tests that draw at random, the same draws every time.
struct Draws {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
