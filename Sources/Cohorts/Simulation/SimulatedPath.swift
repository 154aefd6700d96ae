internal import Glibc
internal import Statistics

/// What happens to one accepted person in one arm, in days since acceptance; nobody need see it.
struct SimulatedPath: Sendable {
  /// A job: its first and last day, and why it ended (a place among `JobEndReason`).
  struct Job: Sendable {
    var start, end: Int32
    var reason: Int8
    /// Whether its end was moved to just after the payment threshold.
    var isMoved = false

    var days: Int32 { end - start + 1 }
  }

  /// The day of engagement; nil when it never came.
  var engaged: Int32?
  var exit: Int32 = 0
  var exitReason = ExitReason.disengaged
  var jobs: [Job] = []
}

/// A person's part of the model, from which both potential paths are drawn with the same numbers.
struct PathModel {
  var accepted: Int32
  /// Log hazard beside the bond's effect, and log time ratio.
  var startPredictor, tenurePredictor: Double
  var motivation: Int8
  var calendar: CalendarHazard
  var settings: WorldSettings
  var stream: RandomStream

  /// The path with or without the bond.
  func path(isTreated: Bool) -> SimulatedPath {
    typealias Model = SimulationModel
    let predictor = startPredictor + (isTreated ? settings.startEffect : 0)
    var path = SimulatedPath()
    var entry = stream.substream(0)
    let delay = 3 + 12 * (entry.exponential() + entry.exponential())
    let engagement = Int32(min(delay, 300))
    let neverEngages = entry.uniform() < Model.neverEngaged
    let exitRate = Model.exitHazard * exp(-0.2 * Double(motivation - 3))
    let leaves = 1 + Int32(min(entry.exponential() / exitRate, 3000))
    let why = entry.uniform()
    path.exitReason = Self.leaving(why)
    if neverEngages || leaves <= engagement {
      path.exit = min(leaves, 14 + Int32(60 * entry.uniform()))
      return path
    }
    path.engaged = engagement
    path.exit = min(leaves, Model.longestSearch)
    if leaves > Model.longestSearch { path.exitReason = .other }
    var next = firstStart(from: engagement, predictor, entry.exponential())
    for number in 0..<Model.mostJobs {
      guard let start = next, start < path.exit else { return path }
      let (job, after) = self.job(number, start, isTreated, predictor, exitRate, &path)
      path.jobs.append(job)
      next = after
    }
    return path
  }

  /// The day of the first job, by inversion of the running hazard.
  private func firstStart(from engaged: Int32, _ predictor: Double, _ draw: Double) -> Int32? {
    var target = draw / (SimulationModel.startHazard * exp(predictor))
    var from = accepted + engaged
    for piece in SimulationModel.searchPieces {
      let own = target / piece.factor
      if let day = calendar.day(from: from, reaching: own, within: piece.days) {
        return day - accepted + 1
      }
      target -= piece.factor * calendar.sum(from: from, days: piece.days)
      from += piece.days
    }
    return nil
  }

  /// A job, how the service goes on after it, and the start of the next.
  private func job(
    _ number: Int, _ start: Int32, _ isTreated: Bool, _ predictor: Double, _ exitRate: Double,
    _ path: inout SimulatedPath
  ) -> (SimulatedPath.Job, Int32?) {
    typealias Model = SimulationModel
    var draws = stream.substream(UInt64(number + 1))
    let ratio = exp(tenurePredictor + (isTreated ? settings.tenureEffect : 0))
    let tenure = Model.tenureScale * ratio * pow(draws.exponential(), 1 / Model.tenureShape)
    var days = 1 + Int32(min(tenure, 4000))
    let (why, moving, place) = (draws.uniform(), draws.uniform(), Int32(13 * draws.uniform()))
    var isMoved = false
    if isTreated {
      let isCut = days > Model.thirteenWeeks + 13 && moving < settings.cutShare
      let isHeld =
        days < Model.thirteenWeeks && days >= Model.thirteenWeeks - 28
        && moving < settings.heldShare
      if isCut || isHeld {
        days = Model.thirteenWeeks + 1 + place
        isMoved = true
      }
    }
    let reason = Self.ending(why)
    let job = SimulatedPath.Job(
      start: start, end: start + days - 1, reason: Self.code(reason), isMoved: isMoved)
    let stable = start + Model.twentySixWeeks + Int32(90 * draws.uniform())
    let (stays, wait, gap) = (draws.uniform(), draws.exponential(), draws.exponential())
    let settle = Int32(45 * draws.uniform())
    if job.end >= stable {
      (path.exit, path.exitReason) = (stable, .jobStable)
      return (job, nil)
    }
    if reason == .movedJob {
      path.exit = job.end + Model.longestSearch
      if number + 1 < Model.mostJobs { return (job, job.end + 1 + settle / 15) }
    }
    if stays < 0.3 || number + 1 == Model.mostJobs {
      path.exit = job.end + 7 + settle
      path.exitReason = reason == .health ? .health : .disengaged
      return (job, nil)
    }
    path.exit = job.end + 8 + Int32(min(wait / exitRate, Double(Model.longestSearch)))
    path.exitReason = Self.leaving(stays)
    let target = gap / (Model.startHazard * Model.laterFactor * exp(predictor))
    let found = calendar.day(from: accepted + job.end + 7, reaching: target, within: 1095)
    return (job, found.map { $0 - accepted + 1 })
  }

  private static func leaving(_ draw: Double) -> ExitReason {
    switch draw {
    case ..<0.58: .disengaged
    case ..<0.8: .health
    case ..<0.9: .moved
    case ..<0.915: .died
    case ..<0.96: .transferred
    default: .other
    }
  }

  private static func ending(_ draw: Double) -> JobEndReason {
    switch draw {
    case ..<0.36: .quit
    case ..<0.48: .dismissed
    case ..<0.64: .contractEnd
    case ..<0.78: .health
    case ..<0.86: .redundancy
    case ..<0.95: .movedJob
    default: .unknown
    }
  }

  private static func code(_ reason: JobEndReason) -> Int8 {
    Int8(JobEndReason.allCases.firstIndex(of: reason) ?? 0)
  }
}
