import Foundation
import TestSupport
import Testing

@testable import LinearAlgebra

@Suite struct SimplexQuadraticProgramTests {
  /// A fixed sequence of numbers in (−1, 1).
  private struct Numbers {
    var state: UInt64
    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-52 - 1
    }
    mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(rows: rows, columns: columns, storage: (0..<(rows * columns)).map { _ in next() })
    }
    mutating func vector(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }
  }

  private func objective(
    _ program: SimplexQuadraticProgram, _ matrix: Matrix, _ target: [Double], _ weights: [Double]
  ) -> Double {
    program.evaluate(weights, matrix, target: target).objective
  }

  /// The smallest objective over all supports, each solved by its Lagrange conditions.
  private func bruteForce(
    _ program: SimplexQuadraticProgram, _ matrix: Matrix, _ target: [Double]
  ) throws -> (value: Double, weights: [Double]) {
    let n = matrix.columns
    var points = matrix
    for j in 0..<n {
      for i in 0..<matrix.rows { points[i, j] -= target[i] }
      if program.hasIntercept {
        let mean = points.column(j).reduce(0, +) / Double(matrix.rows)
        for i in 0..<matrix.rows { points[i, j] -= mean }
      }
    }
    var best = (value: Double.infinity, weights: [Double]())
    for set in 1..<(1 << n) {
      let support = (0..<n).filter { set >> $0 & 1 == 1 }
      var gram = Gram.product(points.selecting(columns: support))
      for i in support.indices { gram[i, i] += program.ridge }
      guard let factor = try? Cholesky(gram) else { continue }
      let y = factor.solve([Double](repeating: 1, count: support.count))
      let sum = y.reduce(0, +)
      var weights = [Double](repeating: 0, count: n)
      for (place, j) in support.enumerated() { weights[j] = y[place] / sum }
      guard weights.allSatisfy({ $0 >= 0 }) else { continue }
      let value = objective(program, matrix, target, weights)
      if value < best.value { best = (value, weights) }
    }
    return best
  }

  @Test func agreesWithBruteForce() throws {
    var numbers = Numbers(state: 7)
    var inner = 0
    for trial in 0..<120 {
      let n = 2 + trial % 5
      // More rows than columns, so that the optimum is unique without a ridge too.
      let matrix = numbers.matrix(n + 2 + trial % 3, n)
      let target = numbers.vector(matrix.rows)
      let program = SimplexQuadraticProgram(
        ridge: [0, 0.3, 1e-4][trial % 3], hasIntercept: trial % 2 == 0)
      let solution = try program.solve(matrix, target: target)
      let expected = try bruteForce(program, matrix, target)
      #expect(solution.certificate.holds, "\(trial): \(solution.certificate)")
      #expect(close(solution.objective, expected.value, .closedForm), "\(trial)")
      #expect(close(solution.weights, expected.weights, .published), "\(trial)")
      #expect(!solution.isTieBroken)
      if solution.weights.contains(where: { $0 > 0 && $0 < 1 }) { inner += 1 }
    }
    #expect(inner > 60)
  }

  /// No step towards any vertex, and no random weights, do better.
  @Test func nothingNearbyIsBetter() throws {
    var numbers = Numbers(state: 11)
    for (rows, columns, ridge) in [(8, 40, 0.0), (60, 40, 0), (6, 150, 0.2), (30, 90, 1e-6)] {
      let matrix = numbers.matrix(rows, columns)
      let target = numbers.vector(rows)
      let program = SimplexQuadraticProgram(ridge: ridge, hasIntercept: true)
      let solution = try program.solve(matrix, target: target)
      #expect(solution.certificate.holds)
      #expect(solution.weights.allSatisfy { $0 >= 0 })
      #expect(close(solution.weights.reduce(0, +), 1, .closedForm))
      for vertex in 0..<columns {
        for step in [1e-3, 0.1, 1] {
          var moved = solution.weights.map { $0 * (1 - step) }
          moved[vertex] += step
          #expect(objective(program, matrix, target, moved) >= solution.objective - 1e-12)
        }
      }
    }
  }

  /// The two algorithms, by exchange of blocks and by non-negative least squares, agree.
  @Test func vanishingRidgeTendsToNone() throws {
    var numbers = Numbers(state: 3)
    let matrix = numbers.matrix(30, 12)
    let target = numbers.vector(30)
    let none = try SimplexQuadraticProgram().solve(matrix, target: target)
    let small = try SimplexQuadraticProgram(ridge: 1e-6).solve(matrix, target: target)
    #expect(close(none.weights, small.weights, Tolerance(relative: 1e-6)))
  }

  @Test func tiesTakeTheShortestWeights() throws {
    // The target is the first two columns' mean and the third column itself.
    let matrix = Matrix(columns: [[0, 0, 1], [2, 2, 1], [1, 1, 1], [5, 0, 0]])
    let solution = try SimplexQuadraticProgram().solve(matrix, target: [1, 1, 1])
    #expect(solution.isTieBroken && solution.certificate.holds)
    #expect(close(solution.weights, [1.0 / 3, 1.0 / 3, 1.0 / 3, 0], .converged))
    // Equal columns share.
    var numbers = Numbers(state: 5)
    let plain = numbers.matrix(9, 4)
    let target = numbers.vector(9)
    let alone = try SimplexQuadraticProgram().solve(plain, target: target)
    let heaviest = try #require(
      alone.weights.indices.max { alone.weights[$0] < alone.weights[$1] })
    let doubled = Matrix(columns: (0..<4).map { plain.column($0) } + [plain.column(heaviest)])
    let shared = try SimplexQuadraticProgram().solve(doubled, target: target)
    #expect(shared.isTieBroken)
    #expect(close(shared.weights[heaviest], alone.weights[heaviest] / 2, .converged))
    #expect(close(shared.weights[4], alone.weights[heaviest] / 2, .converged))
    #expect(close(shared.objective, alone.objective, .converged))
  }

  /// Of all weights with a perfect fit none is shorter: checked against a ridge that vanishes.
  @Test func tiesAgreeWithTheVanishingRidge() throws {
    var numbers = Numbers(state: 21)
    var broken = 0
    for trial in 0..<20 {
      let matrix = numbers.matrix(4, 12)
      let weights = numbers.vector(12).map { abs($0) }
      let sum = weights.reduce(0, +)
      let target = matrix.times(weights.map { $0 / sum })
      let exact = try SimplexQuadraticProgram().solve(matrix, target: target)
      #expect(exact.certificate.holds)
      if exact.isTieBroken { broken += 1 }
      #expect(exact.objective < 1e-24)
      let ridge = try SimplexQuadraticProgram(ridge: 1e-7).solve(matrix, target: target)
      #expect(close(exact.weights, ridge.weights, Tolerance(relative: 1e-5)), "\(trial)")
    }
    // Now and then the search meets the shortest weights at once.
    #expect(broken > 10)
  }

  /// The dual and the null space find the same shortest solution, also where signs bind.
  @Test func bothWaysToTheShortestSolution() throws {
    var numbers = Numbers(state: 77)
    var binding = 0
    for trial in 0..<30 {
      var system = numbers.matrix(4, 15)
      for j in 0..<15 { system[3, j] = 1 }
      // Far from equal weights, so that the shortest solution has zeros.
      let given = numbers.vector(15).map { $0 > 0.4 ? $0 : 0 }
      let right = system.times(given)
      guard let dual = try LeastNorm.byDual(system, right),
        let other = try LeastNorm.byNullSpace(system, given)
      else { continue }
      binding += dual.contains(0) ? 1 : 0
      #expect(close(dual, other, .published), "\(trial)")
      #expect(close(system.times(dual), right, .converged))
      #expect(dual.allSatisfy { $0 >= 0 })
    }
    #expect(binding > 10)
  }

  @Test func orderAndScaleDoNotMatter() throws {
    var numbers = Numbers(state: 31)
    let matrix = numbers.matrix(5, 14)
    let target = numbers.vector(5)
    for ridge in [0, 0.1] {
      let one = try SimplexQuadraticProgram(ridge: ridge).solve(matrix, target: target)
      let order = Array((0..<14).reversed())
      let turned = try SimplexQuadraticProgram(ridge: ridge).solve(
        matrix.selecting(columns: order), target: target)
      #expect(close(order.map { one.weights[$0] }, turned.weights, .converged))
      let scaled = try SimplexQuadraticProgram(ridge: ridge * 1e12).solve(
        matrix.scaled(by: 1e6), target: target.map { $0 * 1e6 })
      #expect(close(one.weights, scaled.weights, .converged))
      let shifted = try SimplexQuadraticProgram(ridge: ridge).solve(
        Matrix(rows: 5, columns: 14, storage: matrix.storage.map { $0 + 1000 }),
        target: target.map { $0 + 1000 })
      #expect(close(one.weights, shifted.weights, .published))
    }
  }

  @Test func edges() throws {
    let one = try SimplexQuadraticProgram().solve(Matrix(columns: [[1, 2]]), target: [0, 0])
    #expect(one.weights == [1] && one.certificate.holds)
    // All columns equal the target.
    let same = try SimplexQuadraticProgram().solve(
      Matrix(columns: [[1, 2], [1, 2], [1, 2]]), target: [1, 2])
    #expect(same.certificate.holds && close(same.weights, [1.0 / 3, 1.0 / 3, 1.0 / 3]))
    // A certificate refuses what is not optimal.
    let wrong = SimplexQuadraticProgram().evaluate(
      [0, 1], Matrix(columns: [[0, 0], [1, 1]]), target: [0, 0])
    #expect(!wrong.certificate.holds && wrong.certificate.relativeGap > 0.1)
    let outside = SimplexQuadraticProgram().evaluate(
      [1.1, -0.1], Matrix(columns: [[0, 0], [1, 1]]), target: [0, 0])
    #expect(!outside.certificate.holds && close(outside.certificate.negativity, 0.1))
  }
}
