internal import LinearAlgebra
internal import Statistics

/// Each member's share in some estimates' errors: φ, whose squares sum to the variance.
///
/// Columns are the cells, then the cohorts' shares of weight, then the number of members. A cohort's
/// members have entries only for the cells that they take part in, so they lie in blocks with the
/// columns that are not zero there.
struct InfluenceColumns: Sendable {
  /// Some members and their columns, column-major.
  struct Block: Sendable {
    var rows: Int
    var columns: [Int] = []
    var values: [Double] = []

    mutating func append(_ column: Int, _ entries: some Collection<Double>) {
      columns.append(column)
      values.append(contentsOf: entries)
    }
  }

  var blocks: [Block]
  /// The number of columns in all.
  let columns: Int

  /// The sums over clusters, in blocks where no cluster spans two cohorts and else in one.
  ///
  /// `codes` has an entry for each member in the order of the blocks.
  func clustered(_ codes: [Int32], clusters: Int, blocksPerCohort: Int) -> InfluenceColumns {
    var cohortOfCluster = [Int](repeating: -1, count: clusters)
    var isNested = true
    var at = 0
    for (index, block) in blocks.enumerated() {
      let cohort = index / blocksPerCohort
      for _ in 0..<block.rows {
        let code = Int(codes[at])
        if cohortOfCluster[code] >= 0, cohortOfCluster[code] != cohort { isNested = false }
        cohortOfCluster[code] = cohort
        at += 1
      }
    }
    let perGroup = isNested ? blocksPerCohort : blocks.count
    var result = InfluenceColumns(blocks: [], columns: columns)
    var start = 0
    for first in stride(from: 0, to: blocks.count, by: max(1, perGroup)) {
      let own = blocks[first..<min(blocks.count, first + perGroup)]
      result.blocks.append(Self.summed(Array(own), codes, from: &start, clusters: clusters))
    }
    return result
  }

  private static func summed(
    _ own: [Block], _ codes: [Int32], from start: inout Int, clusters: Int
  ) -> Block {
    let columns = Array(Set(own.flatMap(\.columns))).sorted()
    var place: [Int: Int] = [:]
    for (index, column) in columns.enumerated() { place[column] = index }
    // Clusters are numbered in the order in which members meet them.
    var number = [Int](repeating: -1, count: clusters)
    var local: [Int] = []
    var count = 0
    let members = own.reduce(0) { $0 + $1.rows }
    for member in start..<(start + members) {
      let code = Int(codes[member])
      if number[code] < 0 {
        number[code] = count
        count += 1
      }
      local.append(number[code])
    }
    start += members
    var sums = [Double](repeating: 0, count: count * columns.count)
    var at = 0
    for block in own {
      for (index, column) in block.columns.enumerated() {
        let target = (place[column] ?? 0) * count
        for row in 0..<block.rows {
          sums[target + local[at + row]] += block.values[index * block.rows + row]
        }
      }
      at += block.rows
    }
    return Block(rows: count, columns: columns, values: sums)
  }

  /// The sums of products of all pairs of columns.
  var gram: Matrix {
    var total = Matrix(rows: columns, columns: columns)
    for block in blocks where block.rows > 0 && !block.columns.isEmpty {
      let own = Gram.product(
        Matrix(rows: block.rows, columns: block.columns.count, storage: block.values))
      for (j, column) in block.columns.enumerated() {
        for (i, row) in block.columns.enumerated() { total[row, column] += own[i, j] }
      }
    }
    return total
  }

  private static let drawsPerTask = 128
  private static let rowsPerProduct = 256

  /// Sums of the columns with a random sign a row: a row of the result for each draw.
  ///
  /// Rademacher signs, one a member or cluster; each run of 128 draws has a stream of its own.
  /// - Complexity: O(draws · entries).
  func signedSums(draws: Int, seed: UInt64) -> Matrix {
    let tasks = Parallel.ranges(of: draws, size: Self.drawsPerTask)
    let parts = Parallel.mapBlocks(tasks.count) { task in
      signedSums(
        count: tasks[task].count,
        RandomStream(seed: seed, name: "multiplier-bootstrap", index: UInt64(task)))
    }
    var result = Matrix(rows: draws, columns: columns)
    for (task, part) in parts.enumerated() {
      let rows = tasks[task]
      for column in 0..<columns {
        for k in 0..<rows.count {
          result.storage[rows.lowerBound + k + column * draws] =
            part.storage[k + column * Self.drawsPerTask]
        }
      }
    }
    return result
  }

  private func signedSums(count: Int, _ stream: RandomStream) -> Matrix {
    var stream = stream
    let lead = Self.drawsPerTask
    var total = Matrix(rows: lead, columns: columns)
    for block in blocks {
      for rows in Parallel.ranges(of: block.rows, size: Self.rowsPerProduct) {
        let signs = Self.signs(rows.count, &stream)
        guard !block.columns.isEmpty else { continue }
        var values = Matrix(rows: rows.count, columns: block.columns.count)
        values.storage.withUnsafeMutableBufferPointer { target in
          block.values.withUnsafeBufferPointer { source in
            for j in block.columns.indices {
              for i in 0..<rows.count {
                target[i + j * rows.count] = source[rows.lowerBound + i + j * block.rows]
              }
            }
          }
        }
        let product = signs * values
        total.storage.withUnsafeMutableBufferPointer { target in
          product.storage.withUnsafeBufferPointer { source in
            for (j, column) in block.columns.enumerated() {
              for k in 0..<lead { target[k + column * lead] += source[k + j * lead] }
            }
          }
        }
      }
    }
    return total
  }

  /// ±1 for each draw of a task and some rows, rows side by side.
  private static func signs(_ rows: Int, _ stream: inout RandomStream) -> Matrix {
    let words = drawsPerTask / 64
    let storage = [Double](unsafeUninitializedCapacity: rows * drawsPerTask) { buffer, count in
      SignTable.bytes.withUnsafeBufferPointer { table in
        for place in 0..<(rows * words) {
          var bits = stream.next()
          for byte in 0..<8 {
            let source = Int(bits & 255) * 8
            let target = place * 64 + byte * 8
            for k in 0..<8 { buffer[target + k] = table[source + k] }
            bits >>= 8
          }
        }
      }
      count = rows * drawsPerTask
    }
    return Matrix(rows: drawsPerTask, columns: rows, storage: storage)
  }

  /// The eight signs that each byte's bits stand for.
  private enum SignTable {
    static let bytes: [Double] = (0..<256).flatMap { byte in
      (0..<8).map { bit in byte >> bit & 1 == 0 ? -1 : 1 }
    }
  }
}
