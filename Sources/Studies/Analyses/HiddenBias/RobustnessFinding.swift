internal import LinearAlgebra
internal import Statistics
internal import Tables

/// A regression's coefficient with what its covariates say of omitted ones.
struct RobustnessFinding: Sendable {
  /// An omitted variable so many times as strong as a covariate.
  struct Benchmark: Sendable {
    var name: String
    var multiple: Double
    /// The shares; nil when no variable can be that strong.
    var strength: OmittedVariableBias.Strength?
  }

  var bias: OmittedVariableBias
  var benchmarks: [Benchmark]
  var notes: [String]
  var observations: Int

  /// Fits a linear regression and measures its benchmarks: terms or single columns of the design.
  ///
  /// - Throws: `invalidOption` for an unknown benchmark, `rankDeficient` when the coefficient was
  ///   dropped, and as least squares does.
  init(
    design: DesignMatrix, column: Int, response: [Double], weights: [Double]?,
    benchmarks names: [String], multiples: [Double]
  ) throws(SiblingError) {
    let term = design.names[column]
    let fit = try LeastSquares().fit(design, response: response, weights: weights)
    let table = try fit.estimates()
    guard let row = table[term], let error = row.standardError else {
      throw SiblingError(
        .rankDeficient, "the coefficient '\(term)' is a combination of the others, or fits exactly",
        column: term)
    }
    bias = try OmittedVariableBias(
      estimate: row.estimate, standardError: error,
      degreesOfFreedom: Double(fit.residualDegreesOfFreedom))
    observations = table.observations
    notes = table.notes
    benchmarks = []
    let others = (0..<design.columns).filter { $0 != column }
    let rest = design.selecting(columns: others)
    let treatment = design.matrix.column(column)
    for name in names {
      var columns = design.names.indices.filter { design.names[$0] == name }
      if columns.isEmpty, let place = design.terms.firstIndex(of: name) {
        columns = design.assignment.indices.filter { design.assignment[$0] == place }
      }
      guard !columns.isEmpty, !columns.contains(column) else {
        let known = design.terms.filter { $0 != term }
        throw SiblingError(
          .invalidOption, "the benchmark '\(name)' is no covariate of the regression",
          help: "its covariates are: " + known.joined(separator: ", "),
          suggestion: nearestName(to: name, among: known), column: "benchmark")
      }
      let chosen = Set(columns)
      let observed = OmittedVariableBias.Strength(
        treatmentShare: try OmittedVariableBias.partialShare(
          of: others.indices.filter { chosen.contains(others[$0]) }, in: rest,
          response: treatment, weights: weights),
        outcomeShare: try OmittedVariableBias.partialShare(
          of: columns, in: design, response: response, weights: weights))
      for multiple in multiples {
        let strength = try OmittedVariableBias.bound(
          observed: observed, treatmentMultiple: multiple, outcomeMultiple: multiple)
        if strength == nil {
          notes.append(
            "no variable can be \(NumberText.shortest(multiple)) times as strong as '\(name)': it"
              + " would explain more than all of the treatment")
        } else if strength?.outcomeShare == 1 {
          notes.append(
            "a variable \(NumberText.shortest(multiple)) times as strong as '\(name)' would explain"
              + " all that is left of the outcome: the estimate is the most that it could do, and no"
              + " error is left to judge it by")
        }
        benchmarks.append(Benchmark(name: name, multiple: multiple, strength: strength))
      }
    }
  }
}
