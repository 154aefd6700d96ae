internal import LinearAlgebra
internal import Statistics

extension DifferenceInBunching {
  /// - Throws: `badValue` for options out of range.
  func check() throws(SiblingError) {
    guard threshold > 0, threshold.isFinite, width > 0, width.isFinite, threshold >= width else {
      throw SiblingError(
        .badValue, "a threshold and a window must be above zero, the window no wider than it")
    }
    guard reach.isFinite, reach >= 3 * width, reach / width <= 10_000 else {
      throw SiblingError(
        .badValue, "a reach must be at least three windows", help: "Widen the reach.")
    }
    guard placebos.allSatisfy(\.isFinite) else {
      throw SiblingError(.badValue, "a placebo threshold must be a number")
    }
    guard (0...1_000_000).contains(draws), level > 0, level < 1 else {
      throw SiblingError(.badValue, "exchanges lie between 0 and 1,000,000, a level below 1")
    }
  }

  /// Jobs of both arms with their sites.
  struct Jobs: Sendable {
    var durations: [Double]
    var treated: [Bool]
    /// Each job's site; its own number where there are no sites.
    var site: [Int32]
    var siteCount: Int
    var hasSites: Bool
  }

  /// - Throws: `sizeMismatch`, `badInterval`, `badValue`, `constantTreatment`.
  func jobs(
    _ durations: [Double], _ treated: [Bool], _ sites: Factor?
  ) throws(SiblingError) -> Jobs {
    guard durations.count == treated.count, sites.map({ $0.count == durations.count }) ?? true
    else {
      throw SiblingError(.sizeMismatch, "durations, arms and sites differ in number")
    }
    var jobs = Jobs(
      durations: [], treated: [], site: [], siteCount: sites?.levels.count ?? 0,
      hasSites: sites != nil)
    for (row, duration) in durations.enumerated() where !duration.isNaN {
      guard duration >= 0, duration.isFinite else {
        throw SiblingError(
          duration < 0 ? .badInterval : .badValue,
          duration < 0 ? "a job's length is below zero" : "a job's length is not finite", row: row)
      }
      if let sites, sites.codes[row] < 0 { continue }
      jobs.durations.append(duration)
      jobs.treated.append(treated[row])
      jobs.site.append(sites?.codes[row] ?? 0)
    }
    guard jobs.treated.contains(true), jobs.treated.contains(false) else {
      throw SiblingError(
        .constantTreatment, "bunching can't be compared: every job is in the same arm",
        help: "Add jobs of comparison sites, or use a placebo or excess-mass method.")
    }
    return jobs
  }

  /// Scores summed at one threshold.
  struct Summed: Sendable {
    var sites: [SiteDifference.Site]
    var inside = (treated: 0, comparison: 0)
    var count = (treated: 0, comparison: 0)
    var siteCounts = (treated: 0, comparison: 0)
    /// Sums of squared scores, for jobs without sites.
    var squares = (treated: 0.0, comparison: 0.0)
    /// Jobs of the treated arm expected in the step before the threshold.
    var before = 0.0
  }

  /// Scores at a threshold; nil where no line can be drawn.
  func summed(_ jobs: Jobs, at threshold: Double, isPlacebo: Bool) -> Summed? {
    let steps = Int((reach / width + 1e-9).rounded(.down))
    let room = Int((min(threshold / width, 1e6) + 1e-9).rounded(.down))
    var skipped = 0..<0
    if isPlacebo {
      // Steps that overlap one width on either side of the true threshold may hold what is looked for.
      let away = (self.threshold - threshold) / width
      skipped = Int((away - 1 + 1e-9).rounded(.down))..<Int((away + 1 - 1e-9).rounded(.up))
    }
    let start = max(-steps, -room)
    guard let scores = ThresholdScores(first: start, end: steps, skipped: skipped) else {
      return nil
    }
    var result = Summed(
      sites: [SiteDifference.Site](repeating: SiteDifference.Site(), count: jobs.siteCount))
    for (row, duration) in jobs.durations.enumerated() {
      let step = ((duration - threshold) / width + 1e-9).rounded(.down)
      guard step >= Double(start), step < Double(steps), !skipped.contains(Int(step)) else {
        continue
      }
      let place = Int(step) - start
      let score = scores.weights[place]
      let site = Int(jobs.site[row])
      if jobs.treated[row] {
        result.count.treated += 1
        result.inside.treated += step == 0 ? 1 : 0
        result.squares.treated += score * score
        result.before += scores.before[place]
      } else {
        result.count.comparison += 1
        result.inside.comparison += step == 0 ? 1 : 0
        result.squares.comparison += score * score
      }
      if jobs.treated[row], jobs.hasSites {
        result.sites[site].sum.treated += score
        result.sites[site].jobs.treated += 1
      } else if jobs.hasSites {
        result.sites[site].sum.comparison += score
        result.sites[site].jobs.comparison += 1
      } else {
        if result.sites.isEmpty { result.sites = [SiteDifference.Site()] }
        if jobs.treated[row] {
          result.sites[0].sum.treated += score
          result.sites[0].jobs.treated += 1
        } else {
          result.sites[0].sum.comparison += score
          result.sites[0].jobs.comparison += 1
        }
      }
    }
    result.siteCounts.treated = result.sites.count { $0.jobs.treated > 0 }
    result.siteCounts.comparison = result.sites.count { $0.jobs.comparison > 0 }
    return result
  }

  /// The comparison at one threshold.
  ///
  /// - Throws: `tooFewObservations` with fewer than two jobs of an arm within reach, `tooFewClusters`.
  func comparison(
    _ summed: Summed, at threshold: Double, hasSites: Bool
  ) throws(SiblingError) -> Comparison {
    let (count, site) = (summed.count, summed.siteCounts)
    guard count.treated > 1, count.comparison > 1 else {
      throw SiblingError(
        .tooFewObservations, "fewer than two jobs of an arm ended within reach of the threshold",
        help: "Widen the reach.")
    }
    let numbers: Numbers
    let convention: String
    if hasSites {
      guard let difference = SiteDifference(summed.sites) else {
        throw SiblingError(
          .tooFewClusters, "an arm's jobs come from fewer than two sites",
          help: "Leave the sites out and take jobs as independent, or add sites.")
      }
      numbers = Numbers(difference)
      convention = "CR2, \(site.treated) and \(site.comparison) sites, Satterthwaite t"
    } else {
      numbers = Numbers(independent: summed)
      convention = "jobs independent, normal"
    }
    func estimate(_ term: String, _ part: Numbers.Part) -> Estimate {
      Estimate(
        term: term, estimate: part.value, standardError: part.error,
        degreesOfFreedom: part.degrees, level: level, convention: convention)
    }
    return Comparison(
      threshold: threshold,
      treated: Arm(
        jobs: count.treated, inside: summed.inside.treated,
        sites: hasSites ? site.treated : nil,
        excess: estimate("excess share, treated", numbers.treated)),
      comparison: Arm(
        jobs: count.comparison, inside: summed.inside.comparison,
        sites: hasSites ? site.comparison : nil,
        excess: estimate("excess share, comparison", numbers.comparison)),
      difference: estimate("difference in bunching", numbers.difference))
  }

  /// Means, standard errors and degrees of freedom of the arms and of their difference.
  struct Numbers {
    struct Part {
      var value: Double
      var error: Double
      var degrees: Double?
    }

    var treated: Part
    var comparison: Part
    var difference: Part

    init(_ sites: SiteDifference) {
      treated = Part(
        value: sites.means.treated, error: sites.errors.treated, degrees: sites.degrees.treated)
      comparison = Part(
        value: sites.means.comparison, error: sites.errors.comparison,
        degrees: sites.degrees.comparison)
      difference = Part(
        value: sites.difference, error: sites.errors.difference,
        degrees: sites.degrees.difference)
    }

    init(independent summed: Summed) {
      func part(_ sum: Double, _ squares: Double, _ count: Int) -> Part {
        let size = Double(count)
        let mean = sum / size
        let variance = max(0, squares / size - mean * mean) * size / (size - 1)
        return Part(value: mean, error: (variance / size).squareRoot())
      }
      let sum = (summed.sites.first ?? SiteDifference.Site()).sum
      treated = part(sum.treated, summed.squares.treated, summed.count.treated)
      comparison = part(sum.comparison, summed.squares.comparison, summed.count.comparison)
      difference = Part(
        value: treated.value - comparison.value,
        error: (treated.error * treated.error + comparison.error * comparison.error).squareRoot())
    }
  }
}
