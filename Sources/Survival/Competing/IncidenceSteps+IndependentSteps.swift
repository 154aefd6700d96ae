/// The variance of a cumulative incidence when hazard steps are taken as independent.
///
/// With K = S(u−)/S(u), a step of this cause at u moves F(t) by S(u−) − K(F(t) − F(u)) and one of
/// another cause by −K(F(t) − F(u)); a step of d among n has variance d(n − d)/(n²(n − 1)), which is
/// d/n² without ties. As F grows by δ every coefficient changes by −δK, so the sums of squares are
/// updated in constant time.
extension IncidenceSteps {
  /// The standard errors after each time.
  func independentStepErrors() -> [Double] {
    var (squares, products, slopes) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    var before = 1.0
    var known = 0.0
    return survival.indices.map { k in
      let (n, own) = (steps.atRisk[k], events[k])
      let growth = incidence[k] - known
      known = incidence[k]
      if growth != 0 {
        // Σv(a − δK)² from Σva², ΣvaK and ΣvK².
        let (product, slope) = (products.value, slopes.value)
        squares.add(growth * (growth * slope - 2 * product))
        products.add(-growth * slope)
      }
      let ratio = survival[k] > 0 ? before / survival[k] : 0
      let mine = Self.stepVariance(own, n)
      let others = Self.stepVariance(steps.events[k] - own, n)
      squares.add(before * before * mine)
      products.add(before * ratio * mine)
      slopes.add(ratio * ratio * (mine + others))
      before = survival[k]
      return Swift.max(0, squares.value).squareRoot()
    }
  }

  private static func stepVariance(_ d: Double, _ n: Double) -> Double {
    guard d > 0 else { return 0 }
    return d / (n * n) * (d > 1 && n > 1 ? Swift.max(0, n - d) / (n - 1) : 1)
  }
}
