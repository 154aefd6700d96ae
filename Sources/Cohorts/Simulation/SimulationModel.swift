internal import Glibc
internal import Statistics
internal import Tables

/// The numbers of the generative model that all worlds share.
///
/// The calibration: 31–42% of accepted clients of comparison services start a job within 52 weeks,
/// first jobs last about eight months on average, two thirds of them 13 weeks or more. Everything
/// else is made up, plausibly. The room's README has the formulas.
enum SimulationModel {
  // MARK: calendar

  /// Referrals end, and the data are cut.
  static let lastReferral = day(2024, 3, 31)
  static let dataCut = day(2024, 12, 31)
  /// The first and the last day of the table of hazards.
  static let firstDay = day(2014, 1, 1)
  static let lastDay = day(2032, 12, 31)
  /// Hiring is shocked between these days, in the world that has it.
  static let shock = day(2020, 3, 23)...day(2021, 6, 30)

  static func day(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
    CivilDate(year: year, month: month, day: day)?.days ?? 0
  }

  // MARK: outcomes

  /// The last day after acceptance on which a job start counts.
  static let horizon: Int32 = 364
  /// Days in work that make a job sustained for 13 and for 26 weeks.
  static let thirteenWeeks: Int32 = 91
  static let twentySixWeeks: Int32 = 182
  /// Nobody searches longer than three years.
  static let longestSearch: Int32 = 1095
  /// Everybody who is not lost is followed at least this long after acceptance.
  static let followUp: Int32 = 560
  static let mostJobs = 4

  // MARK: hazards, a day

  /// The hazard of a first job at average index, from week 5 to 26 after engagement.
  static let startHazard = 0.0024
  /// How it moves with time since engagement: (days, factor).
  static let searchPieces: [(days: Int32, factor: Double)] = [(28, 0.6), (154, 1), (913, 0.65)]
  /// The next job is found faster.
  static let laterFactor = 2.2
  static let exitHazard = 1.0 / 620
  static let neverEngaged = 0.1
  /// Weibull tenure in days: the shape is below one, as early weeks are the riskiest.
  static let tenureShape = 0.95
  static let tenureScale = 218.0
  static let startFrailty = 0.3
  static let tenureFrailty = 0.3
  static let siteDeviation = 0.25
  /// The part of sites' variance that goes with their fidelity.
  static let fidelityShare = 0.36
  static let quarterDeviation = 0.06
  static let generalLoss = 0.05

  // MARK: acceptance

  static let clientDeclines = 0.12
  static let acceptance = 2.2

  // MARK: covariates in the log hazard of a job start

  static let motivation = 0.22
  static let neverWorked = -0.45
  static let ageYear = -0.012
  static let substance = -0.3
  static let education = [-0.2, 0, 0.1, 0.2]
  static let housing = [0, -0.1, -0.3]
  static let diagnosis = [-0.15, 0, 0.1, -0.1, -0.2, 0, -0.15, 0]
  static let benefit = [0, -0.15, -0.1, 0.15, 0]
  /// A year without work; from ten years on it makes no further difference.
  static let yearWithoutWork = -0.06
  /// The part of the index that carries over to the log of the time in a job.
  static let indexInTenure = 0.35
}

/// The calendar's part of the hazard of a job start: its running sum over days, for inversion.
struct CalendarHazard: Sendable {
  private let sums: [Double]

  /// `quarters` are effects on the log hazard from the first quarter of 2014 on; the shock is a share.
  init(quarters: [Double], shock: Double) {
    let count = Int(SimulationModel.lastDay - SimulationModel.firstDay) + 1
    var sums = [0.0]
    sums.reserveCapacity(count + 1)
    var total = 0.0
    var (quarter, next, factor) = (-1, Int32.min, 0.0)
    for offset in 0..<count {
      let day = SimulationModel.firstDay + Int32(offset)
      if day >= next {
        quarter += 1
        factor = exp(quarters[min(quarter, quarters.count - 1)])
        let month = quarter % 4 * 3 + 4
        let year = 2014 + quarter / 4
        next =
          month > 12 ? SimulationModel.day(year + 1, 1, 1) : SimulationModel.day(year, month, 1)
      }
      total += SimulationModel.shock.contains(day) ? factor * (1 - shock) : factor
      sums.append(total)
    }
    self.sums = sums
  }

  /// The first day on which the running hazard since `start` exceeds `target`, at most `limit` days on.
  func day(from start: Int32, reaching target: Double, within limit: Int32) -> Int32? {
    let first = index(start)
    let last = index(start + limit)
    guard first < last, sums[last] - sums[first] > target else { return nil }
    var (low, high) = (first, last)
    while high - low > 1 {
      let middle = (low + high) / 2
      if sums[middle] - sums[first] > target { high = middle } else { low = middle }
    }
    return start + Int32(high - first) - 1
  }

  /// The hazard between two days.
  func sum(from start: Int32, days: Int32) -> Double {
    sums[index(start + days)] - sums[index(start)]
  }

  private func index(_ day: Int32) -> Int {
    min(max(Int(day - SimulationModel.firstDay), 0), sums.count - 1)
  }
}
