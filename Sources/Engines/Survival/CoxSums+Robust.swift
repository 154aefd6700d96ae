internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

/// Robust variances of a Cox model from sums.
///
/// The weighted score residual of a row is wδ(x − M) − r(xΛ − P): given its stratum, times and end it is linear in
/// x, with M, Λ and P known from the fit. So residuals of clusters are sums of cells by cluster, and squared
/// residuals of people on their own sums of squares by cell.
///
/// Lin & Wei (1989), doi:10.1080/01621459.1989.10478874.
extension CoxSums {
  /// What a point of the likelihood does to the rows of each cell.
  struct Residuals {
    /// For each cell Λ, and for each covariate P.
    var hazard: [Double]
    var expected: [[Double]]
    /// For each covariate the mean that deaths of a cell are compared with.
    var mean: [[Double]]
  }

  /// Sums of outer products of score residuals, and the score.
  struct Scores {
    var outer: Matrix
    var total: [Double]
  }

  func residuals(_ hazards: CoxHazards) -> Residuals {
    let count = cells.times.count
    var result = Residuals(
      hazard: [Double](repeating: 0, count: count),
      expected: kept.map { _ in [Double](repeating: 0, count: count) },
      mean: kept.map { _ in [Double](repeating: 0, count: count) })
    for cell in 0..<count where groups.stop[cell] >= 0 {
      result.hazard[cell] =
        groups.span(hazards.cumulative, cell)
        - (groups.event[cell] ? hazards.spared[groups.stop[cell]] : 0)
    }
    for (j, (total, tied)) in hazards.sums.enumerated() {
      let step = groups.accumulated(
        total.indices.map { hazards.square[$0] * total[$0] - hazards.cross[$0] * tied[$0] })
      for cell in 0..<count where groups.stop[cell] >= 0 {
        let g = groups.stop[cell]
        result.expected[j][cell] = groups.span(step, cell)
        guard groups.event[cell] else { continue }
        result.expected[j][cell] -=
          hazards.cross[g] * total[g] - hazards.tiedSquare[g] * tied[g]
        result.mean[j][cell] =
          (hazards.hazard[g] * total[g] - hazards.spared[g] * tied[g]) / groups.deathWeight[g]
      }
    }
    return result
  }

  /// The scores of clusters at the coefficients and at zero, from one query.
  func clusterScores(
    at coefficients: [Double], by cluster: GroupKey
  ) throws(SiblingError) -> (final: Scores, zero: Scores, clusters: Int) {
    let p = kept.count
    let columns = kept.map { rows.covariates[$0] }
    let zero = [Double](repeating: 0, count: p)
    var layers = rows.risk(kept, coefficients)
    var names = ["r", "w"]
    layers[0].append(NamedExpression("w", rows.weight ?? .constant(1)))
    if rows.offset != nil {
      for (place, layer) in rows.risk(kept, zero, "z").enumerated() { layers[place] += layer }
      names.append("z")
    }
    var sums: [NamedExpression] = []
    for name in names {
      sums.append(NamedExpression("sum_\(name)", .name(name)))
      for j in columns.indices {
        sums.append(NamedExpression("sum_\(name)_\(j)", .name(name) * columns[j]))
      }
    }
    rows.data.progress?("score residuals by cluster")
    let answer = try rows.data.aggregate(layers: layers, keys: [cluster] + rows.keys, sums: sums)
    guard answer.count <= 10 * SurvivalCells.limit else {
      throw SurvivalCells.tooMany(answer.count, "cells of clusters")
    }
    let place = try places(answer, after: 1)
    let codes = answer.factor(0)
    let width = p + 1
    func scores(_ hazards: CoxHazards, _ risk: Int) -> Scores {
      let known = residuals(hazards)
      var matrix = Matrix(rows: codes.levels.count, columns: p)
      for (row, cell) in place.enumerated() {
        let (r, w) = (answer.sums[risk * width][row], answer.sums[width][row])
        for j in 0..<p {
          let (rx, wx) = (answer.sums[risk * width + j + 1][row], answer.sums[width + j + 1][row])
          var score = r * known.expected[j][cell] - rx * known.hazard[cell]
          if groups.event[cell] { score += wx - w * known.mean[j][cell] }
          matrix[Int(codes.codes[row]), j] += score
        }
      }
      return Scores(
        outer: Gram.product(matrix),
        total: matrix.transposedTimes([Double](repeating: 1, count: matrix.rows)))
    }
    let final = scores(try state(at: coefficients).hazards, 0)
    let start = scores(try state(at: zero).hazards, rows.offset == nil ? 1 : 2)
    return (final, start, codes.levels.count)
  }

  /// The scores of people on their own at the coefficients and at zero, from one query.
  func ownScores(
    at coefficients: [Double]
  ) throws(SiblingError) -> (final: Scores, zero: Scores) {
    let p = kept.count
    let columns = kept.map { rows.covariates[$0] }
    let zero = [Double](repeating: 0, count: p)
    var layers = rows.risk(kept, coefficients)
    layers[0].append(NamedExpression("w", rows.weight ?? .constant(1)))
    var pairs = [("w", "w"), ("w", "r"), ("r", "r")]
    if rows.offset != nil {
      for (place, layer) in rows.risk(kept, zero, "z").enumerated() { layers[place] += layer }
      pairs += [("w", "z"), ("z", "z")]
    }
    layers.append(
      pairs.map { NamedExpression($0 + $1, .arithmetic(.multiply, .name($0), .name($1))) })
    // For each pair its cross product of (1, x).
    let cross = CrossProduct([.constant(1)] + columns)
    var sums: [NamedExpression] = []
    for (a, b) in pairs {
      sums += CrossProduct(cross.columns, prefix: "s_\(a)\(b)").sums(weight: .name(a + b))
    }
    rows.data.progress?("squared score residuals")
    let answer = try rows.data.aggregate(layers: layers, keys: rows.keys, sums: sums)
    let place = try places(answer, after: 0)
    func scores(_ hazards: CoxHazards, _ wr: Int, _ rr: Int) -> Scores {
      let known = residuals(hazards)
      var outer = Matrix(rows: p, columns: p)
      for (row, cell) in place.enumerated() where groups.stop[cell] >= 0 {
        func moments(_ pair: Int) -> Matrix {
          cross.matrix((0..<cross.count).map { answer.sums[pair * cross.count + $0][row] })
        }
        let (h, isEvent) = (known.hazard[cell], groups.event[cell])
        let second = moments(rr)
        // A residual is x·a − b with a = wδ − rΛ and b = wδM − rP.
        let (first, mixed) = isEvent ? (moments(0), moments(wr)) : (second, second)
        for j in 0..<p {
          for i in j..<p {
            let (mi, mj) = (known.mean[i][cell], known.mean[j][cell])
            let (ei, ej) = (known.expected[i][cell], known.expected[j][cell])
            /// Σ of the pair's weight times (x_i·s − t)(x_j·u − v).
            func product(
              _ m: Matrix, _ s: Double, _ t: Double, _ u: Double, _ v: Double
            ) -> Double {
              s * u * m[i + 1, j + 1] - s * v * m[i + 1, 0] - t * u * m[j + 1, 0] + t * v * m[0, 0]
            }
            var sum = product(second, h, ei, h, ej)
            if isEvent {
              sum += product(first, 1, mi, 1, mj)
              sum -= product(mixed, 1, mi, h, ej) + product(mixed, h, ei, 1, mj)
            }
            outer[i, j] += sum
            if i != j { outer[j, i] += sum }
          }
        }
      }
      return Scores(outer: outer, total: [])
    }
    var final = scores(try state(at: coefficients).hazards, 1, 2)
    let atZero = try state(at: zero)
    var start =
      rows.offset == nil ? scores(atZero.hazards, 0, 0) : scores(atZero.hazards, 3, 4)
    // Score residuals sum to the score.
    final.total = try state(at: coefficients).value.gradient
    start.total = atZero.value.gradient
    return (final, start)
  }

  /// For each cell of an answer, whose own keys begin at `first`, the cell of follow-up that it is part of.
  func places(_ answer: Cells, after first: Int) throws(SiblingError) -> [Int] {
    if first == 0, answer.counts == cells.times.people?.counts {
      return Array(answer.counts.indices)
    }
    // Text is compared by its place among the levels of follow-up.
    let levels = cells.keys.map { values -> [String: UInt64] in
      guard case .text(let texts) = values else { return [:] }
      var place: [String: UInt64] = [:]
      for text in texts { if let text { place[text] = UInt64(place.count) } }
      return place
    }
    var known: [[UInt64]: Int] = [:]
    for (cell, codes) in Self.codes(cells.keys[...], levels).enumerated() { known[codes] = cell }
    return try Self.codes(answer.keys[first...], levels).map { codes throws(SiblingError) in
      guard let cell = known[codes] else {
        throw SiblingError(
          .engineFailed, "the data changed while the model was being fitted",
          help: "fit it on a table that nobody writes to")
      }
      return cell
    }
  }

  /// Keys as numbers that are equal where the keys are.
  private static func codes(
    _ keys: ArraySlice<EngineValues>, _ levels: [[String: UInt64]]
  ) -> [[UInt64]] {
    let columns = zip(keys, levels).map { values, levels -> [UInt64] in
      switch values {
      case .numbers(let numbers): numbers.map { ($0 == 0 ? 0 : $0).bitPattern }
      case .text(let texts): texts.map { $0.flatMap { levels[$0] } ?? .max }
      }
    }
    return (0..<(columns.first?.count ?? 0)).map { row in columns.map { $0[row] } }
  }
}
