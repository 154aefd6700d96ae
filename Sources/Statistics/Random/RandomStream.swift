/// A stream of random numbers known by a seed, a name and an index.
///
/// The same three give the same draws, whatever else was drawn and on however many threads: give
/// each replicate, unit or block its own index. Streams of one seed and name with different indices
/// never overlap; different names or seeds give unrelated streams. The generator is Philox4x32-10.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private let index: UInt64
  private var position: UInt64 = 0
  private var waiting: UInt64?

  /// The stream of a seed, a name such as `bootstrap`, and an index such as the replicate's number.
  public init(seed: UInt64, name: String, index: UInt64 = 0) {
    // FNV-1a over the name's bytes, then mixed with the seed.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    self.init(key: RandomStream.mix(RandomStream.mix(seed) ^ hash), index: index)
  }

  private init(key: UInt64, index: UInt64) {
    self.key = key
    self.index = index
  }

  /// A stream of its own for a part of this one's work; it does not depend on what was drawn here.
  public func substream(_ number: UInt64) -> RandomStream {
    let child = RandomStream.mix(key ^ RandomStream.mix(index &+ 0x9E37_79B9_7F4A_7C15))
    return RandomStream(key: child, index: number)
  }

  /// The next 64 random bits.
  @inline(__always)
  public mutating func next() -> UInt64 {
    if let value = waiting {
      waiting = nil
      return value
    }
    let words = Philox.block(
      counter: (
        UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)
      ),
      key: (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
    position &+= 1
    waiting = UInt64(words.2) | UInt64(words.3) << 32
    return UInt64(words.0) | UInt64(words.1) << 32
  }

  /// A bijective mixing of 64 bits (the finaliser of SplitMix64; Steele, Lea & Flood 2014,
  /// doi 10.1145/2660193.2660195).
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
