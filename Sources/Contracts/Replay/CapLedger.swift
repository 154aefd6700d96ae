/// Every cap with what has been paid under it.
struct CapLedger {
  private(set) var states: [CapState] = []
  /// The contract's cap of each version, that of each of its shares, and the caps of each payer.
  private var ofVersion: [Int?] = []
  private var ofShare: [[Int?]] = []
  private var ofPayer: [[Int]] = []
  /// The contract of each version, and what was paid under versions of it that state a cap: one
  /// sum, though the limit may change from version to version.
  private var contractOf: [Int]
  private var contractUsed: [Money]
  private let contracts: [String]
  /// The caps that the claim in hand comes under: a place among its payers, and a state.
  private var applying: [(place: Int, state: Int)] = []

  /// What a claim was given.
  struct Payment {
    var parts: [Money]
    /// The cap that cut first; −1 before any has.
    var cap: Int
  }

  private struct ShareKey: Hashable {
    var contract, payer: String
    var from, to: Int32?
    var limit: Money
  }

  init(_ terms: ReplayTerms, _ payerCaps: [PayerCap]) {
    contractOf = terms.contractOf
    contractUsed = Array(repeating: .zero, count: terms.versionsOf.count)
    contracts = terms.versions.map(\.contract)
    addContractCaps(terms)
    addShareCaps(terms)
    ofPayer = Array(repeating: [], count: terms.payers.count)
    for cap in payerCaps {
      guard let payer = terms.payers.firstIndex(of: cap.payer) else { continue }
      ofPayer[payer].append(states.count)
      add(.payer, cap.contract, cap.payer, cap.from, cap.to, cap.amount, cap.row)
    }
  }

  private mutating func add(
    _ kind: CapState.Kind, _ contract: String?, _ payer: String?, _ from: Int32?, _ to: Int32?,
    _ limit: Money, _ row: Int?
  ) {
    states.append(
      CapState(
        kind: kind, contract: contract, payer: payer, from: from, to: to, limit: limit,
        used: .zero, cut: .zero, firstBound: nil, row: row))
  }

  /// A state for each limit of a contract; dated where there are several.
  private mutating func addContractCaps(_ terms: ReplayTerms) {
    ofVersion = Array(repeating: nil, count: terms.versions.count)
    for versions in terms.versionsOf {
      var stateOf: [Money: Int] = [:]
      for version in versions {
        guard let limit = terms.versions[version].outcomeCap else { continue }
        if stateOf[limit] == nil {
          stateOf[limit] = states.count
          let first = terms.versions[version]
          add(.contract, first.contract, nil, first.from, first.to, limit, first.row)
        }
        guard let state = stateOf[limit] else { continue }
        ofVersion[version] = state
        states[state].to = terms.versions[version].to
      }
      if stateOf.count == 1, let state = stateOf.values.first {
        (states[state].from, states[state].to) = (nil, nil)
      }
    }
  }

  private mutating func addShareCaps(_ terms: ReplayTerms) {
    var stateOf: [ShareKey: Int] = [:]
    for version in terms.versions {
      ofShare.append(
        version.shares.map { share in
          guard let limit = share.cap else { return nil }
          let key = ShareKey(
            contract: version.contract, payer: share.payer, from: share.from, to: share.to,
            limit: limit)
          if let state = stateOf[key] { return state }
          stateOf[key] = states.count
          add(.share, version.contract, share.payer, share.from, share.to, limit, share.row)
          return states.count - 1
        })
    }
  }

  /// Every cap after the last claim.
  var finalStates: [CapState] {
    var states = states
    for (version, state) in ofVersion.enumerated() {
      if let state { states[state].used = contractUsed[contractOf[version]] }
    }
    return states
  }

  /// Pays a claim of which something is due, as far as the caps leave room; nil when all fits.
  ///
  /// The contract's cap comes first, then those of the payers' shares, then the payers' own. Only
  /// what is paid in the end is counted under a cap: what one of them cuts uses up no other.
  mutating func pay(
    _ claim: Int, _ priced: PricedClaim, _ sharing: ReplayTerms.Sharing,
    _ rule: ClaimReplay.CapRule
  ) -> Payment? {
    collectCaps(priced, sharing)
    let hasContractCap = ofVersion[priced.version] != nil
    if applying.isEmpty, !hasContractCap { return nil }
    var payment = Payment(parts: sharing.split.parts(of: priced.due), cap: -1)
    switch rule {
    case .partial: payInPart(claim, priced, sharing, &payment)
    case .whole:
      guard let state = firstTooSmall(priced, payment.parts) else { break }
      cut(state, priced.due, claim, &payment)
      payment.parts = Array(repeating: .zero, count: payment.parts.count)
      return payment
    }
    for (place, state) in applying {
      states[state].used = states[state].used + payment.parts[place]
    }
    if hasContractCap {
      contractUsed[priced.contract] = payment.parts.reduce(contractUsed[priced.contract], +)
    }
    return payment.cap < 0 ? nil : payment
  }

  private mutating func payInPart(
    _ claim: Int, _ priced: PricedClaim, _ sharing: ReplayTerms.Sharing, _ payment: inout Payment
  ) {
    if let state = ofVersion[priced.version] {
      let room = contractRoom(state, priced.contract)
      if priced.due > room {
        cut(state, priced.due - room, claim, &payment)
        payment.parts = sharing.split.parts(of: room, within: payment.parts)
      }
    }
    for (place, state) in applying {
      let room = states[state].left
      if payment.parts[place] > room {
        cut(state, payment.parts[place] - room, claim, &payment)
        payment.parts[place] = room
      }
    }
  }

  /// The first cap under which a claim does not fit whole.
  private func firstTooSmall(_ priced: PricedClaim, _ parts: [Money]) -> Int? {
    if let state = ofVersion[priced.version], priced.due > contractRoom(state, priced.contract) {
      return state
    }
    return applying.first { parts[$0.place] > states[$0.state].left }?.state
  }

  private func contractRoom(_ state: Int, _ contract: Int) -> Money {
    max(.zero, states[state].limit - contractUsed[contract])
  }

  /// Finds the caps of the payers' parts that count on the day of the outcome.
  private mutating func collectCaps(_ priced: PricedClaim, _ sharing: ReplayTerms.Sharing) {
    applying.removeAll(keepingCapacity: true)
    for (place, share) in sharing.shares.enumerated() {
      if let state = ofShare[priced.version][share] { applying.append((place, state)) }
    }
    for (place, payer) in sharing.payers.enumerated() {
      for state in ofPayer[payer] where counts(states[state], priced) {
        applying.append((place, state))
      }
    }
  }

  private func counts(_ cap: CapState, _ priced: PricedClaim) -> Bool {
    (cap.contract.map { $0 == contracts[priced.version] } ?? true)
      && (cap.from.map { $0 <= priced.event } ?? true)
      && (cap.to.map { priced.event <= $0 } ?? true)
  }

  private mutating func cut(
    _ state: Int, _ amount: Money, _ claim: Int, _ payment: inout Payment
  ) {
    if payment.cap < 0 { payment.cap = state }
    if states[state].firstBound == nil { states[state].firstBound = claim }
    states[state].cut = states[state].cut + amount
  }
}
