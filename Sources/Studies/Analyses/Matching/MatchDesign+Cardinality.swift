internal import Matching
internal import Statistics

extension MatchDesign {
  /// The settings of cardinality matching.
  ///
  /// - Throws: `invalidOption` for a ratio that is not whole.
  static func cardinality(
    _ options: OptionValues, _ method: Method, _ estimand: Estimand
  ) throws(SiblingError) -> CardinalityMatching {
    var matching = CardinalityMatching(estimand: estimand)
    guard method == .cardinality else { return matching }
    if options.isGiven(.ratio), let ratio = try options.number(.ratio) {
      guard ratio == ratio.rounded(), (1...Double(Int32.max)).contains(ratio) else {
        throw options.wrong(.ratio, "takes a whole number for cardinality matching")
      }
      matching.ratio = Int(ratio)
    }
    if let tolerance = try options.number(.tolerance, in: 0...1e6) {
      matching.tolerance = tolerance
    }
    return matching
  }

  /// The largest samples whose means, of every level of a factor, are within the tolerance.
  func cardinalityMatch(
    _ sample: MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) -> Match {
    if let column = sample.bound.weightsColumn {
      throw SiblingError(
        .invalidOption, "cardinality matching counts units and takes no sampling weights",
        help: "Leave --weights '\(column)' out, or use entropy balancing with --tolerance.",
        column: "weights")
    }
    let covariates = try sample.covariates()
    let match = try cardinality.match(treatment: sample.treated, covariates: covariates)
    let constant = covariates.filter { covariate in
      covariate.values.allSatisfy { $0 == covariate.values.first }
    }
    if !constant.isEmpty {
      notes.append(
        "constant and without part in the balance: "
          + constant.map(\.name).joined(separator: ", "))
    }
    if let certificate = match.certificate.cardinality, certificate.gap > 0 {
      notes.append(
        "the search ended after \(certificate.nodes) branches with \(certificate.kept) kept; it is"
          + " not proven that no more, at most \(certificate.bound), could be")
    }
    return match
  }

  /// Cardinality matching in a phrase, for reports.
  var cardinalityWords: String {
    let limit = "means within \(cardinality.tolerance) standard deviations"
    guard let ratio = cardinality.ratio ?? (estimand == .ate ? 1 : nil) else {
      let target = estimand == .atc ? "comparisons" : "treated"
      return "cardinality matching to all \(target), \(limit)"
    }
    return "cardinality matching \(ratio):1, \(limit)"
  }
}
