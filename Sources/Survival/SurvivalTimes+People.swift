internal import Statistics

/// Follow-up whose rows are cells: each stands for people with the same times and the same end.
///
/// Where only sums by cell are known, the weights handed to an estimator are sums over the people of each cell.
/// Curves, tests and partial likelihoods need no more than that, except for three things that are kept here:
/// how many people there are (ties), and the squares of their weights (robust errors of people on their own).
extension SurvivalTimes {
  /// The people behind each row.
  public struct People: Sendable, Equatable {
    /// How many there are.
    public let counts: [Int]
    /// How many of them have a weight above zero.
    public let weighted: [Int]
    /// The sum of their squared weights.
    public let squares: [Double]
    /// Whether some of their weights are not whole numbers.
    public let isFractional: Bool

    /// People of cells; without weights each counts one.
    public init(
      counts: [Int], weighted: [Int]? = nil, squares: [Double]? = nil, isFractional: Bool = false
    ) {
      self.counts = counts
      self.weighted = weighted ?? counts
      self.squares = squares ?? counts.map(Double.init)
      self.isFractional = isFractional
    }

    func selecting(_ rows: [Int]) -> People {
      People(
        counts: rows.map { counts[$0] }, weighted: rows.map { weighted[$0] },
        squares: rows.map { squares[$0] }, isFractional: isFractional)
    }

    /// The same without the people of weight zero.
    var withoutZeros: People {
      People(counts: weighted, weighted: weighted, squares: squares, isFractional: isFractional)
    }
  }

  /// The number of people: rows, or those that they stand for.
  public var peopleCount: Int { people.map { $0.counts.reduce(0, +) } ?? count }

  /// The follow-up of the named rows, under the times as they stand here, without their people of weight zero.
  ///
  /// - Throws: `no-rows` when none is named.
  func selectingWeighted(_ rows: [Int]) throws(SiblingError) -> SurvivalTimes {
    try SurvivalTimes(
      start: start.map { start in rows.map { start[$0] } }, time: rows.map { time[$0] },
      event: rows.map { event[$0] }, collapseTies: false,
      people: people?.selecting(rows).withoutZeros)
  }

  /// Whether weights call for a robust variance: some person's is not a whole number.
  func isFractional(_ weights: [Double]?) -> Bool {
    people?.isFractional ?? Checks.fractional(weights)
  }

  /// Weights whose squares are those of the people, for influences of people on their own; nil where rows are people.
  var rootWeights: [Double]? { people?.squares.map { $0.squareRoot() } }

  /// For each row what turns the influence of its cell into the root of its people's squared influences.
  func influenceScale(_ weights: [Double]?) -> [Double]? {
    rootWeights.map { roots in roots.indices.map { roots[$0] / (weights?[$0] ?? 1) } }
  }
}

extension SurvivalTimes {
  /// What the reader must know of the times.
  public var notes: [String] {
    var notes: [String] = []
    if negativeDurations > 0 {
      notes.append("\(negativeDurations) rows have a time below zero")
    }
    if collapsedTimes > 0 {
      notes.append(
        "\(collapsedTimes) times differ from another by less than 1.5e-8, absolutely or of the"
          + " mean time, and are taken as tied; count time in a smaller unit if they are not")
    }
    if zeroDurations > 0 { notes.append("\(zeroDurations) rows have time zero") }
    return notes
  }
}
