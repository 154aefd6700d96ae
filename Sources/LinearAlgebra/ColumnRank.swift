/// Which columns of a design are linearly independent of those before them.
///
/// Columns keep their order, as R's `lm` does: a column is dropped when what is left of it after
/// projection on the kept earlier ones is below `tolerance` times its own length.
public struct ColumnRank: Sendable, Equatable {
  /// Indices of the independent columns, ascending.
  public let kept: [Int]
  /// Indices of the columns that are combinations of kept earlier ones, ascending.
  public let dropped: [Int]

  /// Finds independent columns from a Gram matrix X′WX.
  ///
  /// The Gram matrix is scaled to unit diagonal first; since it squares lengths, `tolerance` (on
  /// lengths) is squared before it is compared.
  public init(gram: Matrix, tolerance: Double = 1e-7) {
    let p = gram.columns
    let scale = gram.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    var rows: [[Double]] = []  // rows of the growing factor, one a kept column
    var kept: [Int] = []
    var dropped: [Int] = []
    for j in 0..<p {
      var entry = [Double](repeating: 0, count: kept.count)
      for (k, column) in kept.enumerated() {
        var value = gram[column, j] * scale[column] * scale[j]
        for l in 0..<k { value -= rows[k][l] * entry[l] }
        entry[k] = value / rows[k][k]
      }
      let left = (scale[j] > 0 ? 1 : 0) - entry.reduce(0) { $0 + $1 * $1 }
      if left > max(tolerance * tolerance, 1e-13) {
        entry.append(left.squareRoot())
        rows.append(entry)
        kept.append(j)
      } else {
        dropped.append(j)
      }
    }
    self.kept = kept
    self.dropped = dropped
  }
}
