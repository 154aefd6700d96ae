/// Products of rows with a vector in which equal rows get equal sums.
///
/// A library's kernels add in another order at the edge of a block, so that two people with the same
/// covariates could get scores that differ in the last digit: ties would part, and which of two
/// equals is matched would depend on where they stand in the file.
enum RowProducts {
  /// Sets `y` to the product of a column-major block and `x`, each row summed in column order.
  static func set(
    _ y: UnsafeMutablePointer<Double>, block: UnsafePointer<Double>, lead: Int, rows: Int,
    columns: Int, by x: UnsafePointer<Double>
  ) {
    // Short stretches, so that they stay in the nearest cache over all columns.
    let stretch = 1024
    for start in stride(from: 0, to: rows, by: stretch) {
      let count = min(stretch, rows - start)
      let (out, base) = (y + start, block + start)
      out.update(repeating: 0, count: count)
      var j = 0
      while j + 4 <= columns {
        let (a, b) = (base + j * lead, base + (j + 1) * lead)
        let (c, d) = (base + (j + 2) * lead, base + (j + 3) * lead)
        let (p, q, r, s) = (x[j], x[j + 1], x[j + 2], x[j + 3])
        for i in 0..<count {
          var sum = out[i] + a[i] * p
          sum += b[i] * q
          sum += c[i] * r
          out[i] = sum + d[i] * s
        }
        j += 4
      }
      while j < columns {
        let (a, p) = (base + j * lead, x[j])
        for i in 0..<count { out[i] += a[i] * p }
        j += 1
      }
    }
  }
}
