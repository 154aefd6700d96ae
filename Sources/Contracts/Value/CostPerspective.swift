/// What money was spent on, or paid for.
public enum CostCategory: String, Sendable, CaseIterable {
  /// What providers spend on the service.
  case delivery
  /// Management of the contract and of its performance.
  case performanceManagement = "performance_mgmt"
  /// Setting up the bond.
  case setUp = "sib_setup"
  /// What investors are paid for their money.
  case investorReturn = "investor_return"
  /// Collecting and reporting evidence of outcomes.
  case evidenceReporting = "evidence_reporting"
  /// Evaluating the programme.
  case evaluation
  /// Paid to the provider whatever is achieved: a transfer.
  case blockPayment = "block_payment"
  /// Paid to the provider for outcomes: a transfer.
  case outcomePayment = "outcome_payment"

  /// Whether it moves money from a payer to a provider and uses no resource of its own.
  public var isTransfer: Bool { self == .blockPayment || self == .outcomePayment }
}

/// Whose costs are counted.
public enum CostPerspective: String, Sendable, CaseIterable {
  /// The body that buys the outcomes: what it pays, and what it spends itself.
  case outcomePayer = "outcome-payer"
  /// All public bodies together.
  case publicSector = "public-sector"
  /// All resources used, whoever bears them; payments between parties are left out.
  case allIn = "all-in"
}

/// Which costs count from which perspective.
///
/// A payment and what the provider spends of it are the same money. Where payments for a site are
/// recorded, payers' perspectives count the payments, and what is financed out of them (delivery,
/// investors' return) counts only all-in; where none are, delivery that a payer bears is what it pays.
public struct CostRules: Sendable, Equatable {
  /// The bodies that buy the outcomes, as `borne_by` names them.
  public var payers: Set<String>
  /// All public bodies, as `borne_by` names them; the payers belong to them in any case.
  public var publicBodies: Set<String>

  /// Rules with the usual bodies: the local commissioner buys; central funds are public too.
  public init(
    payers: Set<String> = ["commissioner"],
    publicBodies: Set<String> = ["commissioner", "sof", "cbo", "lcf"]
  ) {
    self.payers = payers
    self.publicBodies = publicBodies.union(payers)
  }

  /// Whether a cost counts, and why.
  public struct Verdict: Sendable, Equatable {
    /// Whether it counts.
    public var counts: Bool
    /// Why, in words.
    public var reason: String
  }

  /// Whether a cost counts from a perspective.
  ///
  /// - Parameters:
  ///   - category: what it was for.
  ///   - bearer: who bore it; nil = not stated, which is taken as the payer of a payment or of the
  ///     delivery of a site without payments, and as nobody of these otherwise.
  ///   - isPaid: whether payments for the site are recorded.
  ///   - perspective: whose costs count.
  /// - Returns: the verdict with its reason.
  public func verdict(
    _ category: CostCategory, bearer: String?, isPaid: Bool, from perspective: CostPerspective
  ) -> Verdict {
    if category == .evaluation {
      return Verdict(counts: false, reason: "an evaluation is not part of the service")
    }
    if perspective == .allIn {
      return category.isTransfer
        ? Verdict(
          counts: false, reason: "a transfer: what it buys counts as delivery and management")
        : Verdict(counts: true, reason: "a resource that was used")
    }
    let bodies = perspective == .outcomePayer ? payers : publicBodies
    let who = perspective == .outcomePayer ? "the outcome payer" : "a public body"
    let isFinanced = category == .delivery || category == .investorReturn
    if isPaid, isFinanced {
      return Verdict(counts: false, reason: "financed out of the payments, which count")
    }
    guard let bearer, !bearer.isEmpty else {
      let isOwn = category.isTransfer || category == .delivery
      return Verdict(
        counts: isOwn,
        reason: isOwn ? "who bore it is not stated; taken as \(who)" : "who bore it is not stated")
    }
    let isOwn = bodies.contains(bearer)
    if category.isTransfer {
      return Verdict(counts: isOwn, reason: isOwn ? "paid by \(who)" : "paid by others")
    }
    if category == .delivery, isOwn {
      return Verdict(
        counts: true, reason: "no payments are recorded, so delivery is what \(who) pays")
    }
    return Verdict(counts: isOwn, reason: isOwn ? "borne by \(who)" : "borne by others")
  }
}
