internal import Statistics

extension NearestSearch {
  /// Who is focal and who is a candidate, stratum by stratum in the order of rank.
  struct Layout {
    /// The focal rows that are not discarded, in the order of the data.
    let focalRows: [Int32]
    let focalStrata: [Int32]
    private(set) var focalRanks: [Int32]
    /// The first candidate position above each focal unit.
    private(set) var insertions: [Int32]
    /// First position of each stratum, and the end of the last.
    private(set) var start: [Int]
    /// The row and the rank at each candidate position.
    private(set) var rows: [Int32]
    private(set) var ranks: [Int32]

    init(constraints: Constraints, order: [Int32], exact: Factor?) {
      let n = constraints.treatment.count
      let strata = exact?.levels.count ?? 1
      let codes = exact?.codes
      start = [Int](repeating: 0, count: strata + 1)
      // Above −1: the index among the focal units; −1: a candidate; −2: discarded.
      var index = [Int32](repeating: -1, count: n)
      var focalRows: [Int32] = []
      for row in 0..<n {
        if constraints.discarded[row] {
          index[row] = -2
        } else if constraints.treatment[row] == constraints.focalIsTreated {
          index[row] = Int32(focalRows.count)
          focalRows.append(Int32(row))
        } else {
          start[Int(codes?[row] ?? 0) + 1] += 1
        }
      }
      for stratum in 0..<strata { start[stratum + 1] += start[stratum] }
      var next = start
      rows = [Int32](repeating: 0, count: start[strata])
      ranks = rows
      let zeros = [Int32](repeating: 0, count: focalRows.count)
      focalRanks = zeros
      insertions = zeros
      self.focalRows = focalRows
      focalStrata = codes.map { codes in focalRows.map { codes[Int($0)] } } ?? zeros
      for rank in 0..<n {
        let row = Int(order[rank])
        let focal = Int(index[row])
        guard focal > -2 else { continue }
        let stratum = Int(codes?[row] ?? 0)
        if focal >= 0 {
          focalRanks[focal] = Int32(rank)
          insertions[focal] = Int32(next[stratum])
        } else {
          let place = next[stratum]
          rows[place] = Int32(row)
          ranks[place] = Int32(rank)
          next[stratum] = place + 1
        }
      }
    }
  }
}
