internal import LinearAlgebra
internal import Statistics

/// A balanced panel with a member a row and a period a column, members sorted by cohort.
struct WidePanel: Sendable {
  var members: Int
  var periods: Int
  /// Entry `member + period · members`.
  var outcome: [Double]
  /// For each period of its own weights and covariates, the weights; nil without weights.
  var weights: [[Double]]?
  /// As `weights`: the covariates; nil without.
  var covariates: [DesignMatrix]?
  /// For each period the place of its weights and covariates; equal where they do not change.
  var version: [Int]

  init(
    _ sample: GroupTimeSample, table: [Int32], periods all: Int, outcome: [Double],
    covariates: DesignMatrix?, weights: [Double]?
  ) {
    let n = sample.members.count
    let used = sample.periods
    members = n
    periods = used
    let rows = Self.rows(sample, table, all)
    self.outcome = Self.gathered(outcome, rows, n, used)
    // Covariates that stay the same over time give all periods one model, made once.
    let isSame = Self.unchanged(rows, n, used, covariates, weights)
    var (version, firsts): ([Int], [Int]) = ([], [])
    for t in 0..<used {
      if !isSame[t] { firsts.append(t) }
      version.append(firsts.count - 1)
    }
    self.version = version
    self.weights = weights.map { weights in
      firsts.map { t in rows[(t * n)..<((t + 1) * n)].map { weights[Int($0)] } }
    }
    self.covariates = covariates.map { covariates in
      firsts.map { t in
        covariates.selecting(rows: rows[(t * n)..<((t + 1) * n)].map { Int($0) })
      }
    }
  }

  /// The panel's row of each member and period, members side by side.
  private static func rows(
    _ sample: GroupTimeSample, _ table: [Int32], _ all: Int
  ) -> [Int32] {
    let (n, used) = (sample.members.count, sample.periods)
    return [Int32](unsafeUninitializedCapacity: n * used) { buffer, count in
      table.withUnsafeBufferPointer { table in
        sample.members.withUnsafeBufferPointer { members in
          for place in 0..<n {
            let start = members[place] * all
            for t in 0..<used { buffer[place + t * n] = table[start + t] }
          }
        }
      }
      count = n * used
    }
  }

  /// Members in a block: all periods of one are read while they are in cache.
  private static let membersPerBlock = 8192

  private static func gathered(
    _ values: [Double], _ rows: [Int32], _ n: Int, _ periods: Int
  ) -> [Double] {
    let blocks = Parallel.ranges(of: n, size: membersPerBlock)
    return [Double](unsafeUninitializedCapacity: rows.count) { buffer, count in
      nonisolated(unsafe) let target = buffer
      values.withUnsafeBufferPointer { source in
        rows.withUnsafeBufferPointer { rows in
          nonisolated(unsafe) let (source, rows) = (source, rows)
          Parallel.forBlocks(blocks.count) { block in
            for member in blocks[block] {
              for t in 0..<periods {
                let place = member + t * n
                target[place] = source[Int(rows[place])]
              }
            }
          }
        }
      }
      count = rows.count
    }
  }

  /// For each period whether all members have the weights and covariates of the period before.
  private static func unchanged(
    _ rows: [Int32], _ n: Int, _ periods: Int, _ covariates: DesignMatrix?, _ weights: [Double]?
  ) -> [Bool] {
    let blocks = Parallel.ranges(of: n, size: membersPerBlock)
    let parts: [[Bool]] = Parallel.mapBlocks(blocks.count) { block in
      var same = [Bool](repeating: true, count: periods)
      func compare(_ values: UnsafeBufferPointer<Double>, from start: Int) {
        rows.withUnsafeBufferPointer { rows in
          for member in blocks[block] {
            var before = values[start + Int(rows[member])]
            for t in 1..<max(1, periods) {
              let own = values[start + Int(rows[member + t * n])]
              if own != before { same[t] = false }
              before = own
            }
          }
        }
      }
      if let weights { weights.withUnsafeBufferPointer { compare($0, from: 0) } }
      if let matrix = covariates?.matrix {
        matrix.storage.withUnsafeBufferPointer { storage in
          for column in 0..<matrix.columns { compare(storage, from: column * matrix.rows) }
        }
      }
      return same
    }
    return (0..<periods).map { t in t > 0 && parts.allSatisfy { $0[t] } }
  }

  /// Some runs of an array with an entry a member, one after another.
  func gather(_ values: [Double], _ runs: [Range<Int>], from start: Int = 0) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(runs.reduce(0) { $0 + $1.count })
    for run in runs {
      result.append(contentsOf: values[(start + run.lowerBound)..<(start + run.upperBound)])
    }
    return result
  }
}
