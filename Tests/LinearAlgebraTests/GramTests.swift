import LinearAlgebra
import TestSupport
import Testing

@Suite struct GramTests {
  @Test func blockedProductIsTheProduct() throws {
    let n = 40_000
    func entry(_ row: Int, _ column: Int) -> Double { Double((row * (7 + column)) % 101) / 50 - 1 }
    let x = Matrix(columns: (0..<3).map { j in (0..<n).map { entry($0, j) } })
    let w = (0..<n).map { Double($0 % 5) }
    let gram = Gram.product(x, weights: w)
    for i in 0..<3 {
      for j in 0..<3 {
        var sum = 0.0
        for r in 0..<n { sum += w[r] * x[r, i] * x[r, j] }
        #expect(close(gram[i, j], sum, .closedForm))
      }
    }
    let v = (0..<n).map { Double($0 % 3) }
    let direct = (0..<3).map { j in (0..<n).reduce(0.0) { $0 + x[$1, j] * v[$1] } }
    #expect(close(x.transposedTimes(v), direct, .closedForm))
  }

  @Test func threadsDoNotChangeBytes() {
    let n = 100_000
    func entry(_ row: Int, _ column: Int) -> Double { 1 / Double(row + column + 1) }
    let x = Matrix(columns: (0..<4).map { j in (0..<n).map { entry($0, j) } })
    Parallel.setThreads(1)
    let one = Gram.product(x, weights: x.column(1))
    Parallel.setThreads(2)
    let two = Gram.product(x, weights: x.column(1))
    #expect(one == two)
  }

  @Test func choleskySolvesAndNamesTheBadPivot() throws {
    let a = Matrix(rows: 2, columns: 2, storage: [4, 2, 2, 3])
    let factor = try Cholesky(a)
    #expect(close(factor.solve([8, 7]), [1.25, 1.5], .closedForm))
    #expect(close((factor.inverse * a).storage, [1, 0, 0, 1], .closedForm))
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 1)) {
      try Cholesky(Matrix(rows: 2, columns: 2, storage: [1, 1, 1, 1]))
    }
  }

  @Test func dependentColumnsAreTheLaterOnes() {
    let x = Matrix(columns: [[1, 1, 1, 1], [1, 2, 3, 4], [3, 4, 5, 6], [0, 1, 0, 2]])
    let rank = ColumnRank(gram: Gram.product(x))
    #expect(rank.kept == [0, 1, 3])
    #expect(rank.dropped == [2])
  }
}
