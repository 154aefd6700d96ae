internal import Glibc

extension ImputationChain {
  /// Draws a class (its place among those that occur) for each missing row, by a logistic or
  /// multinomial model whose parameters are drawn from the normal approximation to their posterior.
  ///
  /// Separation is met by pseudo-observations half a standard deviation to both sides of each
  /// predictor's mean, together as many as the model has coefficients (White, Daniel and Royston
  /// 2010, https://doi.org/10.1016/j.csda.2010.04.005). Here they have the outcome's observed shares,
  /// so that a rare outcome is not drawn towards one half. Site indicators get one each.
  mutating func categoricalDraw(
    _ index: Int, _ stream: inout RandomStream
  ) throws(SiblingError) -> [Int] {
    let target = plan.targets[index]
    let model = CategoricalModel(self, target)
    let isRandom = plan.configuration.siteEffects == .random && plan.siteCount > 0
    let isFirst = memories[index].main.isEmpty
    let classes = model.classes
    if isFirst {
      memories[index].main = [Double](repeating: 0, count: (classes - 1) * model.columns.count)
      memories[index].sites = [Double](repeating: 0, count: plan.siteCount * (classes - 1))
      memories[index].between = [Double](repeating: 0.5, count: classes - 1)
    }
    var main: [Double] = []
    var sites: [Double] = []
    // The variance between sites is drawn too; at the start it needs a few rounds to settle.
    for _ in 0..<(isRandom && isFirst ? 10 : 1) {
      let mode = try model.mode(
        design, from: memories[index], penalty: isRandom ? memories[index].between : nil)
      memories[index].main = mode.main
      memories[index].sites = mode.sites
      let deviation = mode.system.deviation(scale: 1, &stream)
      main = zip(mode.main, deviation.main).map { $0 + $1 }
      sites = zip(mode.sites, deviation.sites).map { $0 + $1 }
      noteDropped(index, mode.system.kept, model)
      guard isRandom else { continue }
      for a in 0..<(classes - 1) {
        var spread = 0.0
        for site in 0..<plan.siteCount {
          let effect = sites[site * (classes - 1) + a]
          spread += effect * effect
        }
        let draw = ChiSquared(degreesOfFreedom: Double(plan.siteCount - 1)).quantile(
          stream.uniform())
        memories[index].between[a] = min(100, max(1e-6, spread / draw))
      }
    }
    return drawClasses(target, model, main, sites, &stream)
  }

  private mutating func noteDropped(_ index: Int, _ kept: [Int], _ model: CategoricalModel) {
    let q = model.columns.count
    note(index, kept: kept.filter { $0 < q }, of: model.columns)
  }

  private func drawClasses(
    _ target: ImputationPlan.Target, _ model: CategoricalModel, _ main: [Double],
    _ sites: [Double], _ stream: inout RandomStream
  ) -> [Int] {
    let q = model.columns.count
    let others = model.classes - 1
    var scores: [[Double]] = []
    for a in 0..<others {
      var values = design.products(
        target.missing, spread(model.columns, Array(main[(a * q)..<((a + 1) * q)])))
      if plan.siteCount > 0 {
        for (place, row) in target.missing.enumerated() {
          values[place] += sites[Int(plan.sites[row]) * others + a]
        }
      }
      scores.append(values)
    }
    var weights = [Double](repeating: 0, count: others + 1)
    return target.missing.indices.map { place in
      let top = scores.reduce(0.0) { max($0, $1[place]) }
      weights[0] = exp(-top)
      var total = weights[0]
      for a in 0..<others {
        weights[a + 1] = exp(scores[a][place] - top)
        total += weights[a + 1]
      }
      var left = stream.uniform() * total
      for choice in weights.indices {
        left -= weights[choice]
        if left < 0 { return choice }
      }
      return others
    }
  }
}
