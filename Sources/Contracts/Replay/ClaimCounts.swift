internal import LinearAlgebra

/// Claims of a client counted against one another: what is claimed twice or beyond the maxima.
struct ClaimCounts {
  let claims: [OutcomeClaim]
  let priced: [PricedClaim]
  let terms: ReplayTerms

  /// A finding on a claim, by its place.
  struct Mark: Sendable {
    var place: Int
    var finding: ClaimFinding
  }

  private struct OutcomeKey: Hashable {
    var contract, outcome: Int
    var event: Int32
    var job: String?
  }

  private struct CountKey: Hashable {
    var contract, outcome, rank: Int
    /// The job whose payments are counted; nil = those of the client.
    var job: String?
  }

  /// What counting finds, client by client; each client's claims in `order`.
  func marks(_ order: [Int]) -> [Mark] {
    var table = NameTable(capacity: claims.count)
    let clients = claims.map { Int(table.number(of: $0.client).number) }
    // Sorted by client, keeping the order: where each client's claims begin, then one by one.
    var starts = Array(repeating: 0, count: table.names.count + 1)
    for client in clients { starts[client + 1] += 1 }
    for client in table.names.indices { starts[client + 1] += starts[client] }
    var next = starts
    var grouped = Array(repeating: 0, count: claims.count)
    for place in order {
      grouped[next[clients[place]]] = place
      next[clients[place]] += 1
    }
    let blocks = Parallel.ranges(of: table.names.count, size: 4096)
    return Parallel.mapBlocks(blocks.count) { [starts, grouped] block in
      var marks: [Mark] = []
      for client in blocks[block] {
        mark(grouped[starts[client]..<starts[client + 1]], &marks)
      }
      return marks
    }.flatMap(\.self)
  }

  private func mark(_ places: ArraySlice<Int>, _ marks: inout [Mark]) {
    let copies = duplicates(places)
    marks += copies.map { Mark(place: $0, finding: .duplicate) }
    var counted: [CountKey: Int] = [:]
    for place in places where !priced[place].findings.stopsPayment && !copies.contains(place) {
      guard let tariff = priced[place].tariff else { continue }
      count(place, terms.versions[priced[place].version].tariffs[tariff], &counted, &marks)
    }
  }

  /// The claims for an outcome that is claimed already.
  ///
  /// Of claims for the same outcome the first counts that was not turned down, so that a claim made
  /// again after a rejection is not taken for the copy.
  private func duplicates(_ places: ArraySlice<Int>) -> Set<Int> {
    if places.count < 2 { return [] }
    var kept: [OutcomeKey: Int] = [:]
    var copies: Set<Int> = []
    for place in places {
      let key = OutcomeKey(
        contract: priced[place].contract, outcome: priced[place].outcome.position,
        event: priced[place].event, job: claims[place].job)
      guard let earlier = kept[key] else {
        kept[key] = place
        continue
      }
      if claims[earlier].isTurnedDown, !claims[place].isTurnedDown {
        copies.insert(earlier)
        kept[key] = place
      } else {
        copies.insert(place)
      }
    }
    return copies
  }

  /// Counts a claim against the maxima of its tariff; what is beyond them is marked.
  private func count(
    _ place: Int, _ tariff: OutcomeTariff, _ counted: inout [CountKey: Int], _ marks: inout [Mark]
  ) {
    let claim = priced[place]
    var key = CountKey(
      contract: claim.contract, outcome: claim.outcome.position, rank: claim.rank, job: nil)
    let most = tariff.maximumPerClient ?? (tariff.unit == .client ? 1 : .max)
    let sofar = counted[key] ?? 0
    var jobKey = key
    jobKey.job = claims[place].job
    if jobKey.job != nil, counted[jobKey] != nil {
      marks.append(Mark(place: place, finding: .jobAlreadyCounted))
    } else if sofar >= most {
      marks.append(Mark(place: place, finding: .beyondMaximum))
    } else {
      if jobKey.job != nil { counted[jobKey] = 1 }
      key.job = nil
      counted[key] = sofar + 1
    }
  }
}

extension OutcomeClaim {
  /// Whether the claim was decided on and not accepted.
  var isTurnedDown: Bool { status == .rejected || status == .noEvidence }
}
