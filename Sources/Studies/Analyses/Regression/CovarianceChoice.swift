internal import DifferenceInDifferences
internal import Statistics

/// The covariance that `--vcov` and `--cluster` ask for.
enum CovarianceChoice: Sendable, Equatable {
  case classical
  case heteroskedastic(HeteroskedasticType)
  case cluster(ClusterType)
  /// Newey–West with a lag.
  case series(Int)

  /// Decodes `--vcov`, whose default depends on `--cluster`.
  ///
  /// - Throws: `invalidOption` when clusters are named for an estimator that ignores them, or
  ///   missing for one that needs them.
  init(_ options: OptionValues, clusters: [String]) throws(SiblingError) {
    guard options.isGiven(.covariance) else {
      self = clusters.isEmpty ? .classical : .cluster(.cr1)
      return
    }
    let name = try options.choice(.covariance)
    if name.hasPrefix("NW:"), let lag = Int(name.dropFirst(3)) {
      self = .series(lag)
    } else if let type = HeteroskedasticType(rawValue: name) {
      self = .heteroskedastic(type)
    } else if let type = ClusterType(rawValue: name) {
      self = .cluster(type)
    } else {
      self = .classical
    }
    if case .cluster = self {
      guard !clusters.isEmpty else {
        throw options.wrong(.covariance, "needs --cluster COLUMN")
      }
    } else if !clusters.isEmpty {
      throw options.wrong(.covariance, "ignores clusters; leave out --cluster or choose CR0 to CR3")
    }
  }

  /// Whether rows are series over time.
  var isSeries: Bool {
    if case .series = self { return true }
    return false
  }

  /// How `--small-sample` counts absorbed effects.
  ///
  /// - Throws: `invalidOption` where it is given for a covariance without that factor.
  func counting(_ options: OptionValues) throws(SiblingError) -> EffectsCounting {
    let counting = EffectsCounting(rawValue: try options.choice(.smallSample)) ?? .notNested
    if self != .cluster(.cr1), options.isGiven(.smallSample) {
      throw options.wrong(.smallSample, "is for clustered standard errors (CR1)")
    }
    return counting
  }

  /// The estimator with its clusters, and for series their units and periods.
  func estimator(
    _ clusters: [Factor], unit: Factor? = nil, time: [Double]? = nil
  ) -> CovarianceEstimator {
    switch self {
    case .classical: clusters.isEmpty ? .classical : .cluster(.cr1, clusters)
    case .heteroskedastic(let type): .heteroskedastic(type)
    case .cluster(let type): .cluster(type, clusters)
    case .series(let lag): .neweyWest(NeweyWest(lag: lag, time: time, unit: unit))
    }
  }

  /// The estimator for a panel, whose units are the series.
  func estimator(_ clusters: [Factor], _ panel: PanelDesign) -> CovarianceEstimator {
    estimator(clusters, unit: panel.unit, time: isSeries ? panel.times : nil)
  }
}
