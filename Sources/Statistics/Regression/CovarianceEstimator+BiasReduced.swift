internal import LinearAlgebra

extension CovarianceEstimator {
  /// CR2 or CR3 of some columns of a regression (all by default), by their places.
  ///
  /// - Throws: `badDesign` where none of them can be estimated without some cluster.
  static func biasReduced(
    _ type: ClusterType, _ blocks: ClusterBlocks, places: [Int]?
  ) throws(SiblingError) -> CovarianceEstimate {
    let wanted = places ?? Array(0..<blocks.columns)
    let result = try BiasReducedCovariance(
      blocks, isJackknife: type == .cr3, places: wanted)
    let found = result.aloneIn.indices.filter { result.aloneIn[$0] == nil }
    guard !found.isEmpty else {
      throw SiblingError(
        .badDesign,
        "\(type.rawValue) does not exist here: without one of the clusters the term can't be"
          + " estimated, so that cluster's leverage is one.",
        help: "More clusters must carry the term; with one treated cluster use a method that"
          + " compares it with the others, such as randomisation inference.")
    }
    var convention = "\(type.rawValue), G=\(blocks.count), "
    var degrees: Double?
    if type == .cr2 {
      degrees = found.map { result.degrees[$0] }.min()
      convention += "Satterthwaite df (the smallest for averages and joint tests)"
    } else {
      let isStudent = blocks.equations.usesStudentT
      degrees = isStudent ? Double(blocks.count - 1) : nil
      convention +=
        (blocks.equations.isLinear ? "jackknife" : "one-step jackknife") + " without a factor, "
        + (isStudent ? "t(\(blocks.count - 1))" : "z")
    }
    return CovarianceEstimate(
      matrix: result.matrix.selecting(both: wanted), degreesOfFreedom: degrees,
      coefficientDegreesOfFreedom: type == .cr2 ? result.degrees : nil, clusters: blocks.count,
      convention: convention,
      notes: ["standard errors: \(convention)"]
        + (found.count == wanted.count
          ? []
          : [
            "A standard error is left empty where the coefficient can't be estimated without one of"
              + " the clusters: that cluster's leverage is one."
          ]))
  }
}

extension AbsorbedLeastSquaresFit {
  /// CR2 or CR3 on the regression with all effects as columns; the factor is of the rows used.
  func biasReduced(
    _ type: ClusterType, _ factors: [Factor]
  ) throws(SiblingError) -> CovarianceEstimate {
    guard factors.count == 1 else {
      throw SiblingError(
        .invalidOption, "\(type.rawValue) is for one cluster column.", help: "Use CR1 for two.")
    }
    if let row = factors[0].codes.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .missingValue, "A row has no cluster.", help: "Drop rows whose cluster is missing.",
        row: rows?[row] ?? row)
    }
    // The regressors are residuals of the effects already; with the effects they span the same
    // space, and the residuals are those of the whole regression.
    let effects = zip(absorption.codes, absorption.levels).map { codes, levels in
      Factor(codes: codes, levels: (0..<levels).map { String($0) })
    }
    let regression = try ClusterRegression(
      ClusterRegression.Input(
        design: equations.design.selecting(columns: equations.basis.columns),
        names: keptColumns.map { names[$0] }, outcome: residuals,
        clusters: factors[0].droppingUnusedLevels(), absorbed: effects,
        weights: equations.weights, keepsNested: type == .cr2 && equations.weights != nil))
    var places: [Int] = []
    for (column, place) in regression.places.enumerated() {
      guard let place else {
        throw SiblingError(
          .rankDeficient, "A term is too nearly explained by the absorbed effects for CR2 or CR3.",
          help: "Leave it out, or use CR1.", column: names[keptColumns[column]])
      }
      places.append(place)
    }
    return try CovarianceEstimator.biasReduced(type, regression.blocks, places: places)
  }
}
