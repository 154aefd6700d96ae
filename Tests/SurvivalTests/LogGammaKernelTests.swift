import Foundation
import Statistics
import TestSupport
import Testing

@testable import Survival

@Suite("Prentice's log-gamma distribution")
struct LogGammaKernelTests {
  private static let points = [-9.0, -3, -1, -0.2, 0, 0.3, 1, 2.5, 6]

  private func values(_ d: LogGammaDerivatives) -> [Double] { [d.value, d.z, d.zz] }
  private func values(_ d: ErrorDerivatives) -> [Double] { [d.value, d.slope, -d.bend] }

  @Test("special cases: the extreme value, the normal, the gamma")
  func specialCases() {
    for z in Self.points {
      let weibull = LogGammaKernel(1)
      #expect(
        close(values(weibull.density(z)), values(ExtremeValueKernel.density(z)), .closedForm))
      if z < 4 {
        #expect(
          close(values(weibull.survivor(z)), values(ExtremeValueKernel.survivor(z)), .closedForm))
      }
      let normal = LogGammaKernel(0)
      #expect(close(values(normal.density(z)), values(NormalKernel.density(z)), .closedForm))
      #expect(close(values(normal.survivor(z)), values(NormalKernel.survivor(z)), .closedForm))
      // In general a tail of the gamma with shape q⁻²: above q⁻²e^{qz}, for q < 0 below it.
      for q in [-3.0, -1.2, -0.3, -0.03, 0.03, 0.3, 0.7, 2, 4] {
        let gamma = Gamma(shape: 1 / (q * q))
        let x = exp(q * z) / (q * q)
        let tail = q > 0 ? gamma.upperTail(x) : gamma.lowerTail(x)
        guard tail > 1e-290 else { continue }
        let found = LogGammaKernel(q).survivor(z).value
        #expect(close(found, log(tail), Tolerance(relative: 1e-11)), "q \(q), z \(z)")
      }
    }
  }

  @Test("derivatives in z and q are those of differences, through q = 0")
  func derivatives() {
    let step = 1e-3
    for q in [-1.5, -0.4, -0.01, 0, 1e-4, 0.02, 0.5, 1, 2.2] {
      for z in Self.points where z > -4 && z < 4 {
        for isDensity in [true, false] {
          func at(_ dz: Double, _ dq: Double) -> LogGammaDerivatives {
            let kernel = LogGammaKernel(q + dq)
            return isDensity ? kernel.density(z + dz) : kernel.survivor(z + dz)
          }
          // Fourth-order central differences.
          func slope(_ f: (Double) -> Double) -> Double {
            (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)
          }
          let own = at(0, 0)
          let near = Tolerance(relative: 1e-7)
          let place = Comment(rawValue: "q \(q), z \(z), density \(isDensity)")
          #expect(close(own.z, slope { at($0, 0).value }, near), place)
          #expect(close(own.q, slope { at(0, $0).value }, near), place)
          #expect(close(own.zz, slope { at($0, 0).z }, near), place)
          #expect(close(own.zq, slope { at(0, $0).z }, near), place)
          #expect(close(own.qq, slope { at(0, $0).q }, near), place)
        }
      }
    }
  }

  @Test("Gompertz's integrals agree across their switch and with the closed form")
  func growth() {
    for shape in [-3.0, -1, -1e-9, 0, 1e-9, 1, 3] {
      let time = 1.7
      let found = GrowthMoments(time, shape)
      // Simpson's rule on a fine grid.
      var sums = (0.0, 0.0, 0.0)
      let steps = 2000
      for k in 0...steps {
        let u = time * Double(k) / Double(steps)
        let weight = (k == 0 || k == steps ? 1 : k % 2 == 1 ? 4 : 2) * time / Double(3 * steps)
        let height = weight * exp(shape * u)
        sums.0 += height
        sums.1 += height * u
        sums.2 += height * u * u
      }
      let near = Tolerance(relative: 1e-10)
      #expect(close([found.zeroth, found.first, found.second], [sums.0, sums.1, sums.2], near))
    }
    let (below, above) = (GrowthMoments(1, 2), GrowthMoments(1, 2.0000000001))
    #expect(close(below.second, above.second, Tolerance(relative: 1e-9)))
  }
}
