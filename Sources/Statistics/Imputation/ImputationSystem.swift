internal import Glibc
internal import LinearAlgebra

/// The normal equations of a model with main parameters and a small block for each site.
///
/// Sites meet the main parameters only, so that they are eliminated one by one: work grows with the
/// number of sites, not with its cube.
struct ImputationSystem {
  /// The number of main parameters.
  let order: Int
  /// Parameters of a site: one, or one for each class but the first.
  let block: Int
  let sites: Int
  /// Information of the main parameters, row by row.
  var main: [Double]
  /// Information between main parameters and sites: site, then main, then block.
  var cross: [Double]
  /// Information of each site's parameters.
  var own: [Double]
  /// The gradient.
  var gradient: [Double]
  var siteGradient: [Double]
  /// Main parameters that are estimated; the others are held at zero.
  var kept: [Int]

  private var factor: Matrix?
  private var siteFactors: [Double] = []

  init(order: Int, block: Int, sites: Int) {
    (self.order, self.block, self.sites) = (order, block, sites)
    main = [Double](repeating: 0, count: order * order)
    cross = [Double](repeating: 0, count: sites * order * block)
    own = [Double](repeating: 0, count: sites * block * block)
    gradient = [Double](repeating: 0, count: order)
    siteGradient = [Double](repeating: 0, count: sites * block)
    kept = Array(0..<order)
  }

  /// Eliminates the sites and factors what is left.
  ///
  /// With `choosing`, main parameters that the others determine are dropped from `kept`, later ones
  /// before earlier.
  mutating func factorise(choosing: Bool) throws(SiblingError) {
    siteFactors = own
    for site in 0..<sites { try factoriseSite(site) }
    if choosing { kept = Array(0..<order) }
    let q = kept.count
    var reduced = [Double](repeating: 0, count: q * q)
    for (a, i) in kept.enumerated() {
      for (b, j) in kept.enumerated() where b <= a { reduced[a * q + b] = main[i * order + j] }
    }
    var half = [Double](repeating: 0, count: q * block)
    for site in 0..<sites {
      for (a, i) in kept.enumerated() {
        var row = [Double](repeating: 0, count: block)
        for b in 0..<block { row[b] = cross[(site * order + i) * block + b] }
        lowerSolve(site, &row)
        for b in 0..<block { half[a * block + b] = row[b] }
      }
      for a in 0..<q {
        for c in 0...a {
          var sum = 0.0
          for b in 0..<block { sum += half[a * block + b] * half[c * block + b] }
          reduced[a * q + c] -= sum
        }
      }
    }
    var isKept = [Bool](repeating: true, count: q)
    var lower = reduced
    for j in 0..<q {
      let whole = main[kept[j] * order + kept[j]]
      var pivot = lower[j * q + j]
      for k in 0..<j where isKept[k] { pivot -= lower[j * q + k] * lower[j * q + k] }
      guard pivot > 1e-9 * whole, pivot > 0, whole.isFinite else {
        isKept[j] = false
        continue
      }
      let root = pivot.squareRoot()
      lower[j * q + j] = root
      for i in (j + 1)..<max(j + 1, q) {
        var sum = lower[i * q + j]
        for k in 0..<j where isKept[k] { sum -= lower[i * q + k] * lower[j * q + k] }
        lower[i * q + j] = sum / root
      }
    }
    let chosen = (0..<q).filter { isKept[$0] }
    var result = Matrix(rows: chosen.count, columns: chosen.count)
    for (a, i) in chosen.enumerated() {
      for (b, j) in chosen.enumerated() where b <= a { result[a, b] = lower[i * q + j] }
    }
    kept = chosen.map { kept[$0] }
    factor = result
  }

  /// The solution of information · step = gradient.
  func solve() -> (main: [Double], sites: [Double]) {
    let q = kept.count
    var right = kept.map { gradient[$0] }
    for site in 0..<sites {
      var h = (0..<block).map { siteGradient[site * block + $0] }
      lowerSolve(site, &h)
      upperSolve(site, &h)
      for (a, i) in kept.enumerated() {
        for b in 0..<block { right[a] -= cross[(site * order + i) * block + b] * h[b] }
      }
    }
    if let factor {
      for i in 0..<q {
        var sum = right[i]
        for k in 0..<i { sum -= factor[i, k] * right[k] }
        right[i] = sum / factor[i, i]
      }
      backSolve(factor, &right)
    }
    var solution = [Double](repeating: 0, count: order)
    for (a, i) in kept.enumerated() { solution[i] = right[a] }
    return (solution, siteSolution(solution) { siteGradient[$0] })
  }

  /// A draw from N(0, information⁻¹ · scale²).
  func deviation(
    scale: Double, _ stream: inout RandomStream
  ) -> (main: [Double], sites: [Double]) {
    var draw = kept.map { _ in stream.normal() * scale }
    if let factor { backSolve(factor, &draw) }
    var deviation = [Double](repeating: 0, count: order)
    for (a, i) in kept.enumerated() { deviation[i] = draw[a] }
    // Given the main parameters, each site's deviate by its own information.
    var result = siteSolution(deviation) { _ in 0 }
    for site in 0..<sites {
      var noise = (0..<block).map { _ in stream.normal() * scale }
      upperSolve(site, &noise)
      for b in 0..<block { result[site * block + b] += noise[b] }
    }
    return (deviation, result)
  }

  private func backSolve(_ factor: Matrix, _ right: inout [Double]) {
    for i in stride(from: right.count - 1, through: 0, by: -1) {
      var sum = right[i]
      for k in (i + 1)..<max(i + 1, right.count) { sum -= factor[k, i] * right[k] }
      right[i] = sum / factor[i, i]
    }
  }

  /// own⁻¹ (h − crossᵀ main) of every site.
  private func siteSolution(_ main: [Double], _ h: (Int) -> Double) -> [Double] {
    var result = [Double](repeating: 0, count: sites * block)
    for site in 0..<sites {
      var right = (0..<block).map { h(site * block + $0) }
      for i in kept {
        for b in 0..<block { right[b] -= cross[(site * order + i) * block + b] * main[i] }
      }
      lowerSolve(site, &right)
      upperSolve(site, &right)
      for b in 0..<block { result[site * block + b] = right[b] }
    }
    return result
  }

  private mutating func factoriseSite(_ site: Int) throws(SiblingError) {
    let start = site * block * block
    for j in 0..<block {
      var pivot = siteFactors[start + j * block + j]
      for k in 0..<j {
        pivot -= siteFactors[start + j * block + k] * siteFactors[start + j * block + k]
      }
      guard pivot > 0, pivot.isFinite else {
        throw SiblingError(
          .nonConvergence, "an imputation model lost hold of a site's effect",
          help: "take random site effects, or group small sites")
      }
      siteFactors[start + j * block + j] = pivot.squareRoot()
      for i in (j + 1)..<max(j + 1, block) {
        var sum = siteFactors[start + i * block + j]
        for k in 0..<j {
          sum -= siteFactors[start + i * block + k] * siteFactors[start + j * block + k]
        }
        siteFactors[start + i * block + j] = sum / siteFactors[start + j * block + j]
      }
    }
  }

  private func lowerSolve(_ site: Int, _ x: inout [Double]) {
    let start = site * block * block
    for i in 0..<block {
      var sum = x[i]
      for k in 0..<i { sum -= siteFactors[start + i * block + k] * x[k] }
      x[i] = sum / siteFactors[start + i * block + i]
    }
  }

  private func upperSolve(_ site: Int, _ x: inout [Double]) {
    let start = site * block * block
    for i in stride(from: block - 1, through: 0, by: -1) {
      var sum = x[i]
      for k in (i + 1)..<max(i + 1, block) {
        sum -= siteFactors[start + k * block + i] * x[k]
      }
      x[i] = sum / siteFactors[start + i * block + i]
    }
  }
}
