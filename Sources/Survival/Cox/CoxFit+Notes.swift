import LinearAlgebra
import Statistics

extension CoxFit {
  /// What the reader of a fit must know.
  static func notes(
    _ parts: Parts, _ infinite: [String], _ degreesOfFreedom: Double
  ) -> [String] {
    let names = parts.design.names
    var endless: [(term: String, empty: String?)] = []
    for (column, name) in names.enumerated() where infinite.contains(name) {
      endless.append((name, armWithoutEvents(parts, column)))
    }
    var ridge: String?
    if parts.ridge > 0 {
      let rounded = (degreesOfFreedom * 1000).rounded() / 1000
      ridge =
        "ridge penalty θ/2·Σβ² on covariates as they stand, θ = \(parts.ridge): \(rounded) effective"
        + " degrees of freedom; standard errors are those of the penalised information"
    }
    return Self.notes(
      dropped: parts.rank.dropped.map { names[$0] }, infinite: endless, ridge: ridge,
      events: parts.times.events, parameters: parts.rank.kept.count,
      clusters: parts.cluster?.occupiedLevels) + parts.notes
  }

  /// What the reader of any Cox model must know, however it was fitted: terms left out, terms that run to
  /// infinity with the value of each that nobody with the event has, and few events or clusters.
  public static func notes(
    dropped: [String], infinite: [(term: String, empty: String?)], ridge: String? = nil,
    events: Int, parameters: Int, clusters: Int?
  ) -> [String] {
    var notes = dropped.map {
      "\($0) is left out: it is constant or a combination of earlier terms"
    }
    for (name, empty) in infinite {
      let cause = empty.map { "no row where it is \($0) has the event, so " }
      notes.append(
        "the coefficient of \(name) runs to infinity: " + (cause ?? "")
          + "its estimate and standard error mean nothing")
    }
    if let ridge { notes.append(ridge) }
    if events < 10 * parameters {
      notes.append(
        "\(events) events for \(parameters) coefficients: fewer than ten each, so estimates may be"
          + " biased and intervals too short")
    }
    if let clusters, clusters <= parameters {
      notes.append(
        "\(clusters) clusters for \(parameters) coefficients: the robust variance is singular")
    }
    return notes
  }

  /// Of a covariate with two values, the one no row of which has the event.
  private static func armWithoutEvents(_ parts: Parts, _ column: Int) -> String? {
    let values = parts.design.matrix.column(column)
    guard let first = values.first, let second = values.first(where: { $0 != first }),
      values.allSatisfy({ $0 == first || $0 == second })
    else { return nil }
    var died = [false, false]
    for (row, value) in values.enumerated() where parts.times.event[row] {
      died[value == first ? 0 : 1] = true
    }
    guard died[0] != died[1] else { return nil }
    let empty = died[0] ? second : first
    return empty == empty.rounded() && empty.magnitude < 1e9 ? "\(Int(empty))" : "\(empty)"
  }
}
