/// Claims counted against one another: their order, and who has been counted for what.
struct ClaimCounts {
  /// The places of claims in the order in which they are counted.
  let order: [Int]
  /// Numbers for clients and jobs; −1 for no job.
  private let clients: [Int32]
  private let jobs: [Int32]
  private var counted: Set<JobKey> = []
  private var payments: [ClientKey: Int32] = [:]

  private struct JobKey: Hashable {
    var contract, client, job: Int32
    var outcome, rank: Int16
  }

  private struct ClientKey: Hashable {
    var contract, client: Int32
    var outcome, rank: Int16
  }

  private struct OutcomeKey: Hashable {
    var contract, client, job, event: Int32
    var outcome: Int16
  }

  init(_ claims: [OutcomeClaim], _ priced: [PricedClaim], by order: ClaimReplay.Order) {
    let days = zip(claims, priced).map { claim, priced in
      order == .event ? priced.event : claim.claimed ?? priced.event
    }
    self.order = claims.indices.sorted { left, right in
      if days[left] != days[right] { return days[left] < days[right] }
      return Self.precedes(claims, priced, left, right)
    }
    var numbers: [String: Int32] = [:]
    func number(_ name: String) -> Int32 {
      let next = Int32(numbers.count)
      return numbers[name, default: next]
    }
    clients = claims.map { claim in
      let number = number(claim.client)
      numbers[claim.client] = number
      return number
    }
    numbers.removeAll()
    jobs = claims.map { claim in
      guard let job = claim.job else { return -1 }
      let number = number(job)
      numbers[job] = number
      return number
    }
  }

  /// Ties of one day: by client and the claim's name, then by what else tells claims apart.
  private static func precedes(
    _ claims: [OutcomeClaim], _ priced: [PricedClaim], _ left: Int, _ right: Int
  ) -> Bool {
    let (one, other) = (claims[left], claims[right])
    if one.client != other.client { return one.client < other.client }
    if one.id != other.id { return one.id < other.id }
    if priced[left].event != priced[right].event {
      return priced[left].event < priced[right].event
    }
    if priced[left].outcome != priced[right].outcome {
      return priced[left].outcome < priced[right].outcome
    }
    if one.job != other.job { return (one.job ?? "") < (other.job ?? "") }
    return left < right
  }

  /// Marks claims of an outcome that is claimed already.
  ///
  /// Of claims for the same outcome the first counts that was not turned down, so that a claim made
  /// again after a rejection is not taken for the copy.
  func markDuplicates(_ claims: [OutcomeClaim], _ priced: inout [PricedClaim]) {
    var kept: [OutcomeKey: Int] = [:]
    kept.reserveCapacity(claims.count)
    for place in order {
      let key = OutcomeKey(
        contract: Int32(priced[place].contract), client: clients[place], job: jobs[place],
        event: priced[place].event, outcome: Int16(priced[place].outcome.position))
      guard let earlier = kept[key] else {
        kept[key] = place
        continue
      }
      if claims[earlier].isTurnedDown, !claims[place].isTurnedDown {
        priced[earlier].findings.insert(.duplicate)
        kept[key] = place
      } else {
        priced[place].findings.insert(.duplicate)
      }
    }
  }

  /// Counts a claim against the maxima of its tariff, in order; what is beyond them is marked.
  mutating func count(_ place: Int, _ tariff: OutcomeTariff, _ priced: inout PricedClaim) {
    let (contract, client) = (Int32(priced.contract), clients[place])
    let (outcome, rank) = (Int16(priced.outcome.position), Int16(clamping: priced.rank))
    let key = ClientKey(contract: contract, client: client, outcome: outcome, rank: rank)
    let job = JobKey(
      contract: contract, client: client, job: jobs[place], outcome: outcome, rank: rank)
    if job.job >= 0, counted.contains(job) {
      priced.findings.insert(.jobAlreadyCounted)
      return
    }
    let most = tariff.maximumPerClient ?? (tariff.unit == .client ? 1 : .max)
    let sofar = payments[key] ?? 0
    if Int(sofar) >= most {
      priced.findings.insert(.beyondMaximum)
      return
    }
    payments[key] = sofar + 1
    if job.job >= 0 { counted.insert(job) }
  }
}

extension OutcomeClaim {
  /// Whether the claim was decided on and not accepted.
  var isTurnedDown: Bool { status == .rejected || status == .noEvidence }
}
