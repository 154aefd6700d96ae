internal import Statistics

/// Branch and bound for cardinality matching.
///
/// A first choice is repaired from the linear programme's solution, at the bound or as near below it as
/// succeeds.
///
/// The linear programme leaves at most as many counts fractional as it has rows. Branches round one of
/// them down or up: the one whose branches lose most, the better branch first and deep first. Whenever a better choice is found, columns whose
/// reduced cost says that moving them could not improve on it are fixed, and the search starts anew on
/// the few that are left.
struct CardinalitySearch {
  /// A branch: columns with their bounds, and the least of the values above it.
  private struct Node {
    var changes: [(column: Int, lower: Double, upper: Double)]
    var value: Double
  }

  private let problem: CardinalityProblem
  private let programme: BoundedSimplex
  private var nodesLeft: Int
  /// Passes over single numbers of the matrix that are still allowed.
  private var workLeft: Int
  /// The best choice: how many units of each profile; nil when none was found.
  private(set) var counts: [Int]?
  /// What the best choice keeps; at least two must be.
  private(set) var size = 1
  /// What no choice can exceed.
  private(set) var bound = 0
  /// The value of the linear programme.
  private(set) var relaxation = 0.0
  /// The rows' multipliers in the linear programme.
  private(set) var multipliers: [Double] = []
  /// Branches that were tried.
  private(set) var nodes = 0

  /// Work is limited beside branches, by about what takes a second or two.
  init(_ problem: CardinalityProblem, nodeLimit: Int) {
    self.problem = problem
    programme = problem.programme()
    nodesLeft = max(1, nodeLimit)
    workLeft = 600_000_000
  }

  /// A whole number that a value can't exceed.
  private static func whole(_ value: Double) -> Int { Int((value + 1e-6).rounded(.down)) }

  mutating func run() {
    var root = programme
    var allowed = 20_000 + 50 * programme.rows
    let outcome = root.solve(pivots: &allowed)
    root.refresh()
    multipliers = root.multipliers
    relaxation = problem.bound(programme, multipliers)
    bound = Self.whole(relaxation)
    guard outcome == .optimal else { return }
    repair(root)
    var core = root
    var columns = Array(problem.members.indices)
    // What the columns of the core are fixed at outside it.
    var fixed = [Double](repeating: 0, count: columns.count)
    while bound > size, nodesLeft > 0, workLeft > 0 {
      let slack = core.objective - Double(size + 1) + 1e-6
      let kept = (0..<core.columns).filter {
        core.place[$0] >= 0 || core.reduced[$0].magnitude <= slack
      }
      if kept.count < core.columns {
        for place in 0..<core.columns { fixed[columns[place]] = core.value(place) }
        columns = kept.map { columns[$0] }
        core = core.keeping(kept)
      }
      guard search(core, columns, fixed) else { return }
    }
  }

  /// Looks for a choice at the bound, then further and further below it.
  private mutating func repair(_ root: BoundedSimplex) {
    var stream = RandomStream(seed: 1, name: "cardinality repair")
    var repair = CardinalityRepair(problem)
    var step = 1
    var target = bound
    while target > size {
      let from = start(at: target, root)
      let kicks = target > bound - 4 ? 100 : 50
      if let choice = repair.search(target, from: from, kicks: kicks, &stream),
        let reached = problem.size(choice)
      {
        counts = choice
        size = reached
        return
      }
      target -= step
      if target < bound - 3 { step += max(1, step / 2) }
    }
  }

  /// A fractional choice with about the value of `target` and room to spare for rounding: the solution
  /// under the least share of the tolerances that allows it.
  private func start(at target: Int, _ root: BoundedSimplex) -> BoundedSimplex {
    var best = root
    var (low, high) = (0.0, 1.0)
    for _ in 0..<5 {
      let share = (low + high) / 2
      var tried = problem.programme(share: share)
      var allowed = 20_000
      if tried.solve(cutoff: Double(target), pivots: &allowed) == .optimal {
        high = share
        best = tried
      } else {
        low = share
      }
    }
    return best
  }

  /// Searches until a better choice is found; false when there is none or the limit was reached.
  private mutating func search(
    _ root: BoundedSimplex, _ columns: [Int], _ fixed: [Double]
  ) -> Bool {
    var programme = root
    var stack = [Node(changes: [], value: root.objective)]
    var changed: [Int] = []
    var isProven = true
    while let node = stack.popLast() {
      guard node.value > 0, Self.whole(node.value) > size else { continue }
      guard nodesLeft > 0, workLeft > 0 else {
        let open = stack.reduce(node.value) { max($0, $1.value) }
        bound = min(bound, max(size, Self.whole(open)))
        return false
      }
      nodesLeft -= 1
      nodes += 1
      for column in changed { programme.bound(column, root.lower[column], root.upper[column]) }
      changed = node.changes.map(\.column)
      for change in node.changes { programme.bound(change.column, change.lower, change.upper) }
      var allowed = 5_000
      let outcome = programme.solve(cutoff: Double(size + 1) - 1e-6, pivots: &allowed)
      workLeft -= (5_001 - allowed) * programme.work
      switch outcome {
      case .infeasible, .below: continue
      case .exhausted:
        isProven = false
        programme = root
        changed = []
        continue
      case .optimal: break
      }
      let value = min(node.value, programme.objective)
      let fractional = self.fractional(programme)
      guard !fractional.isEmpty else {
        var whole = fixed
        for place in columns.indices { whole[columns[place]] = programme.value(place) }
        let candidate = whole.map { Int($0.rounded()) }
        guard let reached = problem.size(candidate), reached > size else {
          isProven = false
          continue
        }
        counts = candidate
        size = reached
        return true
      }
      guard let branch = branch(programme, fractional) else { continue }
      let (column, at) = (branch.column, programme.value(branch.column))
      let down = Node(
        changes: Self.adding(column, programme.lower[column], at.rounded(.down), to: node),
        value: min(value, branch.down))
      let up = Node(
        changes: Self.adding(column, at.rounded(.up), programme.upper[column], to: node),
        value: min(value, branch.up))
      stack += branch.up > branch.down ? [down, up] : [up, down]
    }
    if isProven { bound = size }
    return false
  }

  private static func adding(
    _ column: Int, _ lower: Double, _ upper: Double, to node: Node
  ) -> [(column: Int, lower: Double, upper: Double)] {
    node.changes.filter { $0.column != column } + [(column, lower, upper)]
  }

  /// The columns that are not whole, the furthest from it first.
  private func fractional(_ programme: BoundedSimplex) -> [Int] {
    let distances = programme.head.filter { $0 < programme.columns }.map { column in
      let value = programme.value(column)
      return (column: column, distance: (value - value.rounded()).magnitude)
    }
    return distances.filter { $0.distance > 1e-6 }
      .sorted { ($0.distance, $1.column) > ($1.distance, $0.column) }.map(\.column)
  }

  /// The column whose branches lose most, by a few pivots into each.
  ///
  /// Nil when both branches of one are too low to be of use; a branch that is has value −∞.
  private mutating func branch(
    _ programme: BoundedSimplex, _ fractional: [Int]
  ) -> (column: Int, down: Double, up: Double)? {
    let now = programme.objective
    let cutoff = Double(size + 1) - 1e-6
    var best = (column: fractional[0], down: now, up: now)
    var most = -Double.infinity
    for column in fractional.prefix(8) {
      let at = programme.value(column)
      var values = (down: now, up: now)
      for isUp in [false, true] {
        var tried = programme
        if isUp {
          tried.bound(column, at.rounded(.up), tried.upper[column])
        } else {
          tried.bound(column, tried.lower[column], at.rounded(.down))
        }
        var allowed = 12
        let outcome = tried.solve(cutoff: cutoff, pivots: &allowed)
        workLeft -= (13 - allowed) * tried.work
        let value =
          outcome == .below || outcome == .infeasible ? -.infinity : min(now, tried.objective)
        if isUp { values.up = value } else { values.down = value }
      }
      if values.down == -.infinity, values.up == -.infinity { return nil }
      if values.down == -.infinity || values.up == -.infinity {
        return (column, values.down, values.up)
      }
      let score = max(now - values.down, 1e-6) * max(now - values.up, 1e-6)
      if score > most {
        most = score
        best = (column, values.down, values.up)
      }
    }
    return best
  }
}
