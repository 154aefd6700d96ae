internal import LinearAlgebra
public import Statistics

extension GroupTimeEffects {
  /// Estimates every cell from sums over units: without covariates, weights and bootstrap.
  ///
  /// The result is that of the panel's rows. Clusters are those of the sums, units where they have none.
  /// - Throws: as ``fit(_:outcome:covariates:weights:clusters:)``; `invalidOption` for comparisons of rows and for
  ///   the bootstrap, which need every row.
  public func fit(_ moments: PanelMoments) throws(SiblingError) -> GroupTimeResult {
    let summed = try SummedPanel(self, moments)
    let (sample, plans) = (summed.sample, summed.plans)
    let cohorts = summed.places.map { moments.cohort($0, periods: sample.periods) }
    let groupMoments = GroupTimeMoments(cohorts, members: sample.memberCount, plans)
    var found = Found(
      answers: groupMoments.answers(), source: nil, moments: groupMoments,
      shares: cohorts.map { $0.weight / Double(sample.memberCount) }, plans: plans)
    if moments.clusterNames != nil {
      var vectors: [Int: [[Double]]] = [:]
      for cell in summed.cells {
        let cohort = summed.cohortOfBlock[cell.block]
        var sums =
          vectors[cell.cluster]
          ?? [[Double]](
            repeating: [Double](repeating: 0, count: sample.periods + 2), count: cohorts.count)
        let n = Double(cell.units)
        sums[cohort][0] += n
        sums[cohort][sample.periods + 1] += n
        for t in 0..<sample.periods {
          sums[cohort][t + 1] += cell.sums[t] - n * cohorts[cohort].means[t]
        }
        vectors[cell.cluster] = sums
      }
      found.gram = groupMoments.gram(summed.present.compactMap { vectors[$0] })
    }
    return try result(of: found, moments.panel, sample, summed.clustering)
  }

  /// Refuses what sums can't give.
  func requireSums() throws(SiblingError) {
    guard anticipation >= 0, anticipation.isFinite else {
      throw SiblingError(
        .invalidOption, "Anticipation is a number of periods, 0 or more.",
        help: "Give how long before treatment units may react.")
    }
    guard bootstrap == nil else {
      throw SiblingError(
        .invalidOption, "The multiplier bootstrap needs every unit and can't be had from sums.",
        help: "Use analytic standard errors.", column: "bootstrap")
    }
  }
}

extension GroupTimeMoments {
  /// Sums of products of all influence columns, from clusters' sums of w, w·(Y_t − mean_t) and 1 by cohort.
  func gram(_ clusters: [[[Double]]]) -> Matrix {
    let width = plans.count + cohorts.count + 1
    // A cell that failed has no column, as where influence functions are kept.
    let shares = [Bool](repeating: true, count: width - plans.count)
    let hasColumn = answers().map(\.effect.isFinite) + shares
    let forms = (0..<width).map { LinearForm(terms: hasColumn[$0] ? [($0, 1)] : []) }
    let loads = cohorts.indices.map { loadings(forms, $0) }
    var columns = [[Double]](
      repeating: [Double](repeating: 0, count: clusters.count), count: width)
    for (index, sums) in clusters.enumerated() {
      for cohort in cohorts.indices where sums[cohort][0] > 0 {
        for (column, value) in loads[cohort].transposedTimes(sums[cohort]).enumerated() {
          columns[column][index] += value
        }
      }
    }
    return Gram.product(Matrix(columns: columns))
  }
}

extension PanelMoments {
  /// The moments of some blocks together over the first periods.
  func cohort(_ places: [Int], periods: Int) -> GroupTimeMoments.Cohort {
    let units = places.reduce(0) { $0 + blocks[$1].units }
    let n = Double(units)
    var means = [Double](repeating: 0, count: periods)
    for place in places { for t in 0..<periods { means[t] += blocks[place].sums[t] } }
    if units > 0 { for t in 0..<periods { means[t] /= n } }
    let last = periods + 1
    var products = Matrix(rows: periods + 2, columns: periods + 2)
    for (i, j) in [(0, 0), (0, last), (last, 0), (last, last)] { products[i, j] = n }
    for j in 0..<periods {
      for i in 0..<periods {
        let sum = places.reduce(0) { $0 + blocks[$1].products[i, j] }
        products[i + 1, j + 1] = sum - n * means[i] * means[j]
      }
    }
    return GroupTimeMoments.Cohort(members: units, weight: n, means: means, products: products)
  }
}
