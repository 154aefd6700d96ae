import Contracts
import Statistics
import TestSupport
import Testing

/// The audit that puts the tests of one threshold together.
@Suite struct BunchingAuditTests {
  private struct Jobs {
    var days: [Double] = []
    var ended: [Bool] = []
    var arms: [Int32] = []
    var sites: [Int32] = []
  }

  /// Exponential lengths in ten sites, four of them paid; a share of the paid ones that end in the four
  /// weeks before 13 weeks is held until after.
  private func jobs(held: Double) -> Jobs {
    var stream = RandomStream(seed: 5, name: "audited-jobs")
    var jobs = Jobs()
    for site in 0..<10 {
      for _ in 0..<60 {
        var length = 1 + (stream.exponential() * 170).rounded(.down)
        let (isHeld, place) = (stream.uniform() < held, Double(stream.integer(below: 13)))
        if site < 4, length >= 56, length < 91, isHeld { length = 91 + place }
        jobs.days.append(length)
        jobs.ended.append(length < 400)
        jobs.arms.append(site < 4 ? 0 : 1)
        jobs.sites.append(Int32(site))
      }
    }
    return jobs
  }

  private func fit(
    _ jobs: Jobs, _ audit: BunchingAudit, order: [Int]? = nil, factor: Double = 1
  ) throws -> BunchingAudit.Result {
    let rows = order ?? Array(jobs.days.indices)
    return try audit.fit(
      durations: rows.map { jobs.days[$0] * factor }, ended: rows.map { jobs.ended[$0] },
      arms: Factor(codes: rows.map { jobs.arms[$0] }, levels: ["paid", "other"]),
      sites: Factor(codes: rows.map { jobs.sites[$0] }, levels: (0..<10).map { "s\($0)" }))
  }

  private let audit = BunchingAudit(
    threshold: 91, unit: .days, placebos: [42, 63, 119, 140, 161], draws: 19, detectableDraws: 10)

  private func p(_ result: BunchingAudit.Result, _ method: String) -> Double {
    result.findings.last { $0.method == method }?.pValue ?? .nan
  }

  @Test("held jobs are found, and jobs left alone are not")
  func found() throws {
    let gaming = try fit(jobs(held: 0.8), audit)
    let honest = try fit(jobs(held: 0), audit)
    let first = try #require(
      gaming.findings.first { $0.method == "difference-in-bunching" })
    #expect((first.interval?.low ?? 0) > 0)
    #expect((first.pValue ?? 1) < 0.025)
    let other = try #require(
      honest.findings.first { $0.method == "difference-in-bunching" })
    #expect((other.interval?.low ?? 1) < 0)
    #expect((other.pValue ?? 0) > 0.05)
    #expect(gaming.findings.last { $0.method == "placebo-rank" }?.estimate == 1)
  }

  @Test("every method has its row, and each arm its histogram")
  func rows() throws {
    let result = try fit(jobs(held: 0), audit)
    let methods = Set(result.findings.map(\.method))
    #expect(
      methods == [
        "binomial", "density", "excess-mass", "hazard-jump", "difference-in-bunching",
        "placebo-rank",
      ])
    for arm in ["paid", "other"] {
      let bins = result.bins.filter { $0.arm == arm }
      #expect(bins.contains { $0.bin.low == 91 && $0.bin.isExcluded })
      #expect(bins.allSatisfy { $0.bin.high - $0.bin.low == 7 })
    }
    // Rows are told apart by method, term and arm.
    let keys = Set(result.findings.map { "\($0.method)|\($0.term)|\($0.arm)" })
    #expect(keys.count == result.findings.count)
  }

  @Test("the order of jobs does not matter")
  func order() throws {
    let jobs = jobs(held: 0.5)
    let plain = try fit(jobs, audit)
    let reversed = try fit(jobs, audit, order: Array(jobs.days.indices.reversed()))
    for (one, two) in zip(plain.findings, reversed.findings)
    where ["binomial", "hazard-jump"].contains(one.method) {
      #expect((one.count, one.inside, one.outside) == (two.count, two.inside, two.outside))
      // Weeks at risk are added in the order of the jobs.
      #expect(close(one.estimate ?? 0, two.estimate ?? 1, .closedForm))
      #expect(close(one.pValue ?? 0, two.pValue ?? 1, .closedForm))
    }
    #expect(plain.bins.map(\.bin.count) == reversed.bins.map(\.bin.count))
    #expect(
      close(p(plain, "placebo-rank"), p(reversed, "placebo-rank"), .closedForm))
  }

  @Test("weeks and days are the same jobs")
  func units() throws {
    let jobs = jobs(held: 0.5)
    var weeks = audit
    weeks.unit = .weeks
    weeks.threshold = 13
    weeks.placebos = audit.placebos?.map { $0 / 7 }
    let (one, two) = (try fit(jobs, audit), try fit(jobs, weeks, factor: 1.0 / 7))
    #expect(one.findings.map(\.inside) == two.findings.map(\.inside))
    for (first, second) in zip(one.findings, two.findings) where first.method == "binomial" {
      #expect(
        close(first.pValue ?? -1, second.pValue ?? -2, Tolerance(relative: 1e-9)))
    }
  }

  @Test("one arm is audited by itself, and jobs that go on count in the hazard only")
  func oneArm() throws {
    let jobs = jobs(held: 0)
    let result = try audit.fit(
      durations: jobs.days, ended: jobs.ended,
      arms: Factor(codes: jobs.days.map { _ in 0 }, levels: ["all"]))
    #expect(!result.findings.contains { $0.method.hasPrefix("difference") })
    let density = try #require(result.findings.first { $0.method == "density" })
    #expect(density.count == jobs.ended.count { $0 })
    let hazard = try #require(result.findings.first { $0.method == "hazard-jump" })
    #expect(hazard.count == jobs.days.count { $0 / 7 >= 11 })
  }

  @Test("lengths and thresholds that can't be are refused")
  func refusals() throws {
    var jobs = jobs(held: 0)
    jobs.days[7] = -3
    let negative = #expect(throws: SiblingError.self) { try fit(jobs, audit) }
    #expect(negative?.row == 7)
    jobs.days[7] = 3
    var far = audit
    far.threshold = 20_000
    let outside = #expect(throws: SiblingError.self) { try fit(jobs, far) }
    #expect(outside?.code == .tooFewObservations)
    far.threshold = 7
    #expect(throws: SiblingError.self) { try fit(jobs, far) }
    jobs.ended = jobs.ended.map { _ in false }
    #expect(throws: SiblingError.self) { try fit(jobs, audit) }
  }
}
