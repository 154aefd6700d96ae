internal import LinearAlgebra

/// The statistics of a variant's draws: counts against the data's t, and what inverts the test.
struct WildStatistics: Sendable {
  let isRestricted: Bool
  /// Draws with |t*| > |t|, beyond the tolerance for ties.
  var exceeding = 0
  /// Draws with |t*| = |t| within the tolerance.
  var ties = 0
  /// For restricted variants five coefficients a draw, of the polynomial whose sign tells at which
  /// nulls |t*| > |t|; for the others |t*|.
  var numbers: [Double] = []

  /// The number of draws.
  var count = 0
  /// Whether `numbers` are kept.
  let isInvertible: Bool

  init(isRestricted: Bool, isInvertible: Bool) {
    self.isRestricted = isRestricted
    self.isInvertible = isInvertible
  }

  mutating func reserve(_ count: Int) {
    if isInvertible { numbers.reserveCapacity(isRestricted ? 5 * count : count) }
  }

  mutating func append(_ other: WildStatistics) {
    exceeding += other.exceeding
    ties += other.ties
    count += other.count
    numbers += other.numbers
  }

  /// Adds the draws whose products with the test's matrix are the columns of a matrix.
  mutating func add(_ test: WildTest, _ products: Matrix, shift: Double) {
    let (g, rows) = (test.clusters, products.rows)
    let observed = (shift / test.standardError).magnitude
    let (low, high) = (
      observed * (1 - WildClusterBootstrap.tieTolerance),
      observed * (1 + WildClusterBootstrap.tieTolerance)
    )
    reserve(products.columns)
    count += products.columns
    let scales = isRestricted ? Scales(test) : nil
    products.storage.withUnsafeBufferPointer { p in
      for column in 0..<products.columns {
        let base = column * rows
        var value: Double
        if let scales {
          var (plain, cross, shifted, at) = (0.0, 0.0, 0.0, 0.0)
          for i in 0..<g {
            let (u, x) = (p[base + i], p[base + g + i])
            plain += u * u
            cross += u * x
            shifted += x * x
            let here = u - shift * x
            at += here * here
          }
          let (top, shiftedTop) = (p[base + 2 * g], p[base + 2 * g + 1])
          value = Self.ratio(top - shift * shiftedTop, test.factor * at)
          guard isInvertible else {
            if value > high { exceeding += 1 } else if value >= low { ties += 1 }
            continue
          }
          let polynomial = scales.polynomial(top, shiftedTop, plain, cross, shifted)
          numbers.append(polynomial.0)
          numbers.append(polynomial.1)
          numbers.append(polynomial.2)
          numbers.append(polynomial.3)
          numbers.append(polynomial.4)
        } else {
          var plain = 0.0
          for i in 0..<g { plain += p[base + i] * p[base + i] }
          value = Self.ratio(p[base + g], test.factor * plain)
          if isInvertible { numbers.append(value) }
        }
        if value > high { exceeding += 1 } else if value >= low { ties += 1 }
      }
    }
  }

  private static func ratio(_ numerator: Double, _ variance: Double) -> Double {
    numerator == 0 ? 0 : numerator.magnitude / variance.squareRoot()
  }

  /// The sizes below which a draw's sums are rounding, and the change to units of standard errors.
  struct Scales: Sendable {
    private let error: Double
    private let factor: Double
    private var top = 0.0
    private var plain = 0.0
    private var shifted = 0.0

    init(_ test: WildTest) {
      let g = test.clusters
      error = test.standardError
      factor = test.factor
      var (sums, moved) = ([Double](repeating: 0, count: g), [Double](repeating: 0, count: g))
      for unit in 0..<test.matrix.columns {
        top += test.matrix[2 * g, unit].magnitude
        for i in 0..<g {
          sums[i] += test.matrix[i, unit].magnitude
          moved[i] += test.matrix[g + i, unit].magnitude
        }
      }
      plain = sums.reduce(0) { $0 + $1 * $1 }
      shifted = moved.reduce(0) { $0 + $1 * $1 }
    }

    /// The coefficients of (A − Bx)² − x²Q(x) in x = (null − estimate)/SE, constant first.
    ///
    /// It is positive where |t*| > |t|. Coefficients that are zero but for rounding are zero, so that
    /// draws that tie with the data at every null never count.
    @inline(__always)
    func polynomial(
      _ numerator: Double, _ moved: Double, _ square: Double, _ cross: Double, _ movedSquare: Double
    ) -> (Double, Double, Double, Double, Double) {
      let a = numerator.magnitude <= 1e-12 * top ? 0 : numerator / error
      let q0 = square <= 1e-20 * plain ? 0 : factor * square / (error * error)
      let q2 = movedSquare <= 1e-20 * shifted ? 0 : factor * movedSquare
      var q1 = q0 == 0 || q2 == 0 ? 0 : factor * cross / error
      if q1.magnitude <= 1e-12 * (q0 * q2).squareRoot() { q1 = 0 }
      var c2 = moved * moved - q0
      if c2.magnitude <= 2 * WildClusterBootstrap.tieTolerance * q0 { c2 = 0 }
      return (a * a, -2 * a * moved, c2, 2 * q1, -q2)
    }
  }
}
