internal import Glibc
import LinearAlgebra
import Statistics

/// Everything about a Cox model at given coefficients that is one number a row or an event time.
///
/// With D_k = R − f E, f = k/d (f = 0 for Breslow), w̄ the mean weight of the d deaths, R and E the
/// risk of the risk set and of the deaths, each event time needs only Σ1/D, Σf/D, Σ1/D², Σf/D²,
/// Σf²/D² over k = 0..<d, all times w̄. So ties cost O(d) numbers, not O(d) vectors.
final class CoxState: @unchecked Sendable {
  let data: CoxData
  /// For each row w·exp(η).
  let risk: Shared<Double>
  /// w̄Σ1/D: the hazard step.
  let hazard: Shared<Double>
  /// w̄Σf/D: the part of it that a row dying then is spared.
  let spared: Shared<Double>
  /// w̄Σ1/D², w̄Σf/D², w̄Σf²/D².
  let square: Shared<Double>
  let cross: Shared<Double>
  let tiedSquare: Shared<Double>
  /// The hazard summed from the stratum's first event time up to each group's.
  let cumulative: Shared<Double>
  /// Added to η, one for each row; the log-likelihood takes it as an offset of events.
  var shift: [Double]?
  private(set) var logLikelihood = 0.0
  /// The coefficients at which the state stands.
  private(set) var coefficients: [Double] = []
  /// The weighted sum of the offsets of all events.
  let eventOffset: Double
  /// Runs of groups with about as much to do in each.
  private let parts: [Range<Int>]

  static let groupsPerTask = 16_384
  private static let deathsPerTask = 65_536
  static let rowsPerTask = 32_768

  init(_ data: CoxData) {
    self.data = data
    let (n, m) = (data.sets.rows.count, data.sets.count)
    risk = Shared(count: n)
    (hazard, spared, square) = (Shared(count: m), Shared(count: m), Shared(count: m))
    (cross, tiedSquare, cumulative) = (Shared(count: m), Shared(count: m), Shared(count: m))
    var sum = 0.0
    if let offset = data.offset {
      for i in 0..<n where data.event[i] { sum += (data.weights?[i] ?? 1) * offset[i] }
    }
    eventOffset = sum
    var parts: [Range<Int>] = []
    var (from, work) = (0, 0)
    for g in 0..<m {
      work += Int(data.sets.deaths[g]) + 3
      if work >= Self.deathsPerTask || g == m - 1 {
        parts.append(from..<(g + 1))
        (from, work) = (g + 1, 0)
      }
    }
    self.parts = parts
  }

  /// Moves the state to other coefficients.
  func update(_ coefficients: [Double]) {
    updateRisk(coefficients)
    // Both are overwritten by what they are turned into.
    riskSums(into: hazard, tied: spared)
    turnSumsIntoHazards(coefficients)
  }

  /// Finishes a move: `risk` is that of the coefficients, `hazard` and `spared` hold its sums over
  /// each risk set and over its deaths.
  func turnSumsIntoHazards(_ coefficients: [Double]) {
    self.coefficients = coefficients
    let logs = Parallel.mapBlocks(parts.count) { [self] part in updateGroups(parts[part]) }
    var linear = zip(coefficients, data.eventSum).reduce(eventOffset) { $0 + $1.0 * $1.1 }
    if let shift {
      for i in shift.indices where data.event[i] { linear += (data.weights?[i] ?? 1) * shift[i] }
    }
    logLikelihood = logs.reduce(linear, -)
    accumulate(hazard.pointer, into: cumulative.pointer)
  }

  private func shifted(_ eta: [Double]) -> [Double] {
    guard let shift else { return eta }
    return eta.indices.map { eta[$0] + shift[$0] }
  }

  private func updateRisk(_ coefficients: [Double]) {
    let eta = shifted(data.x.times(coefficients))
    let blocks = Parallel.ranges(of: eta.count, size: Self.rowsPerTask)
    Parallel.forBlocks(blocks.count) { [self] block in
      let risk = risk.pointer
      let range = blocks[block]
      eta.withUnsafeBufferPointer { eta in
        if let offset = data.offset {
          for i in range { risk[i] = exp(eta[i] + offset[i]) }
        } else {
          for i in range { risk[i] = exp(eta[i]) }
        }
      }
      if let weights = data.weights { for i in range { risk[i] *= weights[i] } }
    }
  }

  /// Sums of w·exp(η) over each risk set and over its deaths.
  private func riskSums(into sums: Shared<Double>, tied: Shared<Double>) {
    let (total, dying) = (sums.pointer, tied.pointer)
    data.scanRiskSets(
      { [risk = risk.pointer] i in SIMD2(risk[i], 0) },
      { g, sum, deaths in
        total[g] = sum.x
        dying[g] = deaths.x
      })
  }

  /// Turns risk sums into hazards for some groups; returns w̄ΣlogD.
  private func updateGroups(_ groups: Range<Int>) -> Double {
    let (hazard, spared) = (hazard.pointer, spared.pointer)
    let (square, cross, tiedSquare) = (square.pointer, cross.pointer, tiedSquare.pointer)
    var logs = 0.0
    data.sets.deaths.withUnsafeBufferPointer { deaths in
      data.deathWeight.withUnsafeBufferPointer { deathWeight in
        for g in groups {
          let (r, e, weight) = (hazard[g], spared[g], deathWeight[g])
          if deaths[g] == 1 || data.ties != .efron {
            let inverse = 1 / r
            hazard[g] = weight * inverse
            spared[g] = 0
            square[g] = weight * inverse * inverse
            cross[g] = 0
            tiedSquare[g] = 0
            logs += weight * log(r)
            continue
          }
          let d = Double(deaths[g])
          let mean = weight / d
          if deaths[g] >= 16 {
            let sums = TieSums(deaths: Int(deaths[g]), share: e / r)
            hazard[g] = mean * sums.inverse / r
            spared[g] = mean * sums.fraction / r
            square[g] = mean * sums.square / r / r
            cross[g] = mean * sums.cross / r / r
            tiedSquare[g] = mean * sums.tiedSquare / r / r
            logs += weight * log(r) + mean * sums.logarithm
            continue
          }
          var sums = (0.0, 0.0, 0.0, 0.0, 0.0)
          for k in 0..<Int(deaths[g]) {
            let f = Double(k) / d
            let value = r - f * e
            let inverse = mean / value
            let squared = inverse / value
            sums.0 += inverse
            sums.1 += f * inverse
            sums.2 += squared
            sums.3 += f * squared
            sums.4 += f * f * squared
            logs += mean * log(value)
          }
          (hazard[g], spared[g]) = (sums.0, sums.1)
          (square[g], cross[g], tiedSquare[g]) = (sums.2, sums.3, sums.4)
        }
      }
    }
    return logs
  }

  /// Sums a step from each stratum's earliest event time (its last group) up to each group.
  func accumulate(_ step: UnsafePointer<Double>, into sum: UnsafeMutablePointer<Double>) {
    data.sets.first.withUnsafeBufferPointer { first in
      var running = 0.0
      for g in stride(from: data.sets.count - 1, through: 0, by: -1) {
        running += step[g]
        sum[g] = running
        if first[g] { running = 0 }
      }
    }
  }

  /// A cumulative step over the groups in which a row is at risk.
  @inline(__always)
  func span(
    _ sum: UnsafePointer<Double>, _ stop: Int32, _ start: Int32?, _ stratumEnd: Int32
  ) -> Double {
    guard let start, start < stratumEnd else { return sum[Int(stop)] }
    return sum[Int(stop)] - sum[Int(start)]
  }

  /// For each row w·(the expected number of events), which is also its weight in the information.
  ///
  /// `groupWeights`, zero or more, multiply what each event time contributes.
  func expectedEvents(_ groupWeights: [Double]? = nil) -> [Double] {
    let sets = data.sets
    var (spared, cumulative) = (self.spared, self.cumulative)
    if let groupWeights {
      (spared, cumulative) = (Shared(spared.array), Shared(count: sets.count))
      for g in 0..<sets.count {
        spared.pointer[g] *= groupWeights[g]
        cumulative.pointer[g] = hazard.pointer[g] * groupWeights[g]
      }
      accumulate(cumulative.pointer, into: cumulative.pointer)
    }
    return [Double](blocked: sets.rows.count) { [self, spared, cumulative] range, result in
      let (risk, spared, cumulative) = (risk.pointer, spared.pointer, cumulative.pointer)
      sets.stopGroup.withUnsafeBufferPointer { stopGroup in
        data.event.withUnsafeBufferPointer { event in
          for i in range {
            let g = stopGroup[i]
            var sum = span(cumulative, g, sets.startGroup?[i], sets.stratumEnd[Int(g)])
            if event[i] { sum -= spared[Int(g)] }
            result[i] = risk[i] * Swift.max(0, sum)
          }
        }
      }
    }
  }
}

/// Efron's sums over the deaths at one time, in units of the risk set's risk: with f = k/d and
/// u = 1 − f·share, Σ1/u, Σf/u, Σ1/u², Σf/u², Σf²/u² and Σlog u over k = 0..<d.
private struct TieSums {
  private(set) var inverse = 0.0
  private(set) var fraction = 0.0
  private(set) var square = 0.0
  private(set) var cross = 0.0
  private(set) var tiedSquare = 0.0
  private(set) var logarithm = 0.0

  @inline(__always)
  init(deaths: Int, share: Double) {
    let d = Double(deaths)
    var k = SIMD4<Double>(0, 1, 2, 3)
    var (a, b, c) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    var (s, t) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    // Logarithms are taken of products of 32 terms. Each is at least 1/d, so none underflows.
    var product = SIMD4<Double>(repeating: 1)
    let whole = deaths / 4
    for round in 0...whole {
      var f = k / d
      var u = 1 - f * share
      var one = 1 / u
      if round == whole {
        let beyond = k .>= SIMD4(repeating: d)
        f.replace(with: 0, where: beyond)
        u.replace(with: 1, where: beyond)
        one.replace(with: 0, where: beyond)
      }
      let (two, weighted) = (one * one, f * one)
      a += one
      b += weighted
      c += two
      s += weighted * one
      t += weighted * weighted
      product *= u
      k += 4
      if round & 7 == 7 || round == whole {
        logarithm += log(product.x * product.y * (product.z * product.w))
        product = SIMD4(repeating: 1)
      }
    }
    (inverse, fraction, square) = (a.sum(), b.sum(), c.sum())
    (cross, tiedSquare) = (s.sum(), t.sum())
  }
}

extension [Double] {
  /// An array whose blocks are filled on several threads.
  init(
    blocked count: Int, _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) {
    let blocks = Parallel.ranges(of: count, size: CoxState.rowsPerTask)
    self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let base = buffer
      Parallel.forBlocks(blocks.count) { block in
        if let pointer = base.baseAddress { body(blocks[block], pointer) }
      }
      initialized = count
    }
  }
}
