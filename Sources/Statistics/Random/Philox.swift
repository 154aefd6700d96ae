/// Philox4x32-10, a counter-based generator: a keyed bijection of 128-bit counters.
///
/// Block n of a stream is computed from n alone, so any draw can be had without those before it.
/// Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011,
/// doi 10.1145/2063384.2063405).
enum Philox {
  /// The four 32-bit words that a counter is mapped to under a key.
  @inline(__always)
  static func block(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c, k) = (counter, key)
    for round in 0..<10 {
      if round > 0 {
        k.0 &+= 0x9E37_79B9
        k.1 &+= 0xBB67_AE85
      }
      let first = UInt64(c.0) &* 0xD251_1F53
      let second = UInt64(c.2) &* 0xCD9E_8D57
      c = (
        UInt32(truncatingIfNeeded: second >> 32) ^ c.1 ^ k.0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c.3 ^ k.1, UInt32(truncatingIfNeeded: first)
      )
    }
    return c
  }
}
