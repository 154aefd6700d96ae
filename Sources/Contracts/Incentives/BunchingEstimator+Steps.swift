internal import Statistics

extension BunchingEstimator {
  /// Bins in all.
  var binCount: Int { binsBefore + binsAfter }
  /// The bin that begins at the threshold.
  var firstAfter: Int { binsBefore }
  /// Bins left out before the threshold.
  var before: Range<Int> { (binsBefore - excludedBefore)..<binsBefore }
  /// Bins left out from the threshold on.
  var after: Range<Int> { binsBefore..<(binsBefore + excludedAfter) }

  /// - Throws: `badValue` for options out of range.
  func check() throws(SiblingError) {
    guard threshold > 0, threshold.isFinite, binWidth > 0, binWidth.isFinite else {
      throw SiblingError(.badValue, "a threshold and the width of a bin must be above zero")
    }
    guard excludedBefore >= 0, excludedAfter >= 1, (excludedBefore..<10_000).contains(binsBefore),
      (excludedAfter..<10_000).contains(binsAfter)
    else {
      throw SiblingError(
        .badValue,
        "the bins left out around the threshold must be among the bins that are counted",
        help: "At least one bin from the threshold on is left out.")
    }
    guard Double(binsBefore) * binWidth <= threshold * (1 + 1e-9) else {
      throw SiblingError(
        .badValue, "the bins before the threshold would begin below a length of zero",
        help: "Use fewer or narrower bins.")
    }
    let top =
      switch degree {
      case .fixed(let degree): degree
      case .chosen(let limit): limit
      }
    guard (1...10).contains(top) else {
      throw SiblingError(.badValue, "the polynomial's degree lies between 1 and 10")
    }
    guard (0...1_000_000).contains(draws), level > 0, level < 1 else {
      throw SiblingError(.badValue, "bootstrap draws lie between 0 and 1,000,000, a level below 1")
    }
    try roundNumbers.check()
  }

  /// The lower edge of a bin.
  func low(_ bin: Int) -> Double { threshold + Double(bin - binsBefore) * binWidth }

  /// The bin of a duration; nil outside all.
  func bin(_ duration: Double) -> Int? {
    // Days held as sevenths of a week must not fall below the edge that they stand on.
    let step = ((duration - threshold) / binWidth + 1e-9).rounded(.down)
    guard step >= -Double(binsBefore), step < Double(binsAfter) else { return nil }
    return Int(step) + binsBefore
  }

  /// Which bins hold a member of a set of round numbers.
  func holders(_ set: RoundNumbers.Set) -> [Bool] {
    var result = [Bool](repeating: false, count: binCount)
    for position in set.positions {
      if let bin = bin(position) { result[bin] = true }
    }
    return result
  }

  /// The design, with sets that have no member among the fitted bins left out.
  ///
  /// - Throws: `rankDeficient` where such a set has one from the threshold on within the window.
  func design(_ notes: inout [String]) throws(SiblingError) -> CounterfactualDesign {
    let excluded = before.lowerBound..<after.upperBound
    let fitted = (0..<binCount).map { !excluded.contains($0) }
    var columns: [[Double]] = []
    for set in roundNumbers.sets {
      let held = holders(set)
      if zip(held, fitted).contains(where: { $0 && $1 }) {
        columns.append(held.map { $0 ? 1 : 0 })
      } else if after.contains(where: { held[$0] }) {
        throw SiblingError(
          .rankDeficient,
          "the only one of the \(set.name) among the bins stands at the threshold itself, so its "
            + "heap can't be told from an excess",
          help: "Count more bins, or leave this set out.")
      } else {
        notes.append("No bin that is fitted holds one of the \(set.name): they were left out.")
      }
    }
    return CounterfactualDesign(count: binCount, isFitted: fitted, round: columns)
  }

  /// Counts by bin, and by site and bin where sites are given.
  struct Counts {
    var bins: [Double]
    var bySite: [[Double]]
  }

  /// - Throws: `sizeMismatch`, `badInterval`, `badValue`.
  func counts(_ durations: [Double], _ sites: Factor?) throws(SiblingError) -> Counts {
    if let sites, sites.count != durations.count {
      throw SiblingError(.sizeMismatch, "durations and sites differ in number")
    }
    var result = Counts(bins: [Double](repeating: 0, count: binCount), bySite: [])
    if let sites {
      let empty = [Double](repeating: 0, count: binCount)
      result.bySite = [[Double]](repeating: empty, count: sites.levels.count)
    }
    for (row, duration) in durations.enumerated() where !duration.isNaN {
      guard duration >= 0 else {
        throw SiblingError(.badInterval, "a job's length is below zero", row: row)
      }
      guard let bin = bin(duration) else { continue }
      if let sites {
        guard sites.codes[row] >= 0 else { continue }
        result.bySite[Int(sites.codes[row])][bin] += 1
      }
      result.bins[bin] += 1
    }
    result.bySite.removeAll { $0.allSatisfy { $0 == 0 } }
    return result
  }

  /// The counterfactual of counts; nil where there is none.
  ///
  /// Where jobs moved from a side, the counts fitted there are raised in proportion until they hold the
  /// excess.
  func counterfactual(
    _ counts: [Double], _ design: CounterfactualDesign, _ degree: Int
  ) -> CounterfactualFit? {
    guard var fit = design.fit(counts, degree: degree, model: model) else { return nil }
    guard let movedFrom else { return fit }
    let side = movedFrom == .before ? 0..<before.lowerBound : after.upperBound..<binCount
    let held = side.reduce(0) { $0 + counts[$1] }
    guard held > 0 else { return fit }
    var last = excess(counts, fit)
    for _ in 0..<200 {
      let factor = 1 + last / held
      guard factor > 0 else { return nil }
      var raised = counts
      for bin in side { raised[bin] *= factor }
      guard let next = design.fit(raised, degree: degree, model: model) else { return nil }
      fit = next
      let now = excess(counts, fit)
      if (now - last).magnitude <= 1e-9 * max(1, held) { return fit }
      last = now
    }
    return nil
  }

  /// Counts from the threshold on within the window, less what is expected.
  func excess(_ counts: [Double], _ fit: CounterfactualFit) -> Double {
    after.reduce(0) { $0 + counts[$1] - fit.means[$1] }
  }

  /// The excess, it over the mean counterfactual, and the missing mass.
  func amounts(_ counts: [Double], _ fit: CounterfactualFit) -> [Double] {
    let excess = excess(counts, fit)
    let mean = after.reduce(0) { $0 + fit.means[$1] } / Double(after.count)
    let missing = before.reduce(0) { $0 + fit.means[$1] - counts[$1] }
    return [excess, mean > 0 ? excess / mean : .nan, missing]
  }
}
