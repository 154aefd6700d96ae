import Statistics
import TestSupport
import Testing

@Suite struct NoncentralTTests {
  /// R 4.2.2: `pt(t, df, ncp)` and `pt(t, df, ncp, lower.tail = FALSE)`; R's own error is about 1e-12
  /// of one, so that its far tails are not compared.
  @Test(arguments: [
    (2.5, 3.0, 1.0, 0.82418375920036724, 0.17581624079963276),
    (2.0687, 23, 2.8, 0.23529890328515296, 0.7647010967148471),
    (-1, 5, 0.5, 0.082444091056970814, 0.91755590894302919),
    (12.7062, 1, 4, 0.7536447729656649, 0.2463552270343351),
    (1.96, 1e6, 2.8, 0.20045428205524488, 0.79954571794475515),
    (0, 10, 1.3, 0.096800484585610344, 0.9031995154143897),
    (3.1824, 3, -1, 0.99680819973393264, 0.0031918002660673572),
  ])
  func tails(_ t: Double, _ v: Double, _ delta: Double, _ lower: Double, _ upper: Double) {
    let found = NoncentralT(degreesOfFreedom: v, noncentrality: delta)
    #expect((found.lowerTail(t) - lower).magnitude < 1e-11)
    #expect((found.upperTail(t) - upper).magnitude < 1e-11)
  }

  @Test(arguments: [1.0, 2, 4.5, 23, 60, 1e4, 1e9])
  func withoutNoncentralityItIsStudents(_ v: Double) {
    let central = StudentT(degreesOfFreedom: v)
    let found = NoncentralT(degreesOfFreedom: v, noncentrality: 0)
    for t in [-3, -0.5, 0.3, 2, 6.0] {
      let tolerance = Tolerance(relative: 1e-11)
      #expect(close(found.lowerTail(t), central.lowerTail(t), tolerance))
      #expect(close(found.upperTail(t), central.upperTail(t), tolerance))
    }
  }

  @Test func manyDegreesAreTheNormal() {
    let found = NoncentralT(degreesOfFreedom: 1e17, noncentrality: 2.8)
    #expect(close(found.lowerTail(2), Normal.standard.lowerTail(-0.8), .closedForm))
  }

  @Test func noncentralityTurnsThePowerBack() {
    for (v, power) in [(1.0, 0.8), (4, 0.95), (23, 0.8), (200, 0.5), (1e6, 0.06)] {
      let critical = StudentT(degreesOfFreedom: v).upperQuantile(0.025)
      let delta = NoncentralT.noncentrality(
        exceeding: critical, power: power, degreesOfFreedom: v)
      let again = NoncentralT(degreesOfFreedom: v, noncentrality: delta).upperTail(critical)
      #expect((again - power).magnitude < 1e-12)
    }
  }

  @Test func nonsense() {
    #expect(NoncentralT(degreesOfFreedom: 0, noncentrality: 1).lowerTail(1).isNaN)
    #expect(NoncentralT(degreesOfFreedom: 3, noncentrality: .nan).lowerTail(1).isNaN)
    #expect(NoncentralT.noncentrality(exceeding: 2, power: 1, degreesOfFreedom: 3).isNaN)
    #expect(NoncentralT(degreesOfFreedom: 3, noncentrality: 1).lowerTail(.infinity) == 1)
  }
}
