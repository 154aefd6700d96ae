internal import LinearAlgebra

/// The removal of categorical effects from columns: residuals of their regression on the levels.
///
/// One factor is demeaned; balanced two-way panels have a closed form; other two-way layouts
/// eliminate the factor with more levels and factor the normal equations of the other; anything
/// else is solved by conjugate gradients over symmetric alternating projections (Correia 2016;
/// Gaure 2013, doi:10.1016/j.csda.2013.03.024). How far the residuals are from satisfying the
/// normal equations is measured and returned.
public struct Absorption: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of levels that occur, for each factor.
  public let levels: [Int]
  /// The connected components of the graph that joins the first two factors' levels; 1 for one.
  public let components: Int
  /// The weights, nil for all one.
  public let weights: [Double]?

  let codes: [[Int32]]
  /// The weight in each level of each factor.
  let totals: [[Double]]
  let method: Method

  enum Method: Sendable {
    case oneWay
    case balanced
    /// Factors by place: the one eliminated, the one solved, and the latter's grounded system.
    case eliminated(larger: Int, smaller: Int, factor: Cholesky, grounded: [Bool])
    case iterated
  }

  /// The smaller factor of a two-way layout is solved directly up to this many levels.
  static let directLevels = 500

  /// Prepares the removal of some factors' effects; every row needs a level of every factor.
  ///
  /// - Throws: `badDesign` without factors, `sizeMismatch`, `missingValue` for a row without level,
  ///   `badWeight` for a weight that is not positive.
  /// - Complexity: O(n) and, for two factors that are not balanced, O(n·L) at worst with L the
  ///   smaller number of levels.
  public init(_ factors: [Factor], weights: [Double]? = nil) throws(SiblingError) {
    guard let first = factors.first else {
      throw SiblingError(.badDesign, "There are no effects to absorb.", help: "Name a column.")
    }
    for factor in factors {
      guard factor.count == first.count else {
        throw SiblingError(.sizeMismatch, "The absorbed columns have different numbers of rows.")
      }
      if let row = factor.codes.firstIndex(where: { $0 < 0 }) {
        throw SiblingError(
          .missingValue, "An absorbed column is missing here.",
          help: "Drop rows with missing values.", row: row)
      }
    }
    if let weights {
      guard weights.count == first.count else {
        throw SiblingError(
          .sizeMismatch, "There are \(weights.count) weights for \(first.count) rows.")
      }
      if let row = weights.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
        throw SiblingError(
          .badWeight, "Weights must be positive where effects are absorbed.",
          help: "Leave rows of weight zero out.", row: row)
      }
    }
    rows = first.count
    self.weights = weights
    let compact = factors.map { Self.compacted($0) }
    codes = compact.map(\.codes)
    levels = compact.map(\.levels)
    totals = compact.map { Self.levelTotals($0.codes, $0.levels, weights) }
    let balanced =
      codes.count == 2 && weights == nil
      && Self.isBalanced(codes[0], codes[1], levels[0], levels[1])
    if codes.count == 1 {
      (components, method) = (1, .oneWay)
    } else if balanced {
      (components, method) = (1, .balanced)
    } else {
      let roots = Self.connected(codes[0], codes[1], levels[0], levels[1])
      components = roots.indices.filter { roots[$0] == $0 }.count
      let larger = levels[0] >= levels[1] ? 0 : 1
      let system =
        codes.count == 2 && levels[1 - larger] <= Self.directLevels
        ? Self.groundedSystem(codes, levels, totals, weights, larger, roots) : nil
      method =
        system.map {
          .eliminated(larger: larger, smaller: 1 - larger, factor: $0.0, grounded: $0.1)
        } ?? .iterated
    }
  }

  /// The parameters that the effects stand for: levels, less one for each redundancy known.
  ///
  /// Two factors are redundant once a connected component; every further factor once, which is
  /// exact for nested-free layouts and conservative otherwise.
  public var parameters: Int {
    guard levels.count > 1 else { return levels[0] }
    return levels.reduce(0, +) - components - (levels.count - 2)
  }

  private static func compacted(_ factor: Factor) -> (codes: [Int32], levels: Int) {
    var used = [Bool](repeating: false, count: factor.levels.count)
    for code in factor.codes { used[Int(code)] = true }
    let count = used.reduce(0) { $0 + ($1 ? 1 : 0) }
    if count == used.count { return (factor.codes, count) }
    var number = [Int32](repeating: 0, count: used.count)
    var next: Int32 = 0
    for level in used.indices where used[level] {
      number[level] = next
      next += 1
    }
    return (factor.codes.map { number[Int($0)] }, count)
  }

  static func levelTotals(_ codes: [Int32], _ levels: Int, _ weights: [Double]?) -> [Double] {
    var totals = [Double](repeating: 0, count: levels)
    if let weights {
      for (row, code) in codes.enumerated() { totals[Int(code)] += weights[row] }
    } else {
      for code in codes { totals[Int(code)] += 1 }
    }
    return totals
  }

  /// Whether every pair of levels occurs exactly once.
  private static func isBalanced(
    _ a: [Int32], _ b: [Int32], _ aLevels: Int, _ bLevels: Int
  ) -> Bool {
    let n = a.count
    guard aLevels.multipliedReportingOverflow(by: bLevels) == (n, false) else { return false }
    var seen = [Bool](repeating: false, count: n)
    for row in 0..<n {
      let cell = Int(a[row]) * bLevels + Int(b[row])
      if seen[cell] { return false }
      seen[cell] = true
    }
    return true
  }

  /// For each level of the first factor, then of the second, the root of its component.
  private static func connected(
    _ a: [Int32], _ b: [Int32], _ aLevels: Int, _ bLevels: Int
  ) -> [Int] {
    var parent = Array(0..<(aLevels + bLevels))
    parent.withUnsafeMutableBufferPointer { parent in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for row in a.indices {
            let left = root(Int(a[row]), parent)
            let right = root(aLevels + Int(b[row]), parent)
            if left != right { parent[max(left, right)] = min(left, right) }
          }
        }
      }
      for node in parent.indices { parent[node] = root(node, parent) }
    }
    return parent
  }

  /// The root of a node's tree, whose path is shortened on the way.
  private static func root(_ node: Int, _ parent: UnsafeMutableBufferPointer<Int>) -> Int {
    var node = node
    while parent[node] != node {
      parent[node] = parent[parent[node]]
      node = parent[node]
    }
    return node
  }

  /// The smaller factor's normal equations after elimination, one level a component held at zero.
  private static func groundedSystem(
    _ codes: [[Int32]], _ levels: [Int], _ totals: [[Double]], _ weights: [Double]?, _ larger: Int,
    _ roots: [Int]
  ) -> (Cholesky, [Bool])? {
    let (a, b) = (codes[larger], codes[1 - larger])
    let count = levels[1 - larger]
    var system = Matrix.diagonal(totals[1 - larger])
    // Rows already by level need no order of their own.
    let isSorted = zip(a, a.dropFirst()).allSatisfy { $0 <= $1 }
    let order = isSorted ? nil : Sorting.order(codes: a, levels: levels[larger])
    let total = totals[larger]
    system.storage.withUnsafeMutableBufferPointer { system in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          var cell = [Double](repeating: 0, count: count)
          var touched = [Int](repeating: 0, count: count)
          var used = 0
          for place in 0..<a.count {
            let row = order.map { Int($0[place]) } ?? place
            let level = Int(b[row])
            if cell[level] == 0 {
              touched[used] = level
              used += 1
            }
            cell[level] += weights?[row] ?? 1
            let next = place + 1 < a.count ? order.map { Int($0[place + 1]) } ?? place + 1 : row
            guard next == row || a[next] != a[row] else { continue }
            let share = 1 / total[Int(a[row])]
            for i in 0..<used {
              let own = cell[touched[i]] * share
              for j in 0..<used {
                system[touched[i] * count + touched[j]] -= own * cell[touched[j]]
              }
            }
            for i in 0..<used { cell[touched[i]] = 0 }
            used = 0
          }
        }
      }
    }
    var grounded = [Bool](repeating: false, count: count)
    var seen = Set<Int>()
    let shift = larger == 0 ? levels[0] : 0
    for level in 0..<count where seen.insert(roots[shift + level]).inserted {
      grounded[level] = true
      for other in 0..<count {
        system[level, other] = 0
        system[other, level] = 0
      }
      system[level, level] = 1
    }
    guard let factor = try? Cholesky(system) else { return nil }
    return (factor, grounded)
  }
}
