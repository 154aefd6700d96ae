import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

@Suite("Distances between covariates, against MatchIt 4.5.1 and Rosenbaum's formula")
struct DistanceTests {
  let lalonde: Lalonde

  init() throws { lalonde = try Lalonde() }

  /// The treated and comparison rows of the literals below, and last the sum over all pairs.
  static let pairs = [(0, 185), (0, 186), (0, 187), (0, 188), (4, 191), (99, 384)]

  private func measured(_ coordinates: Matrix) -> [Double] {
    var all = 0.0
    for treated in 0..<185 {
      for other in 185..<614 { all += distance(coordinates, treated, other) }
    }
    return Self.pairs.map { distance(coordinates, $0.0, $0.1) } + [all]
  }

  @Test("Golden distances on all covariates")
  func golden() throws {
    // mahalanobis_dist, scaled_euclidean_dist and euclidean_dist of MatchIt 4.5.1; the robust form
    // by the formula of Rosenbaum (2010) with a pseudo-inverse in numpy.
    let golden: [(CovariateDistance.Metric, [Double])] = [
      (
        .mahalanobis,
        [
          7.10120013758319, 7.31990987530293, 6.44836060089922, 5.63760543683405, 5.03729075731898,
          4.05353063134481, 322192.741979587,
        ]
      ),
      (
        .scaledEuclidean,
        [
          7.66265608322517, 8.01777893124095, 7.76398758275779, 6.57732404231132, 6.87410382602807,
          4.10082145814997, 354717.824343634,
        ]
      ),
      (
        .euclidean,
        [
          27263.8570192444, 31399.5691480775, 30057.3793858763, 26041.7755248485, 22868.5830273522,
          2975.95120968204, 582712385.598955,
        ]
      ),
      (
        .robustMahalanobis,
        [
          4.019161624320111, 4.212980490815151, 4.012722988795681, 3.6044340641167296,
          3.816172843453697, 3.1465951421246596, 281633.53367866436,
        ]
      ),
    ]
    for (metric, values) in golden {
      let found = measured(
        try CovariateDistance(metric).coordinates(
          columns: lalonde.distanceCovariates, treatment: lalonde.treatment))
      #expect(close(found, values, .init(relative: 1e-12)), "\(metric)")
    }
  }

  @Test("Sampling weights and discarded units shape the covariance as in MatchIt 4.5.1")
  func weighted() throws {
    let weights = lalonde.column("age").map { 0.5 + $0.truncatingRemainder(dividingBy: 7) / 4 }
    let weighted = try CovariateDistance(.mahalanobis).coordinates(
      columns: lalonde.distanceCovariates, treatment: lalonde.treatment, weights: weights)
    #expect(
      close(
        measured(weighted),
        [
          7.10947479047535, 7.30817551101383, 6.40490139268213, 5.60328841041937, 4.99474864493795,
          4.01511981388493, 320228.803038101,
        ], .init(relative: 1e-12)))
    let discarded = try CovariateDistance(.mahalanobis).coordinates(
      columns: lalonde.distanceCovariates, treatment: lalonde.treatment,
      discarded: lalonde.column("re74").map { $0 > 15000 })
    #expect(
      close(
        measured(discarded),
        [
          7.79406889889578, 8.34445452196015, 7.74250597415746, 6.71714821735497, 5.7935217028119,
          4.04731371047494, 344660.941020951,
        ], .init(relative: 1e-12)))
  }

  @Test("Mahalanobis distances don't depend on units, coding or repeated columns")
  func invariance() throws {
    let mahalanobis = CovariateDistance(.mahalanobis)
    let plain = measured(
      try mahalanobis.coordinates(
        columns: lalonde.distanceCovariates, treatment: lalonde.treatment))
    var others = lalonde.distanceCovariates.map { covariate -> DistanceCovariate in
      guard case .numbers(let values) = covariate.values else { return covariate }
      return DistanceCovariate(name: covariate.name, numbers: values.map { 3 - 1e4 * $0 })
    }
    others.append(
      DistanceCovariate(
        name: "total", numbers: zip(lalonde.column("re74"), lalonde.column("re75")).map { $0 + $1 })
    )
    others.append(
      DistanceCovariate(name: "constant", numbers: [Double](repeating: 7, count: 614)))
    let changed = measured(
      try mahalanobis.coordinates(columns: others.reversed(), treatment: lalonde.treatment))
    #expect(close(changed, plain, .init(relative: 1e-9)))
    let coordinates = try mahalanobis.coordinates(columns: others, treatment: lalonde.treatment)
    #expect(coordinates.columns == 8)
    let order = Array((0..<614).reversed())
    let turned = try mahalanobis.coordinates(
      columns: others.map { $0.selecting(order) },
      treatment: order.map { lalonde.treatment[$0] })
    #expect(close(distance(turned, 613, 428), distance(coordinates, 0, 185), .init(relative: 1e-9)))
  }

  @Test("Equal rows have equal coordinates")
  func equalRows() throws {
    for metric in CovariateDistance.Metric.allCases {
      let coordinates = try CovariateDistance(metric).coordinates(
        columns: lalonde.distanceCovariates, treatment: lalonde.treatment)
      var seen: [String: [Double]] = [:]
      for row in 0..<614 {
        let key = Lalonde.covariates.map {
          $0 == "race" ? "\(lalonde.race.codes[row])" : "\(lalonde.column($0)[row])"
        }.joined(separator: " ")
        if let first = seen[key] {
          #expect(coordinates.row(row) == first)
        } else {
          seen[key] = coordinates.row(row)
        }
      }
      #expect(seen.count < 614)
    }
  }

  @Test("Columns that give no distance are refused")
  func refusals() {
    func code(
      _ columns: [[Double]], _ metric: CovariateDistance.Metric = .mahalanobis,
      treatment: [Bool] = [true, true, false, false, false], discarded: [Bool]? = nil
    ) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try CovariateDistance(metric).coordinates(
          columns: columns.enumerated().map { .init(name: "x\($0.offset)", numbers: $0.element) },
          treatment: treatment, discarded: discarded)
        return nil
      } catch {
        return error.code
      }
    }
    let x = [1.0, 2, 4, 3, 5]
    #expect(code([x]) == nil)
    #expect(code([]) == .badDesign)
    #expect(code([[1, 1, 1, 1, 1]]) == .badDesign)
    #expect(code([[1, 1, 1, 1, 1], x]) == nil)
    // A copy of the treatment, alone and hidden in a sum.
    #expect(code([[1, 1, 0, 0, 0]]) == .badDesign)
    #expect(code([[1, 1, 0, 0, 0], x], .scaledEuclidean) == .badDesign)
    #expect(code([x, [2, 3, 4, 3, 5]]) == .badDesign)
    #expect(code([[1, 1, 0, 0, 0], x], .euclidean) == nil)
    #expect(code([x, [2, 3, 4, 3, 5]], .robustMahalanobis) == nil)
    #expect(code([[1, 2, .nan, 3, 4]]) == .missingValue)
    #expect(code([[1, 2, .infinity, 3, 4]]) == .badValue)
    #expect(code([[1, 2, 3, 3, 1e200]]) == .badValue)
    #expect(code([[1, 2, 3, 3, 1e200]], .euclidean) == .badValue)
    #expect(code([[1, 2, 3]]) == .sizeMismatch)
    #expect(code([x], treatment: [true, true, true, true, true]) == .constantTreatment)
    #expect(code([[1, 2]], treatment: [true, false]) == .tooFewObservations)
    #expect(code([[1, 2]], .euclidean, treatment: [true, false]) == nil)
    #expect(code([x], discarded: [true, true, false, false, false]) == .noOverlap)
    #expect(code([x], discarded: [true]) == .sizeMismatch)
  }
}

/// The Euclidean distance between two rows of coordinates.
func distance(_ coordinates: Matrix, _ one: Int, _ other: Int) -> Double {
  zip(coordinates.row(one), coordinates.row(other)).reduce(0) {
    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
  }.squareRoot()
}

extension DistanceCovariate {
  /// The covariate of the named rows.
  func selecting(_ rows: [Int]) -> DistanceCovariate {
    switch values {
    case .numbers(let values): .init(name: name, numbers: rows.map { values[$0] })
    case .factor(let factor): .init(name: name, factor: factor.selecting(rows))
    }
  }
}

extension Lalonde {
  /// All seven covariates, race as a factor.
  var distanceCovariates: [DistanceCovariate] {
    Lalonde.covariates.map { name in
      name == "race"
        ? DistanceCovariate(name: name, factor: race)
        : DistanceCovariate(name: name, numbers: column(name))
    }
  }
}
