import LinearAlgebra
import Statistics
import TestSupport

@testable import Matching

/// The bundled NSW–PSID data of 614 rows, with the score that the peer fitted.
struct Lalonde {
  let treatment: [Bool]
  let race: Factor
  let columns: [String: [Double]]
  let score: [Double]
  let linear: [Double]
  let golden: [String: [String]]

  static let covariates = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]

  init() throws {
    let data = try Golden.csv("lalonde.csv")
    golden = try Golden.csv("matchit_lalonde_weights.csv")
    treatment = Golden.numbers(data["treat"]).map { $0 == 1 }
    race = Factor(data["race"] ?? [])
    columns = data.mapValues { Golden.numbers($0) }
    score = Golden.numbers(golden["ps"])
    linear = Golden.numbers(golden["lp"])
  }

  func column(_ name: String) -> [Double] { columns[name] ?? [] }

  /// The covariates of the balance table, factors with all levels.
  var balanceCovariates: [BalanceCovariate] {
    Lalonde.covariates.flatMap { name in
      name == "race"
        ? BalanceCovariate.levels(of: race, name: name)
        : [BalanceCovariate(name: name, values: column(name))]
    }
  }

  /// For each treated row the golden comparison rows, by rank of choice.
  func goldenPairs(_ file: String, columns: [String]) throws -> [[Int]] {
    let table = try Golden.csv(file)
    let treated = table["treated"] ?? []
    return treated.indices.map { index in
      columns.compactMap { column in
        let name = table[column]?[index] ?? "NA"
        return name == "NA" ? nil : (Int(name.dropFirst(4)) ?? -1) + 184
      }
    }
  }
}

/// The comparison rows of each focal row 0..<185, in the order of the rounds.
func comparisonRows(_ match: Match, focal: Int) -> [[Int]] {
  var rows = [[Int]](repeating: [], count: focal)
  for pair in match.pairs { rows[pair.treatedRow].append(pair.comparisonRow) }
  return rows
}

extension Lalonde {
  /// Intercept and covariates, race against black, as R codes them.
  var design: DesignMatrix {
    var names = ["(Intercept)"]
    var columns = [[Double](repeating: 1, count: treatment.count)]
    for name in Lalonde.covariates {
      guard name == "race" else {
        names.append(name)
        columns.append(column(name))
        continue
      }
      for level in 1..<race.levels.count {
        names.append("race" + race.levels[level])
        columns.append(race.codes.map { $0 == Int32(level) ? 1 : 0 })
      }
    }
    return DesignMatrix(matrix: Matrix(columns: columns), names: names)
  }

  var earnings: [Double] { column("re78") }
  var employed: [Double] { earnings.map { $0 > 0 ? 1 : 0 } }
}
