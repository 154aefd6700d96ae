import LinearAlgebra
import TestSupport
import Testing

@Suite("One pass over a likelihood of several designs and extra parameters")
struct GramCurvatureTests {
  private static func value(_ i: Int, _ j: Int) -> Double {
    Double((i * 37 + j * 101) % 1009) / 1009 - 0.4
  }

  private static func design(_ rows: Int, _ columns: Int, _ shift: Int) -> Matrix {
    Matrix(
      columns: (0..<columns).map { j in (0..<rows).map { value($0, j + shift) } })
  }

  /// A made-up likelihood: every channel's derivatives are simple functions of the predictors.
  private static func pass(_ rows: Int, extras: Int) -> Gram.Curvature {
    let (a, b) = (design(rows, 3, 0), design(rows, 2, 5))
    return Gram.curvature(
      [
        (a, ColumnBasis(columns: [0, 2], center: [0.1, -0.2], scale: [2, 0.5])),
        (b, ColumnBasis(columns: [0, 1], center: [0, 0], scale: [1, 1])),
      ], coefficients: [[0.3, -0.7], [1.1, 0.2]], extras: extras
    ) { range, run in
      var total = 0.0
      for i in 0..<range.count {
        let (u, v) = (run.predictor(0)[i], run.predictor(1)[i])
        total += u * v
        run.gradient(0)[i] = u
        run.gradient(1)[i] = v - u
        run.information(0, 0)[i] = u
        run.information(0, 1)[i] = -v
        run.information(1, 1)[i] = u + v
        for k in 0..<extras {
          run.gradient(2 + k)[i] = u + Double(k)
          run.information(0, 2 + k)[i] = v * Double(k + 1)
          run.information(1, 2 + k)[i] = u - Double(k)
          for l in k..<extras { run.corner[k + l * extras] += u * Double(1 + k + l) }
        }
      }
      return total
    }
  }

  @Test("sums are those of the written-out formulas", arguments: [0, 1, 2], [1, 700, 70_000])
  func sums(_ extras: Int, _ rows: Int) {
    let found = Self.pass(rows, extras: extras)
    let order = 4 + extras
    var (value, gradient) = (0.0, [Double](repeating: 0, count: order))
    var information = Matrix(rows: order, columns: order)
    for i in 0..<rows {
      let x = [(Self.value(i, 0) - 0.1) / 2, (Self.value(i, 2) + 0.2) / 0.5]
      let z = [Self.value(i, 5), Self.value(i, 6)]
      let (u, v) = (0.3 * x[0] - 0.7 * x[1], 1.1 * z[0] + 0.2 * z[1])
      value += u * v
      let all = x + z + [Double](repeating: 1, count: extras)
      for j in 0..<order {
        gradient[j] += all[j] * (j < 2 ? u : j < 4 ? v - u : u + Double(j - 4))
        for k in j..<order {
          let bend: Double =
            switch (j, k) {
            case (0..<2, 0..<2): u
            case (0..<2, 2..<4): -v
            case (2..<4, 2..<4): u + v
            case (0..<2, _): v * Double(k - 3)
            case (2..<4, _): u - Double(k - 4)
            default: u * Double(1 + j - 4 + k - 4)
            }
          information[j, k] += all[j] * all[k] * bend
        }
      }
    }
    for j in 0..<order { for k in 0..<j { information[j, k] = information[k, j] } }
    let near = Tolerance(relative: 1e-10, absolute: 1e-8)
    #expect(close(found.value, value, near))
    #expect(close(found.gradient, gradient, near))
    #expect(close(found.information.storage, information.storage, near))
  }

  @Test("the same bytes on any number of threads")
  func threads() {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    Parallel.setThreads(1)
    let single = Self.pass(100_000, extras: 2)
    Parallel.setThreads(3)
    let several = Self.pass(100_000, extras: 2)
    #expect(single.value == several.value && single.gradient == several.gradient)
    #expect(single.information == several.information)
  }
}
