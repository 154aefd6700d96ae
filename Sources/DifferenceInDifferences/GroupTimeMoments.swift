internal import LinearAlgebra
internal import Statistics

/// What group-time effects without covariates need of each cohort: sizes, means, second moments.
///
/// Every cell's influence function is, within a cohort, a linear form of the weight w, the weighted
/// outcomes w·(Y_t − mean_t) and 1. So (T + 2)² sums of products a cohort give the variance and
/// covariance of every cell and average, and no influence function is kept.
/// - Complexity: O(N T²) to make, O(G T²) to hold.
struct GroupTimeMoments: Sendable {
  struct Cohort: Sendable {
    var members: Int
    /// Σ w.
    var weight: Double
    /// The weighted mean of each period.
    var means: [Double]
    /// Sums of products of w, w·(Y_t − mean_t) for each t, and 1.
    var products: Matrix
  }

  var cohorts: [Cohort]
  var plans: [GroupTimePlan]
  /// Members in all.
  var members: Int
  /// For each plan the controls' Σ w, and their weighted mean change.
  private var controlWeights: [Double] = []
  private var controlChanges: [Double] = []

  init(_ wide: WidePanel, _ sample: GroupTimeSample, _ plans: [GroupTimePlan]) {
    self.init(
      sample.blocks.map { Self.cohort(wide, $0) }, members: sample.members.count, plans)
  }

  /// The moments of cohorts that were summed elsewhere.
  init(_ cohorts: [Cohort], members: Int, _ plans: [GroupTimePlan]) {
    self.plans = plans
    self.members = members
    self.cohorts = cohorts
    for plan in plans {
      let controls = plan.controls(of: cohorts.count)
      let weight = controls.reduce(0) { $0 + cohorts[$1].weight }
      let change = controls.reduce(0) { $0 + cohorts[$1].weight * self.change(plan, $1) }
      controlWeights.append(weight)
      controlChanges.append(change / weight)
    }
  }

  private static func cohort(_ wide: WidePanel, _ range: Range<Int>) -> Cohort {
    let (n, periods, all) = (range.count, wide.periods, wide.members)
    let weights = wide.weights.map { Array($0[0][range]) }
    let total = weights?.reduce(0, +) ?? Double(n)
    var means = [Double](repeating: 0, count: periods)
    let storage = [Double](unsafeUninitializedCapacity: n * (periods + 2)) { buffer, count in
      for i in 0..<n {
        buffer[i] = weights?[i] ?? 1
        buffer[i + (periods + 1) * n] = 1
      }
      wide.outcome.withUnsafeBufferPointer { y in
        for t in 0..<periods {
          let source = range.lowerBound + t * all
          var sum = 0.0
          for i in 0..<n { sum += buffer[i] * y[source + i] }
          let mean = total > 0 ? sum / total : 0
          means[t] = mean
          for i in 0..<n { buffer[i + (t + 1) * n] = buffer[i] * (y[source + i] - mean) }
        }
      }
      count = n * (periods + 2)
    }
    return Cohort(
      members: n, weight: total, means: means,
      products: Gram.product(Matrix(rows: n, columns: periods + 2, storage: storage)))
  }

  /// The cells' effects.
  func answers() -> [GroupTimeAnswer] {
    plans.enumerated().map { place, plan in
      let controls = plan.controls(of: cohorts.count)
      let own = cohorts[plan.cohort]
      var answer = GroupTimeAnswer()
      answer.treated = own.members
      answer.controls = controls.reduce(0) { $0 + cohorts[$1].members }
      if plan.isBase {
        answer.effect = 0
      } else if answer.controls == 0 {
        answer.problem = "there are no controls."
      } else if !(own.weight > 0) || !(controlWeights[place] > 0) {
        answer.problem = "the weights of treated units or of controls are all zero."
      } else {
        answer.effect = change(plan, plan.cohort) - controlChanges[place]
      }
      return answer
    }
  }

  private func change(_ plan: GroupTimePlan, _ cohort: Int) -> Double {
    cohorts[cohort].means[plan.timeIndex] - cohorts[cohort].means[plan.baseIndex]
  }

  /// The covariance of linear forms of the columns that `InfluenceColumns` describes.
  func covariance(_ forms: [LinearForm]) -> Matrix {
    var total = Matrix(rows: forms.count, columns: forms.count)
    for cohort in cohorts.indices {
      let loads = loadings(forms, cohort)
      total = total + Matrix.product(loads, cohorts[cohort].products * loads, transposeLeft: true)
    }
    return total
  }

  /// The variances of linear forms.
  func variances(_ forms: [LinearForm]) -> [Double] {
    var total = [Double](repeating: 0, count: forms.count)
    for cohort in cohorts.indices {
      let loads = loadings(forms, cohort)
      let products = cohorts[cohort].products
      let size = products.rows
      for j in forms.indices {
        let used = (0..<size).filter { loads.storage[j * size + $0] != 0 }
        for a in used {
          for b in used {
            total[j] +=
              loads.storage[j * size + a] * products.storage[a + b * size]
              * loads.storage[j * size + b]
          }
        }
      }
    }
    return total
  }

  /// Each form as a column of coefficients of the cohort's w, w·(Y_t − mean_t) and 1.
  func loadings(_ forms: [LinearForm], _ cohort: Int) -> Matrix {
    let size = cohorts[cohort].products.rows
    let cells = plans.count
    var loads = Matrix(rows: size, columns: forms.count)
    for (j, form) in forms.enumerated() {
      for (column, coefficient) in form.terms {
        if column == cells + cohorts.count {
          loads[size - 1, j] += coefficient / Double(members)
        } else if column >= cells {
          if column - cells == cohort { loads[0, j] += coefficient / Double(members) }
        } else if !plans[column].isBase, plans[column].uses(cohort) {
          let plan = plans[column]
          let isTreated = plan.cohort == cohort
          let load =
            isTreated
            ? coefficient / cohorts[cohort].weight : -coefficient / controlWeights[column]
          loads[1 + plan.timeIndex, j] += load
          loads[1 + plan.baseIndex, j] -= load
          if !isTreated { loads[0, j] += load * (change(plan, cohort) - controlChanges[column]) }
        }
      }
    }
    return loads
  }
}

/// A sum of columns with coefficients; a column may occur more than once.
struct LinearForm: Sendable, Equatable {
  var terms: [(column: Int, coefficient: Double)]

  static func == (left: LinearForm, right: LinearForm) -> Bool {
    left.terms.count == right.terms.count
      && zip(left.terms, right.terms).allSatisfy { $0 == $1 }
  }

  /// The form with every coefficient multiplied.
  func scaled(by factor: Double) -> LinearForm {
    LinearForm(terms: terms.map { ($0.column, $0.coefficient * factor) })
  }

  /// The sum of some forms.
  static func sum(_ forms: [LinearForm]) -> LinearForm {
    LinearForm(terms: forms.flatMap(\.terms))
  }
}
