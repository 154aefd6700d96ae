import LinearAlgebra
import TestSupport
import Testing

@Suite struct SmallProgramTests {
  /// Numbers between −1 and 1 that look like chance.
  private func number(_ index: Int) -> Double {
    Double((index * 7919 + 104_729) % 2003) / 1001.5 - 1
  }

  @Test func simplexCorners() throws {
    var program = try #require(
      SmallLinearProgram(equations: Matrix(rows: 1, columns: 3, storage: [1, 1, 1]), right: [1]))
    let best1 = program.maximize([1, 3, 2])
    #expect(best1 == [0, 1, 0])
    let best2 = program.maximize([1, -3, -2])
    #expect(best2 == [1, 0, 0])
    let best3 = program.maximize([-1, -1, 0.5])
    #expect(best3 == [0, 0, 1])
  }

  @Test func emptyUnboundedAndRedundant() throws {
    let one = Matrix(rows: 1, columns: 2, storage: [1, 1])
    #expect(SmallLinearProgram(equations: one, right: [-1]) == nil)
    var cone = try #require(
      SmallLinearProgram(equations: Matrix(rows: 1, columns: 2, storage: [1, -1]), right: [0]))
    let best4 = cone.maximize([1, 0])
    #expect(best4 == nil)
    let best5 = cone.maximize([-1, 0])
    #expect(best5 == [0, 0])
    var twice = try #require(
      SmallLinearProgram(
        equations: Matrix(rows: 2, columns: 2, storage: [1, 2, 1, 2]), right: [1, 2]))
    let best6 = twice.maximize([0, 1])
    #expect(best6 == [0, 1])
  }

  /// The best of all bases, for many objectives in a row on one warm program.
  @Test func everyBasis() throws {
    let (m, n) = (3, 9)
    var equations = Matrix(rows: m, columns: n)
    for j in 0..<n {
      for i in 0..<(m - 1) { equations[i, j] = number(3 * j + i) }
      equations[m - 1, j] = 1
    }
    let inner = (0..<n).map { 1 + 0.5 * number($0 + 50) }
    let right = equations.times(inner)
    var program = try #require(SmallLinearProgram(equations: equations, right: right))
    for round in 0..<300 {
      let cost = (0..<n).map { number(round * 31 + $0) }
      let optimum = program.maximize(cost)
      let x = try #require(optimum)
      #expect(close(equations.times(x), right, .converged))
      #expect(x.allSatisfy { $0 >= 0 })
      let found = zip(cost, x).reduce(0) { $0 + $1.0 * $1.1 }
      var best = -Double.infinity
      for a in 0..<n {
        for b in (a + 1)..<n {
          for c in stride(from: b + 1, to: n, by: 1) {
            guard let y = solve(equations, [a, b, c], right), y.allSatisfy({ $0 >= -1e-9 })
            else { continue }
            best = max(best, y[0] * cost[a] + y[1] * cost[b] + y[2] * cost[c])
          }
        }
      }
      #expect(close(found, best, .converged))
    }
  }

  /// Cramer's rule.
  private func solve(_ equations: Matrix, _ basis: [Int], _ right: [Double]) -> [Double]? {
    func determinant(_ columns: [[Double]]) -> Double {
      let (a, b, c) = (columns[0], columns[1], columns[2])
      return a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1])
        + c[0] * (a[1] * b[2] - a[2] * b[1])
    }
    let columns = basis.map { equations.column($0) }
    let whole = determinant(columns)
    guard whole.magnitude > 1e-9 else { return nil }
    return (0..<3).map { place in
      var replaced = columns
      replaced[place] = right
      return determinant(replaced) / whole
    }
  }

  /// The conditions of optimality, which are sufficient.
  @Test func lassoIsOptimal() throws {
    for size in [1, 2, 5, 12] {
      var half = Matrix(rows: size + 2, columns: size)
      for index in half.storage.indices { half.storage[index] = number(index * 3 + size) }
      let quadratic =
        Matrix.product(half, half, transposeLeft: true) + .identity(size).scaled(by: 0.1)
      let linear = (0..<size).map { 3 * number($0 + 400) }
      let program = SmallLassoProgram(quadratic: quadratic, linear: linear)
      for penalty in [0, 0.01, 0.3, 1, 5] {
        let x = try program.minimize(penalty: penalty)
        for (value, slope) in zip(x, program.gradient(x)) {
          if value == 0 {
            #expect(slope.magnitude <= penalty + 1e-11)
          } else {
            #expect((slope + penalty * (value > 0 ? 1 : -1)).magnitude < 1e-11)
          }
        }
      }
      #expect(try program.minimize(penalty: 100).allSatisfy { $0 == 0 })
    }
  }

  /// Equal entries enter together.
  @Test func lassoWithTies() throws {
    let program = SmallLassoProgram(quadratic: .identity(4), linear: [-2, 2, -2, 1])
    #expect(close(try program.minimize(penalty: 0.5), [1.5, -1.5, 1.5, -0.5], .closedForm))
    #expect(close(try program.minimize(penalty: 1), [1, -1, 1, 0], .closedForm))
  }
}
