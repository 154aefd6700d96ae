import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct NeweyWestTests {
  private struct Firms {
    var design: DesignMatrix
    var response: [Double]
    var firm: Factor
    var year: [Double]

    init(_ order: ([Double]) -> [Int] = { Array($0.indices) }) throws {
      let file = try Golden.csv("grunfeld.csv")
      let firms = Golden.numbers(file["firm"])
      let rows = order(firms)
      func column(_ name: String) -> [Double] {
        let values = Golden.numbers(file[name])
        return rows.map { values[$0] }
      }
      response = column("inv")
      year = column("year")
      firm = Factor(rows.map { "\(Int(firms[$0]))" })
      design = DesignMatrix(
        matrix: Matrix(columns: [
          [Double](repeating: 1, count: rows.count), column("value"), column("capital"),
        ]),
        names: ["(Intercept)", "value", "capital"])
    }
  }

  private static func first(_ firms: [Double]) -> [Int] { firms.indices.filter { firms[$0] == 1 } }

  @Test(arguments: [0, 1, 3], [false, true])
  func oneSeriesAgreesWithSandwich(lag: Int, adjusted: Bool) throws {
    let golden = try Golden.json("newey_west_grunfeld.json")
    let data = try Firms(Self.first)
    let fit = try LeastSquares().fit(data.design, response: data.response)
    let estimate = try fit.covariance(.neweyWest(NeweyWest(lag: lag, isAdjusted: adjusted)))
    let key = "series_lag\(lag)" + (adjusted ? "_adjusted" : "")
    #expect(close(estimate.matrix.storage, golden[key].doubles, .converged))
    #expect(estimate.degreesOfFreedom == 17)
    #expect(estimate.convention == "NW, lag \(lag)" + (adjusted ? ", n/(n − k)" : "") + ", t(17)")
  }

  @Test(arguments: [1, 2]) func aPanelAgreesInAnyOrder(lag: Int) throws {
    let golden = try Golden.json("newey_west_grunfeld.json")["panel_lag\(lag)"].doubles
    for shuffle in [false, true] {
      let data = try Firms { firms in
        var stream = RandomStream(seed: 4, name: "order")
        return shuffle ? stream.permutation(firms.count) : Array(firms.indices)
      }
      let fit = try LeastSquares().fit(data.design, response: data.response)
      let series = NeweyWest(lag: lag, time: data.year, unit: data.firm, isAdjusted: false)
      let estimate = try fit.covariance(.neweyWest(series))
      #expect(close(estimate.matrix.storage, golden, .converged))
    }
  }

  @Test func lagZeroIsHeteroskedasticRobust() throws {
    let data = try Firms()
    let fit = try LeastSquares().fit(data.design, response: data.response)
    let white = try fit.covariance(.heteroskedastic(.hc1)).matrix.storage
    let zero = try fit.covariance(.neweyWest(NeweyWest(lag: 0))).matrix.storage
    #expect(close(zero, white, .converged))
  }

  @Test func absorbedEffectsAndRowsLeftOut() throws {
    let data = try Firms()
    let slopes = DesignMatrix(
      matrix: data.design.matrix.selecting(columns: [1, 2]), names: ["value", "capital"])
    let series = NeweyWest(lag: 2, time: data.year, unit: data.firm)
    let fit = try AbsorbedLeastSquares().fit(
      slopes, response: data.response, absorbing: [data.firm])
    let dummies = (0..<data.firm.levels.count).map { level in
      data.firm.codes.map { $0 == Int32(level) ? 1.0 : 0 }
    }
    let full = try LeastSquares().fit(
      DesignMatrix(
        matrix: Matrix(columns: [slopes.matrix.column(0), slopes.matrix.column(1)] + dummies),
        names: ["value", "capital"] + data.firm.levels),
      response: data.response)
    let expected = try full.covariance(.neweyWest(series)).standardErrors.prefix(2)
    let found = try fit.covariance(.neweyWest(series)).standardErrors
    #expect(close(found, Array(expected), .published))
    // A firm's single row is left out, and its period with it.
    var weights = [Double](repeating: 1, count: data.response.count)
    for row in weights.indices where data.firm.levels[Int(data.firm.codes[row])] == "10" {
      weights[row] = data.year[row] == 1940 ? 1 : 0
    }
    let rows = weights.indices.filter { data.firm.levels[Int(data.firm.codes[$0])] != "10" }
    let part = try AbsorbedLeastSquares().fit(
      slopes.selecting(rows: rows), response: rows.map { data.response[$0] },
      absorbing: [data.firm.selecting(rows)])
    let without = try AbsorbedLeastSquares().fit(
      slopes, response: data.response, absorbing: [data.firm], weights: weights)
    #expect(without.singletons == 1)
    let left = try without.covariance(.neweyWest(series)).matrix.storage
    let right = try part.covariance(
      .neweyWest(
        NeweyWest(lag: 2, time: rows.map { data.year[$0] }, unit: data.firm.selecting(rows)))
    ).matrix.storage
    #expect(close(left, right, .converged))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let data = try Firms()
    let fit = try LeastSquares().fit(data.design, response: data.response)
    func code(_ series: NeweyWest) -> SiblingError.Code? {
      do {
        _ = try fit.covariance(.neweyWest(series))
        return nil
      } catch { return error.code }
    }
    #expect(code(NeweyWest(lag: -1)) == .invalidOption)
    #expect(code(NeweyWest(lag: 200)) == .invalidOption)
    #expect(code(NeweyWest(lag: 20, time: data.year, unit: data.firm)) == .invalidOption)
    #expect(code(NeweyWest(lag: 1, time: data.year)) == .duplicateKey)
    #expect(code(NeweyWest(lag: 1, time: [1, 2])) == .sizeMismatch)
    var gap = data.firm
    gap.codes[3] = -1
    #expect(code(NeweyWest(lag: 1, time: data.year, unit: gap)) == .missingValue)
  }
}
