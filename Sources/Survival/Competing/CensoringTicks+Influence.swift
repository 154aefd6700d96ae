import Statistics

extension CensoringTicks {
  /// Adds what each position contributes through the estimated censoring distribution.
  ///
  /// With q what a tick's censoring hazard multiplies, a row censored at u adds q(u)/n(u), and every
  /// row at risk of it loses q(u) d(u)/n(u)².
  func addInfluence(
    of q: [Double], weights: [Double]?, to result: UnsafeMutablePointer<Double>
  ) {
    var share = q
    var lost = q
    for stratum in 0..<(begins.count - 1) {
      var running = 0.0
      for k in begins[stratum]..<begins[stratum + 1] {
        let n = atRisk[k]
        share[k] = n > 0 ? q[k] / n : 0
        if n > 0 { running += share[k] * censored[k] / n }
        lost[k] = running
      }
    }
    let isSpared = convention == .survival
    ofPosition.withUnsafeBufferPointer { place in
      isCensored.withUnsafeBufferPointer { isCensored in
        for i in 0..<place.count {
          let k = Int(place[i])
          var sum = -lost[k]
          if isCensored[i] {
            sum += share[k]
          } else if isSpared, atRisk[k] > 0 {
            // Who has an event is no longer at risk of censoring at that time.
            sum += share[k] * censored[k] / atRisk[k]
          }
          result[i] += isSpared ? sum : (weights?[i] ?? 1) * sum
        }
      }
    }
  }

  /// Sums within strata over a tick and those after it.
  func sumFromHereOn(_ values: inout [Double]) {
    for stratum in 0..<(begins.count - 1) {
      var running = 0.0
      for k in (begins[stratum]..<begins[stratum + 1]).reversed() {
        running += values[k]
        values[k] = running
      }
    }
  }

  /// Sums within strata over the ticks before one.
  func sumBefore(_ values: inout [Double]) {
    for stratum in 0..<(begins.count - 1) {
      var running = 0.0
      for k in begins[stratum]..<begins[stratum + 1] {
        let value = values[k]
        values[k] = running
        running += value
      }
    }
  }
}
