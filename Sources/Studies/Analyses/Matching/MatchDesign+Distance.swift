internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension MatchDesign {
  /// The distance between covariates that was asked for; nil for scores and columns.
  var metric: CovariateDistance.Metric? { CovariateDistance.Metric(rawValue: distance) }

  /// The distance between covariates in a phrase; nil when the score rules the pairs.
  var distanceWords: String? {
    if mahalanobisOn != nil { return "by Mahalanobis distance within the score" }
    switch metric {
    case nil: return nil
    case .mahalanobis: return "by Mahalanobis distance"
    case .robustMahalanobis: return "by robust Mahalanobis distance"
    case .euclidean: return "by Euclidean distance"
    case .scaledEuclidean: return "by scaled Euclidean distance"
    }
  }

  /// Refuses distances between covariates where only a score will do.
  ///
  /// - Throws: `invalidOption`.
  func checkDistance(_ options: OptionValues) throws(SiblingError) {
    guard metric != nil else { return }
    guard method.comparesCoordinates else {
      throw options.wrong(
        .distance,
        "is a score or a column for \(method.name); distances between covariates"
          + " are for methods that make pairs")
    }
    if mahalanobisOn != nil {
      throw options.wrong(
        .mahalanobisOn, "needs a score as --distance, which rules caliper, order and discards")
    }
    if nearest.caliper != nil, !isRaw {
      throw options.wrong(
        .caliper,
        "in standard deviations needs a score; with --distance \(distance) give"
          + " --caliper-raw and the distance's own units")
    }
    if nearest.discard != .none {
      throw options.wrong(.discard, "needs a score; --distance \(distance) has none")
    }
    if nearest.maximumRatio != nil {
      throw options.wrong(
        .maxRatio, "shares matches out by score; --distance \(distance) has none")
    }
    if nearest.order == .largest || nearest.order == .smallest {
      throw options.wrong(
        .order,
        "by score needs one; with --distance \(distance) choose data, closest, farthest"
          + " or random")
    }
  }

  /// The distance that units are matched on and, when it isn't the score, what rules the pairs.
  ///
  /// - Throws: what is wrong with the covariates, located.
  func distances(
    _ sample: MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) -> (distance: MatchingDistance, pairing: MatchingDistance?) {
    if let metric {
      let covariates = try sample.terms().map(\.distanceCovariate)
      return (
        .coordinates(
          try coordinates(metric, covariates, sample, discarded: nil, &notes)), nil
      )
    }
    let score = MatchingDistance.score(sample.score)
    guard let formula = mahalanobisOn else { return (score, nil) }
    let covariates = try pairingCovariates(formula, sample)
    let discarded = nearest.discard.flags(treatment: sample.treated, score: sample.score)
    return (
      score,
      .coordinates(
        try coordinates(.mahalanobis, covariates, sample, discarded: discarded, &notes))
    )
  }

  private func coordinates(
    _ metric: CovariateDistance.Metric, _ covariates: [DistanceCovariate],
    _ sample: MatchedSample, discarded: [Bool]?, _ notes: inout [String]
  ) throws(SiblingError) -> Matrix {
    let constant = covariates.filter(\.isConstant).map(\.name)
    if !constant.isEmpty, constant.count < covariates.count {
      notes.append(
        "constant and without part in the distance: " + constant.joined(separator: ", "))
    }
    return try CovariateDistance(metric).coordinates(
      columns: covariates, treatment: sample.treated, discarded: discarded,
      weights: sample.bound.weights)
  }

  /// The columns that `--mahalanobis-on` reads, which must be complete.
  func pairingColumns(in table: Table) throws(SiblingError) -> [String] {
    guard let text = mahalanobisOn else { return [] }
    return try Self.pairingFormula(text).termColumns(in: table.names).sorted()
  }

  private static func pairingFormula(_ text: String) throws(SiblingError) -> Formula {
    try Formula(parsing: text.contains("~") ? text : "~ \(text)")
  }

  /// The covariates of `--mahalanobis-on`, on the rows of the sample.
  private func pairingCovariates(
    _ text: String, _ sample: MatchedSample
  ) throws(SiblingError) -> [DistanceCovariate] {
    let formula = try Self.pairingFormula(text)
    guard formula.responseName == nil else {
      throw SiblingError(
        .invalidOption, "--mahalanobis-on takes covariates only, such as '~ age + educ'",
        column: "mahalanobis-on")
    }
    if let name = sample.bound.frame.formula.responseColumn,
      try formula.termColumns(in: sample.bound.table.names).contains(name)
    {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' is among the covariates of --mahalanobis-on",
        help: "leave it out", column: name)
    }
    let subset = sample.bound.table.selecting(rows: sample.rows)
    let frame = try formula.bind(to: subset, missing: .error)
    return try frame.terms(of: subset).map(\.distanceCovariate)
  }
}

extension MatchDesign.Method {
  /// Whether the method can match on a distance between covariates instead of a score.
  var comparesCoordinates: Bool {
    [.nearest, .optimal, .full, .quick, .neighbors].contains(self)
  }
}

extension MatchedSample.Term {
  /// The term as a covariate of a distance.
  var distanceCovariate: DistanceCovariate {
    switch values {
    case .levels(let factor): DistanceCovariate(name: name, factor: factor)
    case .numbers(let values): DistanceCovariate(name: name, numbers: values)
    }
  }
}

extension DistanceCovariate {
  /// Whether all rows have one value.
  fileprivate var isConstant: Bool {
    switch values {
    case .numbers(let values): values.allSatisfy { $0 == values.first }
    case .factor(let factor): factor.codes.allSatisfy { $0 == factor.codes.first }
    }
  }
}
