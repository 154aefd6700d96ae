internal import Glibc

/// Numbers of few whole sites and the tests that a planned comparison of them would use.
///
/// Each site has one number, its mean or its change, and a size. Two differences are tested: of the
/// arms' unweighted means of sites, and of all people of the arms (sites weighted by size).
public struct SiteTests: Sendable, Equatable {
  /// A test.
  public enum Method: String, Sendable, CaseIterable {
    /// Sites' numbers compared by t on sites − 2 degrees of freedom, unweighted (Donald & Lang 2007,
    /// doi:10.1162/rest.89.2.221).
    case clusterT = "cluster-t"
    /// People compared, variance clustered by site: CR2 with Satterthwaite's degrees of freedom (Bell
    /// & McCaffrey 2002; Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004).
    case biasReduced = "CR2"
    /// Whole sites exchanged between arms, the difference of unweighted means (Fisher 1935).
    case randomisation = "randomisation"
  }

  /// One number a site, the treated sites first.
  public var values: [Double]
  /// People of each site, all positive.
  public var sizes: [Double]
  /// How many of the sites are treated.
  public var treated: Int

  /// Sites' numbers and sizes, the treated first.
  public init(values: [Double], sizes: [Double], treated: Int) {
    self.values = values
    self.sizes = sizes
    self.treated = treated
  }

  private var arms: [Range<Int>] { [0..<treated, treated..<values.count] }

  /// The two-sided p-value of t on sites − 2; nil where nothing varies or no freedom is left.
  public func clusterT() -> Double? {
    guard treated > 0, values.count - treated > 0, values.count > 2 else { return nil }
    var means: [Double] = []
    var (squares, share) = (0.0, 0.0)
    for arm in arms {
      let mean = arm.reduce(0) { $0 + values[$1] } / Double(arm.count)
      for site in arm { squares += (values[site] - mean) * (values[site] - mean) }
      means.append(mean)
      share += 1 / Double(arm.count)
    }
    let degrees = Double(values.count - 2)
    let error = (squares / degrees * share).squareRoot()
    guard error > 0 else { return nil }
    return StudentT(degreesOfFreedom: degrees).twoSidedTail((means[0] - means[1]) / error)
  }

  /// The two-sided p-value of CR2 with Satterthwaite's degrees of freedom; nil with one site an arm.
  ///
  /// A row a person with a constant and the treatment: within an arm of N people each site's
  /// leverage in the direction that counts is its share n/N, so that everything has a closed form.
  public func biasReduced() -> Double? {
    var (difference, variance, trace, square) = (0.0, 0.0, 0.0, 0.0)
    for (place, arm) in arms.enumerated() {
      guard arm.count > 1 else { return nil }
      let people = arm.reduce(0) { $0 + sizes[$1] }
      let mean = arm.reduce(0) { $0 + sizes[$1] * values[$1] } / people
      difference += place == 0 ? mean : -mean
      var (products, fourth) = (0.0, 0.0)
      for site in arm {
        let n = sizes[site]
        let rest = 1 - n / people
        guard rest > 0 else { return nil }
        let deviation = n * (values[site] - mean) / people
        variance += deviation * deviation / rest
        // c² = 1/(N²(1 − n/N)); the working covariance is the identity.
        let weight = 1 / (people * people * rest)
        let own = weight * n * rest
        trace += own
        square += own * own
        products += weight * n * n
        fourth += weight * weight * n * n * n * n
      }
      square += (products * products - fourth) / (people * people)
    }
    guard variance > 0, square > 0 else { return nil }
    let degrees = trace * trace / square
    return StudentT(degreesOfFreedom: degrees).twoSidedTail(difference / variance.squareRoot())
  }

  /// The p-value of exchanging whole sites: all assignments listed when there are at most `limit`,
  /// else `draws` of them drawn and the observed one counted with them.
  public func randomisation(
    draws: Int = 999, limit: Int = 1000, stream: inout RandomStream
  ) -> Double? {
    let count = values.count
    guard treated > 0, treated < count else { return nil }
    let total = values.reduce(0, +)
    let (ones, zeros) = (Double(treated), Double(count - treated))
    func statistic(_ sum: Double) -> Double { (sum / ones - (total - sum) / zeros).magnitude }
    let observed = statistic(values[0..<treated].reduce(0, +))
    // Sums in another order differ in their last digits: ties count.
    let bar = observed - 1e-10 * (1e-300 + values.reduce(0) { $0 + $1.magnitude } / ones)
    let assignments = SiteTests.choose(count, min(treated, count - treated), limit: limit)
    if let assignments {
      var chosen = Array(0..<treated)
      var extreme = 0
      while true {
        if statistic(chosen.reduce(0) { $0 + values[$1] }) >= bar { extreme += 1 }
        // The next choice in lexical order.
        guard let place = chosen.indices.last(where: { chosen[$0] < count - treated + $0 }) else {
          return Double(extreme) / Double(assignments)
        }
        chosen[place] += 1
        for next in chosen.indices where next > place { chosen[next] = chosen[next - 1] + 1 }
      }
    }
    let fewer = min(treated, count - treated)
    var order = values
    var extreme = 1
    for _ in 0..<draws {
      var sum = 0.0
      for i in 0..<fewer {
        order.swapAt(i, i + stream.integer(below: count - i))
        sum += order[i]
      }
      if statistic(fewer == treated ? sum : total - sum) >= bar { extreme += 1 }
    }
    return Double(extreme) / Double(draws + 1)
  }

  /// C(n, k), or nil above a limit.
  private static func choose(_ n: Int, _ k: Int, limit: Int) -> Int? {
    var result = 1
    for i in 0..<k {
      let (product, overflow) = result.multipliedReportingOverflow(by: n - i)
      guard !overflow else { return nil }
      result = product / (i + 1)
      guard result <= limit else { return nil }
    }
    return result
  }

  /// The p-value of a method.
  public func pValue(_ method: Method, stream: inout RandomStream) -> Double? {
    switch method {
    case .clusterT: clusterT()
    case .biasReduced: biasReduced()
    case .randomisation: randomisation(stream: &stream)
    }
  }
}
