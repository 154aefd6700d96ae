internal import LinearAlgebra
internal import Statistics

/// The people of each site and group: one treated or comparison site a cell.
struct SiteCells: Sendable {
  /// For each row its cell, −1 for rows without sampling weight.
  private var cell: [Int]
  /// Whether each cell is treated.
  private var isTreated: [Bool]
  private var rows: [[Int]]

  /// Cells in the order of the site's levels, the comparisons' before the treated's.
  init(_ sites: Factor, _ table: MomentTable) {
    let levels = sites.levels.count
    var members = [[Int]](repeating: [], count: 2 * levels)
    for (row, code) in sites.codes.enumerated() where table.sampling[row] > 0 {
      members[(table.treatment[row] ? levels : 0) + Int(code)].append(row)
    }
    let used = members.indices.filter { !members[$0].isEmpty }
    rows = used.map { members[$0] }
    isTreated = used.map { $0 >= levels }
    cell = [Int](repeating: -1, count: sites.count)
    for (index, members) in rows.enumerated() { for row in members { cell[row] = index } }
  }

  /// The rows of each cell of a group.
  func members(of group: Bool) -> [[Int]] {
    rows.indices.filter { isTreated[$0] == group }.map { rows[$0] }
  }

  /// The table's matrix with every row's moments replaced by its site's means.
  func means(_ table: MomentTable) -> Matrix {
    let (n, p) = (table.matrix.rows, table.matrix.columns)
    let totals = rows.map { $0.reduce(0) { $0 + table.sampling[$1] } }
    let columns = Parallel.mapBlocks(p) { column in
      table.matrix.storage.withUnsafeBufferPointer { x -> [Double] in
        let start = column * n
        guard column > 0 else { return Array(x[0..<n]) }
        var sums = [Double](repeating: 0, count: rows.count)
        for row in 0..<n where cell[row] >= 0 {
          sums[cell[row]] += table.sampling[row] * x[start + row]
        }
        return (0..<n).map { row in
          cell[row] < 0 ? x[start + row] : sums[cell[row]] / totals[cell[row]]
        }
      }
    }
    return Matrix(columns: columns)
  }

  /// How many sites of each group have weight, and how many equal ones they are worth.
  func counts(_ weights: [Double], _ table: MomentTable) -> BalancingWeights.Sites {
    func group(_ group: Bool) -> BalancingWeights.Sites.Group {
      let sums = members(of: group).map { $0.reduce(0) { $0 + table.sampling[$1] * weights[$1] } }
      let (total, squares) = (sums.reduce(0, +), sums.reduce(0) { $0 + $1 * $1 })
      return BalancingWeights.Sites.Group(
        all: sums.count, weighted: sums.count { $0 > 0 }, effective: total * total / squares)
    }
    return BalancingWeights.Sites(treated: group(true), comparison: group(false))
  }
}
