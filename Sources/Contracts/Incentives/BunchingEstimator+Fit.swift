internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension BunchingEstimator {
  /// What a fit rests on.
  struct Fitted {
    var counts: Counts
    var design: CounterfactualDesign
    var degree: Int
    var fit: CounterfactualFit
  }

  /// - Throws: `tooFewObservations`, `rankDeficient`, `nonConvergence`.
  func fitted(_ counts: Counts, _ notes: inout [String]) throws(SiblingError) -> Fitted {
    let design = try design(&notes)
    let total = counts.bins.reduce(0, +)
    guard total > 0, after.contains(where: { counts.bins[$0] > 0 }) || total >= 20 else {
      throw SiblingError(
        .tooFewObservations, "no jobs ended around the threshold",
        help: "Count bins that jobs end in.")
    }
    let candidates =
      switch degree {
      case .fixed(let degree): [degree]
      case .chosen(let limit): Array(min(2, limit)...limit)
      }
    let room = candidates.filter { $0 + 1 + design.round.count < design.fitted }
    guard !room.isEmpty else {
      throw SiblingError(
        .tooFewObservations,
        "there are \(design.fitted) bins outside the window, too few for the counterfactual",
        help: "Count more bins, or lower the degree.")
    }
    var best: (degree: Int, fit: CounterfactualFit)?
    for degree in room {
      guard let fit = design.fit(counts.bins, degree: degree, model: model) else { continue }
      if let held = best, held.fit.criterion <= fit.criterion { continue }
      best = (degree, fit)
    }
    guard let best else {
      throw SiblingError(
        .rankDeficient,
        "no counterfactual can be fitted: sets of round numbers stand in the same bins, or too many bins "
          + "are empty",
        help: "Use fewer sets, wider bins, or a lower degree.")
    }
    guard let fit = counterfactual(counts.bins, design, best.degree) else {
      throw SiblingError(
        .nonConvergence, "the counterfactual that holds the moved jobs does not settle",
        help: "Leave out the constraint, or widen the window.")
    }
    return Fitted(counts: counts, design: design, degree: best.degree, fit: fit)
  }

  /// Standard deviations of the amounts over draws; nil with fewer than two draws that could be fitted.
  func spread(_ draw: @Sendable (Int) -> [Double]?) -> [Double]? {
    let ranges = Parallel.ranges(of: draws, size: 50)
    let blocks = Parallel.mapBlocks(ranges.count) { block in ranges[block].compactMap(draw) }
    let rows = blocks.flatMap { $0 }.filter { $0.allSatisfy(\.isFinite) }
    guard rows.count >= 2, let width = rows.first?.count else { return nil }
    return (0..<width).map { column in
      let mean = rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
      let squares = rows.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) }
      return (squares / Double(rows.count - 1)).squareRoot()
    }
  }

  /// Jobs drawn again, each bin's count Poisson; sites drawn again where there are any.
  ///
  /// G sites drawn from G vary by (G − 1)/G too little, which is made good.
  func jobSpread(_ fitted: Fitted) -> [Double]? {
    let (counts, sites) = (fitted.counts.bins, fitted.counts.bySite)
    let size = Double(sites.count)
    let few = sites.count > 1 ? (size / (size - 1)).squareRoot() : 1
    let errors = spread { number in
      var stream = RandomStream(seed: seed, name: "bunching jobs", index: UInt64(number))
      var drawn = [Double](repeating: 0, count: counts.count)
      if sites.isEmpty {
        for bin in counts.indices where counts[bin] > 0 {
          drawn[bin] = Poisson(mean: counts[bin]).quantile(stream.uniform())
        }
      } else {
        for _ in sites.indices {
          let site = sites[stream.integer(below: sites.count)]
          for bin in site.indices { drawn[bin] += site[bin] }
        }
      }
      return refit(drawn, fitted)
    }
    return errors?.map { $0 * few }
  }

  /// The fit's residuals drawn again, for Poisson means in units of their root.
  func residualSpread(_ fitted: Fitted) -> [Double]? {
    let (counts, means) = (fitted.counts.bins, fitted.fit.means)
    let model = model
    let scale: @Sendable (Int) -> Double = { bin in
      model == .poisson ? means[bin].squareRoot() : 1
    }
    let used = counts.indices.filter { fitted.design.isFitted[$0] }
    let inflation = Double(used.count) / Double(used.count - fitted.fit.columns.count)
    let residuals = used.map { inflation.squareRoot() * (counts[$0] - means[$0]) / scale($0) }
    return spread { number in
      var stream = RandomStream(seed: seed, name: "bunching residuals", index: UInt64(number))
      var drawn = counts
      for bin in counts.indices {
        let residual = residuals[stream.integer(below: residuals.count)] * scale(bin)
        let base = fitted.design.isFitted[bin] ? means[bin] : counts[bin]
        drawn[bin] = max(0, base + residual)
      }
      return refit(drawn, fitted)
    }
  }

  private func refit(_ counts: [Double], _ fitted: Fitted) -> [Double]? {
    counterfactual(counts, fitted.design, fitted.degree).map { amounts(counts, $0) }
  }

  /// The standard error of the excess when each bin's count is Poisson with the expected mean, by derivatives.
  func nullError(_ fit: CounterfactualFit, _ design: CounterfactualDesign) -> Double {
    var variance = after.reduce(0) { $0 + fit.means[$1] }
    for other in 0..<binCount where design.isFitted[other] {
      let slope = after.reduce(0) { $0 + fit.derivative($1, by: other) }
      variance += slope * slope * fit.means[other]
    }
    return variance.squareRoot()
  }

  /// The bins with their counterfactual.
  func bins(_ fitted: Fitted) -> [Bin] {
    let held = roundNumbers.sets.map(holders)
    return (0..<binCount).map { bin in
      Bin(
        low: low(bin), high: low(bin + 1), count: Int(fitted.counts.bins[bin]),
        counterfactual: fitted.fit.means[bin], smooth: fitted.fit.smooth[bin],
        isExcluded: !fitted.design.isFitted[bin], isRound: held.contains { $0[bin] })
    }
  }
}
