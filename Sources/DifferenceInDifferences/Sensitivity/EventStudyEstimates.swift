internal import Glibc
public import LinearAlgebra
public import Statistics

/// Effects by event time with their covariance, checked: what sensitivity to parallel trends needs.
///
/// Event times are whole and consecutive but for the reference, at which the effect is 0 by
/// construction. Times after the reference count as affected by treatment, times before it do not.
public struct EventStudyEstimates: Sendable, Equatable {
  /// The event times, ascending, without the reference.
  public let eventTimes: [Double]
  /// The estimates, in the order of `eventTimes`.
  public let estimates: [Double]
  /// Their covariance, in the same order.
  public let covariance: Matrix
  /// The event time that the others are compared with.
  public let reference: Double

  /// The number of event times before the reference.
  public var before: Int { eventTimes.count { $0 < reference } }
  /// The number of event times after the reference.
  public var after: Int { eventTimes.count - before }

  /// Estimates in any order; the reference may stand among them, with a row of the covariance or
  /// without.
  ///
  /// - Throws: `sizeMismatch`; `missingValue` for what is not finite; `badDesign` for event times
  ///   that are not whole, repeat or leave gaps, for none before or after the reference, and for
  ///   a covariance that is not symmetric or not positive definite.
  public init(
    eventTimes: [Double], estimates: [Double], covariance: Matrix, reference: Double = -1
  ) throws(SiblingError) {
    guard eventTimes.count == estimates.count else {
      throw SiblingError(
        .sizeMismatch,
        "There are \(eventTimes.count) event times and \(estimates.count) estimates.")
    }
    let others = eventTimes.indices.filter { eventTimes[$0] != reference }
    let isSquare = covariance.rows == covariance.columns
    let includesReference = isSquare && covariance.rows == eventTimes.count
    guard isSquare, includesReference || covariance.rows == others.count else {
      throw SiblingError(
        .sizeMismatch,
        "The covariance is \(covariance.rows) by \(covariance.columns), but there are"
          + " \(others.count) estimates besides the reference.",
        help: "Give one row and one column for each estimate, in the order of the estimates.")
    }
    let order = others.sorted { eventTimes[$0] < eventTimes[$1] }
    let place = Dictionary(uniqueKeysWithValues: others.enumerated().map { ($1, $0) })
    let rows = includesReference ? order : order.compactMap { place[$0] }
    self.eventTimes = order.map { eventTimes[$0] }
    self.estimates = order.map { estimates[$0] }
    self.reference = reference
    self.covariance = covariance.selecting(both: rows)
    try checkTimes()
    try checkCovariance()
  }

  private func checkTimes() throws(SiblingError) {
    for (time, estimate) in zip(eventTimes, estimates) {
      guard time.isFinite, estimate.isFinite else {
        throw SiblingError(
          .missingValue, "An event time or its estimate is missing or not finite.",
          help: "Leave out event times that could not be estimated.")
      }
      guard time == time.rounded(), time.magnitude <= 1e6 else {
        throw SiblingError(
          .badDesign, "Event times must be whole; \(PanelDesign.label(time)) is not.")
      }
    }
    guard reference.isFinite, before > 0 else {
      throw SiblingError(
        .badDesign,
        "There is no estimate before the reference \(PanelDesign.label(reference)).",
        help: "Without a period before treatment besides the reference nothing is known about"
          + " trends: use an earlier start of the data.")
    }
    guard after > 0 else {
      throw SiblingError(
        .badDesign, "There is no estimate after the reference \(PanelDesign.label(reference)).")
    }
    let all = (eventTimes + [reference]).sorted()
    for (earlier, later) in zip(all, all.dropFirst()) where later != earlier + 1 {
      throw SiblingError(
        .badDesign,
        later == earlier
          ? "Event time \(PanelDesign.label(later)) stands there twice."
          : "Event times \(PanelDesign.label(earlier)) and \(PanelDesign.label(later)) follow each"
            + " other; changes from period to period need every one between.",
        help: later == earlier ? nil : "Leave out what lies beyond the gap, or estimate it.")
    }
  }

  private func checkCovariance() throws(SiblingError) {
    let n = eventTimes.count
    guard covariance.storage.allSatisfy(\.isFinite) else {
      throw SiblingError(.missingValue, "The covariance has a value that is missing or not finite.")
    }
    for (i, variance) in covariance.diagonal.enumerated() where variance <= 0 {
      throw SiblingError(
        .badDesign,
        "The variance at event time \(PanelDesign.label(eventTimes[i])) is not above zero.",
        help: "Leave out event times without standard error.")
    }
    let error = covariance.diagonal.map { $0.squareRoot() }
    var correlation = covariance
    for j in 0..<n {
      for i in 0..<n {
        let gap = (covariance[i, j] - covariance[j, i]).magnitude
        guard gap <= 1e-8 * error[i] * error[j] else {
          throw SiblingError(
            .badDesign,
            "The covariance is not symmetric: entries of event times"
              + " \(PanelDesign.label(eventTimes[i])) and \(PanelDesign.label(eventTimes[j]))"
              + " differ.")
        }
        correlation[i, j] /= error[i] * error[j]
      }
    }
    let smallest = (try? SymmetricEigen(correlation))?.values.first ?? -1
    guard smallest > 1e-12 * Double(n) else {
      throw SiblingError(
        .badDesign,
        smallest < -1e-8
          ? "The covariance is no covariance: some weighted sum of the estimates would have a"
            + " negative variance."
          : "The covariance is singular: some weighted sum of the estimates has no variance.",
        help: "Use fewer event times than there are clusters.")
    }
  }

  /// The places of the estimates before the reference, the latest first.
  var pre: [Int] { Array((0..<before).reversed()) }
  /// The places of the estimates after the reference, the earliest first.
  var post: [Int] { Array(before..<eventTimes.count) }
}

extension EventStudyEstimates {
  /// The same estimates in other units.
  func scaled(by factor: Double) -> EventStudyEstimates {
    EventStudyEstimates(
      checked: eventTimes, estimates.map { $0 * factor },
      covariance.scaled(by: factor * factor), reference)
  }

  private init(
    checked eventTimes: [Double], _ estimates: [Double], _ covariance: Matrix, _ reference: Double
  ) {
    self.eventTimes = eventTimes
    self.estimates = estimates
    self.covariance = covariance
    self.reference = reference
  }
}
