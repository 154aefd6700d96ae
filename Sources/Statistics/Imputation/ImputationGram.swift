/// Rows of a design in groups of four, and their weighted cross products.
struct ImputationDesign: Sendable {
  /// The rows one after another, padded with zeros to a multiple of four.
  var storage: [SIMD4<Double>]
  /// Groups of four in a row.
  let groups: Int

  /// A design of zeros.
  init(rows: Int, width: Int) {
    groups = width / 4
    storage = [SIMD4<Double>](repeating: .zero, count: rows * groups)
  }

  @inline(__always)
  subscript(row: Int, column: Int) -> Double {
    get { storage[row &* groups &+ column >> 2][column & 3] }
    set { storage[row &* groups &+ column >> 2][column & 3] = newValue }
  }

  /// The products of some rows with coefficients of every column.
  func products(_ rows: [Int], _ coefficients: [SIMD4<Double>]) -> [Double] {
    storage.withUnsafeBufferPointer { design in
      rows.map { row in
        var sum = SIMD4<Double>.zero
        for group in 0..<groups {
          sum += design[row &* groups &+ group] * coefficients[group]
        }
        return sum.sum()
      }
    }
  }

  /// Adds Σ w x xᵀ over some rows to the upper triangle of `total`, in groups of four.
  ///
  /// Without weights each row counts one. Four rows are taken at once, so that totals are read and
  /// written less.
  func addGram(
    _ rows: ArraySlice<Int>, weights: UnsafePointer<Double>?, to total: inout [SIMD4<Double>]
  ) {
    let k = groups
    rows.withUnsafeBufferPointer { rows in
      storage.withUnsafeBufferPointer { design in
        total.withUnsafeMutableBufferPointer { total in
          var t = 0
          while t < rows.count {
            let filled = min(4, rows.count &- t)
            let r0 = rows[t] &* k
            let r1 = rows[t &+ (filled > 1 ? 1 : 0)] &* k
            let r2 = rows[t &+ (filled > 2 ? 2 : 0)] &* k
            let r3 = rows[t &+ (filled > 3 ? 3 : 0)] &* k
            let w0 = weights.map { $0[t] } ?? 1
            let w1 = filled > 1 ? weights.map { $0[t &+ 1] } ?? 1 : 0
            let w2 = filled > 2 ? weights.map { $0[t &+ 2] } ?? 1 : 0
            let w3 = filled > 3 ? weights.map { $0[t &+ 3] } ?? 1 : 0
            for gi in 0..<k {
              let (x0, x1) = (design[r0 &+ gi] * w0, design[r1 &+ gi] * w1)
              let (x2, x3) = (design[r2 &+ gi] * w2, design[r3 &+ gi] * w3)
              for lane in 0..<4 {
                let (a, b) = (x0[lane], x1[lane])
                let (c, d) = (x2[lane], x3[lane])
                let place = (gi &* 4 &+ lane) &* k
                for gj in gi..<k {
                  total[place &+ gj] +=
                    (design[r0 &+ gj] * a + design[r1 &+ gj] * b)
                    + (design[r2 &+ gj] * c + design[r3 &+ gj] * d)
                }
              }
            }
            t &+= 4
          }
        }
      }
    }
  }

  /// Adds w x of some rows to the sums of their sites.
  func addSites(
    _ rows: ArraySlice<Int>, sites: [Int32], weights: UnsafePointer<Double>?,
    to sums: inout [SIMD4<Double>]
  ) {
    let k = groups
    storage.withUnsafeBufferPointer { design in
      sums.withUnsafeMutableBufferPointer { sums in
        for (t, row) in rows.enumerated() {
          let weight = weights.map { $0[t] } ?? 1
          let place = Int(sites[row]) &* k
          for group in 0..<k { sums[place &+ group] += design[row &* k &+ group] * weight }
        }
      }
    }
  }
}

/// An entry of the cross products, from the triangle that was filled.
@inline(__always)
func gramEntry(_ total: [SIMD4<Double>], _ groups: Int, _ i: Int, _ j: Int) -> Double {
  // Groups left of the diagonal's are not filled.
  let (row, column) = i <= j ? (i, j) : (j, i)
  return total[row &* groups &+ column >> 2][column & 3]
}
