/// Stable orderings in linear time.
public enum Sorting {
  /// The stable ascending order of finite or infinite doubles: row numbers, smallest value first.
  ///
  /// −0 equals +0. NaN sorts last. Least-significant-digit radix sort in six passes of eleven bits.
  /// - Complexity: O(n) time, 24n bytes of scratch.
  public static func order(_ values: [Double]) -> [Int32] {
    let keys = values.map { value -> UInt64 in
      let bits = (value == 0 ? 0.0 : value.isNaN ? .nan : value).bitPattern
      return bits >> 63 == 0 ? bits | 0x8000_0000_0000_0000 : ~bits
    }
    return order(keys: keys)
  }

  /// The stable descending order: equal values keep the order of their rows.
  public static func descendingOrder(_ values: [Double]) -> [Int32] {
    let keys = values.map { value -> UInt64 in
      let bits = (value == 0 ? 0.0 : value.isNaN ? -.nan : value).bitPattern
      return ~(bits >> 63 == 0 ? bits | 0x8000_0000_0000_0000 : ~bits)
    }
    return order(keys: keys)
  }

  /// The stable ascending order of codes in `0..<levels`, by counting.
  public static func order(codes: [Int32], levels: Int) -> [Int32] {
    var start = [Int](repeating: 0, count: levels + 1)
    for code in codes { start[Int(code) + 1] += 1 }
    for level in 0..<levels { start[level + 1] += start[level] }
    return [Int32](unsafeUninitializedCapacity: codes.count) { output, initialized in
      for (row, code) in codes.enumerated() {
        output[start[Int(code)]] = Int32(truncatingIfNeeded: row)
        start[Int(code)] += 1
      }
      initialized = codes.count
    }
  }

  private static func order(keys: [UInt64]) -> [Int32] {
    let n = keys.count
    var (from, to) = (keys, [UInt64](repeating: 0, count: n))
    var rows = [Int32](unsafeUninitializedCapacity: n) { buffer, initialized in
      for i in 0..<n { buffer[i] = Int32(truncatingIfNeeded: i) }
      initialized = n
    }
    var moved = [Int32](repeating: 0, count: n)
    let bits = 11
    let mask = UInt64((1 << bits) - 1)
    var counts = [Int](repeating: 0, count: 6 << bits)
    for key in keys {
      for pass in 0..<6 {
        counts[pass << bits + Int(key >> UInt64(pass * bits) & mask)] += 1
      }
    }
    for pass in 0..<6 {
      let base = pass << bits
      // A digit that all keys share moves nothing.
      if n > 0, counts[base + Int(from[0] >> UInt64(pass * bits) & mask)] == n { continue }
      var sum = 0
      for digit in 0...Int(mask) {
        let count = counts[base + digit]
        counts[base + digit] = sum
        sum += count
      }
      from.withUnsafeBufferPointer { from in
        to.withUnsafeMutableBufferPointer { to in
          rows.withUnsafeBufferPointer { rows in
            moved.withUnsafeMutableBufferPointer { moved in
              counts.withUnsafeMutableBufferPointer { counts in
                for i in 0..<n {
                  let digit = base + Int(from[i] >> UInt64(pass * bits) & mask)
                  let place = counts[digit]
                  counts[digit] = place + 1
                  to[place] = from[i]
                  moved[place] = rows[i]
                }
              }
            }
          }
        }
      }
      swap(&from, &to)
      swap(&rows, &moved)
    }
    return rows
  }
}
