/// The infinitesimal jackknife when every row is its own cluster and all are at risk from the start.
///
/// Rows of equal weight that leave at one time in one way then have one influence, so each time adds
/// three numbers however many leave.
extension IncidenceSteps {
  func independentRowErrors() -> [Double] {
    let leaving = squaredWeights()
    var atRisk = CompensatedSum()
    for sum in leaving { atRisk.add(sum[0] + sum[1] + sum[2]) }
    var (pp, pr, rr) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
    var (b, q) = (0.0, 0.0)
    return survival.indices.map { k in
      let (n, before, f) = (steps.atRisk[k], k > 0 ? survival[k - 1] : 1, incidence[k])
      let jump = survival[k] > 0 && steps.events[k] > 0 ? 1 / (n - steps.events[k]) : 0
      let own = n > 0 ? before / n : 0
      if n > 0 {
        let hazard = steps.events[k] / n * jump
        b += hazard
        q += own * events[k] / n + hazard * f
      }
      // Censored, gone for another cause, gone for this one.
      for kind in 0..<3 where leaving[k][kind] > 0 {
        let died = kind > 0 ? jump : 0
        let p = (kind == 2 ? own : 0) + died * f - q
        let r = died - b
        pp.add(leaving[k][kind] * p * p)
        pr.add(leaving[k][kind] * p * r)
        rr.add(leaving[k][kind] * r * r)
        atRisk.add(-leaving[k][kind])
      }
      let g = b * f - q
      let variance = pp.value + f * f * rr.value + g * g * atRisk.value - 2 * f * pr.value
      return Swift.max(0, variance).squareRoot()
    }
  }
}
