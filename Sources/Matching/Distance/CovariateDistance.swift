public import LinearAlgebra
public import Statistics

/// A covariate that enters a distance between units.
public struct DistanceCovariate: Sendable, Equatable {
  /// What a covariate holds.
  public enum Values: Sendable, Equatable {
    /// A number in each row.
    case numbers([Double])
    /// A level in each row; every level becomes a 0/1 column divided by √2.
    case factor(Factor)
  }

  /// Its name, for messages.
  public var name: String
  /// Its values.
  public var values: Values

  /// A numeric covariate.
  public init(name: String, numbers: [Double]) {
    self.name = name
    values = .numbers(numbers)
  }

  /// A categorical covariate.
  public init(name: String, factor: Factor) {
    self.name = name
    values = .factor(factor)
  }
}

/// Coordinates in which the Euclidean distance between units is the distance asked for.
///
/// Covariances are those within the groups, pooled with n − 2 degrees of freedom, over the units not
/// discarded. A factor enters by all its levels, divided by √2, so that two units of different
/// levels are one apart. A covariate without any variation plays no part. Covariates that are
/// combinations of earlier ones change no Mahalanobis distance and are left aside, which is what a
/// generalised inverse of the covariance does; the robust form uses the Moore–Penrose inverse.
///
/// Rubin, D. B. (1980), Bias reduction using Mahalanobis-metric matching,
/// https://doi.org/10.2307/2529981; for the robust form Rosenbaum, P. R. (2010), Design of
/// Observational Studies, chapter 8, https://doi.org/10.1007/978-1-4419-1213-8.
public struct CovariateDistance: Sendable, Equatable {
  /// The distances between rows of covariates.
  public enum Metric: String, Sendable, CaseIterable {
    /// By the inverse of the covariance within groups: free of units and of redundancy.
    case mahalanobis
    /// Mahalanobis distance of average ranks over all rows, with the variances that ranks without
    /// ties have: outliers count less, and rare levels no more than common ones.
    case robustMahalanobis = "robust-mahalanobis"
    /// In the covariates' own units.
    case euclidean
    /// In standard deviations within the groups.
    case scaledEuclidean = "scaled-euclidean"
  }

  /// The distance.
  public var metric: Metric

  /// A distance by its name.
  public init(_ metric: Metric) { self.metric = metric }

  /// The coordinates of each row, n × q, where q is at most the number of columns.
  ///
  /// `columns`, `discarded` and the sampling `weights` have one entry a row of `treatment`; rows
  /// without weight have coordinates but don't shape them. Rows with equal covariates have equal
  /// coordinates, wherever they stand.
  /// - Throws: `badDesign` when no covariate varies, or when one, alone or combined with others,
  ///   differs between the groups but not within them; `tooFewObservations` when fewer than three
  ///   rows are left; `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`.
  /// - Complexity: O(n p²) for p columns, factors counted by level.
  public func coordinates(
    columns: [DistanceCovariate], treatment: [Bool], discarded: [Bool]? = nil,
    weights: [Double]? = nil
  ) throws(SiblingError) -> Matrix {
    _ = try Inputs.groups(treatment)
    let shares = try Self.shares(treatment, discarded, weights)
    let kept = shares.map { $0 > 0 }
    var parts = try Self.columns(columns, rows: treatment.count)
    if metric == .robustMahalanobis {
      for index in parts.indices { parts[index].values = Self.averageRanks(parts[index].values) }
    }
    parts = parts.filter { Self.varies($0.values, kept) }
    guard !parts.isEmpty else {
      throw SiblingError(
        .badDesign, "no covariate of the distance varies, so all units are equally far apart",
        help: "Name covariates in which people differ.", column: columns.first?.name)
    }
    let matrix: Matrix
    if metric == .euclidean {
      matrix = Matrix(columns: parts.map(\.values))
    } else {
      let spread = try WithinGroups(
        parts, treatment: treatment, weights: shares, isWeighted: weights != nil, metric: metric)
      switch metric {
      case .mahalanobis: matrix = try spread.uncorrelated(parts)
      case .robustMahalanobis: matrix = try spread.turned()
      case .euclidean, .scaledEuclidean: matrix = spread.standardized
      }
    }
    try Inputs.coordinates(matrix, expected: treatment.count)
    return matrix
  }
}

extension CovariateDistance {
  /// A column of numbers with the name of its covariate.
  struct Part {
    var name: String
    var values: [Double]
    /// Whether the covariate was given as zeros and ones.
    var isBinary: Bool
  }

  /// The sampling weight of each row, zero for the discarded.
  private static func shares(
    _ treatment: [Bool], _ discarded: [Bool]?, _ weights: [Double]?
  ) throws(SiblingError) -> [Double] {
    if let weights { try Inputs.weights(weights, treatment: treatment) }
    var shares = weights ?? [Double](repeating: 1, count: treatment.count)
    guard let discarded else { return shares }
    try Inputs.length(discarded.count, expected: treatment.count, of: "discarded")
    var found = (treated: false, comparison: false)
    for row in shares.indices {
      if discarded[row] { shares[row] = 0 }
      guard shares[row] > 0 else { continue }
      if treatment[row] { found.treated = true } else { found.comparison = true }
    }
    guard found.treated, found.comparison else {
      throw SiblingError(
        .noOverlap, "discarding leaves one group empty",
        help: "The groups differ too much on the score's covariates to be compared.")
    }
    return shares
  }

  private static func columns(
    _ covariates: [DistanceCovariate], rows: Int
  ) throws(SiblingError) -> [Part] {
    guard !covariates.isEmpty else {
      throw SiblingError(
        .badDesign, "a distance between covariates needs at least one",
        help: "Name the covariates on the right side of the formula.")
    }
    var parts: [Part] = []
    for covariate in covariates {
      switch covariate.values {
      case .numbers(let values):
        try Inputs.finite(values, expected: rows, column: covariate.name)
        let isBinary = values.allSatisfy { $0 == 0 || $0 == 1 }
        parts.append(Part(name: covariate.name, values: values, isBinary: isBinary))
      case .factor(let factor):
        try Inputs.complete(factor, expected: rows, column: covariate.name)
        let inside = 0.5.squareRoot()
        for level in factor.levels.indices {
          let code = Int32(level)
          parts.append(
            Part(
              name: covariate.name, values: factor.codes.map { $0 == code ? inside : 0 },
              isBinary: false))
        }
      }
    }
    return parts
  }

  /// Ranks from one over all rows, equal values sharing the mean of theirs.
  private static func averageRanks(_ values: [Double]) -> [Double] {
    let order = Sorting.order(values)
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      let value = values[Int(order[start])]
      while end < order.count, values[Int(order[end])] == value { end += 1 }
      let mean = Double(start + 1 + end) / 2
      for place in start..<end { ranks[Int(order[place])] = mean }
      start = end
    }
    return ranks
  }

  private static func varies(_ values: [Double], _ kept: [Bool]) -> Bool {
    guard let first = kept.firstIndex(of: true) else { return false }
    let value = values[first]
    return values.indices.contains { kept[$0] && values[$0] != value }
  }
}
