internal import LinearAlgebra
public import Statistics

/// The terms of an outcome model, as the data are and as they would be under either treatment.
public enum OutcomeDesign: Sendable, Equatable {
  /// Treatment, covariates, and the product of treatment and each covariate.
  ///
  /// The design holds the covariates; an intercept in it is replaced by the model's own.
  case interacted(DesignMatrix)
  /// Any model: the design of the data, and the same with everybody treated and with nobody treated.
  case custom(observed: DesignMatrix, treated: DesignMatrix, comparison: DesignMatrix)

  /// Checks rows, and columns that must agree.
  ///
  /// - Throws: `sizeMismatch`.
  func check(rows: Int) throws(SiblingError) {
    switch self {
    case .interacted(let covariates):
      try Inputs.length(covariates.rows, expected: rows, of: "the outcome model's design")
    case .custom(let observed, let treated, let comparison):
      for design in [observed, treated, comparison] {
        try Inputs.length(design.rows, expected: rows, of: "the outcome model's design")
        guard design.names == observed.names else {
          throw SiblingError(
            .sizeMismatch, "the outcome model's designs have different columns",
            help: "Build all three from one formula, with the treatment set to its two levels.")
        }
      }
    }
  }

  func selecting(rows: [Int]) -> OutcomeDesign {
    switch self {
    case .interacted(let covariates): .interacted(covariates.selecting(rows: rows))
    case .custom(let observed, let treated, let comparison):
      .custom(
        observed: observed.selecting(rows: rows), treated: treated.selecting(rows: rows),
        comparison: comparison.selecting(rows: rows))
    }
  }

  /// The design of the data.
  func observed(_ treatment: [Bool]) -> DesignMatrix {
    switch self {
    case .interacted(let covariates): Self.interact(covariates, treatment)
    case .custom(let observed, _, _): observed
    }
  }

  /// The design with every row's treatment set to one value.
  func counterfactual(_ treated: Bool) -> DesignMatrix {
    switch self {
    case .interacted(let covariates):
      Self.interact(covariates, [Bool](repeating: treated, count: covariates.rows))
    case .custom(_, let underTreatment, let underComparison):
      treated ? underTreatment : underComparison
    }
  }

  private static func interact(_ covariates: DesignMatrix, _ treatment: [Bool]) -> DesignMatrix {
    let main = covariates.removingIntercept()
    let n = main.rows
    var storage = [Double](repeating: 1, count: n)
    storage.reserveCapacity(n * (2 + 2 * main.columns))
    storage += treatment.map { $0 ? 1 : 0 }
    storage += main.matrix.storage
    for column in 0..<main.columns {
      for row in 0..<n {
        storage.append(treatment[row] ? main.matrix.storage[row + column * n] : 0)
      }
    }
    return DesignMatrix(
      matrix: Matrix(rows: n, columns: 2 + 2 * main.columns, storage: storage),
      names: ["(Intercept)", "treatment"] + main.names + main.names.map { "treatment:\($0)" })
  }
}
