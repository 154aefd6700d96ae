/// Numbers pairs of whole numbers in the order in which they first come: what groups rows by several keys, one
/// key after the other.
struct PairIndex {
  private(set) var firsts: [Int] = []
  private(set) var seconds: [Int] = []
  /// One more than a pair's number; 0 where the place is free.
  private var slots: [Int32]
  private var mask: Int

  /// How many pairs there are.
  var count: Int { firsts.count }

  init() {
    slots = [Int32](repeating: 0, count: 64)
    mask = 63
  }

  /// The number of a pair, a new one where it has none.
  @inline(__always)
  mutating func number(_ first: Int, _ second: Int) -> Int {
    var place = Self.hash(first, second) & mask
    while slots[place] != 0 {
      let known = Int(slots[place]) - 1
      if firsts[known] == first, seconds[known] == second { return known }
      place = (place + 1) & mask
    }
    firsts.append(first)
    seconds.append(second)
    slots[place] = Int32(firsts.count)
    if firsts.count * 2 > slots.count { grow() }
    return firsts.count - 1
  }

  private mutating func grow() {
    mask = slots.count * 2 - 1
    slots = [Int32](repeating: 0, count: mask + 1)
    for pair in firsts.indices {
      var place = Self.hash(firsts[pair], seconds[pair]) & mask
      while slots[place] != 0 { place = (place + 1) & mask }
      slots[place] = Int32(pair + 1)
    }
  }

  /// Multiplication by odd constants and a fold: the bits of doubles differ at the top only.
  @inline(__always)
  private static func hash(_ first: Int, _ second: Int) -> Int {
    var mixed =
      UInt64(bitPattern: Int64(first)) &* 0x9E37_79B9_7F4A_7C15
      ^ UInt64(bitPattern: Int64(second)) &* 0xC2B2_AE3D_27D4_EB4F
    mixed ^= mixed >> 32
    mixed = mixed &* 0xD6E8_FEB8_6659_FD93
    return Int(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 1)
  }
}
