import LinearAlgebra
import Statistics

extension ParametricFit {
  /// What a fit is made of besides its solution.
  struct Parts {
    /// The names of all terms and the places of the estimated ones among them.
    var names: [String]
    var places: [Int]
    /// Takes parameters on the likelihood's scales to the estimated terms.
    var back: Matrix
    /// Added to the estimated terms.
    var level: [Double]
    /// Added to the log-likelihood.
    var constant = 0.0
    var scale: String
    /// What is fitted, for messages.
    var model: String
    var notes: [String]
    var robust: Bool?
    var predictor: Predictor?
  }

  /// - Throws: `separation` when an estimate runs to infinity, `non-convergence`.
  static func make(
    _ likelihood: some Likelihood, _ solution: LikelihoodMaximiser.Solution,
    _ input: LikelihoodInput, _ parts: Parts
  ) throws(SiblingError) -> ParametricFit {
    let estimated = parts.places.map { parts.names[$0] }
    let variance = try inverse(solution, estimated, parts)
    let robust = parts.robust ?? (input.cluster != nil || Checks.fractional(input.weights))
    let back = parts.back
    func outside(_ matrix: Matrix) -> Matrix {
      let moved = Matrix.product(back * matrix, back, transposeRight: true)
      return spread(
        (moved + moved.transposed).scaled(by: 0.5), parts.places, parts.names.count)
    }
    var sandwich: Matrix?
    if robust {
      let sums = clusterSums(
        likelihood.scores(at: solution.parameters), input.cluster, rows: input.count,
        parameters: variance.rows)
      sandwich = outside(variance * Gram.product(sums) * variance)
    }
    let values = zip(back.times(solution.parameters), parts.level).map { $0 + $1 }
    var coefficients = [Double](repeating: .nan, count: parts.names.count)
    for (k, j) in parts.places.enumerated() { coefficients[j] = values[k] }
    var notes = parts.notes
    let count = parts.places.count
    if input.events < 10 * count {
      notes.append(
        "\(input.events) events for \(count) parameters: fewer than ten each, so estimates may be"
          + " biased and intervals too short")
    }
    let clusters = robust ? input.cluster?.occupiedLevels : nil
    if let clusters, clusters <= count {
      notes.append(
        "\(clusters) clusters for \(count) parameters: the robust variance is singular")
    }
    return ParametricFit(
      names: parts.names, coefficients: coefficients, covariance: outside(variance),
      robustCovariance: sandwich, logLikelihood: solution.value.value + parts.constant,
      degreesOfFreedom: count, observations: input.count, events: input.events,
      clusters: clusters, iterations: solution.iterations, scale: parts.scale, notes: notes,
      predictor: parts.predictor)
  }

  /// The inverse information, once it is sure that the likelihood has its maximum here.
  private static func inverse(
    _ solution: LikelihoodMaximiser.Solution, _ names: [String], _ parts: Parts
  ) throws(SiblingError) -> Matrix {
    let factor = try? Cholesky(solution.value.information)
    if let factor, solution.converged {
      // On standardised scales a maximum leaves no step worth the name.
      let step = factor.solve(solution.value.gradient)
      if step.allSatisfy({ $0.magnitude < 1e-4 }) { return factor.inverse }
    }
    // The next step of each term, in units of its column's spread.
    let next = parts.back.times(
      factor?.solve(solution.value.gradient) ?? solution.value.gradient)
    let sizes = next.indices.map { j in
      next[j].magnitude / parts.back.row(j).reduce(0) { Swift.max($0, $1.magnitude) }
    }
    let worst = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    // A parameter that has gone far while the likelihood stands nearly still.
    let flat = solution.converged || solution.parameters.contains { $0.magnitude > 12 }
    guard solution.value.value.isFinite, flat else {
      throw SiblingError(
        .nonConvergence,
        "the \(parts.model) model did not converge in \(solution.iterations) steps",
        help: "try another family, fewer terms, or rescale covariates of very different sizes")
    }
    throw SiblingError(
      .separation,
      "the likelihood of the \(parts.model) model has no maximum: the estimate of \(names[worst])"
        + " runs to infinity",
      help: "look for a group without events (or without censoring), or choose a simpler family",
      column: names[worst])
  }

  /// Clusters (rows, when there are none) × parameters: sums of scores.
  private static func clusterSums(
    _ channels: [ScoreChannel], _ cluster: Factor?, rows: Int, parameters: Int
  ) -> Matrix {
    let groups = cluster?.levels.count ?? rows
    var jobs: [(channel: Int, column: Int?, at: Int)] = []
    for (c, channel) in channels.enumerated() {
      guard let columns = channel.columns else {
        jobs.append((c, nil, channel.at))
        continue
      }
      for j in 0..<columns.basis.count { jobs.append((c, j, channel.at + j)) }
    }
    let work = jobs
    // A column a task, its rows in order, so the sums never depend on threads.
    let columns: [[Double]] = Parallel.mapBlocks(parameters) { parameter in
      var sums = [Double](repeating: 0, count: groups)
      for job in work where job.at == parameter {
        let channel = channels[job.channel]
        for row in 0..<rows {
          var value = channel.values[row]
          if let place = job.column, let (matrix, basis) = channel.columns {
            let x = matrix.storage[row + basis.columns[place] * rows]
            value *= (x - basis.center[place]) / basis.scale[place]
          }
          sums[cluster.map { Int($0.codes[row]) } ?? row] += value
        }
      }
      return sums
    }
    return Matrix(columns: columns)
  }

  static func spread(_ values: Matrix, _ places: [Int], _ count: Int) -> Matrix {
    var result = Matrix(
      rows: count, columns: count, storage: [Double](repeating: .nan, count: count * count))
    for (k, j) in places.enumerated() {
      for (l, i) in places.enumerated() { result[i, j] = values[l, k] }
    }
    return result
  }
}
