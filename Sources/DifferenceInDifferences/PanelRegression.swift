internal import LinearAlgebra
internal import Statistics

/// What a regression with unit and period effects supposes of the outcome.
public enum PanelFamily: String, Sendable, CaseIterable {
  /// Effects add to the outcome's mean: least squares.
  case gaussian = "gaussian"
  /// Effects multiply the outcome's mean, which is above zero; estimates are logarithms of ratios.
  case poisson = "poisson"
}

extension PanelFamily {
  /// What the reader must know of the estimates' scale.
  var notes: [String] {
    self == .poisson ? ["Poisson: estimates are logarithms of ratios of means."] : []
  }
}

/// A regression of a panel's outcome with unit and period effects absorbed.
struct PanelRegression {
  var fit: any RegressionFit
  /// The share of the variance within the effects that is explained; nil for Poisson models.
  var withinRSquared: Double?
  var normalEquationResidual: Double

  /// Regresses the outcome on some columns and covariates.
  ///
  /// - Throws: what the regression throws.
  init(
    _ panel: PanelDesign, _ columns: [(name: String, values: [Double])], _ outcome: [Double],
    _ covariates: DesignMatrix?, _ weights: [Double]?, _ family: PanelFamily,
    _ counting: EffectsCounting
  ) throws(SiblingError) {
    var names = columns.map(\.name)
    var values = columns.map(\.values)
    if let covariates {
      for j in 0..<covariates.columns where covariates.names[j] != "(Intercept)" {
        names.append(covariates.names[j])
        values.append(covariates.matrix.column(j))
      }
    }
    let design = DesignMatrix(matrix: Matrix(columns: values), names: names)
    let time = Factor(codes: panel.period, levels: panel.periods.map { PanelDesign.label($0) })
    switch family {
    case .gaussian:
      let fit = try AbsorbedLeastSquares(counting: counting).fit(
        design, response: outcome, absorbing: [panel.unit, time], weights: weights)
      self.fit = fit
      withinRSquared = fit.withinRSquared
      normalEquationResidual = fit.normalEquationResidual
    case .poisson:
      let fit = try AbsorbedPoisson(counting: counting).fit(
        design, response: outcome, absorbing: [panel.unit, time], weights: weights)
      self.fit = fit
      normalEquationResidual = fit.normalEquationResidual
    }
  }
}
